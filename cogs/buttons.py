"""Buttons that lead on: to a person's card, to who is alike, to an example.

All that such a button needs is in its custom id, so it works for anybody, for as long as the
message is there, and after a restart of the bot. What it leads to is in cogs/results.py.
"""

import hashlib
from typing import Literal, get_args

import discord
from discord import ui

from bot.interactions import label
from bot.person import fold

What = Literal["whois", "search", "similar", "details", "meant", "people", "random", "help", "undo"]
PATTERN = rf"lead:(?P<what>{'|'.join(get_args(What))}):(?P<text>.*)"
CUSTOM_ID_MAX = 100  # Discord
LABEL_MAX = 80
_DIGEST = 8  # letters that tell apart two names with the same beginning


class Lead(ui.Button[ui.LayoutView]):
    """What is shown of such a button. discord.py is not to dispatch to it, nor to keep its view:
    a view that ends takes the pattern of its dynamic items away from all others (2.7.1)."""

    def is_dispatchable(self) -> bool:
        return False


def lead(
    text: str,
    what: What,
    about: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> Lead:
    """A button with this text that asks ``what`` about somebody or something."""
    head = f"lead:{what}:"
    custom_id = head + shorten(about, CUSTOM_ID_MAX - len(head))
    return Lead(label=label(text, LABEL_MAX), style=style, custom_id=custom_id)


def shorten(text: str, room: int) -> str:
    """``text`` if it fits, else a digest of the whole after its beginning, folded: so names are
    looked up, and a cut through what was typed may fold to another beginning."""
    if _units(text) <= room:
        return text
    head = fold(text)
    while _units(head) > room - _DIGEST - 1:
        head = head[:-1]
    return f"{head}~{digest(text)}"


def digest(text: str) -> str:
    """A few letters that stand for the whole of a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGEST]


def _units(text: str) -> int:
    """The length of a text as JavaScript counts it, which is the most anybody counts."""
    return len(text.encode("utf-16-le", "replace")) // 2

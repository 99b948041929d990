"""Buttons that work for ever: to a person's card, to similar people, to an example.

Everything such a button needs is in its custom id. So anyone can press it, as long as the message
exists, also after a restart of the bot. cogs/presses.py handles the presses.
"""

import hashlib
from typing import Literal, get_args

import discord
from discord import ui

from bot.interactions import label
from bot.person import fold

ButtonAction = Literal[
    "whois", "search", "similar", "details", "meant", "people", "random", "help", "undo"
]
"""What a press does. The actions are part of stored messages: never rename one."""

CUSTOM_ID = rf"lead:(?P<action>{'|'.join(get_args(ButtonAction))}):(?P<subject>.*)"
CUSTOM_ID_MAX = 100  # Discord, in UTF-16 code units at worst
LABEL_MAX = 80  # Discord
DIGEST_LENGTH = 8  # characters that tell apart two long names with the same start


class PersistentButton(ui.Button[ui.LayoutView]):
    """A button of a message that isn't dispatched through its view.

    When a view with dynamic items ends, discord.py 2.7.1 removes their pattern for all other
    messages too. A button that isn't dispatchable is no part of its view, so that can't happen, and
    cogs/presses.py registers the pattern for every message.
    """

    def is_dispatchable(self) -> bool:
        return False


def persistent_button(
    text: str,
    action: ButtonAction,
    subject: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> PersistentButton:
    """Return a button that does *action* for *subject*: a name, a query or a number."""
    prefix = f"lead:{action}:"
    custom_id = prefix + shorten(subject, CUSTOM_ID_MAX - len(prefix))
    return PersistentButton(label=label(text, LABEL_MAX), style=style, custom_id=custom_id)


def shorten(text: str, max_units: int) -> str:
    """Return *text* if it has at most *max_units* UTF-16 code units, else its start and digest.

    The start is folded, because names are looked up by their folded start, and cutting before
    folding could give another one.
    """
    units = len(text.encode("utf-16-le", "replace")) // 2
    if units <= max_units:
        return text
    start = fold(text)
    while len(start.encode("utf-16-le", "replace")) // 2 > max_units - DIGEST_LENGTH - 1:
        start = start[:-1]
    return f"{start}~{digest(text)}"


def digest(text: str) -> str:
    """Return a short hash of *text*."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGEST_LENGTH]

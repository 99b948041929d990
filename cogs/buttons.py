"""Buttons that never expire: to a person's card, to similar people, to an example.

Everything such a button needs is in its custom id, so anyone can press it, even after a restart of
the bot. cogs/presses.py handles the presses.
"""

import hashlib
from typing import Literal, get_args

import discord
from discord import ui

from bot.interactions import label
from bot.person import fold

ButtonAction = Literal[
    "whois", "search", "similar", "details", "meant", "people", "random", "map", "help", "undo"
]
"""What a press does. The actions are part of stored messages: never rename one."""

CUSTOM_ID = rf"lead:(?P<action>{'|'.join(get_args(ButtonAction))}):(?P<subject>.*)"
CUSTOM_ID_MAX = 100  # Discord; UTF-16 code units, to be safe
LABEL_MAX = 80  # Discord
DIGEST_LENGTH = 8  # characters, to distinguish long names with the same start


class PersistentButton(ui.Button[ui.LayoutView]):
    """A button that isn't dispatched through the view of its message.

    When a view with dynamic items ends, discord.py 2.7.1 removes their pattern for all other
    messages too. So this button isn't a dynamic item of its view: cogs/presses.py registers the
    pattern once for all messages.
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
    """Return *text* if it has at most *max_units* UTF-16 code units, or its start and digest.

    The start is cut after folding, because names are looked up by their folded start.
    """
    units = len(text.encode("utf-16-le", "replace")) // 2
    if units <= max_units:
        return text
    start = fold(text)
    while len(start.encode("utf-16-le", "replace")) // 2 > max_units - DIGEST_LENGTH - 1:
        start = start[:-1]
    return f"{start}~{digest(text)}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGEST_LENGTH]

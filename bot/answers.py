"""How an interaction is answered: in time, with text as it was typed, and with an error."""

import asyncio
import logging
import re
import secrets
import unicodedata
from collections.abc import Coroutine
from typing import Any

import aiohttp
import discord
from discord import app_commands, ui

from bot.errors import DirectoryError, QueryError

log = logging.getLogger(__name__)

DISCORD_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What talking to Discord may raise: its refusals, and a connection that is lost."""

ACKNOWLEDGE_SECONDS = 1.5
"""Discord takes a first answer for 3 seconds; what is quicker than this needs no "thinking …"."""

VIEW_SECONDS = 840.0  # that buttons and forms last: an interaction's token lives 15 minutes

SENTENCE_MAX = 850
"""Characters of an error; escaped, and with the place in a query, it must fit Discord's 2,000."""

POINTER_WIDTH = 28  # characters of a code block that a phone shows without scrolling

_CONTROL = re.compile("[\x00-\x1f\x7f]+")
_DIRECTION = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_MARKDOWN = re.compile(r"([\\*_~`|<\[\]]|^[-+#>])|^(\d+)(?=\.)|(@)")


def plain(text: str) -> str:
    """``text`` as a message shows it literally, in one line: no markdown, mention, emoji or
    timestamp, and no reordering of what stands around it."""

    def escape(match: re.Match[str]) -> str:
        symbol, number, at = match.groups()
        if at:
            return "@\u200b"  # a backslash does not keep @everyone from being highlighted
        return f"{number}\\" if number else f"\\{symbol}"

    text = _MARKDOWN.sub(escape, _DIRECTION.sub("", _CONTROL.sub(" ", text)).strip())
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"\u2068{text}\u2069"  # isolated, so that a year beside it stays beside it
    return text


def chip(text: str) -> str:
    """``text`` as a message shows a piece of code."""
    return f"`{_DIRECTION.sub('', _CONTROL.sub(' ', text)).replace('`', 'ˋ')}`"


async def answer(
    interaction: discord.Interaction,
    making: Coroutine[Any, Any, ui.LayoutView],
    *,
    private: bool,
    mend: ui.View = discord.utils.MISSING,
) -> None:
    """Answer with the view once it is made; where that takes longer than Discord waits, after a
    "thinking …". A DirectoryError is told to the asker alone, with ``mend`` below it."""
    task = asyncio.ensure_future(making)
    if not await _done_soon(task):
        await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        view = await task
    except DirectoryError as error:
        await answer_error(interaction, error, mend)
        return
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.send_message(view=view, ephemeral=private)


async def _done_soon(task: asyncio.Future[Any]) -> bool:
    await asyncio.wait({task}, timeout=ACKNOWLEDGE_SECONDS)
    return task.done()


async def answer_error(
    interaction: discord.Interaction, error: Exception, view: ui.View = discord.utils.MISSING
) -> None:
    """Tell the one who asked, and nobody else, what went wrong, with ``view`` to mend it. An
    expected error is its sentence; any other is logged with a code that the message names."""
    try:
        await _send_private(interaction, _sentence(_cause(error)), view)
    except DISCORD_ERRORS as failure:
        log.warning("Could not tell of %r: %s", error, failure)


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        cause = getattr(error, "original", None) or error.__cause__
        if cause is None:
            break
        error = cause
    return error


def _sentence(error: BaseException) -> str:
    if isinstance(error, DirectoryError | app_commands.CheckFailure):
        said = str(error)
        said = plain(said if len(said) <= SENTENCE_MAX else f"{said[:SENTENCE_MAX]}…")
        if not isinstance(error, QueryError):
            return said
        place = error.pointer(POINTER_WIDTH).replace("`", "ˋ")
        return f"{said}\n```\n{place}\n```"
    code = secrets.token_hex(3)
    log.error("Unexpected error %s", code, exc_info=error)
    return (
        "Something went wrong inside the bot. If you changed something, look whether it was saved. "
        f"Whoever runs the bot finds the reason in its log under `{code}`."
    )


async def _send_private(interaction: discord.Interaction, content: str, view: ui.View) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(content, view=view, ephemeral=True)
        return
    thinking = discord.InteractionResponseType.deferred_channel_message
    if interaction.response.type is not thinking:
        await interaction.followup.send(content, view=view, ephemeral=True)
        return
    # The first follow-up takes over a "thinking …" and is as public as that; so end it first.
    await interaction.edit_original_response(content="…")
    await interaction.followup.send(content, view=view, ephemeral=True)
    await interaction.delete_original_response()

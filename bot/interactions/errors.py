"""Telling people what went wrong, always privately."""

import logging
import secrets

import aiohttp
import discord
from discord import app_commands, ui

from bot.errors import DirectoryError, DirectoryUnavailable, QueryError, SettingError
from bot.interactions.delivery import ALREADY_ACKNOWLEDGED, DELIVERY_ERRORS
from bot.interactions.markdown import plain
from bot.interactions.request import Interaction, Outcome, set_outcome
from bot.language import _
from bot.logs import request_id

log = logging.getLogger(__name__)

DISCORD_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError)
"""Raised by calls to Discord: it refuses the call, or the connection breaks."""

ERROR_TEXT_MAX = 850  # characters; escaped, and with its place in a query, it must fit 2,000
POINTER_WIDTH = 28  # characters of a code block that a phone shows without scrolling

# Discord's error codes
UNKNOWN_INTERACTION = 10062  # it is too old; a resumed connection may deliver one
INVALID_TOKEN = 50027  # the interaction's 15 minutes are over: nothing can be sent any more

TOO_MANY_REQUESTS = 429  # the status of a rate limit of Discord's proxy; discord.py doesn't retry


async def notify(
    interaction: Interaction, text: str, view: ui.View = discord.utils.MISSING
) -> None:
    """Show a text, with *view* below it, only to the person who sent an interaction."""
    try:
        await _send_private(interaction, text, view)
    except DISCORD_ERRORS as failure:
        log.warning("Could not send a notice: %s", failure)


async def acknowledge_press(interaction: Interaction) -> None:
    """Acknowledge the press of a button without changing its message.

    From then on, that message is the interaction's original response, whatever is sent next.
    """
    try:
        if not interaction.response.is_done():
            await interaction.response.defer()
    except DISCORD_ERRORS as failure:
        log.warning("Could not acknowledge a press: %s", failure)


async def answer_error(
    interaction: Interaction, error: Exception, view: ui.View = discord.utils.MISSING
) -> None:
    """Show an error only to the person who sent an interaction.

    *view* goes below the message and offers a way to fix the error.
    """
    cause = _unwrap(error)
    is_lost = isinstance(cause, DELIVERY_ERRORS)
    if is_lost or getattr(cause, "status", None) == TOO_MANY_REQUESTS:
        set_outcome(Outcome.LOST)
        log.warning("An answer was lost on its way: %s", cause)
        await notify(interaction, _lost_text())
        return
    if isinstance(cause, discord.HTTPException) and cause.code == ALREADY_ACKNOWLEDGED:
        log.warning("An interaction is answered already. Does another bot run with this token?")
        return
    if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_INTERACTION:
        set_outcome(Outcome.LATE)
        log.warning("An interaction could not be answered within Discord's three seconds")
        return
    if isinstance(cause, discord.HTTPException) and cause.code == INVALID_TOKEN:
        set_outcome(Outcome.LATE)
        log.warning("Finished too late to show the result: an interaction ends after 15 minutes")
        return
    await notify(interaction, error_text(cause), view)


def error_text(error: BaseException) -> str:
    """Return the message of an error, escaped, and set the outcome of the current request.

    An unexpected error is logged, and its message names the request id to look for in the log.
    """
    if not isinstance(error, DirectoryError | app_commands.CheckFailure):
        set_outcome(Outcome.FAILED)
        code = request_id.get() or secrets.token_hex(4)
        log.error("Unexpected error %s", code, exc_info=error)
        # Translators: {code} is what to look for in the bot's log, such as 1a2b3c4d.
        return _(
            "Something went wrong; the reason is in the bot's log under `{code}`. If you changed "
            "something, check whether it was saved before you try again.",
            code=code,
        )
    is_unavailable = isinstance(error, DirectoryUnavailable | SettingError)
    set_outcome(Outcome.UNAVAILABLE if is_unavailable else Outcome.REFUSED)
    text = str(error)
    text = plain(text if len(text) <= ERROR_TEXT_MAX else f"{text[:ERROR_TEXT_MAX]}…")
    if not isinstance(error, QueryError):
        return text
    pointer = error.pointer(POINTER_WIDTH).replace("`", "ˋ")
    return f"{text}\n```\n{pointer}\n```"


def _lost_text() -> str:
    return _(
        "The answer didn't reach Discord. If you changed something, check whether it was saved "
        "before you try again."
    )


def _unwrap(error: BaseException) -> BaseException:
    """Return the error that discord.py wrapped."""
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        cause = getattr(error, "original", None) or error.__cause__
        if cause is None:
            break
        error = cause
    return error


async def _send_private(interaction: Interaction, content: str, view: ui.View) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(content, view=view, ephemeral=True)
        return
    thinking = discord.InteractionResponseType.deferred_channel_message
    if interaction.response.type is not thinking:
        await interaction.followup.send(content, view=view, ephemeral=True)
        return
    # The first follow-up would replace "thinking …" and be just as public. End that first.
    await interaction.edit_original_response(view=_text_view("…"))
    try:
        await interaction.followup.send(content, view=view, ephemeral=True)
    except DISCORD_ERRORS:
        await interaction.edit_original_response(view=_text_view(_lost_text()))
        raise
    await interaction.delete_original_response()


def _text_view(text: str) -> ui.LayoutView:
    """Return a view, not content: an edit with a progress bar can't replace content."""
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay(text))
    return view

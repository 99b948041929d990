"""What the one who asked is told when something went wrong."""

import logging
import secrets

import aiohttp
import discord
from discord import app_commands, ui

from bot import sentences
from bot.errors import DirectoryError, DirectoryUnavailable, QueryError, SettingError
from bot.interactions.delivery import ACKNOWLEDGED, LOST
from bot.interactions.markdown import plain
from bot.interactions.request import Outcome, came_to
from bot.logs import request_id

log = logging.getLogger(__name__)

DISCORD_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What talking to Discord may raise: its refusals, and a connection that is lost."""

SENTENCE_MAX = 850
"""Characters of an error; escaped, and with the place in a query, it must fit Discord's 2,000."""

UNKNOWN_INTERACTION = 10062
"""Discord's code for one that is too old; a resumed connection brings such again."""

INVALID_TOKEN = 50027
"""And for one whose 15 minutes are over, so that nothing can be told any more."""

TOO_MANY_REQUESTS = 429
"""The status of what discord.py does not try again: it comes from what stands before Discord."""

POINTER_WIDTH = 28  # characters of a code block that a phone shows without scrolling


async def tell(
    interaction: discord.Interaction, said: str, view: ui.View = discord.utils.MISSING
) -> None:
    """Say something to the one who asked, and to nobody else, with ``view`` below it."""
    try:
        await _send_private(interaction, said, view)
    except DISCORD_ERRORS as failure:
        log.warning("Could not tell: %s", failure)


async def leave(interaction: discord.Interaction) -> None:
    """Take note of a press without changing what was pressed on, so that the interaction's original
    response is still that, and not what is told next."""
    try:
        if not interaction.response.is_done():
            await interaction.response.defer()
    except DISCORD_ERRORS as failure:
        log.warning("Could not take note of a press: %s", failure)


async def answer_error(
    interaction: discord.Interaction, error: Exception, view: ui.View = discord.utils.MISSING
) -> None:
    """Tell the one who asked, and nobody else, what went wrong, with ``view`` to mend it. An
    expected error is its sentence; any other is logged with a code that the message names."""
    cause = _cause(error)
    if isinstance(cause, LOST) or getattr(cause, "status", None) == TOO_MANY_REQUESTS:
        came_to(Outcome.LOST)
        log.warning("An answer was lost on its way: %s", cause)
        await tell(interaction, sentences.answers.LOST)
        return
    if isinstance(cause, discord.HTTPException) and cause.code == ACKNOWLEDGED:
        log.warning("An interaction is answered already. Does another bot run with this token?")
        return
    if isinstance(cause, discord.NotFound) and cause.code == UNKNOWN_INTERACTION:
        came_to(Outcome.LATE)
        log.warning("An interaction could not be answered within Discord's three seconds")
        return
    if isinstance(cause, discord.HTTPException) and cause.code == INVALID_TOKEN:
        came_to(Outcome.LATE)
        log.warning("What took longer than an interaction's 15 minutes is done, but not told")
        return
    await tell(interaction, sentence(cause), view)


def sentence(error: BaseException) -> str:
    """What is said of an error, escaped. One that is not expected is logged, and said by the id of
    what is being answered."""
    if isinstance(error, DirectoryError | app_commands.CheckFailure):
        away = isinstance(error, DirectoryUnavailable | SettingError)
        came_to(Outcome.UNAVAILABLE if away else Outcome.REFUSED)
        said = str(error)
        said = plain(said if len(said) <= SENTENCE_MAX else f"{said[:SENTENCE_MAX]}…")
        if not isinstance(error, QueryError):
            return said
        place = error.pointer(POINTER_WIDTH).replace("`", "ˋ")
        return f"{said}\n```\n{place}\n```"
    came_to(Outcome.FAILED)
    code = request_id.get() or secrets.token_hex(4)
    log.error("Unexpected error %s", code, exc_info=error)
    return sentences.answers.unexpected(code)


def _cause(error: BaseException) -> BaseException:
    while isinstance(error, app_commands.CommandInvokeError | app_commands.TransformerError):
        cause = getattr(error, "original", None) or error.__cause__
        if cause is None:
            break
        error = cause
    return error


async def _send_private(interaction: discord.Interaction, content: str, view: ui.View) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(content, view=view, ephemeral=True)
        return
    thinking = discord.InteractionResponseType.deferred_channel_message
    if interaction.response.type is not thinking:
        await interaction.followup.send(content, view=view, ephemeral=True)
        return
    # The first follow-up takes over a "thinking …" and is as public as that; so end it first.
    await interaction.edit_original_response(view=_text("…"))
    try:
        await interaction.followup.send(content, view=view, ephemeral=True)
    except DISCORD_ERRORS:
        await interaction.edit_original_response(view=_text(sentences.answers.LOST))
        raise
    await interaction.delete_original_response()


def _text(said: str) -> ui.LayoutView:
    """No content, which a bar in the place of a "thinking …" would not take."""
    view = ui.LayoutView()
    view.add_item(ui.TextDisplay(said))
    return view

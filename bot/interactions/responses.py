"""An answer to an interaction or a message, in time."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import discord
from discord import ui

from bot.errors import DirectoryError
from bot.interactions.admission import Gate
from bot.interactions.errors import DISCORD_ERRORS, answer_error, leave, sentence
from bot.interactions.views import AnswerView, Asked, Edit, WithFiles

log = logging.getLogger(__name__)

ACKNOWLEDGE_SECONDS = 1.5
"""Discord takes a first answer for 3 seconds; what is quicker than this needs no "thinking …"."""

Making = Coroutine[Any, Any, ui.LayoutView]
"""Makes an answer. Raises DirectoryError."""

Interaction = discord.Interaction[Any]


async def answer(
    interaction: Interaction,
    making: Making,
    *,
    private: bool,
    mend: ui.View = discord.utils.MISSING,
) -> None:
    """Answer with the view once it is made; where that takes longer than Discord waits, after a
    "thinking …". A DirectoryError is told to the asker alone, with ``mend`` below it."""
    task = asyncio.ensure_future(_in_turn(interaction, making))
    with _cancelling(task):
        if not await _done_soon(task, interaction):
            await interaction.response.defer(ephemeral=private, thinking=True)
    try:
        view = await task
    except DirectoryError as error:
        await answer_error(interaction, error, mend)
        return
    files = _files(view)
    if interaction.response.is_done():
        sent = await interaction.edit_original_response(view=view, attachments=files)
        number = sent.id
    else:
        response = interaction.response
        number = (await response.send_message(view=view, ephemeral=private, files=files)).message_id
        if number == interaction.id:  # see delivery.py: it came, but not which message it is
            number = (await interaction.edit_original_response(view=view)).id
    _remember(interaction.client.asked, view, number, interaction.edit_original_response)


async def change(
    interaction: Interaction, making: Making, mend: ui.View = discord.utils.MISSING
) -> None:
    """Change the answer on which something was pressed, which may be acknowledged already. A
    DirectoryError is told to whoever pressed, with ``mend`` below it, and leaves the answer as it
    is."""
    task = asyncio.ensure_future(_in_turn(interaction, making))
    with _cancelling(task):
        if not (interaction.response.is_done() or await _done_soon(task, interaction)):
            await interaction.response.defer()
    try:
        view = await task
    except DirectoryError as error:
        await leave(interaction)
        await answer_error(interaction, error, mend)
        return
    files = _files(view)
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view, attachments=files)
    else:
        await interaction.response.edit_message(view=view, attachments=files)
    number = interaction.message.id if interaction.message else None
    _remember(interaction.client.asked, view, number, interaction.edit_original_response)


async def reply(message: discord.Message, making: Making, gate: Gate, asked: Asked) -> None:
    """Reply to a message once the view is made, in the channel, for all that are there."""
    try:
        view = await _while_typing(message, gate.turns.take(message.author.id, making))
    except Exception as error:
        sent = await _send(message, content=sentence(error))
        view = ui.LayoutView()
    else:
        sent = await _send(message, view=view)
    if sent:
        _remember(asked, view, sent.id, sent.edit)


async def _while_typing(message: discord.Message, making: Making) -> ui.LayoutView:
    """What is made; meanwhile the channel shows that the bot is typing, if it may write there."""
    task = asyncio.ensure_future(making)
    try:
        async with message.channel.typing():
            await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        raise
    except DISCORD_ERRORS as error:
        log.info("Could not be seen typing in channel %s: %s", message.channel.id, error)
    return await task


async def _send(message: discord.Message, **answer: Any) -> discord.Message | None:
    """Reply; or, where the bot may not read what was said before, just write."""
    for send in (partial(message.reply, mention_author=False), message.channel.send):
        try:
            return await send(**answer)
        except DISCORD_ERRORS as error:  # the message was deleted, or the bot may not write there
            log.warning("Could not answer in channel %s: %s", message.channel.id, error)
            if not isinstance(error, discord.Forbidden):
                break
    return None


def _in_turn(interaction: Interaction, making: Making) -> Making:
    return interaction.client.gate.turns.take(interaction.user.id, making)


def _files(view: ui.LayoutView) -> list[discord.File]:
    return view.files() if isinstance(view, WithFiles) else []


def _remember(asked: Asked, view: ui.LayoutView, number: int | None, edit: Edit) -> None:
    """Where an answer is, to take its controls away later, and what it is to."""
    question = ""
    if isinstance(view, AnswerView):
        view.edit, question = edit, view.question
        asked.watch(view)
    if number:
        asked.remember(number, question)


@contextmanager
def _cancelling(task: asyncio.Future[Any]) -> Iterator[None]:
    """Give up what is being made if there is nobody left to tell."""
    try:
        yield
    except BaseException:
        task.cancel()
        raise


async def _done_soon(task: asyncio.Future[Any], interaction: Interaction) -> bool:
    """Whether it is made before Discord wants to know of it: in a crowd that is at once, for later
    the loop may not come to tell all of them in time."""
    if interaction.client.gate.crowded:
        return False
    await asyncio.wait({task}, timeout=ACKNOWLEDGE_SECONDS)
    return task.done()

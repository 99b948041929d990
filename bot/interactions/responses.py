"""Answering an interaction or a message in time, with the view that a block of code makes.

    async with answer(interaction, private=private) as response:
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        response.view = await search(directory, …)

``answer`` sends a new message, ``update`` changes the message of a button, and ``reply`` answers a
message. All of them limit how many answers are made at once. An interaction whose answer takes long
is acknowledged, and its errors are shown privately.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import discord
from discord import ui

from bot.errors import DirectoryError
from bot.interactions.errors import DISCORD_ERRORS, acknowledge_press, answer_error, error_text
from bot.interactions.limits import ConcurrencyLimiter
from bot.interactions.request import Interaction, use_server_language
from bot.interactions.views import AnswerRegistry, HasFiles

log = logging.getLogger(__name__)

ACKNOWLEDGE_SECONDS = 1.5
"""Discord accepts a first response for 3 seconds. A faster answer needs no "thinking …"."""


class Response:
    """The answer of a block, which must set ``view``."""

    view: ui.LayoutView


@asynccontextmanager
async def answer(
    interaction: Interaction, *, private: bool = False, retry_view: ui.View = discord.utils.MISSING
) -> AsyncIterator[Response]:
    """Answer an interaction with a new message; show "thinking …" first if it takes long.

    *retry_view* goes below the message of a DirectoryError.
    """
    client = interaction.client
    response = Response()
    if not private:
        use_server_language(interaction)
    think = partial(interaction.response.defer, ephemeral=private, thinking=True)
    try:
        async with (
            in_time(think, at_once=client.limiter.is_crowded),
            client.limiter.slot(interaction.user.id),
        ):
            yield response
    except DirectoryError as error:
        await answer_error(interaction, error, retry_view)
        return
    view = response.view
    files = view.files() if isinstance(view, HasFiles) else []
    if interaction.response.is_done():
        message_id = (await interaction.edit_original_response(view=view, attachments=files)).id
    else:
        sent = await interaction.response.send_message(view=view, ephemeral=private, files=files)
        message_id = sent.message_id
        if message_id == interaction.id:  # the real id is unknown: see delivery.py
            message_id = (await interaction.edit_original_response(view=view)).id
    client.answers.register(view, message_id, interaction.edit_original_response)


@asynccontextmanager
async def update(
    interaction: Interaction,
    *,
    at_once: bool = False,
    retry_view: ui.View = discord.utils.MISSING,
) -> AsyncIterator[Response]:
    """Change the message whose button or select was used; an error leaves it unchanged.

    *at_once* acknowledges the press right away, so that the block can show its progress.
    *retry_view* goes below the message of a DirectoryError.
    """
    client = interaction.client
    response = Response()
    if interaction.message and not interaction.message.flags.ephemeral:
        use_server_language(interaction)
    try:
        async with (
            in_time(interaction.response.defer, at_once=at_once or client.limiter.is_crowded),
            client.limiter.slot(interaction.user.id),
        ):
            yield response
    except DirectoryError as error:
        await acknowledge_press(interaction)
        await answer_error(interaction, error, retry_view)
        return
    view = response.view
    files = view.files() if isinstance(view, HasFiles) else []
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view, attachments=files)
    else:
        await interaction.response.edit_message(view=view, attachments=files)
    message_id = interaction.message.id if interaction.message else None
    client.answers.register(view, message_id, interaction.edit_original_response)


@asynccontextmanager
async def in_time(
    acknowledge: Callable[[], Coroutine[Any, Any, Any]], *, at_once: bool = False
) -> AsyncIterator[None]:
    """Acknowledge an interaction once the block has taken ACKNOWLEDGE_SECONDS, or *at_once*.

    With many requests waiting, acknowledge at once: the event loop may be too late for the last of
    them. If *acknowledge* fails, the block is cancelled, because nobody would see the answer, and
    the failure is raised.
    """
    answering = asyncio.current_task()
    acknowledging: asyncio.Task[Any] | None = None
    is_done = False

    def start() -> None:
        nonlocal acknowledging
        acknowledging = asyncio.create_task(acknowledge())
        acknowledging.add_done_callback(cancel_after_failure)

    def cancel_after_failure(acknowledged: asyncio.Task[Any]) -> None:
        has_failed = not acknowledged.cancelled() and acknowledged.exception()
        if answering and has_failed and not is_done:
            answering.cancel()

    loop = asyncio.get_running_loop()
    timer = loop.call_soon(start) if at_once else loop.call_later(ACKNOWLEDGE_SECONDS, start)
    try:
        yield
    finally:
        is_done = True
        timer.cancel()
        if acknowledging:
            await acknowledging


@asynccontextmanager
async def reply(
    message: discord.Message, limiter: ConcurrencyLimiter, answers: AnswerRegistry
) -> AsyncIterator[Response]:
    """Reply to a message publicly, and show that the bot is typing meanwhile."""
    response = Response()
    done = asyncio.Event()
    typing = asyncio.create_task(_show_typing(message, done))
    try:
        try:
            async with limiter.slot(message.author.id):
                yield response
        finally:
            done.set()
            await typing
    except Exception as error:
        response.view = ui.LayoutView()
        sent = await _send(message, content=error_text(error))
    else:
        sent = await _send(message, view=response.view)
    if sent:
        answers.register(response.view, sent.id, sent.edit)


async def _show_typing(message: discord.Message, done: asyncio.Event) -> None:
    try:
        async with message.channel.typing():
            await done.wait()
    except DISCORD_ERRORS as error:  # the bot may not write there, for example
        log.info("Could not show typing in channel %s: %s", message.channel.id, error)


async def _send(message: discord.Message, **answer: Any) -> discord.Message | None:
    """Reply, or send a plain message where the bot may not read the message history."""
    for send in (partial(message.reply, mention_author=False), message.channel.send):
        try:
            return await send(**answer)
        except DISCORD_ERRORS as error:  # the message was deleted, or the bot may not write there
            log.warning("Could not answer in channel %s: %s", message.channel.id, error)
            if not isinstance(error, discord.Forbidden):
                break
    return None

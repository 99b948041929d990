"""A bar that shows how far something is that takes long."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
from discord import ui

from bot.answers import DISCORD_ERRORS
from bot.directory import Progress
from cogs.cards import view

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.5  # Discord lets a message be edited five times in five seconds
LOOK_SECONDS = 0.1
WIDTH = 20
FULL, EMPTY = "▰▱"

Said = Callable[[int, int], str]
"""What stands over the bar, escaped, of how many of how many are done."""


@asynccontextmanager
async def progress(
    interaction: discord.Interaction[Any], said: Said, before: ui.LayoutView | None = None
) -> AsyncIterator[Progress]:
    """Hears how far something is, and shows it in the answer to an interaction, once that is
    acknowledged and then every EVERY_SECONDS. Where it cannot be shown (any more), the work goes
    on. What is raised puts ``before`` in place of a bar."""
    heard = [0, 0]
    shown = asyncio.Event()
    over = asyncio.Event()
    showing = asyncio.create_task(_show(interaction, said, heard, shown, over))

    def hear(done: int, total: int) -> None:
        heard[:] = done, total

    try:
        yield hear
    except BaseException:
        await _end(showing, over)
        if before and shown.is_set():
            await _edit(interaction, before)
        raise
    await _end(showing, over)


def bar(done: int, total: int) -> str:
    """``▰▰▰▱▱▱``, as much of it full as is done."""
    full = WIDTH * min(done, total) // total if total else 0
    return FULL * full + EMPTY * (WIDTH - full)


async def _show(
    interaction: discord.Interaction[Any],
    said: Said,
    heard: list[int],
    shown: asyncio.Event,
    over: asyncio.Event,
) -> None:
    await _wait(over, EVERY_SECONDS)
    while not (over.is_set() or interaction.response.is_done()):
        await _wait(over, LOOK_SECONDS)
    while not over.is_set():
        done, total = heard
        shown.set()
        if not await _edit(interaction, view(f"{said(done, total)}\n{bar(done, total)}")):
            return
        await _wait(over, EVERY_SECONDS)


async def _wait(over: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()


async def _end(showing: asyncio.Task[None], over: asyncio.Event) -> None:
    """Let an edit that is under way come before whatever is shown next."""
    over.set()
    await asyncio.wait({showing}, timeout=2 * EVERY_SECONDS)
    showing.cancel()


async def _edit(interaction: discord.Interaction[Any], shown: ui.LayoutView) -> bool:
    try:
        await interaction.edit_original_response(view=shown)
    except DISCORD_ERRORS as error:  # the 15 minutes are over, or it was dismissed
        log.info("Progress is not shown any more: %s", error)
        return False
    return True

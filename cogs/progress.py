"""A bar that shows how far something is that takes long."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from discord import ui

from bot.directory import Progress
from bot.interactions import DISCORD_ERRORS, Interaction
from cogs.cards import static_view

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.5  # Discord lets a message be edited five times in five seconds
LONG = 256  # people from which on what is done to them shows how far it is
WIDTH = 20
FULL, EMPTY = "▰▱"

Said = Callable[[int, int], str]
"""What stands over the bar, escaped, of how many of how many are done."""


@asynccontextmanager
async def progress(
    interaction: Interaction, said: Said, before: ui.LayoutView | None = None
) -> AsyncIterator[Progress]:
    """Hears how far something is, and shows it in the answer to an interaction that is
    acknowledged, at most every EVERY_SECONDS. Where it cannot be shown (any more), the work goes
    on. What is raised puts ``before`` in place of the bar."""
    bar = _Bar(interaction, said)
    try:
        yield bar.hear
    except BaseException:
        if await bar.end() and before:
            await _edit(interaction, before)
        raise
    await bar.end()


class _Bar:
    def __init__(self, interaction: Interaction, said: Said) -> None:
        self._interaction = interaction
        self._said = said
        self._next = time.perf_counter() + EVERY_SECONDS
        self._editing: asyncio.Task[bool] | None = None

    def hear(self, done: int, total: int) -> None:
        """Show it, if it is time. There is no clock of its own: whoever works tells often."""
        if time.perf_counter() < self._next or not self._interaction.response.is_done():
            return
        if self._editing and not (self._editing.done() and self._editing.result()):
            return
        self._next = time.perf_counter() + EVERY_SECONDS
        shown = static_view(f"{self._said(done, total)}\n{drawn(done, total)}")
        self._editing = asyncio.create_task(_edit(self._interaction, shown))

    async def end(self) -> bool:
        """Let an edit that is under way come before what is shown next; whether there was any."""
        return bool(self._editing and await self._editing)


def drawn(done: int, total: int) -> str:
    """``▰▰▰▱▱▱``, as much of it full as is done."""
    full = WIDTH * min(done, total) // total if total else 0
    return FULL * full + EMPTY * (WIDTH - full)


async def _edit(interaction: Interaction, shown: ui.LayoutView) -> bool:
    try:
        await interaction.edit_original_response(view=shown)
    except DISCORD_ERRORS as error:  # the 15 minutes are over, or it was dismissed
        log.info("Progress is not shown any more: %s", error)
        return False
    return True

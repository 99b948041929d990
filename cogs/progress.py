"""A progress bar for something that takes long."""

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

UPDATE_SECONDS = 1.5  # Discord allows five edits of a message in five seconds
LONG_MIN = 256  # people, from which on a change shows its progress
BAR_WIDTH = 20
FULL, EMPTY = "▰▱"

ProgressTitle = Callable[[int, int], str]
"""Returns the text above the bar, escaped, from how many are done of how many in total."""


@asynccontextmanager
async def show_progress(
    interaction: Interaction, title: ProgressTitle, previous: ui.LayoutView | None = None
) -> AsyncIterator[Progress]:
    """Show a progress bar in the answer to an acknowledged interaction; yields its update function.

    The bar is updated at most every UPDATE_SECONDS. If it can't be shown, the work goes on. An
    exception puts ``previous`` in place of the bar.
    """
    bar = _ProgressBar(interaction, title)
    try:
        yield bar.update
    except BaseException:
        if await bar.finish() and previous:
            await _edit(interaction, previous)
        raise
    await bar.finish()


class _ProgressBar:
    def __init__(self, interaction: Interaction, title: ProgressTitle) -> None:
        self._interaction = interaction
        self._title = title
        self._next_update = time.perf_counter() + UPDATE_SECONDS
        self._editing: asyncio.Task[bool] | None = None

    def update(self, done: int, total: int) -> None:
        """Edit the message if UPDATE_SECONDS have passed since the last time."""
        if time.perf_counter() < self._next_update or not self._interaction.response.is_done():
            return
        if self._editing and not (self._editing.done() and self._editing.result()):
            return
        self._next_update = time.perf_counter() + UPDATE_SECONDS
        view = static_view(f"{self._title(done, total)}\n{bar_text(done, total)}")
        self._editing = asyncio.create_task(_edit(self._interaction, view))

    async def finish(self) -> bool:
        """Wait for the last edit; return whether the bar is shown."""
        return bool(self._editing and await self._editing)


def bar_text(done: int, total: int) -> str:
    """Return a bar like ``▰▰▰▱▱▱``."""
    full = BAR_WIDTH * min(done, total) // total if total else 0
    return FULL * full + EMPTY * (BAR_WIDTH - full)


async def _edit(interaction: Interaction, view: ui.LayoutView) -> bool:
    try:
        await interaction.edit_original_response(view=view)
    except DISCORD_ERRORS as error:  # the 15 minutes are over, or the message was dismissed
        log.info("Progress is not shown any more: %s", error)
        return False
    return True

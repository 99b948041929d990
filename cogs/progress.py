"""Progress bars in answers, while something takes long."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from discord import ui

from bot.directory import Progress
from bot.interactions import DISCORD_ERRORS, Interaction
from bot.language import _
from cogs.cards import static_view

log = logging.getLogger(__name__)

UPDATE_SECONDS = 1.5  # Discord allows five edits of a message in five seconds
LONG_MIN = 256  # people: changes of more show their progress
BAR_WIDTH = 20
FULL, EMPTY = "▰▱"


class ProgressUpdates:
    """Shows progress in an answer, at most every UPDATE_SECONDS.

    *edit* edits the answer, and returns whether it can be edited again. There is no timer:
    ``update`` must be called often.
    """

    def __init__(self, edit: Callable[[int, int], Coroutine[Any, Any, bool]]) -> None:
        self._edit = edit
        self._next_time = time.perf_counter() + UPDATE_SECONDS
        self._editing: asyncio.Task[bool] | None = None

    def update(self, done: int, total: int) -> None:
        """Show how many of *total* are done, if it is time."""
        if time.perf_counter() < self._next_time:
            return
        if self._editing and not (self._editing.done() and self._editing.result()):
            return
        self._next_time = time.perf_counter() + UPDATE_SECONDS
        self._editing = asyncio.create_task(self._edit(done, total))

    async def finish(self) -> bool:
        """Wait for the last edit, so that it can't replace what is shown next. Returns whether the
        answer can be edited again, False if it never was edited."""
        return bool(self._editing and await self._editing)


@asynccontextmanager
async def show_progress(
    interaction: Interaction, title: str, previous: ui.LayoutView
) -> AsyncIterator[Progress]:
    """Show the progress of a block in the answer to an interaction, once that is acknowledged.

    *title* is Markdown, above the count and the bar. If the block raises, *previous* replaces them.
    Errors of Discord don't stop the block.
    """

    async def edit(done: int, total: int) -> bool:
        count = _("{done} of {total}", done=done, total=total)
        view = static_view(f"{title}\n-# {count}\n{bar_text(done, total)}")
        return await _edit(interaction, view)

    updates = ProgressUpdates(edit)

    def update(done: int, total: int) -> None:
        if interaction.response.is_done():
            updates.update(done, total)

    try:
        yield update
    except BaseException:
        if await updates.finish():
            await _edit(interaction, previous)
        raise
    await updates.finish()


def bar_text(done: int, total: int) -> str:
    """Return ``▰▰▰▱▱▱``, full in proportion."""
    full = BAR_WIDTH * min(done, total) // total if total else 0
    return FULL * full + EMPTY * (BAR_WIDTH - full)


async def _edit(interaction: Interaction, view: ui.LayoutView) -> bool:
    try:
        await interaction.edit_original_response(view=view)
    except DISCORD_ERRORS as error:  # the 15 minutes are over, or the answer was dismissed
        log.info("Stopped showing progress: %s", error)
        return False
    return True

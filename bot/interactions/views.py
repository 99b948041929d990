"""An answer with controls, which last a while and are its asker's."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import StrEnum
from io import BytesIO
from typing import Any, Protocol, Self, runtime_checkable
from weakref import WeakKeyDictionary

import discord
from discord import ui

from bot import sentences
from bot.interactions.admission import Gated
from bot.interactions.errors import DISCORD_ERRORS, answer_error, leave, tell

log = logging.getLogger(__name__)

VIEW_SECONDS = 840.0  # that controls and forms last: an interaction's token lives 15 minutes
ASKED_MAX = 5000  # answers whose questions are remembered
VIEWS_MAX = 1000  # answers whose controls work: some 40 kB each
ENDED_MAX = 200  # answers whose controls are taken away when the bot ends
END_SECONDS = 3.0  # for all of them

Edit = Callable[..., Awaitable[Any]]
"""Edits the message that an answer is: takes ``view``."""

Check = Callable[[discord.Interaction[Any]], Awaitable[None]]
"""Raises CheckFailure for who may not do, or may not do any more, what an interaction is for."""


class Control(StrEnum):
    """The custom ids of controls that need their view. Discord sends them with a press; where the
    view is gone by then, with the bot that sent it or after its time, the press is answered by
    cogs/expired.py."""

    FIRST = "pages:first"
    PREVIOUS = "pages:previous"
    NEXT = "pages:next"
    LAST = "pages:last"
    JUMP = "pages:jump"
    OTHERWISE = "reading:otherwise"
    YES = "question:yes"
    NO = "question:no"
    FORM = "form:again"
    IMPORT = "import:begin"
    DISCARD = "import:discard"
    STOP = "import:stop"


@runtime_checkable
class WithFiles(Protocol):
    """An answer that is sent with files."""

    def files(self) -> list[discord.File]:
        """The files to send with the view, made anew."""
        ...


class AnswerView(Gated, ui.LayoutView):
    """An answer whose controls last VIEW_SECONDS from the last press, and obey its asker alone, for
    as long as ``check`` lets them. ``question`` is what a reply to it goes on from. ``edit`` is set
    by whoever sends it."""

    def __init__(self, asker: int, question: str = "", check: Check | None = None) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self.asker = asker
        self.check = check
        self.question = question
        self.edit: Edit | None = None

    def close(self) -> None:
        """Take the controls away."""
        raise NotImplementedError

    def clear_items(self) -> Self:
        """As discord.py's; but what is cleared is shown, and can be pressed, until Discord has what
        comes in its place."""
        cleared = self.children
        super().clear_items()
        for item in cleared:
            item._update_view(self)
        return self

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        if not await super().interaction_check(interaction):
            return False
        if interaction.user.id != self.asker:
            await tell(interaction, sentences.answers.NOT_YOURS)
            return False
        if self.check:
            await self.check(interaction)
        self.edit = interaction.edit_original_response
        return True

    async def on_timeout(self) -> None:
        if self.edit is None or not self.is_dispatchable():
            return
        self.close()
        try:
            await self.edit(view=self)
        except DISCORD_ERRORS as error:  # it was deleted or dismissed, say
            log.debug("Controls were not taken away: %s", error)

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, item: Any, /
    ) -> None:
        await leave(interaction)
        await answer_error(interaction, error)


class FileView(ui.LayoutView):
    """An answer with a file, which ``about`` describes to those who cannot see it."""

    def __init__(self, name: str, content: bytes, about: str | None = None) -> None:
        super().__init__(timeout=None)
        self._name = name
        self._content = content
        self._about = about

    def files(self) -> list[discord.File]:
        return [discord.File(BytesIO(self._content), self._name, description=self._about)]

    def download(self) -> ui.File["FileView"]:
        """Where the file stands in the view, to be downloaded."""
        return ui.File(f"attachment://{self._name}")

    def picture(self) -> ui.MediaGallery["FileView"]:
        """Where it stands, if it is a picture."""
        item = discord.MediaGalleryItem(f"attachment://{self._name}", description=self._about)
        return ui.MediaGallery(item)


class Asked:
    """Which question each of the latest answers is to, by the number of its message, and what has
    controls that end with the bot. It is kept in memory alone."""

    def __init__(self) -> None:
        self._questions: OrderedDict[int, str] = OrderedDict()
        self._views: WeakKeyDictionary[ui.View | ui.LayoutView, None] = WeakKeyDictionary()

    def watch(self, view: ui.View | ui.LayoutView) -> None:
        """Know of a view whose ``on_timeout`` takes its controls away. Where there are too many
        others since, the oldest ends: who presses there is told that it is too old."""
        self._views.pop(view, None)
        self._views[view] = None
        if len(self._views) > VIEWS_MAX:
            oldest = next(iter(self._views))
            del self._views[oldest]
            oldest.stop()

    async def end_controls(self) -> None:
        """Take away the controls of the latest answers, as after their time."""
        views = [view for view in self._views if view.is_dispatching() and not view.is_finished()]
        for view in views:
            view.stop()
        ending = [asyncio.ensure_future(view.on_timeout()) for view in views[-ENDED_MAX:]]
        if ending:
            await asyncio.wait(ending, timeout=END_SECONDS)

    def remember(self, message: int, question: str) -> None:
        self._questions[message] = question
        if len(self._questions) > ASKED_MAX:
            self._questions.popitem(last=False)

    def recall(self, message: int) -> str | None:
        """The question; None if there is none, or it was long ago."""
        return self._questions.get(message)

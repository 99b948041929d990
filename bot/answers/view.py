"""An answer with controls, which last a while and are its asker's."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import StrEnum
from io import BytesIO
from typing import Any, Protocol, runtime_checkable

import discord
from discord import ui

from bot import sentences
from bot.answers.errors import DISCORD_ERRORS, answer_error, leave, tell
from bot.answers.request import begin

log = logging.getLogger(__name__)

VIEW_SECONDS = 840.0  # that controls and forms last: an interaction's token lives 15 minutes
ASKED_MAX = 5000  # answers whose questions are remembered

Edit = Callable[..., Awaitable[Any]]
"""Edits the message that an answer is: takes ``view``."""


class Control(StrEnum):
    """The custom ids of controls that need their view. Discord sends them with a press; where the
    view is gone by then, with the bot that sent it or after its time, the press is answered by
    cogs/too_old.py."""

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


class AnswerView(ui.LayoutView):
    """An answer whose controls last VIEW_SECONDS from the last press, and obey its asker alone.
    ``question`` is what a reply to it goes on from. ``edit`` is set by whoever sends it."""

    def __init__(self, asker: int, question: str = "") -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self.asker = asker
        self.question = question
        self.edit: Edit | None = None

    def close(self) -> None:
        """Take the controls away."""
        raise NotImplementedError

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        begin(interaction)
        if interaction.user.id != self.asker:
            await tell(interaction, sentences.answers.NOT_YOURS)
            return False
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
    """Which question each of the latest answers is to, by the number of its message. It is kept in
    memory alone."""

    def __init__(self) -> None:
        self._questions: OrderedDict[int, str] = OrderedDict()

    def remember(self, message: int, question: str) -> None:
        self._questions[message] = question
        if len(self._questions) > ASKED_MAX:
            self._questions.popitem(last=False)

    def recall(self, message: int) -> str | None:
        """The question; None if there is none, or it was long ago."""
        return self._questions.get(message)

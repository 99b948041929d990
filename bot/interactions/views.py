"""Answers with controls, which expire and are for the person who asked; and answers with files."""

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

from bot.interactions.admission import AdmissionCheck
from bot.interactions.errors import DISCORD_ERRORS, acknowledge_press, answer_error, notify
from bot.interactions.request import Interaction
from bot.language import _

log = logging.getLogger(__name__)

VIEW_SECONDS = 840.0  # controls and forms expire before an interaction's token, after 15 minutes
QUESTIONS_MAX = 5000  # answers whose questions are remembered
OPEN_VIEWS_MAX = 1000  # answers whose controls work; about 40 kB each
CLOSED_VIEWS_MAX = 200  # answers whose controls are removed when the bot stops
CLOSE_SECONDS = 3.0  # for all of them

EditMessage = Callable[..., Awaitable[Any]]
"""Edits the message of an answer; takes ``view``."""

OnPress = Callable[[Interaction], Awaitable[None]]

PermissionCheck = Callable[[Interaction], Awaitable[None]]
"""Raises CheckFailure for a member who may not use a command, or no longer may."""


class ControlId(StrEnum):
    """The custom ids of controls that belong to a view.

    cogs/presses.py answers a press once the view is gone, because it expired or the bot restarted.
    """

    FIRST = "pages:first"
    PREVIOUS = "pages:previous"
    NEXT = "pages:next"
    LAST = "pages:last"
    JUMP = "pages:jump"
    ALTERNATE_READING = "reading:otherwise"
    YES = "question:yes"
    NO = "question:no"
    FORM = "form:again"
    IMPORT = "import:begin"
    DISCARD = "import:discard"
    STOP = "import:stop"


class Control(ui.Button[Any]):
    def __init__(
        self,
        control_id: ControlId,
        label: str,
        on_press: OnPress,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        *,
        disabled: bool = False,
    ) -> None:
        super().__init__(label=label, style=style, custom_id=control_id, disabled=disabled)
        self._on_press = on_press

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await self._on_press(interaction)


@runtime_checkable
class HasFiles(Protocol):
    """A view that is sent with files."""

    def files(self) -> list[discord.File]:
        """Return new file objects to send with the view."""
        ...


class AnswerView(AdmissionCheck, ui.LayoutView):
    """An answer whose controls work for VIEW_SECONDS after the last press.

    Only *asker*, the id of the member who asked, may press them, and only while *check* passes.
    *question* is what a reply to the answer refines. ``edit_message`` is set once it is sent.
    """

    def __init__(
        self, asker: int, question: str = "", check: PermissionCheck | None = None
    ) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self.asker = asker
        self.question = question
        self.check = check
        self.edit_message: EditMessage | None = None

    def expire(self) -> None:
        """Remove the controls, or replace them by what is shown once they no longer work."""
        raise NotImplementedError

    def clear_items(self) -> Self:
        """Remove all items, but let them handle presses until Discord shows the new ones."""
        removed = self.children
        super().clear_items()
        for item in removed:
            item._update_view(self)
        return self

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        if not await super().interaction_check(interaction):
            return False
        if interaction.user.id != self.asker:
            text = _(
                "Only the person who asked can use these buttons. Ask the same question to get "
                "your own."
            )
            await notify(interaction, text)
            return False
        if self.check:
            await self.check(interaction)
        self.edit_message = interaction.edit_original_response
        return True

    async def on_timeout(self) -> None:
        if self.edit_message is None or not self.is_dispatchable():
            return
        self.expire()
        try:
            await self.edit_message(view=self)
        except DISCORD_ERRORS as error:  # the message was deleted or dismissed, for example
            log.debug("Could not remove expired controls: %s", error)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: Any, /
    ) -> None:
        await acknowledge_press(interaction)
        await answer_error(interaction, error)


class FileView(ui.LayoutView):
    """An answer with a file. *description* is the alternative text of a picture."""

    def __init__(self, name: str, content: bytes, description: str | None = None) -> None:
        super().__init__(timeout=None)
        self._name = name
        self._content = content
        self._description = description

    def files(self) -> list[discord.File]:
        return [discord.File(BytesIO(self._content), self._name, description=self._description)]

    def download_item(self) -> ui.File["FileView"]:
        """Return the item that offers the file for download."""
        return ui.File(f"attachment://{self._name}")

    def picture_item(self) -> ui.MediaGallery["FileView"]:
        """Return the item that shows the file as a picture."""
        url = f"attachment://{self._name}"
        return ui.MediaGallery(discord.MediaGalleryItem(url, description=self._description))


class AnswerRegistry:
    """Remembers the questions of the newest answers, and those whose controls still work."""

    def __init__(self) -> None:
        self._questions: OrderedDict[int, str] = OrderedDict()  # by message id
        self._views: WeakKeyDictionary[ui.View | ui.LayoutView, None] = WeakKeyDictionary()

    def register(
        self, view: ui.LayoutView, message_id: int | None, edit_message: EditMessage
    ) -> None:
        """Remember an answer that was sent."""
        question = ""
        if isinstance(view, AnswerView):
            question = view.question
            view.edit_message = edit_message
            self.watch(view)
        if message_id:
            self._questions[message_id] = question
            if len(self._questions) > QUESTIONS_MAX:
                self._questions.popitem(last=False)

    def question_of(self, message_id: int) -> str | None:
        """Return the question that a message answers; None if the message isn't remembered."""
        return self._questions.get(message_id)

    def watch(self, view: ui.View | ui.LayoutView) -> None:
        """Track a view whose ``on_timeout`` removes its controls.

        With more than OPEN_VIEWS_MAX views, the oldest one stops, as if it had expired.
        """
        self._views.pop(view, None)
        self._views[view] = None
        if len(self._views) > OPEN_VIEWS_MAX:
            oldest = next(iter(self._views))
            del self._views[oldest]
            oldest.stop()

    async def close_views(self) -> None:
        """Remove the controls of the newest answers, as if they had expired."""
        views = [view for view in self._views if view.is_dispatching() and not view.is_finished()]
        for view in views:
            view.stop()
        closing = [asyncio.ensure_future(view.on_timeout()) for view in views[-CLOSED_VIEWS_MAX:]]
        if closing:
            await asyncio.wait(closing, timeout=CLOSE_SECONDS)

"""Questions before something is done, and the buttons that answer them."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
from discord import ui

from bot.errors import ChangeNotFound, NotUndone, PersonNotFound
from bot.interactions import (
    AnswerView,
    Control,
    ControlId,
    Interaction,
    PermissionCheck,
    cut_off_text,
    error_text,
    update,
)
from cogs.cards import Container, container, static_view

Act = Callable[[Interaction], Coroutine[Any, Any, ui.LayoutView]]
"""Does what a button says, and makes the view that replaces the question.

Raises DirectoryError: the question stays, unless the error is one of FINAL_ERRORS.
"""

FINAL_ERRORS = (ChangeNotFound, NotUndone, PersonNotFound)
"""Errors that replace the question, because pressing again wouldn't help."""


@dataclass(frozen=True)
class ConfirmationChoice:
    """A button that decides. *is_long*: the act shows its progress."""

    control_id: ControlId
    label: str
    act: Act
    style: discord.ButtonStyle = discord.ButtonStyle.secondary
    is_long: bool = False


def cancel_choice(label: str, text: str) -> ConfirmationChoice:
    """Return the button that does nothing but show *text*, which is escaped."""

    async def cancel(interaction: Interaction) -> ui.LayoutView:
        return static_view(text)

    return ConfirmationChoice(ControlId.NO, label, cancel)


class ConfirmationView(AnswerView):
    """A question, and the buttons that decide it.

    The first press decides, if *check* passes. *unanswered* is shown once the buttons expire.
    *other_buttons* decide nothing.
    """

    def __init__(
        self,
        asker: int,
        question: Container,
        choices: Sequence[ConfirmationChoice],
        unanswered: str,
        check: PermissionCheck,
        other_buttons: Sequence[ui.Button["ConfirmationView"]] = (),
    ) -> None:
        super().__init__(asker, check=check)
        self._unanswered = unanswered
        self._deciding = asyncio.Lock()
        self._outcome: ui.LayoutView | None = None
        self.add_item(question)
        buttons = [
            Control(each.control_id, each.label, partial(self._press, each), each.style)
            for each in choices
        ]
        self.add_item(ui.ActionRow(*buttons, *other_buttons))

    def expire(self) -> None:
        self.clear_items()
        self.add_item(container(self._unanswered, []))

    async def _press(self, choice: ConfirmationChoice, interaction: Interaction) -> None:
        """Show the outcome of a choice, or of an earlier one if that was carried out."""
        async with update(interaction, at_once=choice.is_long) as response, self._deciding:
            if self._outcome is None:
                timeout, self.timeout = self.timeout, None  # a long act doesn't expire
                try:
                    act = choice.act(interaction)
                    run_long = interaction.client.run_long
                    self._outcome = await (run_long(act) if choice.is_long else act)
                except FINAL_ERRORS as error:
                    self._outcome = static_view(error_text(error))
                except asyncio.CancelledError:  # the bot is stopping
                    self._unanswered = cut_off_text()
                    raise
                finally:
                    self.timeout = timeout
                self.stop()
            response.view = self._outcome

    async def settle(self, making_outcome: Awaitable[ui.LayoutView]) -> ui.LayoutView:
        """Decide by something other than the buttons. A DirectoryError leaves the question."""
        async with self._deciding:
            self._outcome = await making_outcome
            self.stop()
        return self._outcome

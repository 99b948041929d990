"""A question before something is done, and the buttons that do it or not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.errors import ChangeNotFound, NotUndone, PersonNotFound
from bot.interactions import AnswerView, Control, change, sentence
from cogs.cards import Container, container, view
from cogs.permissions import Check

Press = Callable[[discord.Interaction], Awaitable[None]]

Act = Callable[[discord.Interaction], Awaitable[ui.LayoutView]]
"""Does what a button says, and makes what stands in place of the question then. Raises
DirectoryError, and then the question stays, but for what is FOR_GOOD: that stands in its place."""

FOR_GOOD = (ChangeNotFound, NotUndone, PersonNotFound)
"""What pressing once more would not mend."""


@dataclass(frozen=True)
class Choice:
    """A button that decides a question; ``long`` if what it does shows how far it is."""

    control: Control
    label: str
    act: Act
    style: discord.ButtonStyle = discord.ButtonStyle.secondary
    long: bool = False


def no(label: str, said: str) -> Choice:
    """The button that leaves all as it is, and what is said then, escaped."""

    async def leave(interaction: discord.Interaction) -> ui.LayoutView:
        return view(said)

    return Choice(Control.NO, label, leave)


class Question(AnswerView):
    """What would be done, and the buttons that do it or not. What is pressed first decides, and
    only for who still may: ``check`` says so. ``more`` are buttons that decide nothing."""

    def __init__(
        self,
        asker: int,
        shown: Container,
        choices: Sequence[Choice],
        unanswered: str,
        check: Check,
        more: Sequence[ui.Button["Question"]] = (),
    ) -> None:
        super().__init__(asker, check=check)
        self._unanswered = unanswered
        self._deciding = asyncio.Lock()
        self._outcome: ui.LayoutView | None = None
        self.add_item(shown)
        self.add_item(ui.ActionRow(*(self._button(choice) for choice in choices), *more))

    def close(self) -> None:
        self.clear_items()
        self.add_item(container(self._unanswered, []))

    def _button(self, choice: Choice) -> ui.Button["Question"]:
        button = ui.Button["Question"](
            label=choice.label, style=choice.style, custom_id=choice.control
        )

        async def press(interaction: discord.Interaction[Any]) -> None:
            if choice.long:
                await interaction.response.defer()
            await change(interaction, self._decide(choice, interaction))

        button.callback = press
        return button

    async def _decide(self, choice: Choice, interaction: discord.Interaction[Any]) -> ui.LayoutView:
        async with self._deciding:
            if self._outcome is None:
                lasts, self.timeout = self.timeout, None  # what takes long is not unanswered
                try:
                    self._outcome = await _act(choice, interaction)
                except asyncio.CancelledError:  # as the bot stops
                    self._unanswered = sentences.answers.CUT_OFF
                    raise
                finally:
                    self.timeout = lasts
                self.stop()
        return self._outcome

    async def settle(self, making: Awaitable[ui.LayoutView]) -> ui.LayoutView:
        """Decide it by something else than its buttons. Raises DirectoryError, and then it
        stays."""
        async with self._deciding:
            self._outcome = await making
            self.stop()
        return self._outcome


async def _act(choice: Choice, interaction: discord.Interaction[Any]) -> ui.LayoutView:
    acting = choice.act(interaction)
    try:
        return await (interaction.client.lasting(acting) if choice.long else acting)
    except FOR_GOOD as error:
        return view(sentence(error))

"""The button under an answer whose conditions were read from plain words."""

import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import discord
from discord import ui

from bot.answers import DISCORD_ERRORS, VIEW_SECONDS, answer, answer_error

Ask = Callable[[discord.Interaction, bool], Coroutine[Any, Any, ui.LayoutView]]
"""Makes the answer again; with True from the words as they are. Raises DirectoryError."""


class ReadingView(ui.LayoutView):
    """A card, and a button that answers the question as it is read otherwise."""

    def __init__(
        self, interaction: discord.Interaction, card: ui.LayoutView, ask: Ask, *, literal: bool
    ) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._ask = ask
        self._literal = literal
        self._asking = False
        self._until = time.monotonic() + VIEW_SECONDS
        for item in list(card.children):
            card.remove_item(item)
            self.add_item(item)
        label = "Use the conditions" if literal else "Ignore the conditions"
        self._row = ui.ActionRow["ReadingView"]()
        button = ui.Button["ReadingView"](label=label, style=discord.ButtonStyle.secondary)
        button.callback = self._read_otherwise
        self._row.add_item(button)
        self.add_item(self._row)

    async def _read_otherwise(self, interaction: discord.Interaction) -> None:
        """Change the answer for whoever asked; give others one of their own."""
        if interaction.user != self._interaction.user:
            self.timeout = max(1.0, self._until - time.monotonic())  # a press would renew it
            await answer(interaction, self._ask(interaction, not self._literal), private=True)
            return
        await interaction.response.defer()
        if self._asking:
            return
        self._asking, self._interaction = True, interaction
        try:
            view = await self._ask(interaction, not self._literal)
            await interaction.edit_original_response(view=view)
        finally:
            self._asking = False
        self.stop()

    async def on_timeout(self) -> None:
        self.remove_item(self._row)
        with suppress(*DISCORD_ERRORS):  # it was deleted, say
            await self._interaction.edit_original_response(view=self)

    async def on_error(self, interaction: discord.Interaction, error: Exception, item: Any) -> None:
        await answer_error(interaction, error)

"""What answers controls and forms whose view is gone: after its time, or a restart of the bot."""

from typing import Any

import discord
from discord import SelectOption, ui

from bot import sentences
from bot.client import PeopleBot
from bot.interactions import Control, Gated, tell


class TooOld(Gated, ui.LayoutView):
    """Takes the presses that no other view takes, by the custom ids of all controls."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for control in Control:
            item = _Jump() if control is Control.JUMP else _Button(control)
            self.add_item(ui.ActionRow(item))


class _Button(ui.Button[TooOld]):
    def __init__(self, control: Control) -> None:
        super().__init__(label=control.name, custom_id=control)

    async def callback(self, interaction: discord.Interaction) -> None:
        await tell(interaction, sentences.answers.TOO_OLD)


class _Jump(ui.Select[TooOld]):
    def __init__(self) -> None:
        super().__init__(custom_id=Control.JUMP, options=[SelectOption(label=Control.JUMP.name)])

    async def callback(self, interaction: discord.Interaction) -> None:
        await tell(interaction, sentences.answers.TOO_OLD)


async def answer_lost_form(interaction: discord.Interaction[Any]) -> None:
    """Tell who sent a form that nobody takes. Each form has an id of its own, so that no view could
    wait for those of before a restart."""
    if interaction.type is discord.InteractionType.modal_submit:
        form = str((interaction.data or {}).get("custom_id"))
        lost = form not in interaction.client.open_forms
        if lost and await interaction.client.gate.admit(interaction):
            await tell(interaction, sentences.answers.FORM_TOO_OLD)


async def setup(bot: PeopleBot) -> None:
    bot.add_view(TooOld())
    bot.add_listener(answer_lost_form, "on_interaction")

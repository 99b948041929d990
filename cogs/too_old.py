"""What answers a press on controls whose view is gone: after its time, or a restart of the bot."""

import discord
from discord import SelectOption, ui

from bot import sentences
from bot.answers import Control, tell
from bot.client import PeopleBot


class TooOld(ui.LayoutView):
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


async def setup(bot: PeopleBot) -> None:
    bot.add_view(TooOld())

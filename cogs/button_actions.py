"""What a press on a button of cogs/buttons.py leads to: a private answer, for whoever presses."""

import re
from typing import Any

import discord
from discord import ui

from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.interactions import Gated, answer, answer_error
from cogs import results, undo
from cogs.buttons import PATTERN, digest
from cogs.help import help_view
from cogs.permissions import Keepers

CANDIDATES = 100  # names that begin alike
NUMBER = re.compile(r"\d{1,15}", re.ASCII)


class Pressed(Gated, ui.DynamicItem[ui.Button[Any]], template=re.compile(PATTERN, re.DOTALL)):
    """A button that leads on, made again from its custom id."""

    def __init__(self, what: str, about: str, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self._what = what
        self._about = about.encode("utf-8", "replace").decode()  # half a character is no text

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> "Pressed":
        return cls(match["what"], match["text"], match.string)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        directories: Directories = interaction.client.directories
        try:
            if self._what == "undo":
                await answer(interaction, self._undo(interaction, directories), private=True)
            else:
                await results.ask(interaction, directories, self._answer, private=True)
        except Exception as error:  # discord.py would only log it
            await answer_error(interaction, error)

    async def _answer(self, directory: Directory, asker: int) -> results.Answer:
        match self._what:
            case "details" | "meant":
                return await results.details(directory, await self._name(directory))
            case "similar":
                return await results.similar(directory, asker, await self._name(directory))
            case "search":
                return await results.search(directory, asker, self._about)
            case "people":
                return await results.people(directory, asker, self._about)
            case "random":
                return await results.anybody(directory)
            case "help":
                return await help_view(directory, self._about)
        return await results.whois(directory, asker, self._about)

    async def _undo(
        self, interaction: discord.Interaction, directories: Directories
    ) -> results.Answer:
        """The question before a change is taken back, for who may."""
        check = Keepers().check(undo.COMMAND)
        await check(interaction)
        directory = await directories.of(interaction.guild_id)
        number = int(self._about) if NUMBER.fullmatch(self._about) else 0
        operation = await directory.history.get(number)
        return await undo.ask(directory, interaction, operation.number, check)

    async def _name(self, directory: Directory) -> str:
        """Whom the button is about; a long name is looked up by its beginning."""
        head, _, mark = self._about.rpartition("~")
        names = await directory.names.starting_with(head, CANDIDATES) if head else []
        return next((name for name in names if digest(name) == mark), self._about)


async def setup(bot: PeopleBot) -> None:
    bot.add_dynamic_items(Pressed)

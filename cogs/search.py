"""Finding people: /whois and /search."""

from collections.abc import Callable

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.answers import answer
from bot.client import PeopleBot
from bot.directory import Directories, Directory, Results
from cogs.cards import people_view, search_view, whois_view
from cogs.completion import CHOICES, Choices, choices
from cogs.reading import ReadingView

WHOIS_COUNT = 6
SEARCH_COUNT = 6
SEARCH_COUNT_MAX = 25


class Search(commands.Cog):
    """The commands everybody has."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="A name, or what they did: lead singer, won two Nobel prizes …",
        private="Show the answer to you alone",
    )
    async def whois(
        self, interaction: discord.Interaction, query: str, private: bool = False
    ) -> None:
        """Who is called that, or did that?"""
        await answer(interaction, self._whois(interaction, query), private=private)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="Words and conditions: scientists who died before 2000, or science died<2000",
        count=f"How many people, at most {SEARCH_COUNT_MAX}; {SEARCH_COUNT} if left out",
        private="Show the answer to you alone",
    )
    async def search(
        self,
        interaction: discord.Interaction,
        query: str,
        count: app_commands.Range[int, 1, SEARCH_COUNT_MAX] = SEARCH_COUNT,
        private: bool = False,
    ) -> None:
        """Search the people of this server by meaning, and by exact conditions."""
        await answer(interaction, self._search(interaction, query, count), private=private)

    @whois.autocomplete("query")
    async def _complete_name(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await choices(self._names(interaction, typed))

    @search.autocomplete("query")
    async def _complete_query(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await choices(self._lines(interaction, typed))

    async def _names(self, interaction: discord.Interaction, typed: str) -> list[str]:
        return await (await self._directory(interaction)).complete(typed, CHOICES)

    async def _lines(self, interaction: discord.Interaction, typed: str) -> list[str]:
        """What was typed, which Enter takes, and how it may go on; nothing if it is whole."""
        lines = await (await self._directory(interaction)).suggest(typed, CHOICES)
        lines = [line for line in lines if line.casefold() != typed.casefold()]
        return [typed, *lines] if typed.strip() and lines else lines

    async def _whois(self, interaction: discord.Interaction, query: str) -> ui.LayoutView:
        named = await (await self._directory(interaction)).named(query, WHOIS_COUNT)
        if named:
            return people_view(named)
        return await self._ask(interaction, query, WHOIS_COUNT, whois_view)

    async def _search(
        self, interaction: discord.Interaction, query: str, count: int
    ) -> ui.LayoutView:
        return await self._ask(interaction, query, count, search_view)

    async def _ask(
        self,
        interaction: discord.Interaction,
        query: str,
        count: int,
        show: Callable[[Results], ui.LayoutView],
        *,
        literal: bool = False,
    ) -> ui.LayoutView:
        """The answer; where plain words were read as conditions, with the way to the other."""
        directory = await self._directory(interaction)
        results = await directory.search(query, count, literal=literal)
        if not (results.query.english or literal):
            return show(results)

        async def ask(pressed: discord.Interaction, literal: bool) -> ui.LayoutView:
            return await self._ask(pressed, query, count, show, literal=literal)

        return ReadingView(interaction, show(results), ask, literal=literal)

    async def _directory(self, interaction: discord.Interaction) -> Directory:
        return await self._directories.open(str(interaction.guild_id))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Search(bot.directories))

"""Finding people: /whois and /search."""

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.answers import answer
from bot.client import PeopleBot
from bot.directory import Directories
from cogs.cards import people_view, search_view, whois_view
from cogs.completion import CHOICES, Choices, choices

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
        query="Words and exact terms in one: science died<2000, country=france born>=1900",
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
        """Search the people of this server by meaning, and by exact terms."""
        await answer(interaction, self._search(interaction, query, count), private=private)

    @whois.autocomplete("query")
    async def _complete_name(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await choices(self._names(interaction, typed))

    async def _names(self, interaction: discord.Interaction, typed: str) -> list[str]:
        directory = await self._directories.open(str(interaction.guild_id))
        return await directory.complete(typed, CHOICES)

    async def _whois(self, interaction: discord.Interaction, query: str) -> ui.LayoutView:
        directory = await self._directories.open(str(interaction.guild_id))
        if named := await directory.named(query, WHOIS_COUNT):
            return people_view(named)
        return whois_view(await directory.search(query, WHOIS_COUNT))

    async def _search(
        self, interaction: discord.Interaction, query: str, count: int
    ) -> ui.LayoutView:
        directory = await self._directories.open(str(interaction.guild_id))
        return search_view(await directory.search(query, count))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Search(bot.directories))

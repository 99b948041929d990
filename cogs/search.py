"""Finding people by meaning: /whois, /search and /similar."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directories
from cogs import results
from cogs.autocomplete import Choices, name_choices, query_choices

COUNT_MAX = 100


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

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: results.whois(directory, asker, query),
            private=private,
        )

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="Words and conditions: scientists who died before 2000, or science died<2000",
        count=f"How many people at the most, up to {COUNT_MAX}",
        private="Show the answer to you alone",
    )
    async def search(
        self,
        interaction: discord.Interaction,
        query: str,
        count: app_commands.Range[int, 1, COUNT_MAX] | None = None,
        private: bool = False,
    ) -> None:
        """Search the people of this server by meaning, and by exact conditions."""

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: results.search(directory, asker, query, count),
            private=private,
        )

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        person="Whom the others are to be like",
        query="But: words and conditions that bend it, like music or died<2000",
        private="Show the answer to you alone",
    )
    async def similar(
        self, interaction: discord.Interaction, person: str, query: str = "", private: bool = False
    ) -> None:
        """Who is like somebody; with a query, like them but otherwise."""

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: results.similar(directory, asker, person, query),
            private=private,
        )

    @whois.autocomplete("query")
    @similar.autocomplete("person")
    async def _complete_name(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await name_choices(self._directories.of(interaction.guild_id), typed)

    @search.autocomplete("query")
    @similar.autocomplete("query")
    async def _complete_query(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await query_choices(self._directories.of(interaction.guild_id), typed)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Search(bot.directories))

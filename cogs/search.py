"""Finding people by meaning: /whois, /search and /similar."""

from discord import app_commands
from discord.ext import commands

from bot.client import PeopleBot
from bot.interactions import Interaction, answer
from cogs import results
from cogs.autocomplete import complete_name, complete_query
from cogs.paging import PagesView

COUNT_MAX = 100


class SearchCog(commands.Cog):
    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="A name, or what they did: lead singer, won two Nobel prizes …",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(query=complete_name)
    async def whois(self, interaction: Interaction, query: str, private: bool = False) -> None:
        """Who is called that, or did that?"""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.whois(directory, query)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="Words and conditions: scientists who died before 2000, or science died<2000",
        count=f"How many people at the most, up to {COUNT_MAX}",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(query=complete_query)
    async def search(
        self,
        interaction: Interaction,
        query: str,
        count: app_commands.Range[int, 1, COUNT_MAX] | None = None,
        private: bool = False,
    ) -> None:
        """Search the people of this server by meaning, and by exact conditions."""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.search(directory, query, count)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        person="Whom the others are to be like",
        query="But: words and conditions that bend it, like music or died<2000",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(person=complete_name, query=complete_query)
    async def similar(
        self, interaction: Interaction, person: str, query: str = "", private: bool = False
    ) -> None:
        """Who is like somebody; with a query, like them but otherwise."""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.similar(directory, person, query)
            response.view = await PagesView(interaction.user.id, book).show()


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(SearchCog())

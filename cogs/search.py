"""Finding people by meaning: /whois, /search and /similar."""

from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.interactions import Interaction, answer
from cogs import results
from cogs.autocomplete import complete_name, complete_query
from cogs.paging import PagesView

COUNT_MAX = 100


class SearchCog(commands.Cog):
    @app_commands.command(description=locale_str("Find a person by name, or by what they did"))
    @app_commands.guild_only()
    @app_commands.describe(
        query=locale_str("A name, or words like lead singer or won two Nobel prizes"),
        private=locale_str("Show the answer only to you"),
    )
    @app_commands.autocomplete(query=complete_name)
    async def whois(self, interaction: Interaction, query: str, private: bool = False) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.whois(directory, query)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command(
        description=locale_str("Search people by meaning, and by exact conditions")
    )
    @app_commands.guild_only()
    @app_commands.describe(
        query=locale_str("Like scientists who died before 2000, or science died<2000"),
        count=locale_str("How many people to show, 100 at most"),
        private=locale_str("Show the answer only to you"),
    )
    @app_commands.autocomplete(query=complete_query)
    async def search(
        self,
        interaction: Interaction,
        query: str,
        count: app_commands.Range[int, 1, COUNT_MAX] | None = None,
        private: bool = False,
    ) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.search(directory, query, count)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command(description=locale_str("Find people who are similar to someone"))
    @app_commands.guild_only()
    @app_commands.describe(
        person=locale_str("The person to compare with"),
        query=locale_str("Words or conditions to steer the search, like music or died<2000"),
        private=locale_str("Show the answer only to you"),
    )
    @app_commands.autocomplete(person=complete_name, query=complete_query)
    async def similar(
        self, interaction: Interaction, person: str, query: str = "", private: bool = False
    ) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.similar(directory, person, query)
            response.view = await PagesView(interaction.user.id, book).show()


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(SearchCog())

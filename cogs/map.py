"""The directory as a picture: /map."""

from discord import app_commands
from discord.ext import commands

from bot.client import PeopleBot
from bot.interactions import FileView, Interaction, answer
from bot.map import MapCache, list_colourings
from cogs.autocomplete import Choices, complete_query, no_choices_on_error, to_choices


class MapCog(commands.Cog):
    def __init__(self) -> None:
        self._maps = MapCache()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="Only the people nearest to this, or who fit conditions",
        colour_by="What the colours mean: an attribute, or century",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(query=complete_query)
    async def map(
        self, interaction: Interaction, query: str = "", colour_by: str = "", private: bool = False
    ) -> None:
        """The people of this server as a map, on which the like stand together."""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            image = await self._maps.get(directory, query, colour_by)
            view = FileView("map.png", image.png, image.alt)
            view.add_item(view.picture_item())
            response.view = view

    @map.autocomplete("colour_by")
    @no_choices_on_error
    async def _complete_colouring(self, interaction: Interaction, typed: str) -> Choices:
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        colourings = list_colourings(directory)
        return to_choices(name for name in colourings if typed.strip().lower() in name)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(MapCog())

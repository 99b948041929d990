"""The directory as a picture: /map."""

from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directory
from bot.interactions import FileView, Interaction, answer
from bot.map import MapCache, list_colourings
from cogs.autocomplete import Choices, complete_query, no_choices_on_error, to_choices


class MapCog(commands.Cog):
    @app_commands.command(
        description=locale_str("Draw the directory as a map, with similar people close together")
    )
    @app_commands.guild_only()
    @app_commands.describe(
        query=locale_str("Only people who match these words and conditions"),
        colour_by=locale_str("What the colours show: an attribute, or century"),
        private=locale_str("Show the answer only to you"),
    )
    @app_commands.autocomplete(query=complete_query)
    async def map(
        self, interaction: Interaction, query: str = "", colour_by: str = "", private: bool = False
    ) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await map_view(interaction.client.maps, directory, query, colour_by)

    @map.autocomplete("colour_by")
    @no_choices_on_error
    async def _complete_colouring(self, interaction: Interaction, typed: str) -> Choices:
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        colourings = list_colourings(directory)
        return to_choices(name for name in colourings if typed.strip().lower() in name)


async def map_view(
    maps: MapCache, directory: Directory, query: str = "", colour_by: str = ""
) -> FileView:
    """Return a map of everyone, or of the people a query finds."""
    image = await maps.get(directory, query, colour_by)
    view = FileView("map.png", image.png, image.alt)
    view.add_item(view.picture_item())
    return view


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(MapCog())

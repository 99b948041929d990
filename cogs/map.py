"""The directory as a picture: /map."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.interactions import FileView
from bot.map import MapCache, list_colourings
from cogs import results
from cogs.autocomplete import Choices, choices, query_choices


class Map(commands.Cog):
    """The /map command."""

    def __init__(self, directories: Directories, maps: MapCache) -> None:
        self._directories = directories
        self._maps = maps

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        query="Only the people nearest to this, or who fit conditions",
        colour_by="What the colours mean: an attribute, or century",
        private="Show the answer to you alone",
    )
    async def map(
        self,
        interaction: discord.Interaction,
        query: str = "",
        colour_by: str = "",
        private: bool = False,
    ) -> None:
        """The people of this server as a map, on which the like stand together."""

        async def draw(directory: Directory, asker: int) -> results.Answer:
            image = await self._maps.get(directory, query, colour_by)
            view = FileView("map.png", image.png, image.alt)
            view.add_item(view.picture())
            return view

        await results.ask(interaction, self._directories, draw, private=private)

    @map.autocomplete("query")
    async def _complete_query(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await query_choices(self._directories.of(interaction.guild_id), typed)

    @map.autocomplete("colour_by")
    async def _complete_field(self, interaction: discord.Interaction, typed: str) -> Choices:
        async def matching_colourings() -> list[str]:
            colourings = list_colourings(await self._directories.of(interaction.guild_id))
            return [name for name in colourings if typed.strip().lower() in name]

        return await choices(matching_colourings())


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Map(bot.directories, MapCache()))

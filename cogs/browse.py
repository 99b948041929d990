"""Looking around: /people, /random and /about."""

from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directory
from bot.interactions import Interaction, answer
from cogs import results
from cogs.autocomplete import complete_query
from cogs.cards import Block, static_view
from cogs.paging import PagesView


class BrowseCog(commands.Cog):
    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        filter="Only who fits conditions: country:france born<1900, or living French writers",
        private="Show the answer to you alone",
    )
    @app_commands.autocomplete(filter=complete_query)
    async def people(
        self, interaction: Interaction, filter: str = "", private: bool = False
    ) -> None:
        """All the people of this server, by name."""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.people(directory, filter)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(private="Show the answer to you alone")
    async def random(self, interaction: Interaction, private: bool = False) -> None:
        """Somebody, at random."""

        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await results.random_card_view(directory)

    @app_commands.command()
    @app_commands.guild_only()
    async def about(self, interaction: Interaction) -> None:
        """This directory in figures, and what the bot keeps of you."""

        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await about_view(directory)


async def about_view(directory: Directory) -> ui.LayoutView:
    """Return a directory in figures."""
    about = await directory.describe()
    fields = [
        sentences.answers.coverage(field.field, field.kind, format_share(field.share))
        for field in about.coverage
    ]
    known = sentences.answers.FIELDS if about.is_exact else sentences.answers.FIELDS_OF_SAMPLE
    made_of = sentences.answers.made_of(
        about.model, about.redis_version, round(about.bytes_per_person)
    )
    texts = [
        "\n".join([f"**{known}**", *fields]),
        f"**{sentences.answers.UNDER_THE_HOOD}**\n{made_of}",
        f"-# {sentences.answers.WHAT_IS_STORED}",
    ]
    title = f"### {sentences.answers.everybody(about.people)}"
    return static_view(title, [Block(text, separated=True) for text in texts])


def format_share(share: float) -> str:
    """Return a share in percent, which is 0 or 100 only if it is exactly nobody or everybody."""
    percent = round(100 * share)
    if percent in (0, 100) and 0 < share < 1:
        return "< 1 %" if percent == 0 else "> 99 %"
    return f"{percent} %"


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(BrowseCog())

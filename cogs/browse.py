"""Looking round: /people, /random and /about."""

import discord
from discord import app_commands
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from cogs import results
from cogs.autocomplete import Choices, query_choices
from cogs.cards import said, view


class Browse(commands.Cog):
    """The commands of those who look round."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(
        filter="Only who fits conditions: country:france born<1900, or living French writers",
        private="Show the answer to you alone",
    )
    async def people(
        self, interaction: discord.Interaction, filter: str = "", private: bool = False
    ) -> None:
        """All the people of this server, by name."""

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: results.people(directory, asker, filter),
            private=private,
        )

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.describe(private="Show the answer to you alone")
    async def random(self, interaction: discord.Interaction, private: bool = False) -> None:
        """Somebody, at random."""

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: results.anybody(directory),
            private=private,
        )

    @app_commands.command()
    @app_commands.guild_only()
    async def about(self, interaction: discord.Interaction) -> None:
        """This directory in figures, and what the bot keeps of you."""

        await results.ask(interaction, self._directories, about_view, private=True)

    @people.autocomplete("filter")
    async def _complete_filter(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await query_choices(self._directories.of(interaction.guild_id), typed)


async def about_view(directory: Directory, asker: int) -> results.Answer:
    """A directory in figures."""
    about = await directory.describe()
    fields = [
        sentences.answers.coverage(field.field, field.kind, share(field.share))
        for field in about.coverage
    ]
    known = sentences.answers.FIELDS if about.is_exact else sentences.answers.FIELDS_OF_SAMPLE
    made_of = sentences.answers.made_of(
        about.model, about.redis_version, round(about.bytes_per_person)
    )
    blocks = [
        "\n".join([f"**{known}**", *fields]),
        f"**{sentences.answers.UNDER_THE_HOOD}**\n{made_of}",
        f"-# {sentences.answers.WHAT_IS_STORED}",
    ]
    title = f"### {sentences.answers.everybody(about.people)}"
    return view(title, [said(block, apart=True) for block in blocks])


def share(part: float) -> str:
    """A part of all in percent, which is 0 or 100 only if it is nobody or everybody."""
    percent = round(100 * part)
    if percent in (0, 100) and 0 < part < 1:
        return "< 1 %" if percent == 0 else "> 99 %"
    return f"{percent} %"


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Browse(bot.directories))

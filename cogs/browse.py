"""Looking around: /people, /random and /about."""

from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directory
from bot.interactions import Interaction, answer
from bot.language import _, format_percent, ngettext
from bot.person import kind_name
from cogs import results
from cogs.autocomplete import complete_query
from cogs.cards import Block, static_view
from cogs.paging import PagesView


class BrowseCog(commands.Cog):
    @app_commands.command(description=locale_str("List everyone by name"))
    @app_commands.guild_only()
    @app_commands.describe(
        filter=locale_str("Only people who match, like country=France or born before 1900"),
        private=locale_str("Show the answer only to you"),
    )
    @app_commands.autocomplete(filter=complete_query)
    async def people(
        self, interaction: Interaction, filter: str = "", private: bool = False
    ) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            book = await results.people(directory, filter)
            response.view = await PagesView(interaction.user.id, book).show()

    @app_commands.command(description=locale_str("Show a random person"))
    @app_commands.guild_only()
    @app_commands.describe(private=locale_str("Show the answer only to you"))
    async def random(self, interaction: Interaction, private: bool = False) -> None:
        async with answer(interaction, private=private) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await results.random_card_view(directory)

    @app_commands.command(description=locale_str("Show facts and figures about this directory"))
    @app_commands.guild_only()
    async def about(self, interaction: Interaction) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await about_view(directory)


async def about_view(directory: Directory) -> ui.LayoutView:
    """Return a directory in figures."""
    about = await directory.describe()
    if about.is_exact:
        known = _("What is known about people")
    else:
        known = _("What is known about people (estimated from a sample)")
    coverage = [
        f"`{field.field}` {kind_name(field.kind)} · {format_share(field.share)}"
        for field in about.coverage
    ]
    made_of = _(
        "Model {model} · Redis {version} · {bytes} bytes per person",
        model=about.model,
        version=about.redis_version,
        bytes=round(about.bytes_per_person),
    )
    privacy = _(
        "I store nothing about the people who use me, except who changed the directory. /privacy "
        "explains this, and /mydata shows what I store about you."
    )
    title = ngettext(
        "{count} person in this server's directory",
        "{count} people in this server's directory",
        about.people,
    )
    texts = [
        "\n".join([f"**{known}**", *coverage]),
        "**" + _("Technical details") + "**\n" + made_of,
        f"-# {privacy}",
    ]
    return static_view(f"### {title}", [Block(text, separated=True) for text in texts])


def format_share(share: float) -> str:
    """Return a share in percent, which is 0 or 100 only if it is exactly nobody or everyone."""
    percent = round(100 * share)
    if percent == 0 and share > 0:
        return f"< {format_percent(1)}"
    if percent == 100 and share < 1:
        return f"> {format_percent(99)}"
    return format_percent(percent)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(BrowseCog())

"""/help: pages that teach, with buttons that run what they show."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.errors import DirectoryEmpty
from bot.person import IMAGE_FIELD, Kind
from cogs import results
from cogs.buttons import Lead, lead
from cogs.cards import Block, container, said

FIRST = "finding"
EXAMPLE_MAX = 60  # characters of a condition that a button shows, and carries, whole


class Help(commands.Cog):
    """The command for who does not know the others."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories

    @app_commands.command()
    @app_commands.guild_only()
    async def help(self, interaction: discord.Interaction) -> None:
        """What the bot can do, with examples to press."""

        await results.ask(
            interaction,
            self._directories,
            lambda directory, asker: help_view(directory, FIRST),
            private=True,
        )


async def help_view(directory: Directory, topic: str) -> results.Answer:
    """The page on a topic, with examples, and the way to the other topics."""
    page = sentences.help.PAGES.get(topic) or sentences.help.PAGES[FIRST]
    examples = await _examples(directory, topic)
    blocks = [said(page.text)]
    if examples:
        blocks.append(Block(lambda _: f"-# {sentences.help.TRY}", None, examples))
    view = ui.LayoutView(timeout=None)
    view.add_item(container(f"## {page.title}", blocks, beside=1 + len(sentences.help.PAGES)))
    view.add_item(ui.ActionRow(*(_to(name, topic) for name in sentences.help.PAGES)))
    return view


def _to(name: str, here: str) -> Lead:
    style = discord.ButtonStyle.primary if name == here else discord.ButtonStyle.secondary
    button = lead(sentences.help.PAGES[name].title, "help", name, style)
    button.disabled = name == here
    return button


async def _examples(directory: Directory, topic: str) -> Sequence[Lead]:
    """Buttons that show what the page is about, with people and values of this directory."""
    match topic:
        case "finding":
            words, query = "entertainer", "scientists who died before 2000"
            return [
                lead(sentences.help.whois(words), "whois", words),
                lead(sentences.help.search(query), "search", query),
                *await _somebody(directory),
            ]
        case "conditions":
            queries = ["science died<2000", "born:19c", *await _value(directory)]
            return [lead(sentences.help.search(query), "search", query) for query in queries]
        case "looking":
            return [
                lead(sentences.help.people(""), "people", ""),
                lead(sentences.help.people("is:alive"), "people", "is:alive"),
                lead(sentences.help.RANDOM, "random", ""),
            ]
    return []


async def _somebody(directory: Directory) -> list[Lead]:
    try:
        name = (await directory.people.random()).name
    except DirectoryEmpty:
        return []
    return [lead(sentences.help.like(name), "similar", name)]


async def _value(directory: Directory) -> list[str]:
    """A condition on the first field of words, with the value that most people have of it."""
    words = (Kind.TEXT, Kind.TAGS)
    schema = directory.fields.schema
    fields = [name for name, kind in schema.items() if kind in words and name != IMAGE_FIELD]
    found = await directory.suggest(f"{fields[0]}:", 1) if fields else []
    return [condition for condition in found if len(condition) <= EXAMPLE_MAX]


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Help(bot.directories))

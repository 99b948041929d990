"""/help: pages with buttons that run their examples."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import DirectoryEmpty
from bot.interactions import Interaction, answer
from bot.person import IMAGE_FIELD, Kind
from cogs.buttons import PersistentButton, persistent_button
from cogs.cards import Block, container

FIRST_TOPIC = "finding"
EXAMPLE_MAX = 60  # characters of a condition that fit a button and its custom id


class HelpCog(commands.Cog):
    @app_commands.command()
    @app_commands.guild_only()
    async def help(self, interaction: Interaction) -> None:
        """What the bot can do, with examples to press."""

        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await help_view(directory, FIRST_TOPIC)


async def help_view(directory: Directory, topic: str) -> ui.LayoutView:
    """Return the page on a topic, with examples, and buttons to the other topics."""
    pages = sentences.help.PAGES
    page = pages.get(topic) or pages[FIRST_TOPIC]
    blocks = [Block(page.text)]
    if examples := await _examples(directory, topic):
        blocks.append(Block(f"-# {sentences.help.TRY}", buttons=examples))
    topics: list[PersistentButton] = []
    for each in pages:
        style = discord.ButtonStyle.primary if each == topic else discord.ButtonStyle.secondary
        topics.append(persistent_button(pages[each].title, "help", each, style))
        topics[-1].disabled = each == topic
    view = ui.LayoutView(timeout=None)
    view.add_item(container(f"## {page.title}", blocks, other_components=1 + len(pages)))
    view.add_item(ui.ActionRow(*topics))
    return view


async def _examples(directory: Directory, topic: str) -> Sequence[PersistentButton]:
    """Return buttons for the examples of a page, with people and values of this directory."""
    match topic:
        case "finding":
            words, query = "entertainer", "scientists who died before 2000"
            return [
                persistent_button(sentences.help.whois(words), "whois", words),
                persistent_button(sentences.help.search(query), "search", query),
                *await _similar_example(directory),
            ]
        case "conditions":
            queries = ["science died<2000", "born:19c", *await _frequent_conditions(directory)]
            return [
                persistent_button(sentences.help.search(query), "search", query)
                for query in queries
            ]
        case "looking":
            return [
                persistent_button(sentences.help.people(""), "people", ""),
                persistent_button(sentences.help.people("is:alive"), "people", "is:alive"),
                persistent_button(sentences.help.RANDOM, "random", ""),
            ]
    return []


async def _similar_example(directory: Directory) -> list[PersistentButton]:
    try:
        name = (await directory.people.random()).name
    except DirectoryEmpty:
        return []
    return [persistent_button(sentences.help.like(name), "similar", name)]


async def _frequent_conditions(directory: Directory) -> list[str]:
    """Return the commonest condition on the first field of text or tags, if there is one."""
    kinds = (Kind.TEXT, Kind.TAGS)
    fields = [
        name
        for name, kind in directory.fields.schema.items()
        if kind in kinds and name != IMAGE_FIELD
    ]
    found = await directory.suggest(f"{fields[0]}:", 1) if fields else []
    return [condition for condition in found if len(condition) <= EXAMPLE_MAX]


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(HelpCog())

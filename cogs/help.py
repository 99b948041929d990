"""The greeting, and /help: pages with buttons that run their examples."""

from collections.abc import Sequence
from typing import NamedTuple

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import DirectoryEmpty
from bot.interactions import Interaction, answer
from bot.language import _
from bot.person import IMAGE_FIELD, Kind
from cogs.buttons import PersistentButton, persistent_button
from cogs.cards import Block, closeness_legend, container, static_view

FIRST_TOPIC = "finding"
EXAMPLE_MAX = 60  # characters of a condition that fit a button and its custom id


class Page(NamedTuple):
    title: str
    text: str


class HelpCog(commands.Cog):
    @app_commands.command(description=locale_str("See what the bot can do, with examples to try"))
    @app_commands.guild_only()
    async def help(self, interaction: Interaction) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await help_view(directory, FIRST_TOPIC)


def greeting_view(mention: str) -> ui.LayoutView:
    """Return what the bot says to someone who meets it: what it is, and three things to try.

    *mention* is how messages mention the bot.
    """
    talk = _(
        "You can also ask in a message: {mention} who won two Nobel prizes? Reply to my answer to "
        "ask a follow-up question. /help shows what else I can do.",
        mention=mention,
    )
    blocks = [
        Block(_introduction()),
        Block("-# " + _("Three things to try:"), buttons=_first_examples()),
        Block(talk),
    ]
    return static_view("### " + _("Hi! I find people by what they did."), blocks)


def help_topics() -> dict[str, Page]:
    """Return the pages of /help by their topics, in order.

    Topics are part of stored messages: never rename one.
    """
    return {
        "finding": Page(_("Finding people"), _finding_text()),
        "conditions": Page(_("Conditions"), _conditions_text()),
        "talking": Page(_("Mentions"), _talking_text()),
        "looking": Page(_("Browsing"), _browsing_text()),
        "keeping": Page(_("Editing"), _editing_text()),
    }


async def help_view(directory: Directory, topic: str) -> ui.LayoutView:
    """Return the page on a topic, with examples, and buttons to the other topics."""
    pages = help_topics()
    page = pages.get(topic) or pages[FIRST_TOPIC]
    blocks = [Block(page.text)]
    if examples := await _examples(directory, topic):
        blocks.append(Block("-# " + _("Try one:"), buttons=examples))
    topics: list[PersistentButton] = []
    for each in pages:
        style = discord.ButtonStyle.primary if each == topic else discord.ButtonStyle.secondary
        topics.append(persistent_button(pages[each].title, "help", each, style))
        topics[-1].disabled = each == topic
    view = ui.LayoutView(timeout=None)
    view.add_item(container(f"## {page.title}", blocks, other_components=1 + len(pages)))
    view.add_item(ui.ActionRow(*topics))
    return view


# The texts


def _introduction() -> str:
    return _(
        "Describe someone in your own words, and I search this server's directory by meaning: "
        "`entertainer` also finds singers and clowns."
    )


def _finding_text() -> str:
    commands = [
        _(
            "`/whois` takes a name or a description. It shows the best match as a card, and other "
            "matches below."
        ),
        _("`/search` ranks people by how well they match, and takes conditions, too."),
        _("`/similar` finds people like someone: like Marie Curie, but closer to music."),
    ]
    return f"{_introduction()}\n{_as_list(commands)}\n\n{closeness_legend()}"


def _conditions_text() -> str:
    introduction = _("Conditions are exact: you see everyone who matches them, and nobody else.")
    conditions = [
        _("`died<2000` `born=1900..1950` `born=19c`: a year, a range, a century"),
        _('`country=France` `-country="United States"`: is, is not'),
        _("`known_for=physics,chemistry`: any of these"),
        _("`is:alive` `has:country` `no:died`: alive, with a country, without a year of death"),
        _("`died<1900 or (is:alive country=France)`: or, and, grouping"),
    ]
    english = _(
        "Plain English works, too: `scientists who died before 2000`. The answer shows the "
        "conditions I understood, and a button to ignore them."
    )
    return f"{introduction}\n{_as_list(conditions)}\n\n{english}"


def _talking_text() -> str:
    paragraphs = [
        _("Mention me in a message and ask: `who won two Nobel prizes?`"),
        _(
            "Reply to my answer to ask a follow-up question: `which of them were musicians?` Keep "
            "the mention on when you reply."
        ),
        _(
            "To find the people a message is about, open its menu and choose *Apps › Who is this "
            "about?* Only you see the answer."
        ),
    ]
    return "\n\n".join(paragraphs)


def _browsing_text() -> str:
    return _as_list(
        [
            _("`/people` lists everyone by name, or everyone who matches your conditions."),
            _("`/map` draws the directory as a map, with similar people close together."),
            _("`/random` shows a random person."),
            _("`/about` shows facts and figures about the directory."),
            _("`/privacy` explains what I store about you, and `/mydata` shows it."),
        ]
    )


def _editing_text() -> str:
    introduction = _(
        "These commands are for editors: members who can manage the server, and members they "
        "allow to use them."
    )
    commands = [
        _(
            "`/addperson` and `/editperson` open a form. You can also give everything as options "
            "of the command."
        ),
        _(
            "`/setattribute` sets an attribute of one person, or of everyone who matches your "
            "conditions."
        ),
        _("`/removeperson` removes a person, after asking you."),
        _("`/history` lists what changed, and `/undo` undoes a change, even a removal."),
        _("`/attributes` lists, adds, renames and removes attributes."),
        _(
            "`/import` adds people from a file, after a preview. `/export` saves everyone in a "
            "file."
        ),
    ]
    tips = _(
        "To show a picture on a card, set the attribute `image` to an https address. People with a "
        "higher `fame` are suggested first while someone types a name."
    )
    return f"{introduction}\n{_as_list(commands)}\n\n{tips}"


def _as_list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


# The examples


def _first_examples() -> list[PersistentButton]:
    words, query = "entertainer", "science died<2000"
    return [
        persistent_button(f"/whois {words}", "whois", words),
        persistent_button(f"/search {query}", "search", query),
        persistent_button("/map", "map", ""),
    ]


async def _examples(directory: Directory, topic: str) -> Sequence[PersistentButton]:
    """Return buttons for the examples of a page, with people and values of this directory."""
    match topic:
        case "finding":
            return [*_first_examples(), *await _similar_example(directory)]
        case "conditions":
            queries = ["scientists who died before 2000", "born:19c"]
            queries += await _frequent_conditions(directory)
            return [persistent_button(f"/search {query}", "search", query) for query in queries]
        case "looking":
            return [
                persistent_button("/people", "people", ""),
                persistent_button("/people is:alive", "people", "is:alive"),
                persistent_button("/random", "random", ""),
            ]
    return []


async def _similar_example(directory: Directory) -> list[PersistentButton]:
    try:
        name = (await directory.people.random()).name
    except DirectoryEmpty:
        return []
    return [persistent_button(f"/similar {name}", "similar", name)]


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

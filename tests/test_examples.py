"""What option descriptions and /help give as examples is accepted by the bot."""

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
import simcord
from discord import app_commands

from bot.client import PeopleBot
from bot.directory import Directories
from cogs.help import help_topics
from cogs.search import COUNT_MAX
from tests.conftest import ROOT
from tests.world import World

EXAMPLES = re.compile(r"\b(?:like|such as) (.+?)(?:;|$)", re.IGNORECASE)
SEPARATOR = re.compile(r",? or |, ")

OTHER_OPTIONS = {
    "addperson": {"description": "Wrote the first compiler."},
    "editperson": {"name": "Ada"},
    "setattribute": {"attribute": "country", "value": "1815", "name": "Ada"},
    "similar": {"person": "Ada"},
    "export": {"format": "csv"},
}
"""What a command needs besides the option with the example."""

INSTEAD_OF = {("setattribute", "filter"): "name"}


@pytest.fixture
def directories(make_directories) -> Directories:
    return make_directories(starter=ROOT / "data" / "people.json")


@pytest.fixture
async def starter_world(env: simcord.Env, directories: Directories) -> World:
    """Return a server with the starter set, and at least twelve changes in its history."""
    guild = env.create_guild()
    channel = guild.create_text_channel("general")
    editors = guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
    admin = guild.add_member(env.create_user("admin"), roles=[editors])
    world = World(env, channel, admin, admin, directories)
    directory = await world.directory()
    await directory.people.add("Ada", "Wrote the first program.", {})
    for number in range(12):
        await directory.people.update("Ada", None, {"fame": number})
    return world


def find_examples(bot: PeopleBot) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each command with an example and the options to run it."""
    for command in bot.tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        for option in command.parameters:
            match = EXAMPLES.search(str(option.description))
            for example in SEPARATOR.split(match[1]) if match else []:
                options = {**OTHER_OPTIONS.get(command.qualified_name, {}), option.name: example}
                if command.qualified_name == "addperson":
                    options["name"] = f"{option.name} {example}"  # a new one
                options.pop(INSTEAD_OF.get((command.qualified_name, option.name), ""), None)
                yield command.qualified_name, options


def is_accepted(result: Any) -> bool:
    """Whether a command answered with more than an error, which is plain text."""
    answers = [answer for answer in (*result.followups, result.response) if answer]
    return any(answer.components for answer in answers)


async def test_every_example_in_the_description_of_an_option_is_accepted(starter_world: World):
    bot = starter_world.env.bot
    examples = list(find_examples(bot))
    for command, options in examples:
        result = await starter_world.admin.slash(starter_world.channel, command, **options)
        assert is_accepted(result), (command, options, result)
    assert {command for command, _ in examples} >= {"whois", "search", "similar", "people"}


async def test_every_condition_in_help_is_accepted(starter_world: World):
    directory = await starter_world.directory()
    conditions = re.findall(r"`([^`]+)`", help_topics()["conditions"].text)
    for condition in conditions:
        assert (await directory.parse(condition)).filter, condition
    assert len(conditions) >= 10


async def test_the_description_of_count_names_the_maximum(starter_world: World):
    command = starter_world.env.bot.tree.get_command("search")
    descriptions = {option.name: str(option.description) for option in command.parameters}
    assert re.findall(r"\d+", descriptions["count"]) == [str(COUNT_MAX)]

"""What a start costs: counted where it can be, for time is the machine's."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import ModuleType

import pytest
import simcord
import typer.core
import typer.main

from bot.__main__ import app
from bot.client import PeopleBot
from bot.directory import Directories, Redis
from bot.embedding import DEFAULT_MODEL, Embedder
from bot.person import BASE_SCHEMA
from tests.conftest import ROOT
from tests.embedders import WordEmbedder
from tests.world import text

GROUP = typer.main.get_command(app)
assert isinstance(GROUP, typer.core.TyperGroup)

HELP_SECONDS = 0.3
HELP_MODULES = 350  # at the most; it takes 146, and 258 with a verb, nearly all of them typer's
HEAVY = (
    *("asyncio", "ssl", "redis", "discord", "aiohttp", "simcord", "dotenv", "rich", "numpy", "PIL"),
    *("torch", "transformers", "sentence_transformers", "sklearn", "scipy"),
)


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command line imports."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize("verb", ["", *GROUP.commands])
def test_a_help_imports_next_to_nothing(verb: str):
    modules = imported(*filter(None, [verb]), "--help")
    assert {module for module in modules if module.startswith("bot.")} <= {"bot.__main__"}
    assert not modules.intersection(HEAVY)
    assert "typer" in modules and len(modules) < HELP_MODULES


def test_a_help_is_there_at_once():
    def seconds() -> float:
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL)
        return time.monotonic() - started

    assert min(seconds() for _ in range(5)) < HELP_SECONDS


class SlowModule(ModuleType):
    """A module whose import does not end before ``imported``, and then has nothing in it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.imported = threading.Event()
        self.asked = threading.Event()

    def __getattr__(self, name: str) -> object:
        self.asked.set()
        self.imported.wait()
        raise AttributeError(name)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowModule]:
    slow = SlowModule("sentence_transformers")
    monkeypatch.setitem(sys.modules, "sentence_transformers", slow)
    yield slow
    slow.imported.set()


async def test_the_bot_is_ready_and_answers_while_the_model_is_imported(
    slow: SlowModule, redis: Redis
):
    words = WordEmbedder()
    words.name = DEFAULT_MODEL
    with Embedder() as embedder:
        embedder.preload()
        before, now = (
            Directories(redis, each, "start:{guild}", lambda: (BASE_SCHEMA, ()))
            for each in (words, embedder)
        )
        async with simcord.run(PeopleBot(now), shard_count=1) as env:
            guild = env.create_guild()
            await (await before.for_server(guild.id)).people.add(
                "Ada", "mathematician", {"born": 1815}
            )
            channel = guild.create_text_channel("all")
            member = guild.add_member(env.create_user("member"))
            about = await member.slash(channel, "about")
            found = await member.slash(channel, "search", query="born<1900")
            assert slow.asked.wait(10) and not slow.imported.is_set()
    assert "1 person" in text(about) and "Ada" in text(found)

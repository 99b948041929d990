"""The bot or its Redis killed at a random moment, while members search and change the directory:
what was acknowledged is there, and nothing is done twice.

`make test` kills each once, `make faults` two hundred times.
"""

import asyncio
import itertools
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.directory import Directories, Directory, connect
from bot.directory.redis.errors import change_unknown, no_response
from bot.embedded_redis import EmbeddedRedis
from bot.person import BASE_SCHEMA
from tests.discord_server.interactions import FakeInteraction
from tests.discord_server.process import BotProcess
from tests.discord_server.server import FakeDiscord
from tests.embedders import WordEmbedder
from tests.messages import TOO_OLD

MEMBERS = 8
PEOPLE = 5  # whom each of them changes
PAUSE_SECONDS = 0.2  # between what one of them asks, at the most
BETWEEN_KILLS = 60  # changes, at the most


@dataclass
class Person:
    """``now`` is the description that was acknowledged last, None for nobody; ``wanted`` what was
    asked for, and while it is ``open``, nobody has said whether it was done."""

    now: str | None = None
    wanted: str | None = None
    open: bool = False
    changes: int = 0


class Members:
    """Who search and change the directory, and remember what they were told."""

    def __init__(self, discord: FakeDiscord, chance: random.Random) -> None:
        self.done = 0
        self._discord = discord
        self._chance = chance
        self._songs = itertools.count()
        self._people: dict[str, Person] = {}
        self._told = asyncio.Condition()
        self._going_home = False

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """They finish what they are at when the context ends."""
        self._going_home = False
        async with asyncio.TaskGroup() as members:
            for number in range(MEMBERS):
                members.create_task(self._work(number))
            yield
            self._going_home = True

    async def have_done(self, more: int) -> None:
        """Wait until so many more changes are acknowledged."""
        enough = self.done + more
        async with asyncio.timeout(30), self._told:
            await self._told.wait_for(lambda: self.done >= enough)

    async def compare(self, directory: Directory) -> None:
        """Hold what there is against what was acknowledged, and go on from there."""
        there = {person.name: person.description async for person in directory.people.iterate()}
        assert there.keys() <= self._people.keys()
        for name, person in self._people.items():
            if person.open and there.get(name) == person.wanted:
                person.now = person.wanted
                person.changes += 1
            assert there.get(name) == person.now
            assert await directory.history.count(person=name) == person.changes
            person.open = False

    async def _work(self, member: int) -> None:
        names = [f"Person {member} {number}" for number in range(PEOPLE)]
        while not self._going_home:
            await asyncio.sleep(self._chance.uniform(0, PAUSE_SECONDS))
            name = self._chance.choice(names)
            person = self._people.setdefault(name, Person())
            if person.open or self._chance.random() < 0.4:
                found = await self._discord.run_command("search", query="singer")
                assert found.messages, found.text
            elif person.now is not None and self._chance.random() < 0.3:
                await self._remove(name, person)
            else:
                await self._write(name, person)

    async def _write(self, name: str, person: Person) -> None:
        command = "addperson" if person.now is None else "editperson"
        person.wanted, person.open = f"singer of song {next(self._songs)}", True
        answer = await self._discord.run_command(command, name=name, description=person.wanted)
        await self._note(person, answer, "Saved.", "Added.")

    async def _remove(self, name: str, person: Person) -> None:
        question = await self._discord.run_command("removeperson", name=name)
        if "Remove this person from the directory?" not in question.text:
            return
        person.wanted, person.open = None, True
        pressed = await self._discord.press(question, "Remove")
        answer = pressed if pressed.messages else question
        if answer.text == TOO_OLD:  # pressed before the bot knew of its question
            person.open = False
        else:
            await self._note(person, answer, f"Removed **{name}**.")

    async def _note(self, person: Person, answer: FakeInteraction, *successes: str) -> None:
        if answer.text.startswith(successes):
            person.now, person.open = person.wanted, False
            person.changes += 1
            async with self._told:
                self.done += 1
                self._told.notify_all()
        elif answer.text == no_response():
            person.open = False  # nothing was changed
        else:
            assert answer.text == change_unknown()


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """The bot's folder. The Redis that a killed bot left there ends with its next user."""
    yield tmp_path
    with EmbeddedRedis(tmp_path / "redis"):
        pass


@pytest.mark.parametrize("kills", [2, pytest.param(200, marks=pytest.mark.faults)])
async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    loopback: FakeDiscord, data: Path, kills: int
):
    chance, pid = random.Random(5), data / "redis" / "redis.pid"
    members = Members(loopback, chance)
    for kill in range(kills):
        async with BotProcess(loopback, DATA_DIR=str(data)) as bot:
            await loopback.gateway.wait_until_connected()
            if kill % 2:
                await kill_redis(members, lambda: int(pid.read_text()), chance)
                bot.signal(signal.SIGTERM)
                assert await bot.wait_for_exit() == 0
            else:
                await kill_bot(members, bot, chance)
        with EmbeddedRedis(data / "redis") as server:
            async with BotProcess(loopback, "check", DATA_DIR=str(data)) as check:
                assert await check.wait_for_exit() == 0
            async with connect(server.url) as redis:
                directories = Directories(
                    redis, WordEmbedder(), "people:{guild}", lambda: (BASE_SCHEMA, ())
                )
                await members.compare(await directories.open(str(loopback.guild)))


class Killed(Exception):
    """Nobody answers any more."""


async def kill_bot(members: Members, bot: BotProcess, chance: random.Random) -> None:
    try:
        async with members.at_work():
            await members.have_done(chance.randint(0, BETWEEN_KILLS))
            await asyncio.sleep(chance.uniform(0, 0.03))
            bot.signal(signal.SIGKILL)
            await bot.wait_for_exit()
            raise Killed
    except* Killed:
        pass


async def kill_redis(members: Members, pid: Callable[[], int], chance: random.Random) -> None:
    """And they work on, as soon as it is back."""
    async with members.at_work():
        await members.have_done(chance.randint(0, BETWEEN_KILLS))
        await asyncio.sleep(chance.uniform(0, 0.03))
        os.kill(pid(), signal.SIGKILL)
        await members.have_done(MEMBERS)

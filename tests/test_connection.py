"""What the bot does when Discord drops its connections, or answers badly. `make faults` drops more
of them."""

import itertools
import os
import random
from collections.abc import AsyncIterator, Callable

import pytest

from bot.directory import Directories, Directory, Redis
from bot.person import BASE_SCHEMA
from tests.discord_server.faults import Fault, limited
from tests.discord_server.gateway import Drop
from tests.discord_server.process import Bot
from tests.discord_server.server import Discord
from tests.embedders import WordEmbedder

DROPS = int(os.environ.get("FAULTS", "6"))
CALLBACK = "POST /interactions/.*"
FOLLOW_UP = "POST /webhooks/[^/]*/[^/]*"


@pytest.fixture
async def bot(loopback: Discord, start_bot: Callable[..., Bot]) -> AsyncIterator[Bot]:
    async with start_bot() as bot:
        await loopback.gateway.connected()
        yield bot
    assert "Traceback" not in bot.log


@pytest.fixture
async def directory(loopback: Discord, bot: Bot, redis: Redis) -> Directory:
    """The bot's, looked at from here."""
    directories = Directories(redis, WordEmbedder(), bot.settings["DIRECTORY_KEY"], nobody)
    return await directories.of(loopback.guild)


def nobody():
    return BASE_SCHEMA, ()


async def test_no_drop_loses_a_command_or_does_it_twice(loopback: Discord, directory: Directory):
    chance = random.Random(7)
    gateway = loopback.gateway
    numbers = itertools.count()
    added = 0
    for how, resumable in itertools.islice(
        itertools.cycle(itertools.product(Drop, (True, False))), DROPS
    ):
        asked = []
        for _ in range(chance.randint(1, 4)):
            name = f"Person {next(numbers)}"
            asked.append(await loopback.begin("addperson", name=name, description="singer"))
            asked.append(await loopback.begin("search", query="singer"))
            added += 1
        if not resumable or chance.random() < 0.5:
            await gateway.arrived()
        await loopback.drop(how, resumable=resumable)
        if resumable:
            asked.append(await loopback.begin("search", query="singer"))
        await gateway.connected()
        asked.append(await loopback.begin("search", query="singer"))
        for each in asked:
            await each.done()
        await gateway.arrived()
        assert [each.sent for each in asked] == [1] * len(asked)
        assert not any(each.refused for each in asked)
    assert gateway.identified == 1 + DROPS // 2 and gateway.resumed == DROPS - DROPS // 2
    assert await directory.count() == await directory.history.count() == added


async def test_what_comes_again_is_not_done_again(loopback: Discord, directory: Directory):
    added = await loopback.slash("addperson", name="Ada", description="singer")
    question = await loopback.slash("undo")
    undone = await loopback.press(question, "Undo")
    for each in (added, question, undone):
        await loopback.again(each)
    await loopback.slash("search", query="singer")
    assert await directory.history.count() == 2
    assert (added.sent, question.sent, undone.sent) == (1, 1, 0)
    assert not any(each.refused for each in (added, question, undone))


async def test_what_comes_too_late_is_not_done(loopback: Discord, directory: Directory):
    """Whoever asked was told that the bot does not answer, and has asked again."""
    await loopback.drop(resumable=True)
    late = await loopback.begin("addperson", name="Ada", description="singer", age=20)
    soon = await loopback.begin("addperson", name="Björk", description="singer", age=1)
    await soon.done()
    await loopback.slash("search", query="singer")
    assert await directory.history.count() == 1 and not late.refused

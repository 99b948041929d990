"""What the bot does when Discord drops its connections, or answers badly."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count, cycle, islice, product

import pytest

from bot import sentences
from bot.directory import Directories, Directory, Redis
from bot.embedded_redis import EmbeddedRedis
from bot.interactions.delivery import RETRY_PAUSES_SECONDS
from bot.person import BASE_SCHEMA, Person, Schema
from cogs.paging import PAGE_SIZE
from tests.discord_server.faults import Fault, limited
from tests.discord_server.gateway import Drop
from tests.discord_server.interactions import FIRST_ANSWER_SECONDS, THINKING
from tests.discord_server.process import Bot
from tests.discord_server.server import Discord
from tests.embedders import WordEmbedder
from tests.interruptions import paused

DROPS = 50
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
    return await directories.for_server(loopback.guild)


def nobody() -> tuple[Schema, Sequence[Person]]:
    return BASE_SCHEMA, ()


async def test_no_drop_loses_a_command_or_does_it_twice(loopback: Discord, directory: Directory):
    chance = random.Random(7)
    gateway = loopback.gateway
    numbers = count()
    added = 0
    for how, resumable in islice(cycle(product(Drop, (True, False))), DROPS):
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
    assert await directory.people.count() == await directory.history.count() == added


async def test_what_comes_again_is_not_done_again(loopback: Discord, directory: Directory):
    added = await loopback.slash("addperson", name="Ada", description="singer")
    question = await loopback.slash("undo", change="1")
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


async def test_an_answer_that_is_lost_on_its_way_comes_once(loopback: Discord, bot: Bot):
    """Whether it is lost before Discord, or behind it."""
    for number, (status, carried_out) in enumerate(product((502, None), (True, False))):
        loopback.faults.append(Fault(CALLBACK, status, carried_out=carried_out))
        added = await loopback.slash("addperson", name=f"Ada {number}", description="singer")
        assert f"Ada {number}" in added.text and added.sent == 1
    assert "WARNING" not in bot.log


@pytest.mark.parametrize("carried_out", [True, False])
async def test_a_silence_in_place_of_an_answer(loopback: Discord, bot: Bot, carried_out: bool):
    loopback.faults.append(Fault(CALLBACK, seconds=30, carried_out=carried_out))
    added = await loopback.slash("addperson", name="Ada", description="singer")
    assert "Ada" in added.text and added.sent == 1 and (added.seconds or 9) < FIRST_ANSWER_SECONDS


async def test_controls_of_an_answer_of_which_nothing_was_heard(
    loopback: Discord, start_bot: Callable[..., Bot]
):
    """They are its own, and none of those that were left by a bot that crashed."""
    async with start_bot() as crashing:
        await loopback.gateway.connected()
        for name in ("Ada", "Björk"):
            await loopback.slash("addperson", name=name, description="singer")
        left = await loopback.slash("removeperson", name="Ada")
        crashing.signal(signal.SIGKILL)
        await crashing.ended()
    async with start_bot():
        await loopback.gateway.connected()
        loopback.faults.append(Fault(CALLBACK, 502, carried_out=True))
        question = await loopback.slash("removeperson", name="Björk")
        for _ in range(2):
            assert (await loopback.press(left, "Remove")).text == sentences.answers.TOO_OLD
        await loopback.press(question, "Remove")
        assert "Björk" in question.text
        assert (await loopback.press(left, "Remove")).text == sentences.answers.TOO_OLD
        found = (await loopback.slash("search", query="singer")).text
    assert "Ada" in found and "Björk" not in found


async def test_controls_go_on_where_their_change_was_lost(loopback: Discord, bot: Bot):
    for number in range(2 * PAGE_SIZE):
        await loopback.slash("addperson", name=f"Person {number:02}", description="singer")
    answer = await loopback.slash("people")
    loopback.faults.append(Fault(CALLBACK, 502, times=len(RETRY_PAUSES_SECONDS)))
    assert (await loopback.press(answer, "Next ›")).text == sentences.answers.LOST
    loopback.faults.append(Fault(CALLBACK, 502))  # so that the next press meets the change
    await asyncio.gather(*(loopback.press(answer, "Next ›") for _ in range(2)))
    assert f"Person {2 * PAGE_SIZE - 1:02}" in answer.text and "unknown view" not in bot.log


async def test_an_answer_that_meets_a_limit(loopback: Discord, bot: Bot):
    loopback.faults.append(limited(CALLBACK, 0.2))
    assert "Ada" in (await loopback.slash("addperson", name="Ada", description="singer")).text
    loopback.faults.append(limited(CALLBACK, 0.2, via=False))
    told = await loopback.slash("whois", query="singer")
    assert told.private and told.text == sentences.answers.LOST
    assert (
        sum("An answer was lost on its way: HTTPException (429" in line for line in bot.lines) == 1
    )


async def test_a_message_that_may_have_come_is_not_sent_again(
    loopback: Discord, bot: Bot, server: EmbeddedRedis
):
    await loopback.slash("addperson", name="Ada", description="singer")
    loopback.faults.append(Fault(FOLLOW_UP, 502, carried_out=True))
    with paused(server):
        late = await loopback.begin("editperson", name="Bob", description="singer")
        await late.acknowledged.wait()
    await bot.says("Could not tell: DiscordServerError")
    await loopback.slash("search", query="singer")
    assert late.kind == THINKING and late.sent == 2
    assert late.text.splitlines()[0] == sentences.answers.LOST

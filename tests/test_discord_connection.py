"""What the bot does when Discord drops its connections, or replies badly or not at all."""

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import count, cycle, islice, product

import pytest

from bot.directory import Directories, Directory, Redis
from bot.embedded_redis import EmbeddedRedis
from bot.interactions.delivery import RETRY_PAUSES_SECONDS
from bot.person import BASE_SCHEMA, Person, Schema
from cogs.paging import PAGE_SIZE
from tests.discord_server.faults import Fault, rate_limited
from tests.discord_server.gateway import Drop
from tests.discord_server.interactions import FIRST_ANSWER_SECONDS, THINKING
from tests.discord_server.process import BotProcess
from tests.discord_server.server import FakeDiscord
from tests.embedders import WordEmbedder
from tests.interruptions import paused
from tests.messages import LOST, TOO_OLD

DROPS = 50
CALLBACK = "POST /interactions/.*"
FOLLOW_UP = "POST /webhooks/[^/]*/[^/]*"


@pytest.fixture
async def bot(
    loopback: FakeDiscord, start_bot: Callable[..., BotProcess]
) -> AsyncIterator[BotProcess]:
    async with start_bot() as bot:
        await loopback.gateway.wait_until_connected()
        yield bot
    assert "Traceback" not in bot.log


@pytest.fixture
async def directory(loopback: FakeDiscord, bot: BotProcess, redis: Redis) -> Directory:
    """The directory that the bot uses."""
    directories = Directories(
        redis, WordEmbedder(), bot.settings["DIRECTORY_KEY"], empty_starter_set
    )
    return await directories.for_server(loopback.guild)


def empty_starter_set() -> tuple[Schema, Sequence[Person]]:
    return BASE_SCHEMA, ()


async def test_no_dropped_connection_loses_or_repeats_a_command(
    loopback: FakeDiscord, directory: Directory
):
    dice = random.Random(7)
    gateway = loopback.gateway
    numbers = count()
    added = 0
    for how, resumable in islice(cycle(product(Drop, (True, False))), DROPS):
        interactions = []
        for _ in range(dice.randint(1, 4)):
            name = f"Person {next(numbers)}"
            interactions.append(
                await loopback.start_command("addperson", name=name, description="singer")
            )
            interactions.append(await loopback.start_command("search", query="singer"))
            added += 1
        if not resumable or dice.random() < 0.5:
            await gateway.wait_until_received()
        await loopback.drop(how, resumable=resumable)
        if resumable:
            interactions.append(await loopback.start_command("search", query="singer"))
        await gateway.wait_until_connected()
        interactions.append(await loopback.start_command("search", query="singer"))
        for each in interactions:
            await each.wait_for_answer()
        await gateway.wait_until_received()
        assert [each.sent_count for each in interactions] == [1] * len(interactions)
        assert not any(each.refused_statuses for each in interactions)
    assert gateway.identify_count == 1 + DROPS // 2 and gateway.resume_count == DROPS - DROPS // 2
    assert await directory.people.count() == await directory.history.count() == added


async def test_a_repeated_interaction_is_not_carried_out_again(
    loopback: FakeDiscord, directory: Directory
):
    added = await loopback.run_command("addperson", name="Ada", description="singer")
    question = await loopback.run_command("undo", change="1")
    undone = await loopback.press(question, "Undo")
    for each in (added, question, undone):
        await loopback.deliver(each)
    await loopback.run_command("search", query="singer")
    assert await directory.history.count() == 2
    assert (added.sent_count, question.sent_count, undone.sent_count) == (1, 1, 0)
    assert not any(each.refused_statuses for each in (added, question, undone))


async def test_an_interaction_that_arrives_too_late_is_ignored(
    loopback: FakeDiscord, directory: Directory
):
    """Discord has already said that the bot doesn't respond, and the member has asked again."""
    await loopback.drop(resumable=True)
    late = await loopback.start_command("addperson", name="Ada", description="singer", age=20)
    in_time = await loopback.start_command("addperson", name="Björk", description="singer", age=1)
    await in_time.wait_for_answer()
    await loopback.run_command("search", query="singer")
    assert await directory.history.count() == 1 and not late.refused_statuses


async def test_a_lost_answer_is_sent_again_and_shown_once(loopback: FakeDiscord, bot: BotProcess):
    """Whether Discord has received it or not."""
    for number, (status, is_carried_out) in enumerate(product((502, None), (True, False))):
        loopback.faults.append(Fault(CALLBACK, status, is_carried_out=is_carried_out))
        added = await loopback.run_command("addperson", name=f"Ada {number}", description="singer")
        assert f"Ada {number}" in added.text and added.sent_count == 1
    assert "WARNING" not in bot.log


@pytest.mark.parametrize("is_carried_out", [True, False])
async def test_an_answer_that_discord_never_confirms_is_shown_once(
    loopback: FakeDiscord, bot: BotProcess, is_carried_out: bool
):
    loopback.faults.append(Fault(CALLBACK, seconds=30, is_carried_out=is_carried_out))
    added = await loopback.run_command("addperson", name="Ada", description="singer")
    assert (
        "Ada" in added.text
        and added.sent_count == 1
        and (added.seconds or 9) < FIRST_ANSWER_SECONDS
    )


async def test_controls_work_when_their_answer_was_not_confirmed(
    loopback: FakeDiscord, start_bot: Callable[..., BotProcess]
):
    """They are not confused with those that a crashed bot left behind."""
    async with start_bot() as crashing:
        await loopback.gateway.wait_until_connected()
        for name in ("Ada", "Björk"):
            await loopback.run_command("addperson", name=name, description="singer")
        old_question = await loopback.run_command("removeperson", name="Ada")
        crashing.signal(signal.SIGKILL)
        await crashing.wait_for_exit()
    async with start_bot():
        await loopback.gateway.wait_until_connected()
        loopback.faults.append(Fault(CALLBACK, 502, is_carried_out=True))
        question = await loopback.run_command("removeperson", name="Björk")
        for _ in range(2):
            assert (await loopback.press(old_question, "Remove")).text == TOO_OLD
        await loopback.press(question, "Remove")
        assert "Björk" in question.text
        assert (await loopback.press(old_question, "Remove")).text == TOO_OLD
        found = (await loopback.run_command("search", query="singer")).text
    assert "Ada" in found and "Björk" not in found


async def test_controls_work_after_an_edit_of_their_message_was_lost(
    loopback: FakeDiscord, bot: BotProcess
):
    for number in range(2 * PAGE_SIZE):
        await loopback.run_command("addperson", name=f"Person {number:02}", description="singer")
    answer = await loopback.run_command("people")
    loopback.faults.append(Fault(CALLBACK, 502, times=len(RETRY_PAUSES_SECONDS)))
    assert (await loopback.press(answer, "Next ›")).text == LOST
    loopback.faults.append(Fault(CALLBACK, 502))  # so that the next press comes during the edit
    await asyncio.gather(*(loopback.press(answer, "Next ›") for _ in range(2)))
    assert f"Person {2 * PAGE_SIZE - 1:02}" in answer.text and "unknown view" not in bot.log


async def test_an_answer_is_sent_again_after_a_rate_limit(loopback: FakeDiscord, bot: BotProcess):
    loopback.faults.append(rate_limited(CALLBACK, 0.2))
    assert "Ada" in (await loopback.run_command("addperson", name="Ada", description="singer")).text
    loopback.faults.append(rate_limited(CALLBACK, 0.2, via=False))
    error = await loopback.run_command("whois", query="singer")
    assert error.is_private and error.text == LOST
    assert (
        sum("An answer was lost on its way: HTTPException (429" in line for line in bot.log_lines)
        == 1
    )


async def test_a_message_that_may_have_arrived_is_not_sent_again(
    loopback: FakeDiscord, bot: BotProcess, server: EmbeddedRedis
):
    await loopback.run_command("addperson", name="Ada", description="singer")
    loopback.faults.append(Fault(FOLLOW_UP, 502, is_carried_out=True))
    with paused(server):
        late = await loopback.start_command("editperson", name="Bob", description="singer")
        await late.acknowledged.wait()
    await bot.wait_for_log("Could not send a notice: DiscordServerError")
    await loopback.run_command("search", query="singer")
    assert late.response_type == THINKING and late.sent_count == 2
    assert late.text.splitlines()[0] == LOST

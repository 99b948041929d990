"""Rate limits, concurrency limits, and the admission gate."""

import asyncio
from types import SimpleNamespace

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory.names import NameIndex
from bot.interactions import admission, limits, responses
from bot.interactions.limits import RateLimiter
from cogs.paging import PAGE_SIZE
from tests.messages import NOT_ALLOWED, TOO_OLD
from tests.overlapping import BlockingEmbedder, wait_until, without_waiting
from tests.test_history_cog import lose
from tests.test_mentions import mention, messages
from tests.world import World, fill_form, message_text, text


@pytest.fixture
def directories(make_directories, blocking_embedder: BlockingEmbedder):
    return make_directories(blocking_embedder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(limits, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    return clock


# Rates


@given(st.lists(st.floats(0, 20), max_size=60), st.integers(1, 5), st.sampled_from([0.1, 1, 7]))
def test_a_rate_limiter_allows_a_burst_and_then_one_per_interval(
    waits: list[float], burst: int, interval: float
):
    now = 1000.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "time", SimpleNamespace(perf_counter=lambda: now))
        limiter = RateLimiter(burst, interval)
        taken: list[float] = []
        for wait in waits:
            now += wait
            wait_left = limiter.acquire(1)
            assert limiter.acquire(2) == 0 or wait < interval  # each key has its own bucket
            if not wait_left:
                taken.append(now)
            else:
                assert wait_left <= interval + 1e-6
                now += wait_left + 1e-6
                assert limiter.acquire(1) == 0
                taken.append(now)
        for first in range(len(taken)):
            for last in range(first, len(taken)):
                max_count = burst + (taken[last] - taken[first]) / interval
                assert last - first + 1 <= max_count + 1e-3


def test_a_rate_limiter_forgets_keys_used_long_ago(clock: SimpleNamespace):
    limiter = RateLimiter(5, 1.0)
    for key in range(3 * limits.RATE_KEYS_MAX):
        limiter.acquire(key)
    assert len(limiter._full_at) == limits.RATE_KEYS_MAX
    clock.now += 10
    limiter.acquire(1)
    assert list(limiter._full_at) == [1]


async def test_a_member_over_the_rate_limit_is_told_when_to_try_again(
    world: World, monkeypatch: pytest.MonkeyPatch, clock: SimpleNamespace
):
    bot = world.env.bot
    monkeypatch.setattr(bot, "gate", bot.gate)
    bot.gate._members = RateLimiter(3, 2.0)
    answered = [await world.member.slash(world.channel, "whois", query="singer") for _ in range(3)]
    assert all("Björk" in text(result) for result in answered)
    wait = "That's a lot at once. Please try again in 2 seconds."
    refused = await world.member.slash(world.channel, "whois", query="singer")
    assert refused.ephemeral and text(refused) == wait
    pressed = await world.member.click(answered[0].response, label="Find similar")
    assert pressed.ephemeral and text(pressed) == wait
    other = await world.admin.slash(world.channel, "whois", query="singer")
    assert "Björk" in text(other)
    clock.now += 2
    again = await world.member.slash(world.channel, "whois", query="singer")
    assert "Björk" in text(again)
    # In a channel, where everyone reads it, the refusal is shown once.
    before = len(messages(world))
    for _ in range(3):
        await world.member.send(world.channel, f"{mention(world)} singer")
    new_texts = [message_text(message) for message in messages(world)[before:]]
    assert [each for each in new_texts if "singer" not in each] == [wait]


async def test_a_server_over_the_rate_limit_does_not_limit_other_servers(
    world: World, clock: SimpleNamespace
):
    world.env.bot.gate._servers = RateLimiter(2, 30.0)
    for _ in range(2):
        await world.member.slash(world.channel, "about")
    refused = await world.admin.slash(world.channel, "about")
    assert refused.ephemeral and "Please try again in 30 seconds." in text(refused)
    other = world.env.create_guild()
    channel = other.create_text_channel("general")
    member = other.add_member(world.env.create_user("elsewhere"))
    assert "0 people" in text(await member.slash(channel, "about"))


# Concurrency


async def test_many_questions_of_one_member_do_not_hold_up_others(
    world: World, blocking_embedder: BlockingEmbedder
):
    blocking_embedder.block()
    with without_waiting(world.env):
        many = [
            await world.member.slash(world.channel, "search", query=f"a singer {n}")
            for n in range(12)
        ]
        await wait_until(lambda: blocking_embedder.waiting == limits.MEMBER_CONCURRENCY)
        other = await world.admin.slash(world.channel, "search", query="born>1900")
        await wait_until(lambda: other.response)
        assert blocking_embedder.waiting == limits.MEMBER_CONCURRENCY and not any(
            m.response for m in many
        )
        blocking_embedder.release()
        await wait_until(lambda: not world.env.bot.gate._under_way)
    assert all("Björk" in text(result) for result in many)
    assert not world.env.bot.limiter._members


async def test_a_crowd_is_acknowledged_at_once_and_answered_in_turn(
    world: World, blocking_embedder: BlockingEmbedder, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(responses, "ACKNOWLEDGE_SECONDS", 1000.0)
    monkeypatch.setattr(limits, "TOTAL_CONCURRENCY", 2)
    world.env.bot.limiter._total = asyncio.Semaphore(2)
    blocking_embedder.block()
    with without_waiting(world.env):
        results = [
            await member.slash(world.channel, "search", query=f"a singer {n}")
            for n in range(3)
            for member in (world.member, world.admin)
        ]
        await wait_until(
            lambda: blocking_embedder.waiting == 2 and all(each.deferred for each in results[2:])
        )
        assert not any(each.deferred for each in results[:2])
        blocking_embedder.release()
        await wait_until(lambda: not world.env.bot.gate._under_way)
    assert all("Björk" in text(each) for each in results)


async def test_only_the_newest_keystroke_is_autocompleted(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    released, completed = asyncio.Event(), []
    complete = NameIndex.complete

    async def blocking_complete(self: NameIndex, typed: str, count: int):
        completed.append(typed)
        await released.wait()
        return await complete(self, typed, count)

    monkeypatch.setattr(NameIndex, "complete", blocking_complete)
    with without_waiting(world.env):
        for end in range(1, 5):
            await world.member.autocomplete(world.channel, "whois", "query", "björk"[:end])
        await world.admin.autocomplete(world.channel, "whois", "query", "m")
        await wait_until(lambda: completed == ["b", "m"])
        released.set()
        await wait_until(lambda: not world.env.bot.gate._under_way)
    assert completed == ["b", "m", "björ"]
    assert not world.env.bot.gate._autocompleting


async def test_an_autocompletion_that_waits_too_long_is_dropped(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    released, completed = asyncio.Event(), []

    async def blocking_complete(self: NameIndex, typed: str, count: int) -> list[str]:
        completed.append(typed)
        await released.wait()
        return []

    monkeypatch.setattr(NameIndex, "complete", blocking_complete)
    monkeypatch.setattr(admission, "AUTOCOMPLETE_SECONDS", 0.01)
    with without_waiting(world.env):
        for typed in ("b", "bj"):
            await world.member.autocomplete(world.channel, "whois", "query", typed)
        await wait_until(lambda: len(world.env.bot.gate._under_way) == 1)
        released.set()
        await wait_until(lambda: not world.env.bot.gate._under_way)
    assert completed == ["b"]


# Members who lost a role


@pytest.fixture
def editor(world: World):
    guild = world.env.guild
    role = guild.create_role("More", permissions=discord.Permissions(manage_guild=True))
    return guild.add_member(world.env.create_user("editor"), roles=[role]), role


async def test_a_member_who_lost_the_role_cannot_turn_history_pages(world: World, editor):
    member, role = editor
    directory = await world.directory()
    for number in range(2 * PAGE_SIZE):
        await directory.people.add(f"Person {number}", "somebody", {})
    listed = await member.slash(world.channel, "history")
    assert "Person 11" in text(listed)
    await lose(world, member, role)
    refused = await member.click(listed.response, label="Next ›")
    assert refused.followups[-1].ephemeral and NOT_ALLOWED in text(refused)
    assert "Person 11" in text(listed)
    world.env._errors.clear()


async def test_a_member_who_lost_the_role_cannot_submit_an_open_form(world: World, editor):
    member, role = editor
    adding = await member.slash(world.channel, "addperson")
    editing = await member.slash(world.channel, "editperson", name="Björk")
    await lose(world, member, role)
    filled = {"Name": "Ada", "Description": "countess"}
    refused = await member.submit_modal(adding, fill_form(adding.modal, **filled))
    assert refused.ephemeral and NOT_ALLOWED in text(refused)
    refused = await member.submit_modal(editing, fill_form(editing.modal, Description="dancer"))
    assert refused.ephemeral and NOT_ALLOWED in text(refused)
    directory = await world.directory()
    assert await directory.people.find("Ada") is None
    assert (await directory.people.get("Björk")).description == "singer"
    world.env._errors.clear()


async def test_only_the_newest_answers_have_working_controls(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.interactions.views.OPEN_VIEWS_MAX", 2)
    directory = await world.directory()
    for number in range(PAGE_SIZE):
        await directory.people.add(f"Person {number}", "somebody", {})
    first, *others = [await world.member.slash(world.channel, "people") for _ in range(3)]
    late = await world.member.click(first.response, label="Next ›")
    assert text(late) == TOO_OLD
    for answer in others:
        await world.member.click(answer.response, label="Next ›")
        assert "‹ Previous" in str(answer.response.components) and "Person 5" in text(answer)

"""The bot told to stop, or sent away by Discord."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from typing import Any

import discord
import pytest

from bot.cli import serve as serve_module
from bot.cli.serve import serve
from bot.client import PeopleBot
from bot.directory import Author
from bot.directory.people import People
from bot.errors import SettingError
from bot.interactions import ControlId, admission, limits
from tests.messages import CUT_OFF, RESTARTING
from tests.overlapping import BlockingEmbedder, wait_until, without_waiting
from tests.test_mentions import mention, messages
from tests.world import World, message_text, text


@pytest.fixture
def directories(make_directories, blocking_embedder: BlockingEmbedder):
    return make_directories(blocking_embedder)


@pytest.fixture
async def serving_bot(world: World, monkeypatch: pytest.MonkeyPatch) -> asyncio.Task[None]:
    """The bot of the world as ``serve`` runs it: logged in already, and its connection stays."""

    async def start(self: PeopleBot, token: str) -> None:
        await asyncio.Event().wait()

    async def setup(self: PeopleBot) -> None: ...

    monkeypatch.setattr(PeopleBot, "start", start)
    monkeypatch.setattr(PeopleBot, "_async_setup_hook", setup)
    task = asyncio.create_task(serve(world.env.bot, "token"))
    await asyncio.sleep(0)
    return task


def told_to_stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_what_is_under_way_is_answered_and_what_comes_is_told(
    world: World, serving_bot: asyncio.Task[None], blocking_embedder: BlockingEmbedder
):
    blocking_embedder.block()
    bot, first = world.env.bot, len(messages(world))
    with without_waiting(world.env):
        asked = [
            await world.member.slash(world.channel, "search", query=f"singer {n}") for n in range(5)
        ]
        await world.member.send(world.channel, f"{mention(world)} chemist")
        await wait_until(lambda: blocking_embedder.waiting == limits.MEMBER_CONCURRENCY)
        told_to_stop()
        await wait_until(lambda: bot.gate.is_closed)
        late = [
            await world.member.slash(world.channel, "whois", query="singer"),
            await world.admin.slash(world.channel, "addperson"),
        ]
        choices = await world.member.autocomplete(world.channel, "whois", "query", "b")
        await world.member.send(world.channel, f"{mention(world)} physicist")
        await wait_until(lambda: all(result.acknowledged for result in late))
        assert not serving_bot.done() and not any(result.response for result in asked)
        blocking_embedder.release()
        await asyncio.wait_for(serving_bot, 5)
    assert bot.is_closed() and choices == []
    assert all("Björk" in text(result) for result in asked)
    assert [text(result) for result in late] == [RESTARTING] * 2
    assert all(result.ephemeral for result in late)
    said = [message_text(message) for message in messages(world)[first:]]
    assert RESTARTING in said and any("Marie Curie" in words for words in said)


async def test_who_is_only_told_holds_nothing_up_and_is_not_cut_off(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    go, tell = asyncio.Event(), admission.notify

    async def told_late(*what: Any) -> None:
        await go.wait()
        await tell(*what)

    monkeypatch.setattr(admission, "notify", told_late)
    passed = world.env.bot.gate
    with without_waiting(world.env):
        passed.is_closed = True
        late = await world.member.slash(world.channel, "whois", query="singer")
        await wait_until(lambda: passed._refusing)
        await asyncio.wait_for(passed.wait_until_idle(), 1)
        cutting = asyncio.create_task(passed.cancel_requests())
        await asyncio.sleep(0)
        go.set()
        await cutting
    assert text(late) == RESTARTING


@pytest.mark.parametrize("impatient", [False, True])
async def test_what_takes_too_long_is_cut_off_and_told(
    world: World,
    serving_bot: asyncio.Task[None],
    blocking_embedder: BlockingEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    impatient: bool,
):
    if not impatient:
        monkeypatch.setattr(serve_module, "DRAIN_SECONDS", 0.05)
    monkeypatch.setattr("bot.interactions.responses.ACKNOWLEDGE_SECONDS", 0.01)
    blocking_embedder.block()
    with without_waiting(world.env):
        asked = [
            await world.member.slash(world.channel, "search", query="singer"),
            await world.admin.slash(world.channel, "addperson", name="Ada", description="countess"),
        ]
        await world.member.send(world.channel, f"{mention(world)} chemist")
        await wait_until(
            lambda: blocking_embedder.waiting == 3 and all(result.deferred for result in asked)
        )
        told_to_stop()
        await wait_until(lambda: world.env.bot.gate.is_closed)
        if impatient:
            told_to_stop()
        await asyncio.wait_for(serving_bot, 5)
    assert blocking_embedder.waiting == 0
    for result in asked:
        assert result.followups[-1].content == CUT_OFF and result.followups[-1].ephemeral
    assert message_text(messages(world)[-1]) == CUT_OFF
    assert await (await world.directory()).people.find("Ada") is None


async def test_controls_that_would_not_work_any_more_go(
    world: World, serving_bot: asyncio.Task[None]
):
    await (await world.directory()).people.add("Ada", "countess", {})
    for number in range(8):
        await (await world.directory()).people.add(f"Person {number}", "somebody", {})
    paged = await world.member.slash(world.channel, "people")
    question = await world.admin.slash(world.channel, "removeperson", name="Ada")
    form = await world.admin.slash(world.channel, "addperson")
    names = {row["label"]: row["component"]["custom_id"] for row in form.modal["components"]}
    mended = await world.admin.submit_modal(
        form, {names["Name"]: "X", names["Description"]: "y", names["Born"]: "soon"}
    )
    leading = await world.member.slash(world.channel, "whois", query="Björk")
    assert "Next ›" in labels(paged) and "Remove" in labels(question)
    assert labels(mended) == ["Back to the form"]
    before = labels(leading)
    told_to_stop()
    await asyncio.wait_for(serving_bot, 5)
    assert "Next ›" not in labels(paged) and "Person 1" in text(paged)
    assert labels(question) == [] and "Kept **Ada**, because nobody confirmed." in text(question)
    assert labels(mended) == []
    assert labels(leading) == before


async def test_an_import_stops_where_it_is(
    world: World, serving_bot: asyncio.Task[None], blocking_embedder: BlockingEmbedder
):
    people = [{"name": f"Person {n}", "description": "somebody"} for n in range(300)]
    file = ("people.json", json.dumps(people).encode())
    asked = await world.admin.slash(world.channel, "import", file=file)
    blocking_embedder.block()
    with without_waiting(world.env):
        await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
        await wait_until(lambda: blocking_embedder.waiting)
        told_to_stop()
        await wait_until(lambda: world.env.bot.gate.is_closed)
        blocking_embedder.release()
        await asyncio.wait_for(serving_bot, 5)
    there = await (await world.directory()).people.count() - 3
    assert there < 300 and f"Stopped after {there} of 300 people." in text(asked)
    assert labels(asked) == []


async def test_a_question_that_was_cut_off_does_not_say_that_nobody_answered(
    world: World, serving_bot: asyncio.Task[None], monkeypatch: pytest.MonkeyPatch
):
    removing = asyncio.Event()

    async def remove(self: People, name: str, *, by: Author, **others: object) -> None:
        removing.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(serve_module, "DRAIN_SECONDS", 0.05)
    monkeypatch.setattr(People, "remove", remove)
    asked = await world.admin.slash(world.channel, "removeperson", name="Björk")
    with without_waiting(world.env):
        pressed = await world.admin.click(asked.response, label="Remove")
        await asyncio.wait_for(removing.wait(), 5)
        told_to_stop()
        await asyncio.wait_for(serving_bot, 5)
    assert text(asked) == text(pressed) == CUT_OFF


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_sentence(number: int):
    code = (
        "from bot.cli import runtime\n"
        f"async def verb(settings): raise OSError({number}, 'No room', '/data/file')\n"
        "runtime.serve(verb)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines() == [
        "Error: Can't write /data/file: No room. Make room, or set DATA_DIR to a folder on "
        "another disk."
    ]


def labels(result: Any) -> list[str]:
    def walk(components: list[dict[str, Any]]):
        for component in components:
            if component["type"] == 2 and not component["custom_id"].startswith("lead:"):
                yield component["label"]
            yield from walk(component.get("components", []))

    return [*walk((result.followups[-1] if result.followups else result.response).components)]


class Closed(discord.ConnectionClosed):
    def __init__(self, code: int) -> None:
        self.code = code


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (Closed(4004), "DISCORD_TOKEN, because it was reset"),
        (discord.PrivilegedIntentsRequired(0), "intent"),
        (Closed(4010), "SHARD_IDS"),
        (Closed(4011), "SHARD_COUNT"),
        (Closed(4013), "code 4013"),
        (discord.RateLimited(99.0), "Discord cannot be reached"),
        (TimeoutError(), "Discord cannot be reached (TimeoutError)"),
    ],
)
async def test_what_discord_refuses_is_a_sentence(
    make_directories, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
):
    async def start(self: PeopleBot, token: str) -> None:
        raise error

    monkeypatch.setattr(PeopleBot, "start", start)
    with pytest.raises(SettingError) as raised:
        await serve(PeopleBot(make_directories()), "token")
    assert says in str(raised.value)

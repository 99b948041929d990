"""The bot as a process: what it does in Discord, how it ends, and what keeps it from starting."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.directory.redis.errors import no_response
from bot.embedded_redis import EmbeddedRedis
from tests.discord_server.faults import Fault
from tests.discord_server.gateway import DISALLOWED_INTENTS, Drop, GatewayConnection
from tests.discord_server.interactions import CHOICES, FIRST_ANSWER_SECONDS, MODAL, UPDATE
from tests.discord_server.process import BotProcess
from tests.discord_server.server import TOKEN, FakeDiscord
from tests.interruptions import paused
from tests.local_redis import free_port
from tests.messages import RESTARTING

Start = Callable[..., BotProcess]

TOKEN_REFUSED = "Discord refuses the DISCORD_TOKEN. Copy it again from the developer portal."
TOKEN_REVOKED = (
    "Discord no longer accepts the DISCORD_TOKEN, because it was reset. Copy the new one from the "
    "developer portal."
)
INTENT_REFUSED = (
    "Discord refuses an intent of the bot, though it needs no privileged one. Check the "
    "application in the developer portal."
)


async def test_it_answers_whatever_somebody_does(loopback: FakeDiscord, start_bot: Start):
    async with start_bot():
        await loopback.gateway.wait_until_connected()
        form = await loopback.run_command("addperson")
        assert form.response_type == MODAL
        values = {"Name": "Ada Lovelace", "Description": "mathematician"}
        added = await loopback.submit(form, values)
        assert added.is_private and "Ada Lovelace" in added.text
        found = await loopback.run_command("whois", query="mathematician")
        assert not found.is_private and "Ada Lovelace" in found.text
        typed = await loopback.autocomplete("removeperson", name="ada")
        assert typed.response_type == CHOICES
        assert [choice["value"] for choice in typed.response_data["choices"]] == ["Ada Lovelace"]
        asked = await loopback.run_command("removeperson", name="Ada Lovelace")
        pressed = await loopback.press(asked, "Remove")
        assert pressed.response_type == UPDATE and "Ada Lovelace" in asked.text
        assert (
            "Ada Lovelace" not in (await loopback.run_command("whois", query="mathematician")).text
        )


async def test_commands_are_synced_once(loopback: FakeDiscord, start_bot: Start):
    for number in (signal.SIGTERM, signal.SIGINT):
        async with start_bot() as bot:
            await loopback.gateway.wait_until_connected()
            bot.signal(number)
            assert await bot.wait_for_exit() == 0
    assert sum(asked.startswith("PUT ") for asked in loopback.requests) == 1
    assert loopback.gateway.identify_count == 2


def with_another_token(discord: FakeDiscord) -> None:
    discord.token = "another"


def with_intents_that_are_refused(discord: FakeDiscord) -> None:
    discord.gateway.close_code = DISALLOWED_INTENTS


def behind_cloudflare(discord: FakeDiscord) -> None:
    discord.faults.append(Fault("GET .*", 429))


def without_words(discord: FakeDiscord) -> None:
    discord.faults.append(Fault("GET .*", times=99))


REFUSALS = {
    with_another_token: TOKEN_REFUSED,
    with_intents_that_are_refused: INTENT_REFUSED,
    behind_cloudflare: "Discord cannot be reached (429",
    without_words: "Discord cannot be reached (Server disconnected",
}


async def test_what_keeps_it_from_running_is_one_sentence(server: EmbeddedRedis, tmp_path: Path):
    async def ends(prepare: Callable[[FakeDiscord], None], says: str) -> None:
        settings = {"REDIS_URL": server.url, "LOG_LEVEL": "DEBUG"}
        settings["DATA_DIR"] = str(tmp_path / prepare.__name__)
        async with FakeDiscord() as discord:
            prepare(discord)
            async with BotProcess(discord, **settings) as bot:
                assert await bot.wait_for_exit() == 1
        assert bot.log_lines[-1].startswith(f"Error: {says}"), bot.log
        assert "Traceback" not in bot.log and TOKEN not in bot.log

    await asyncio.gather(*(ends(prepare, says) for prepare, says in REFUSALS.items()))


async def test_a_token_that_is_revoked_while_it_runs(loopback: FakeDiscord, start_bot: Start):
    async with start_bot(LOG_LEVEL="DEBUG") as bot:
        await loopback.gateway.wait_until_connected()
        await loopback.run_command("about")
        await loopback.gateway.revoke()
        assert await bot.wait_for_exit() == 1
    assert bot.log_lines[-1] == f"Error: {TOKEN_REVOKED}"
    assert "Traceback" not in bot.log and TOKEN not in bot.log


@pytest.mark.long
async def test_a_gateway_that_fails_at_first_is_tried_again(
    loopback: FakeDiscord, start_bot: Start
):
    loopback.faults.append(Fault("GET /gateway/bot", 503))
    loopback.gateway.connections_to_fail = 1
    async with start_bot() as bot:
        await loopback.gateway.wait_until_connected(30)
        assert (await loopback.run_command("about")).text
    assert "Failed to connect" in bot.log and "Traceback" not in bot.log


async def test_sigterm_while_it_starts(loopback: FakeDiscord, start_bot: Start, tmp_path: Path):
    """Nothing is left running, and there is nothing to read."""
    for seconds in (0.4, 0.7, 1.0):
        async with start_bot(REDIS_URL="") as bot:
            await asyncio.sleep(seconds)
            bot.signal(signal.SIGTERM)
            assert await bot.wait_for_exit() in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
            assert "Traceback" not in bot.log
        assert not runs(tmp_path / "redis" / "redis.pid")


def runs(pid: Path) -> bool:
    """Whether the process of a file runs, which takes its file away when it ends."""
    return pid.exists() and Path("/proc", pid.read_text().strip()).exists()


async def test_a_redis_that_hangs_is_said_in_time_and_seen_from_outside(
    loopback: FakeDiscord, start_bot: Start, server: EmbeddedRedis
):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with start_bot(METRICS_PORT=str(port)) as bot, ClientSession(url) as site:
        await loopback.gateway.wait_until_connected()
        await loopback.run_command("addperson", name="Ada Lovelace", description="mathematician")
        await bot.wait_for_log("Ready as")
        async with site.get("/healthz") as health:
            assert health.status == 200
        with paused(server):
            began = time.monotonic()
            asked = [
                await loopback.start_command("search", query="mathematician") for _ in range(3)
            ]
            await asyncio.gather(*(each.wait_for_answer() for each in asked))
            assert time.monotonic() - began < FIRST_ANSWER_SECONDS
            async with site.get("/healthz") as health:
                assert health.status == 503 and (await health.json())["redis"] != "ok"
        assert {each.text for each in asked} == {no_response()}
        assert "Ada Lovelace" in (await loopback.run_command("search", query="mathematician")).text
        async with site.get("/metrics") as metrics:
            told = await metrics.text()
    counted = 'command="search",kind="command",outcome="unavailable"} 3.0'
    assert counted in told and "mathematician" not in told


async def test_sigterm_while_a_lost_connection_is_made_anew(
    loopback: FakeDiscord, start_bot: Start, monkeypatch: pytest.MonkeyPatch
):
    async def say_nothing(self: GatewayConnection, said: object) -> None: ...

    async with start_bot() as bot:
        await loopback.gateway.wait_until_connected()
        await loopback.run_command("about")
        monkeypatch.setattr(GatewayConnection, "send_payload", say_nothing)
        made = loopback.gateway.connection_count
        await loopback.gateway.drop(Drop.ABORTED, resumable=True)
        await loopback.gateway.wait_for_more_connections(made)
        bot.signal(signal.SIGTERM)
        assert await bot.wait_for_exit(10) == 0


async def test_sigterm_with_a_hundred_commands_under_way(
    loopback: FakeDiscord, start_bot: Start, server: EmbeddedRedis
):
    """Those are answered, and who comes later is told."""
    async with start_bot() as bot:
        await loopback.gateway.wait_until_connected()
        await loopback.run_command("addperson", name="Ada Lovelace", description="mathematician")
        with paused(server):
            asked = [
                await loopback.start_command("search", query="mathematician") for _ in range(100)
            ]
            await loopback.gateway.wait_until_received()
            bot.signal(signal.SIGTERM)
            await bot.wait_for_log("Stopping")
            late = await loopback.run_command("search", query="mathematician")
            await asyncio.gather(*(each.acknowledged.wait() for each in asked))
        assert await bot.wait_for_exit() == 0
    assert late.is_private and late.text == RESTARTING
    assert all("Ada Lovelace" in each.text and each.sent_count == 1 for each in asked)
    assert max(each.seconds or 9 for each in asked) < FIRST_ANSWER_SECONDS
    assert "Traceback" not in bot.log

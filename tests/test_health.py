"""/healthz and /metrics, asked over HTTP as an operator's programs ask."""

import asyncio
import re
import socket
import subprocess
import sys
from typing import Any

import aiohttp
import pytest
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from bot import health
from bot.client import PeopleBot
from bot.directory import Redis
from bot.errors import DirectoryUnavailable, SettingError
from bot.health import serve_health
from tests.conftest import ROOT
from tests.local_redis import free_port
from tests.world import World, text

HOST = "127.0.0.1"


async def ask(bot: PeopleBot, path: str) -> tuple[int, Any]:
    port = free_port()
    async with (
        serve_health(bot, HOST, port),
        aiohttp.ClientSession() as session,
        session.get(f"http://{HOST}:{port}{path}") as answer,
    ):
        return answer.status, await (answer.json() if path == "/healthz" else answer.text())


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_it_is_well_while_gateway_and_redis_are_there(world: World):
    told = {"status": "ok", "gateway": "ok", "redis": "ok"}
    assert await ask(world.env.bot, "/healthz") == (200, told)


async def test_it_says_that_the_gateway_is_not_there(directories):
    status, told = await ask(PeopleBot(directories), "/healthz")
    assert status == 503
    assert told == {
        "status": "unavailable",
        "gateway": "Discord's gateway isn't ready.",
        "redis": "ok",
    }


async def test_or_that_a_shard_is_away(world: World, monkeypatch: pytest.MonkeyPatch):
    class Shard:
        def __init__(self, number: int) -> None:
            self.id = number

        def is_closed(self) -> bool:
            return self.id > 0

    shards = {number: Shard(number) for number in range(3)}
    monkeypatch.setattr(PeopleBot, "shards", shards)
    status, told = await ask(world.env.bot, "/healthz")
    assert status == 503 and "not connected" in told["gateway"] and "1, 2." in told["gateway"]


async def test_or_that_redis_is_not(world: World, monkeypatch: pytest.MonkeyPatch):
    async def gone(*command: object) -> None:
        raise DirectoryUnavailable("Redis is away")

    monkeypatch.setattr(Redis, "execute", gone)
    status, told = await ask(world.env.bot, "/healthz")
    assert status == 503 and told["redis"] == "Redis is away"


async def test_a_redis_that_hangs_is_asked_once(world: World, monkeypatch: pytest.MonkeyPatch):
    back = asyncio.Event()
    asked: list[object] = []

    async def hang(*command: object) -> None:
        asked.append(command)
        await back.wait()

    monkeypatch.setattr(Redis, "execute", hang)
    monkeypatch.setattr(health, "PING_SECONDS", 0.02)
    port = free_port()
    url = f"http://{HOST}:{port}/healthz"
    async with serve_health(world.env.bot, HOST, port), aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(url) as answer:
                assert answer.status == 503
                assert (await answer.json())["redis"] == "Redis didn't answer within 0.02 s."
        assert len(asked) == 1
        back.set()


async def test_what_is_answered_is_counted(world: World, monkeypatch: pytest.MonkeyPatch):
    interactions = "whoswho_interactions_total"

    def count(kind: str, command: str, outcome: str) -> float:
        return value(interactions, kind=kind, command=command, outcome=outcome)

    asked = [
        ("command", "search", "answered"),
        ("command", "search", "refused"),
        ("command", "search", "unavailable"),
        ("command", "search", "failed"),
        ("command", "attributes list", "answered"),
        ("autocomplete", "search", "answered"),
        ("press", "", "answered"),
    ]
    before = [count(*labels) for labels in asked]
    searches = value("whoswho_searches_total", by="meaning")
    refusals = value("whoswho_redis_failures_total", reason="refused")
    await world.member.slash(world.channel, "search", query="singer")
    await world.member.slash(world.channel, "search", query="died<soon")
    found = await world.member.slash(world.channel, "whois", query="Björk")
    await world.member.click(found.response, label="Find similar")
    await world.member.autocomplete(world.channel, "search", "query", "bo")
    await world.admin.slash(world.channel, "attributes list")
    directory = type(await world.directory())
    for error in (DirectoryUnavailable("away"), ZeroDivisionError()):

        async def failing(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(directory, "search", failing)
            await world.member.slash(world.channel, "search", query="singer")
    assert [count(*labels) - b for labels, b in zip(asked, before, strict=True)] == [1] * len(asked)
    assert value("whoswho_searches_total", by="meaning") == searches + 2  # and by the press
    with pytest.raises(DirectoryUnavailable):
        await world.directories._redis.execute("VSIM", "nothing")
    assert value("whoswho_redis_failures_total", reason="refused") == refusals + 1
    assert "Björk" in text(found)


async def test_the_figures_are_named_as_prometheus_wants(world: World):
    await world.member.slash(world.channel, "search", query="singer")
    status, told = await ask(world.env.bot, "/metrics")
    assert status == 200
    families = {family.name: family for family in text_string_to_metric_families(told)}
    ours = {name for name in families if name.startswith("whoswho_")}
    assert {"whoswho_servers", "whoswho_ready", "process_resident_memory_bytes"} <= {*families}
    assert families["whoswho_servers"].samples[0].value == 1
    for name in ours:
        assert re.fullmatch(r"whoswho(_[a-z]+)+", name) and families[name].documentation
        assert not re.search(r"_(total|count|sum|bucket|milliseconds|ms)$", name)
        if families[name].type == "histogram":
            assert name.endswith("_seconds")
    labels = {label for name in ours for s in families[name].samples for label in s.labels}
    assert labels <= {"kind", "command", "outcome", "by", "reason", "shard", "le"}


async def test_a_port_that_is_taken_is_said(world: World):
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError, match=f"METRICS_PORT {port} on {HOST}"):
            async with serve_health(world.env.bot, HOST, port):
                pass
    assert (await ask(world.env.bot, "/healthz"))[0] == 200, "all was given back"


def test_without_a_port_nothing_of_it_is_loaded():
    program = (
        "import sys; from bot.cli import commands; from bot.settings import Settings;"
        "commands._health_server(None, Settings());"
        "print('aiohttp.web' in sys.modules or 'bot.health' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


async def test_what_fails_beside_it_is_not_its_port(world: World):
    with pytest.raises(OSError, match="No room"):
        async with serve_health(world.env.bot, HOST, free_port()):
            raise OSError(28, "No room")

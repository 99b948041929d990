"""A Redis that is away, comes back, hangs or refuses: what is said, and that no change is made
twice, or said to be made that is not."""

import asyncio
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis as redis_py
from redis.asyncio.connection import Connection

from bot import sentences
from bot.directory import Directories, Directory, connect
from bot.directory.redis import client, liveness, node
from bot.directory.redis.node import MAX_CONNECTIONS, TimeLimit
from bot.errors import DirectoryUnavailable
from bot.maintenance import Problem, check, repair
from bot.person import BASE_SCHEMA
from tests.adding import adding
from tests.embedders import WordEmbedder
from tests.servers import Server, Servers, free_port, until

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
AWAY = sentences.service.DATABASE_DOES_NOT_ANSWER
UNKNOWN = sentences.service.CHANGE_UNKNOWN
TORN = "Truncating the AOF"
REFUSALS = sentences.service.DATABASE_REFUSALS
IN_TIME = 2.9  # Discord waits for 3


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be tried for seconds is given up at once."""
    monkeypatch.setattr(client, "RETRY_SECONDS", 0.1)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Directory]:
    async with connect(url) as redis:
        yield await directories(redis).get_or_create("1")


def directories(redis) -> Directories:
    return Directories(redis, WordEmbedder(), "down:{guild}", lambda: (BASE_SCHEMA, ()))


async def search(directory: Directory) -> list[str]:
    results = await directory.search("mathematician", 60)
    return [match.person.name for match in results.matches]


async def said_in_time(asked) -> str:
    began = time.monotonic()
    with pytest.raises(DirectoryUnavailable) as caught:
        await asked
    assert time.monotonic() - began < IN_TIME
    return str(caught.value)


async def add(directory: Directory, name: str) -> None:
    await directory.people.add(name, "mathematician", {})


async def waiting_change(server: Server, directory: Directory) -> asyncio.Task[None]:
    """A change that has come to the server, and is not made there."""
    with server.client() as other:
        other.client_pause(60_000, all=False)
        adding = asyncio.create_task(add(directory, "Bo"))
        await asyncio.to_thread(
            until, lambda: any("b" in each["flags"] for each in other.client_list())
        )
    return adding


def hang(server: Server) -> None:
    server.process.send_signal(signal.SIGSTOP)


async def test_all_who_wait_for_a_directory_are_told_in_time(redis_servers: Servers):
    server = redis_servers.start()
    async with connect(server.url) as redis:
        opening = directories(redis)
        hang(server)
        gone = asyncio.create_task(opening.for_server(1))
        asked = [asyncio.create_task(said_in_time(opening.for_server(1))) for _ in range(6)]
        await asyncio.sleep(0)  # all of them wait
        gone.cancel()
        assert set(await asyncio.gather(*asked)) == {AWAY}


@pytest.mark.parametrize("gone", [Server.kill, hang])
async def test_it_is_said_in_time_that_redis_is_away(redis_servers: Servers, gone):
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        gone(server)
        searches = [search(directory) for _ in range(100)]
        everybody = asyncio.gather(*map(said_in_time, [add(directory, "Bo"), *searches]))
        assert set(await everybody) == {AWAY}
        told: list[float] = []

        async def told_after(asked) -> None:
            began = time.monotonic()
            assert await said_in_time(asked) == AWAY
            told.append(time.monotonic() - began)

        await asyncio.gather(*(told_after(search(directory)) for _ in range(100)))
        assert sorted(told)[-2] < 1, "but who looks whether it is there again, soon"
        server.kill()
        server.start()
        until(server.up)
        assert await search(directory) == ["Ada"]


async def test_a_host_that_drops_packets(redis_servers: Servers):
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        server.kill()
        with socket.socket() as full:
            full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            full.bind(("127.0.0.1", server.port))
            full.listen(0)
            waiting = [socket.socket() for _ in range(4)]  # whoever comes next gets no answer
            for each in waiting:
                each.setblocking(False)
                with suppress(BlockingIOError):
                    each.connect(("127.0.0.1", server.port))
            asked = [search(directory), add(directory, "Bo")]
            assert set(await asyncio.gather(*map(said_in_time, asked))) == {AWAY}
            for each in waiting:
                each.close()


async def test_the_first_command_works_when_redis_is_back(redis_servers: Servers):
    """Though all connections that are kept are to the one that is gone."""
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        await asyncio.gather(*(search(directory) for _ in range(MAX_CONNECTIONS)))
        for name, first in (("Bo", add(directory, "Bo")), ("Bo", search(directory))):
            server.kill()
            server.start()
            until(server.up)
            await first
            assert name in await search(directory)


async def test_a_busy_redis_is_waited_for(redis_servers: Servers):
    async with connect(redis_servers.start().url) as redis:
        began = time.monotonic()
        assert not await redis.execute("XREAD", "BLOCK", 2800, "STREAMS", "stream", "$")
        assert time.monotonic() - began > 2.7


async def test_a_redis_that_hung_is_there_again(redis_servers: Servers):
    """Also for the first who asks, and for those at the same time."""
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        hang(server)
        assert await said_in_time(search(directory)) == AWAY
        server.process.send_signal(signal.SIGCONT)
        found = await asyncio.gather(*(search(directory) for _ in range(10)))
        assert found == [["Ada"]] * 10


async def test_a_connection_that_is_mute_is_not_waited_for(
    redis_servers: Servers, impatient: None, monkeypatch: pytest.MonkeyPatch
):
    """Though others are answered."""
    monkeypatch.setattr(liveness, "PROBE_SECONDS", 0.1)
    monkeypatch.setattr(node, "READ_LIMIT", TimeLimit(2.5, 0.5))
    async with connect(redis_servers.start().url) as redis:
        mute = redis.execute("XREAD", "BLOCK", 0, "STREAMS", "stream", "$")
        assert await said_in_time(mute) == AWAY
        await redis.execute("PING")


async def test_connections_that_do_not_close(
    redis_servers: Servers, monkeypatch: pytest.MonkeyPatch
):
    """As over TLS to a server that is silent; the change may have been made all the same."""
    server = redis_servers.start(*DURABLE)
    close = Connection.disconnect

    async def disconnect(self: Connection, nowait: bool = False, **how: Any) -> None:
        await close(self, nowait, **how)
        if not nowait:
            raise redis_py.TimeoutError("Timed out closing connection after 2.0")

    async with opened(server.url) as directory:
        await asyncio.gather(*(search(directory) for _ in range(5)))
        monkeypatch.setattr(Connection, "disconnect", disconnect)
        adding = await waiting_change(server, directory)
        server.kill()
        assert await said_in_time(adding) == UNKNOWN


async def test_a_change_that_was_under_way_is_not_made_again(redis_servers: Servers):
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        adding = await waiting_change(server, directory)
        server.kill()
        server.start()
        assert await said_in_time(adding) == UNKNOWN
        until(server.up)
        assert await search(directory) == ["Ada"], "it was not sent again"
        assert await directory.history.count() == 1


async def test_changes_while_redis_is_killed_again_and_again(redis_servers: Servers):
    """Each is there once if it was acknowledged, and not at all or once if it is unknown."""
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        async with adding(directory, 8) as added:
            for _ in range(5):
                made = len(added.made)
                await asyncio.to_thread(until, lambda: len(added.made) > made + 20)  # noqa: B023
                server.kill()
                server.start()
        assert added.refused.keys() <= {UNKNOWN, AWAY}
        there = set(await directory.people.list_names())
        assert set(added.made) <= there
        assert not there & set(added.refused[AWAY])
        assert there <= {*added.made, *added.refused[UNKNOWN]}
        found = await check(directory)
        if TORN in (server.folder / "log").read_text():
            found = (await repair(directory)).remaining
        else:
            assert await directory.history.count() == len(there), "each was made once"
        assert found.is_clean


async def test_a_change_that_redis_tore_is_mended(redis_servers: Servers):
    """As docs/redis.md says what Redis makes of it."""
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        await add(directory, "Torn Person")
        server.kill()
        (file,) = server.folder.glob("appendonlydir/*.incr.aof")
        content = file.read_bytes()
        os.truncate(file, content.rindex(b"{down:1}:words") + 3)
        for name in ("Bo", "Cy"):
            server.start()
            until(server.up)
            await add(directory, name)
            server.kill()
        assert TORN in (server.folder / "log").read_text()
        server.start()
        until(server.up)
        assert {"Ada", "Bo", "Cy"} <= set(await directory.people.list_names())
        assert Problem.NAME_MISSING in (await check(directory)).problems
        assert (await repair(directory)).remaining.is_clean


async def test_a_full_redis(redis_servers: Servers):
    server = redis_servers.start()
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        with server.client() as other:
            other.config_set("maxmemory", 1)
            assert await said_in_time(add(directory, "Bo")) == REFUSALS["OOM"]
            assert await search(directory) == ["Ada"]
            other.config_set("maxmemory", 0)
        await add(directory, "Bo")


async def test_a_replica(redis_servers: Servers):
    primary = redis_servers.start("--repl-diskless-sync-delay", "0")
    replica = redis_servers.start()
    async with opened(primary.url) as directory:
        await add(directory, "Ada")
    with replica.client() as other:
        other.replicaof("127.0.0.1", primary.port)
        until(lambda: other.info("replication")["master_link_status"] == "up")
        async with opened(replica.url) as directory:
            assert await search(directory) == ["Ada"]
            assert await said_in_time(add(directory, "Bo")) == REFUSALS["READONLY"]
            adding = asyncio.create_task(add(directory, "Bo"))
            await asyncio.sleep(0.1)
            other.replicaof("NO", "ONE")  # promoted while the change is tried
            await adding
            other.config_set("replica-serve-stale-data", "no")
            other.replicaof("127.0.0.1", free_port())
            assert await said_in_time(search(directory)) == REFUSALS["MASTERDOWN"]


async def test_too_few_replicas(redis_servers: Servers):
    server = redis_servers.start()
    async with opened(server.url) as directory:
        with server.client() as other:
            other.config_set("min-replicas-to-write", 1)
        assert await said_in_time(add(directory, "Bo")) == REFUSALS["NOREPLICAS"]


async def test_a_full_disk(redis_servers: Servers):
    server = redis_servers.start("--appendonly", "yes", "--appendfsync", "everysec", limit=64)
    async with opened(server.url) as directory:
        said = ""
        for number in range(100):
            try:
                await add(directory, f"Person {number} {'x' * 80}")
            except DirectoryUnavailable as error:
                said = str(error)
                break
        assert said == REFUSALS["MISCONF"]
        assert await search(directory)


async def test_a_full_disk_that_ends_redis(redis_servers: Servers):
    """As it ends where all that it acknowledges is on disk first, like the embedded one."""
    server = redis_servers.start(*DURABLE, limit=64)
    made: list[str] = []
    async with opened(server.url) as directory:
        with pytest.raises(DirectoryUnavailable, match=re.escape(UNKNOWN)):
            for number in range(100):
                await add(directory, f"Person {number} {'x' * 80}")
                made.append(f"Person {number} {'x' * 80}")
        server.process.wait()
        server.limit = 0
        server.start()
        until(server.up)
        assert set(await directory.people.list_names()) == set(made)
        assert (await check(directory)).is_clean


async def test_passwords_and_permissions_that_are_taken_away(redis_servers: Servers):
    server = redis_servers.start()
    server_of_user = server.url.replace("//", "//bot:old@")
    with server.client() as other:
        rights = ("on", ">old", "~*", "+@all", "-@dangerous", "+info")
        other.execute_command("ACL", "SETUSER", "bot", *rights)
        async with opened(server_of_user) as directory:
            await add(directory, "Ada")
            other.execute_command("ACL", "SETUSER", "bot", "-vsim")
            assert await said_in_time(search(directory)) == REFUSALS["NOPERM"]
            other.execute_command("ACL", "SETUSER", "bot", "resetpass", ">new", "+vsim")
            other.execute_command("CLIENT", "KILL", "USER", "bot")
            assert await said_in_time(search(directory)) == REFUSALS["WRONGPASS"]
        async with opened(server.url) as directory:
            other.config_set("requirepass", "secret")
            other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            assert await said_in_time(search(directory)) == REFUSALS["NOAUTH"]


async def test_a_redis_that_reads_its_data(redis_servers: Servers, impatient: None):
    server = redis_servers.start(*DURABLE)
    async with opened(server.url) as directory:
        await add(directory, "Ada")
        with server.client() as other:
            other.mset({f"key{number}": number for number in range(1000)})
            other.bgrewriteaof()
            until(lambda: not other.info("persistence")["aof_rewrite_in_progress"])
        server.kill()
        server.options += (
            "--key-load-delay",
            "1000",
            "--loading-process-events-interval-bytes",
            "1024",
        )
        server.start()
        until(lambda: isinstance(refusal(server), redis_py.BusyLoadingError))
        assert await said_in_time(search(directory)) == REFUSALS["LOADING"]
        async with connect(server.url):  # waits until it is ready
            assert await search(directory) == ["Ada"]


async def test_a_redis_that_runs_a_long_script(redis_servers: Servers):
    server = redis_servers.start("--busy-reply-threshold", "50")
    async with opened(server.url) as directory:
        with server.client() as other:
            running = asyncio.create_task(
                asyncio.to_thread(refusal, server, "EVAL", "while true do end", "0")
            )
            await asyncio.to_thread(until, lambda: "BUSY" in str(refusal(server)))
            assert await said_in_time(search(directory)) == REFUSALS["BUSY"]
            other.execute_command("SCRIPT", "KILL")
            await running


async def test_too_many_connections(redis_servers: Servers, impatient: None):
    server = redis_servers.start()
    async with opened(server.url) as directory:
        with server.client() as other:
            other.config_set("maxclients", 1)
            other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            assert await said_in_time(search(directory)) == REFUSALS["MAXCLIENTS"]


def refusal(server: Server, *command: str) -> Exception | None:
    try:
        with server.client() as other:
            other.execute_command(*(command or ("GET", "key")))
    except redis_py.RedisError as error:
        return error
    return None

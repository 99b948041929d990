"""What users are told when Redis is down, hangs or refuses; that it is used again when it is back;
and that no change is made twice, or reported as made when it was not."""

import asyncio
import os
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis as redis_py
from redis.asyncio.connection import Connection

from bot.directory import Directories, Directory, Redis, connect
from bot.directory.redis import client, liveness, node
from bot.directory.redis.errors import change_unknown, no_response, refusal
from bot.directory.redis.node import MAX_CONNECTIONS, TimeLimit
from bot.errors import DirectoryUnavailable
from bot.maintenance import Problem, check, repair
from bot.person import BASE_SCHEMA
from tests.concurrent_adds import concurrent_adds
from tests.embedders import WordEmbedder
from tests.local_redis import LocalRedis, LocalRedisServers, free_port, wait_until

DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
DOWN = no_response()
UNKNOWN = change_unknown()
TRUNCATED = "Truncating the AOF"
MAX_SECONDS = 2.9  # Discord waits for 3


@pytest.fixture
def short_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries end almost at once, instead of after seconds."""
    monkeypatch.setattr(client, "RETRY_SECONDS", 0.1)


@asynccontextmanager
async def open_directory(url: str) -> AsyncIterator[Directory]:
    async with connect(url) as redis:
        yield await make_directories(redis).get_or_create("1")


def make_directories(redis: Redis) -> Directories:
    return Directories(redis, WordEmbedder(), "down:{guild}", lambda: (BASE_SCHEMA, ()))


async def search(directory: Directory) -> list[str]:
    results = await directory.search("mathematician", 60)
    return [match.person.name for match in results.matches]


async def refusal_in_time(request: Awaitable[object]) -> str:
    """Return the message with which a request fails, within the time that Discord waits."""
    began = time.monotonic()
    with pytest.raises(DirectoryUnavailable) as caught:
        await request
    assert time.monotonic() - began < MAX_SECONDS
    return str(caught.value)


async def add(directory: Directory, name: str) -> None:
    await directory.people.add(name, "mathematician", {})


async def start_blocked_change(server: LocalRedis, directory: Directory) -> asyncio.Task[None]:
    """Start a change that the server has received, but will not carry out."""
    with server.client() as other:
        other.client_pause(60_000, all=False)
        change = asyncio.create_task(add(directory, "Bo"))
        await asyncio.to_thread(
            wait_until, lambda: any("b" in each["flags"] for each in other.client_list())
        )
    return change


def hang(server: LocalRedis) -> None:
    server.process.send_signal(signal.SIGSTOP)


async def test_everyone_waiting_for_a_directory_is_answered_in_time(
    redis_servers: LocalRedisServers,
):
    server = redis_servers.start()
    async with connect(server.url) as redis:
        directories = make_directories(redis)
        hang(server)
        cancelled = asyncio.create_task(directories.for_server(1))
        waiting = [
            asyncio.create_task(refusal_in_time(directories.for_server(1))) for _ in range(6)
        ]
        await asyncio.sleep(0)  # all of them are waiting now
        cancelled.cancel()
        assert set(await asyncio.gather(*waiting)) == {DOWN}


@pytest.mark.parametrize("break_server", [LocalRedis.kill, hang])
async def test_requests_fail_in_time_when_redis_is_down(
    redis_servers: LocalRedisServers, break_server: Callable[[LocalRedis], None]
):
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        break_server(server)
        searches = [search(directory) for _ in range(100)]
        requests = asyncio.gather(*map(refusal_in_time, [add(directory, "Bo"), *searches]))
        assert set(await requests) == {DOWN}
        seconds: list[float] = []

        async def measure(request: Awaitable[object]) -> None:
            began = time.monotonic()
            assert await refusal_in_time(request) == DOWN
            seconds.append(time.monotonic() - began)

        await asyncio.gather(*(measure(search(directory)) for _ in range(100)))
        assert sorted(seconds)[-2] < 1, "all but the one who probes the server fail at once"
        server.kill()
        server.start()
        wait_until(server.is_up)
        assert await search(directory) == ["Ada"]


async def test_requests_fail_in_time_when_the_host_drops_packets(redis_servers: LocalRedisServers):
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        server.kill()
        with socket.socket() as full:
            full.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            full.bind(("127.0.0.1", server.port))
            full.listen(0)
            clients = [
                socket.socket() for _ in range(4)
            ]  # they fill the queue: others get no reply
            for each in clients:
                each.setblocking(False)
                with suppress(BlockingIOError):
                    each.connect(("127.0.0.1", server.port))
            requests = [search(directory), add(directory, "Bo")]
            assert set(await asyncio.gather(*map(refusal_in_time, requests))) == {DOWN}
            for each in clients:
                each.close()


async def test_the_first_command_works_once_redis_is_back(redis_servers: LocalRedisServers):
    """Although all pooled connections are broken."""
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        await asyncio.gather(*(search(directory) for _ in range(MAX_CONNECTIONS)))
        for name, first in (("Bo", add(directory, "Bo")), ("Bo", search(directory))):
            server.kill()
            server.start()
            wait_until(server.is_up)
            await first
            assert name in await search(directory)


async def test_a_busy_redis_is_given_more_time(redis_servers: LocalRedisServers):
    async with connect(redis_servers.start().url) as redis:
        began = time.monotonic()
        assert not await redis.execute("XREAD", "BLOCK", 2800, "STREAMS", "stream", "$")
        assert time.monotonic() - began > 2.7


async def test_a_redis_that_hung_answers_everyone_again(redis_servers: LocalRedisServers):
    """Including the first to ask, and all who ask at the same time."""
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        hang(server)
        assert await refusal_in_time(search(directory)) == DOWN
        server.process.send_signal(signal.SIGCONT)
        found = await asyncio.gather(*(search(directory) for _ in range(10)))
        assert found == [["Ada"]] * 10


async def test_a_silent_connection_is_given_up_although_others_are_answered(
    redis_servers: LocalRedisServers, short_retries: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(liveness, "PROBE_SECONDS", 0.1)
    monkeypatch.setattr(node, "READ_LIMIT", TimeLimit(2.5, 0.5))
    async with connect(redis_servers.start().url) as redis:
        request = redis.execute("XREAD", "BLOCK", 0, "STREAMS", "stream", "$")
        assert await refusal_in_time(request) == DOWN
        await redis.execute("PING")


async def test_connections_that_do_not_close_delay_nothing(
    redis_servers: LocalRedisServers, monkeypatch: pytest.MonkeyPatch
):
    """Over TLS, closing waits for the server, which may be silent."""
    server = redis_servers.start(*DURABLE)
    close = Connection.disconnect

    async def disconnect(self: Connection, nowait: bool = False, **options: Any) -> None:
        await close(self, nowait, **options)
        if not nowait:
            raise redis_py.TimeoutError("Timed out closing connection after 2.0")

    async with open_directory(server.url) as directory:
        await asyncio.gather(*(search(directory) for _ in range(5)))
        monkeypatch.setattr(Connection, "disconnect", disconnect)
        change = await start_blocked_change(server, directory)
        server.kill()
        assert await refusal_in_time(change) == UNKNOWN


async def test_an_interrupted_change_is_not_sent_again(redis_servers: LocalRedisServers):
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        change = await start_blocked_change(server, directory)
        server.kill()
        server.start()
        assert await refusal_in_time(change) == UNKNOWN
        wait_until(server.is_up)
        assert await search(directory) == ["Ada"], "it was not sent again"
        assert await directory.history.count() == 1


async def test_no_change_is_lost_or_repeated_while_redis_is_killed(
    redis_servers: LocalRedisServers,
):
    """An acknowledged change is there once, and one of unknown outcome at most once."""
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        async with concurrent_adds(directory, 8) as report:
            for _ in range(5):
                count = len(report.added)
                await asyncio.to_thread(wait_until, lambda: len(report.added) > count + 20)  # noqa: B023
                server.kill()
                server.start()
        assert report.refused.keys() <= {UNKNOWN, DOWN}
        names = set(await directory.people.list_names())
        assert set(report.added) <= names
        assert not names & set(report.refused[DOWN])
        assert names <= {*report.added, *report.refused[UNKNOWN]}
        found = await check(directory)
        if TRUNCATED in (server.folder / "log").read_text():
            found = (await repair(directory)).remaining
        else:
            assert await directory.history.count() == len(names), "each was made once"
        assert found.is_clean


async def test_a_change_that_redis_stored_in_part_is_repaired(redis_servers: LocalRedisServers):
    """What Redis does in this case is described in docs/redis.md."""
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        await add(directory, "Torn Person")
        server.kill()
        (file,) = server.folder.glob("appendonlydir/*.incr.aof")
        content = file.read_bytes()
        os.truncate(file, content.rindex(b"{down:1}:words") + 3)
        for name in ("Bo", "Cy"):
            server.start()
            wait_until(server.is_up)
            await add(directory, name)
            server.kill()
        assert TRUNCATED in (server.folder / "log").read_text()
        server.start()
        wait_until(server.is_up)
        assert {"Ada", "Bo", "Cy"} <= set(await directory.people.list_names())
        assert Problem.NAME_MISSING in (await check(directory)).problems
        assert (await repair(directory)).remaining.is_clean


async def test_a_full_redis_refuses_changes_and_answers_searches(redis_servers: LocalRedisServers):
    server = redis_servers.start()
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        with server.client() as other:
            other.config_set("maxmemory", 1)
            assert await refusal_in_time(add(directory, "Bo")) == refusal("OOM")
            assert await search(directory) == ["Ada"]
            other.config_set("maxmemory", 0)
        await add(directory, "Bo")


async def test_a_replica_refuses_changes_and_answers_searches(redis_servers: LocalRedisServers):
    primary = redis_servers.start("--repl-diskless-sync-delay", "0")
    replica = redis_servers.start()
    async with open_directory(primary.url) as directory:
        await add(directory, "Ada")
    with replica.client() as other:
        other.replicaof("127.0.0.1", primary.port)
        wait_until(lambda: other.info("replication")["master_link_status"] == "up")
        async with open_directory(replica.url) as directory:
            assert await search(directory) == ["Ada"]
            assert await refusal_in_time(add(directory, "Bo")) == refusal("READONLY")
            change = asyncio.create_task(add(directory, "Bo"))
            await asyncio.sleep(0.1)
            other.replicaof("NO", "ONE")  # promoted while the change is retried
            await change
            other.config_set("replica-serve-stale-data", "no")
            other.replicaof("127.0.0.1", free_port())
            assert await refusal_in_time(search(directory)) == refusal("MASTERDOWN")


async def test_changes_are_refused_with_too_few_replicas(redis_servers: LocalRedisServers):
    server = redis_servers.start()
    async with open_directory(server.url) as directory:
        with server.client() as other:
            other.config_set("min-replicas-to-write", 1)
        assert await refusal_in_time(add(directory, "Bo")) == refusal("NOREPLICAS")


async def test_changes_are_refused_when_the_disk_is_full(redis_servers: LocalRedisServers):
    server = redis_servers.start("--appendonly", "yes", "--appendfsync", "everysec", file_limit=64)
    async with open_directory(server.url) as directory:
        message = ""
        for number in range(100):
            try:
                await add(directory, f"Person {number} {'x' * 80}")
            except DirectoryUnavailable as error:
                message = str(error)
                break
        assert message == refusal("MISCONF")
        assert await search(directory)


async def test_no_acknowledged_change_is_lost_when_a_full_disk_ends_redis(
    redis_servers: LocalRedisServers,
):
    """Like the embedded one, Redis must write a change to disk before it acknowledges it; so it
    ends."""
    server = redis_servers.start(*DURABLE, file_limit=64)
    added: list[str] = []
    async with open_directory(server.url) as directory:
        with pytest.raises(DirectoryUnavailable, match=re.escape(UNKNOWN)):
            for number in range(100):
                await add(directory, f"Person {number} {'x' * 80}")
                added.append(f"Person {number} {'x' * 80}")
        server.process.wait()
        server.file_limit = 0
        server.start()
        wait_until(server.is_up)
        assert set(await directory.people.list_names()) == set(added)
        assert (await check(directory)).is_clean


async def test_a_revoked_password_or_permission_is_reported(redis_servers: LocalRedisServers):
    server = redis_servers.start()
    user_url = server.url.replace("//", "//bot:old@")
    with server.client() as other:
        rights = ("on", ">old", "~*", "+@all", "-@dangerous", "+info")
        other.execute_command("ACL", "SETUSER", "bot", *rights)
        async with open_directory(user_url) as directory:
            await add(directory, "Ada")
            other.execute_command("ACL", "SETUSER", "bot", "-vsim")
            assert await refusal_in_time(search(directory)) == refusal("NOPERM")
            other.execute_command("ACL", "SETUSER", "bot", "resetpass", ">new", "+vsim")
            other.execute_command("CLIENT", "KILL", "USER", "bot")
            assert await refusal_in_time(search(directory)) == refusal("WRONGPASS")
        async with open_directory(server.url) as directory:
            other.config_set("requirepass", "secret")
            other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            assert await refusal_in_time(search(directory)) == refusal("NOAUTH")


async def test_a_redis_that_is_loading_is_reported_and_waited_for_at_the_start(
    redis_servers: LocalRedisServers, short_retries: None
):
    server = redis_servers.start(*DURABLE)
    async with open_directory(server.url) as directory:
        await add(directory, "Ada")
        with server.client() as other:
            other.mset({f"key{number}": number for number in range(1000)})
            other.bgrewriteaof()
            wait_until(lambda: not other.info("persistence")["aof_rewrite_in_progress"])
        server.kill()
        server.options += (
            "--key-load-delay",
            "1000",
            "--loading-process-events-interval-bytes",
            "1024",
        )
        server.start()
        wait_until(lambda: isinstance(command_error(server), redis_py.BusyLoadingError))
        assert await refusal_in_time(search(directory)) == refusal("LOADING")
        async with connect(server.url):  # which waits until it is ready
            assert await search(directory) == ["Ada"]


async def test_a_redis_that_runs_a_long_script_is_reported(redis_servers: LocalRedisServers):
    server = redis_servers.start("--busy-reply-threshold", "50")
    async with open_directory(server.url) as directory:
        with server.client() as other:
            running = asyncio.create_task(
                asyncio.to_thread(command_error, server, "EVAL", "while true do end", "0")
            )
            await asyncio.to_thread(wait_until, lambda: "BUSY" in str(command_error(server)))
            assert await refusal_in_time(search(directory)) == refusal("BUSY")
            other.execute_command("SCRIPT", "KILL")
            await running


async def test_too_many_connections_are_reported(
    redis_servers: LocalRedisServers, short_retries: None
):
    server = redis_servers.start()
    async with open_directory(server.url) as directory:
        with server.client() as other:
            other.config_set("maxclients", 1)
            other.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            assert await refusal_in_time(search(directory)) == refusal("MAXCLIENTS")


def command_error(server: LocalRedis, *command: str) -> Exception | None:
    """Return the error that a command fails with; None if it succeeds."""
    try:
        with server.client() as other:
            other.execute_command(*(command or ("GET", "key")))
    except redis_py.RedisError as error:
        return error
    return None

"""A Redis with a replica, which Sentinels watch."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import sentences
from bot.directory import Directories, connect
from bot.directory.redis.address import parse_address
from bot.embedded_redis.server import _binary
from bot.errors import SettingError
from bot.maintenance import check
from bot.person import BASE_SCHEMA
from tests.adding import adding
from tests.embedders import WordEmbedder
from tests.servers import LONG_FAILOVERS, Server, Servers, free_port, until

PASSWORD = "of the servers"
OF_SENTINEL = "of Sentinel"
UNKNOWN = sentences.service.CHANGE_UNKNOWN
AWAY = sentences.service.DATABASE_DOES_NOT_ANSWER


def server(servers: Servers) -> Server:
    password = ("--requirepass", PASSWORD, "--masterauth", PASSWORD)
    return servers.start("--repl-diskless-sync-delay", "0", *password)


@pytest.fixture
def watched(redis_servers: Servers, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    """The primary, and the address of the Sentinels."""
    primary, replica = server(redis_servers), server(redis_servers)
    with replica.client(password=PASSWORD) as client:
        client.replicaof("127.0.0.1", primary.port)
        until(lambda: client.info("replication")["master_link_status"] == "up")
    ports = [free_port() for _ in range(3)]
    started = []
    for port in ports:
        file = tmp_path / f"sentinel-{port}.conf"
        file.write_text(
            f"port {port}\n"
            f'requirepass "{OF_SENTINEL}"\n'
            f"dir {tmp_path}\n"
            f"sentinel monitor people 127.0.0.1 {primary.port} 2\n"
            f'sentinel auth-pass people "{PASSWORD}"\n'
            "sentinel down-after-milliseconds people 1000\n"
            "sentinel failover-timeout people 3000\n"
        )
        command = [_binary(), str(file), "--sentinel"]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    sentinels = [Server(port, tmp_path, ()) for port in ports]

    def each_knows_the_others() -> bool:
        for sentinel in sentinels:
            with sentinel.client(password=OF_SENTINEL) as client:
                masters: Any = client.sentinel_masters()
            (known,) = masters.values()
            if (known["num-other-sentinels"], known["num-slaves"]) != (2, 1):
                return False
        return True

    until(lambda: all(sentinel.up() for sentinel in sentinels))
    until(each_knows_the_others, 20)
    hosts = ",".join(f"127.0.0.1:{port}" for port in (free_port(), *ports))  # one is away
    secrets = f"{quoted(PASSWORD)}@{hosts}/people?sentinel_password={quoted(OF_SENTINEL)}"
    yield primary, f"redis+sentinel://:{secrets}"
    for process in started:
        process.kill()
        process.wait()


def quoted(text: str) -> str:
    return text.replace(" ", "%20")


async def test_a_failover_in_the_middle_of_changes(watched: tuple[Server, str]):
    primary, url = watched
    async with connect(url) as redis:
        directories = Directories(redis, WordEmbedder(), "{guild}", lambda: (BASE_SCHEMA, ()))
        directory = await directories.get_or_create("1")
        async with adding(directory, 4) as added:
            await asyncio.to_thread(until, lambda: len(added.made) > 50)
            before = len(added.made)
            primary.kill()
            await asyncio.to_thread(until, lambda: len(added.made) > before + 50, 20)
        there = await directory.people.list_names()
        lost = set(added.made) - set(there)
        print(f"{len(added.made)} acknowledged, {len(lost)} of them lost with the primary")
        latest = added.made[max(0, before - 20) : before + 4]
        assert lost <= set(latest), "but what was not copied yet"
        assert added.refused.keys() <= {AWAY, UNKNOWN}
        assert await directory.history.count() == len(there)
        assert (await check(directory)).is_clean

        if not LONG_FAILOVERS:
            return
        primary.start()  # it comes back as the replica of the other, when Sentinel has seen it
        until(primary.up)
        with primary.client(password=PASSWORD) as client:
            until(lambda: client.info("replication")["role"] == "slave", 20)
        await directory.people.add("Last", "mathematician", {})
        assert "Last" in await directory.people.list_names()


def test_addresses():
    address = parse_address(
        "redis+sentinel://bot:of%20it@one:1,two,[::1]:3/people/0?sentinel_password=s"
    )
    assert list(address.hosts) == [("one", 1), ("two", 26379), ("::1", 3)]
    assert (address.service, dict(address.sentinel_options)) == ("people", {"password": "s"})
    assert address.options == {"username": "bot", "password": "of it", "db": 0}
    assert str(address) == "one:1,two:26379,::1:3"
    assert parse_address("rediss+sentinel://one/people").is_tls
    assert not parse_address("redis://a:1,b:2,c").is_tls
    assert list(parse_address("redis://:x@a:1,b:2,c?").hosts) == [("a", 1), ("b", 2), ("c", 6379)]
    assert parse_address("redis://:x@a:1,b").options == {"password": "x"}
    for none in ("redis+sentinel://one", "redis+sentinel://one/", "sentinel://one/people", "one:1"):
        with pytest.raises(SettingError, match="no address of a Redis"):
            parse_address(none)


async def test_sentinels_that_do_not_know_it(watched: tuple[Server, str]):
    _, url = watched
    with pytest.raises(SettingError) as caught:
        async with connect(url.replace("/people", "/others")):
            pass
    assert "REDIS_URL" in str(caught.value) and PASSWORD not in str(caught.value)

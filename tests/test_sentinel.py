"""A Redis with a replica, watched by three Sentinels."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.directory import Directories, connect
from bot.directory.redis.address import parse_address
from bot.directory.redis.errors import change_unknown, no_response
from bot.embedded_redis.server import binary
from bot.errors import SettingError
from bot.maintenance import check
from bot.person import BASE_SCHEMA
from tests.concurrent_adds import concurrent_adds
from tests.embedders import WordEmbedder
from tests.local_redis import LocalRedis, LocalRedisServers, free_port, wait_until

PASSWORD = "of the servers"
SENTINEL_PASSWORD = "of Sentinel"
UNKNOWN = change_unknown()
DOWN = no_response()


def start_server(servers: LocalRedisServers) -> LocalRedis:
    password = ("--requirepass", PASSWORD, "--masterauth", PASSWORD)
    return servers.start("--repl-diskless-sync-delay", "0", *password)


@pytest.fixture
def sentinel_setup(
    redis_servers: LocalRedisServers, tmp_path: Path
) -> Iterator[tuple[LocalRedis, str]]:
    """The primary, and the URL that names the Sentinels."""
    primary, replica = start_server(redis_servers), start_server(redis_servers)
    with replica.client(password=PASSWORD) as client:
        client.replicaof("127.0.0.1", primary.port)
        wait_until(lambda: client.info("replication")["master_link_status"] == "up")
    ports = [free_port() for _ in range(3)]
    processes: list[subprocess.Popen[bytes]] = []
    for port in ports:
        file = tmp_path / f"sentinel-{port}.conf"
        file.write_text(
            f"port {port}\n"
            f'requirepass "{SENTINEL_PASSWORD}"\n'
            f"dir {tmp_path}\n"
            f"sentinel monitor people 127.0.0.1 {primary.port} 2\n"
            f'sentinel auth-pass people "{PASSWORD}"\n'
            "sentinel down-after-milliseconds people 1000\n"
            "sentinel failover-timeout people 3000\n"
        )
        command = [binary(), str(file), "--sentinel"]
        processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
    sentinels = [LocalRedis(port, tmp_path, ()) for port in ports]

    def all_know_each_other() -> bool:
        for sentinel in sentinels:
            with sentinel.client(password=SENTINEL_PASSWORD) as client:
                masters: Any = client.sentinel_masters()
            (master,) = masters.values()
            if (master["num-other-sentinels"], master["num-slaves"]) != (2, 1):
                return False
        return True

    wait_until(lambda: all(sentinel.is_up() for sentinel in sentinels))
    wait_until(all_know_each_other, 20)
    hosts = ",".join(f"127.0.0.1:{port}" for port in (free_port(), *ports))  # one is down
    password, sentinel_password = escape_spaces(PASSWORD), escape_spaces(SENTINEL_PASSWORD)
    location = f"{password}@{hosts}/people?sentinel_password={sentinel_password}"
    yield primary, f"redis+sentinel://:{location}"
    for process in processes:
        process.kill()
        process.wait()


def escape_spaces(text: str) -> str:
    return text.replace(" ", "%20")


@pytest.mark.parametrize("primary_returns", [False, pytest.param(True, marks=pytest.mark.cluster)])
async def test_changes_continue_after_a_failover(
    sentinel_setup: tuple[LocalRedis, str], primary_returns: bool
):
    primary, url = sentinel_setup
    async with connect(url) as redis:
        directories = Directories(redis, WordEmbedder(), "{guild}", lambda: (BASE_SCHEMA, ()))
        directory = await directories.get_or_create("1")
        async with concurrent_adds(directory, 4) as report:
            await asyncio.to_thread(wait_until, lambda: len(report.added) > 50)
            before = len(report.added)
            primary.kill()
            await asyncio.to_thread(wait_until, lambda: len(report.added) > before + 50, 20)
        names = await directory.people.list_names()
        lost = set(report.added) - set(names)
        print(f"{len(report.added)} acknowledged, {len(lost)} of them lost with the primary")
        latest = report.added[max(0, before - 20) : before + 4]
        assert lost <= set(latest), "only what had not been replicated"
        assert report.refused.keys() <= {DOWN, UNKNOWN}
        assert await directory.history.count() == len(names)
        assert (await check(directory)).is_clean

        if not primary_returns:
            return
        primary.start()  # Sentinel makes it a replica of the new primary
        wait_until(primary.is_up)
        with primary.client(password=PASSWORD) as client:
            wait_until(lambda: client.info("replication")["role"] == "slave", 20)
        await directory.people.add("Last", "mathematician", {})
        assert "Last" in await directory.people.list_names()


def test_addresses_are_parsed():
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
    for url in ("redis+sentinel://one", "redis+sentinel://one/", "sentinel://one/people", "one:1"):
        with pytest.raises(SettingError, match="isn't a valid address"):
            parse_address(url)


async def test_sentinels_that_do_not_know_the_service_are_reported(
    sentinel_setup: tuple[LocalRedis, str],
):
    _, url = sentinel_setup
    with pytest.raises(SettingError) as caught:
        async with connect(url.replace("/people", "/others")):
            pass
    assert "REDIS_URL" in str(caught.value) and PASSWORD not in str(caught.value)

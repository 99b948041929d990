"""A Redis Cluster of three nodes with a replica each.

`make test` does what takes seconds, `make cluster` also what takes a minute.
"""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from redis.crc import key_slot

from bot import sentences
from bot.directory import Directories, Directory, Redis, connect
from bot.directory.keys import Keys
from bot.errors import DirectoryUnavailable, SettingError
from bot.maintenance import check, reembed, repair
from bot.maintenance.backup import BackupFile, restore_backup, write_backup
from bot.person import BASE_SCHEMA
from tests.embedders import WordEmbedder
from tests.servers import LONG_FAILOVERS, Cluster, Server, Servers, free_port, raw, until

REFUSALS = sentences.service.DATABASE_REFUSALS
UNKNOWN = sentences.service.CHANGE_UNKNOWN
_keys = (f"cluster{number}:{{guild}}" for number in count())


def made(redis: Redis) -> Directories:
    return Directories(redis, WordEmbedder(), next(_keys), lambda: (BASE_SCHEMA, ()))


@asynccontextmanager
async def opened(cluster: Cluster) -> AsyncIterator[Directories]:
    async with connect(cluster.url) as redis:
        yield made(redis)


async def test_every_command(cluster: Cluster, tmp_path: Path):
    async with connect(cluster.url) as redis:
        directories = made(redis)
        for guild in range(6):
            directory = await directories.open(str(guild))
            await directory.people.add("Ada", "mathematician", {"born": 1815})
            await directory.people.update("Ada", "poet", {"country": "England"})
            assert (await directory.search("poet country=england", 5)).matches
            assert (await directory.search("born<1900", 5)).total == 1
            assert [person.name async for person in directory.people.iterate()] == ["Ada"]
            assert (await directory.describe()).people == 1
            await directory.storage.compact()
            assert (await check(directory)).is_clean
        everybody = {name: await directories.get(name) for name in await directories.names()}
        storages = {name: directory.storage for name, directory in everybody.items()}
        await write_backup(tmp_path / "all.gz", storages, lambda done, total: None)
        with BackupFile(tmp_path / "all.gz") as file:
            names = file.verify(lambda done, total: None)
            await restore_backup(file, directories, names, lambda done, total: None, replace=True)
        other = WordEmbedder()
        other.name = "other"
        for name, directory in everybody.items():
            await redis.execute("DEL", Keys.of(directory.key).names)
            assert not (await repair(directory)).remaining.is_damaged
            directory.embedder = other
            assert await reembed(directory, lambda done, total: None)
            assert await Directory(directory.storage, other, {}).search("poet", 3), name
        assert await directories.names() == [str(guild) for guild in range(6)]
        owners = {cluster.owner(directory.key).port for directory in everybody.values()}
        assert len(owners) == 3, "servers spread over the nodes"


async def test_servers_of_all_nodes_are_listed(cluster: Cluster):
    async with opened(cluster) as directories:
        servers = [10**17 + number for number in range(12)]
        for server in servers:
            await directories.open(str(server))
        assert await directories.servers() == dict.fromkeys(servers, False)
        assert await directories.mark_left(servers[0])
        assert (await directories.servers())[servers[0]]


async def test_any_node_that_is_there_is_enough(cluster: Cluster):
    gone = f"127.0.0.1:{free_port()}"
    replica = f"127.0.0.1:{cluster.nodes[4].port}"
    for hosts in (f"{gone},{replica}", replica, f"{cluster.url[8:]},{gone}"):
        async with connect(f"redis://{hosts}") as redis:
            assert await redis.find_keys("nothing", "hash") == []
    with pytest.raises(SettingError, match="does not answer"):
        async with connect(f"redis://{gone},{gone}"):
            pass


async def test_a_search_asks_one_node_alone(cluster: Cluster):
    async with opened(cluster) as directories:
        directory = await directories.open("1")
        await directory.people.add("Ada", "mathematician", {})
        await directory.search("mathematician", 5)
        before = [asked(node) for node in cluster.nodes]
        await directory.search("mathematician", 5)
        after = [asked(node) for node in cluster.nodes]
        new = [now - then for now, then in zip(after, before, strict=True) if now != then]
        assert new == [Counter(VSIM=1, VCARD=1, hmget=1)]


def asked(node: Server) -> Counter[str]:
    """How often a node was asked for what a search consists of, or may have to ask before."""
    with node.client() as client:
        stats = client.info("commandstats")
    names = ("VSIM", "VCARD", "hmget", "command", "command|getkeys", "cluster|slots")
    return Counter({name: stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in names})


async def test_a_directory_that_is_moved(cluster: Cluster):
    """Slot by slot, as redis-cli --cluster reshard does, while it is searched and changed."""
    async with opened(cluster) as directories:
        directory = await directories.open("1")
        await directory.people.add("Ada", "mathematician", {})
        await asyncio.gather(*(search(directory) for _ in range(20)))  # over many connections
        source = cluster.owner(directory.key)
        target = next(node for node in cluster.nodes[:3] if node is not source)
        async with load([directory]) as done:
            finish = await asyncio.to_thread(move, cluster, directory.key, source, target)
            await asyncio.sleep(0.3)  # some keys are here, some there
            await asyncio.to_thread(finish)
            seen = len(done.added)
            await asyncio.to_thread(until, lambda: len(done.added) > seen + 5)
        assert not done.failed, done.failed
        assert set(done.added) | {"Ada"} == set(await directory.people.list_names())
        assert cluster.owner(directory.key) is target
        assert (await check(directory)).is_clean

        finish = await asyncio.to_thread(move, cluster, directory.key, target, source)
        with pytest.raises(DirectoryUnavailable) as caught:
            await directory.people.add("Bo", "mathematician", {})
        assert str(caught.value) == REFUSALS["TRYAGAIN"]
        assert await search(directory)
        await asyncio.to_thread(finish)
        await directory.people.add("Bo", "mathematician", {})


def move(cluster: Cluster, key: str, source: Server, target: Server) -> Callable[[], None]:
    """Move some of the keys on a slot to another node; returns what moves the others."""
    slot = key_slot(key.encode())
    raw(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
    raw(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)

    def migrate(keys: list[str]) -> None:
        raw(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)

    migrate([key])

    def finish() -> None:
        while keys := raw(source, "CLUSTER", "GETKEYSINSLOT", slot, 100):
            migrate(keys)
        for node in (target, source, *cluster.nodes[:3]):
            raw(node, "CLUSTER", "SETSLOT", slot, "NODE", target.id)

    return finish


async def test_a_node_that_is_killed(cluster: Cluster):
    async with opened(cluster) as directories:
        everybody = [await directories.open(str(number)) for number in range(12)]
        for directory in everybody:
            await directory.people.add("Ada", "mathematician", {})
        killed = cluster.owner(everybody[0].key)
        lost = [each for each in everybody if cluster.owner(each.key) is killed]
        others = [each for each in everybody if each not in lost]
        await asyncio.to_thread(until, cluster.whole)
        async with load(others) as elsewhere, load(lost) as there:
            killed.kill()
            began = time.monotonic()
            await asyncio.to_thread(until, lambda: promoted_for(cluster, lost, killed))
            promoted = time.monotonic()
            seen = Counter(there.searched)
            await asyncio.to_thread(
                until, lambda: all(there.searched[each.key] > seen[each.key] for each in lost)
            )
        resumed = time.monotonic() - promoted
        print(f"promoted after {promoted - began:.1f} s, searched {resumed:.1f} s later")
        assert not elsewhere.failed, elsewhere.failed
        assert set(there.failed) <= {
            sentences.service.DATABASE_DOES_NOT_ANSWER,
            UNKNOWN,
            REFUSALS["CLUSTERDOWN"],
        }
        for directory in lost:
            await directory.people.add("Bo", "mathematician", {})
            assert (await check(directory)).is_clean
    killed.start()
    until(cluster.whole, 20)


async def test_it_is_said_in_time_that_all_nodes_hang(redis_servers: Servers):
    cluster = Cluster(redis_servers)
    async with opened(cluster) as directories:
        directory = await directories.open("1")
        await search(directory)
        for node in cluster.nodes:
            node.process.send_signal(signal.SIGSTOP)
        for _ in range(2):
            began = time.monotonic()
            with pytest.raises(DirectoryUnavailable):
                await search(directory)
            assert time.monotonic() - began < 2.9  # Discord waits for 3
        for node in cluster.nodes:
            node.process.send_signal(signal.SIGCONT)


def promoted_for(cluster: Cluster, lost: list[Directory], killed: Server) -> bool:
    return all(cluster.owner(directory.key) is not killed for directory in lost)


@pytest.mark.skipif(not LONG_FAILOVERS, reason="make cluster does it")
async def test_every_node_is_killed_under_300_directories(cluster: Cluster):
    async with opened(cluster) as directories:
        everybody = [await directories.open(str(number)) for number in range(300)]
        spread = Counter(cluster.owner(directory.key).port for directory in everybody)
        print(f"300 directories on {sorted(spread.values())} of the nodes")
        assert len(spread) == 3 and min(spread.values()) > 50
        for port in spread:
            killed = next(node for node in cluster.nodes if node.port == port)
            lost = [each for each in everybody if cluster.owner(each.key) is killed]
            others = [each for each in everybody if each not in lost]
            async with load(others, 8) as elsewhere, load(lost, 8) as there:
                await asyncio.sleep(5)
                killed.kill()
                began = time.monotonic()
                await asyncio.sleep(0.05)  # what it had still answered has come
                before = set(there.added)
                await asyncio.to_thread(until, lambda: promoted_for(cluster, lost, killed))  # noqa: B023
                promoted = time.monotonic() - began
                seen = Counter(there.searched)
                await asyncio.to_thread(until, lambda: there.searched != seen)  # noqa: B023
                resumed = time.monotonic() - began
                await asyncio.sleep(5)
            names = {d.key: set(await d.people.list_names()) for d in everybody}
            gone = {name for name, key in there.added.items() if name not in names[key]}
            print(
                f"promoted after {promoted:.1f} s, searched after {resumed:.1f} s; elsewhere "
                f"{elsewhere.searched.total()} searches and {len(elsewhere.added)} changes, none "
                f"failed; there {len(before)} acknowledged before, {len(gone)} lost, "
                f"{len(there.unknown)} unknown, {there.failed.total()} told to try again"
            )
            assert not elsewhere.failed, elsewhere.failed
            assert all(name in names[key] for name, key in elsewhere.added.items())
            assert gone <= before, "but what was not copied yet"
            for directory in lost[:20]:
                assert (await check(directory)).is_clean
                assert await directory.history.count() == len(names[directory.key])
            killed.start()
            await asyncio.to_thread(until, cluster.whole, 30)


class Load:
    """What came of searches and changes, which end with the context."""

    def __init__(self) -> None:
        self.searched: Counter[str] = Counter()  # by the directory's key
        self.added: dict[str, str] = {}
        self.unknown: list[str] = []
        self.failed: Counter[str] = Counter()  # by what was said
        self.over = False

    async def search(self, directory: Directory) -> None:
        await search(directory)
        self.searched[directory.key] += 1

    async def add(self, directory: Directory, name: str) -> None:
        try:
            await directory.people.add(name, "mathematician", {})
        except DirectoryUnavailable as error:
            if str(error) == UNKNOWN:
                self.unknown.append(name)
            raise
        self.added[name] = directory.key

    async def keep(self, work: Callable[[int], Awaitable[None]]) -> None:
        for number in count():
            if self.over:
                return
            try:
                await work(number)
            except DirectoryUnavailable as error:
                self.failed[str(error)] += 1
            await asyncio.sleep(0.005)


_names = count()


@asynccontextmanager
async def load(directories: list[Directory], at_once: int = 0) -> AsyncIterator[Load]:
    """Searches in the directories, and changes of them, all the time; in so many ``at_once``, or in
    all."""
    done = Load()
    step = at_once or len(directories)

    def keep(first: int) -> list[Coroutine[Any, Any, None]]:
        def chosen(number: int) -> Directory:
            return directories[(first + number * step) % len(directories)]

        return [
            done.keep(lambda number: done.search(chosen(number))),
            done.keep(lambda number: done.add(chosen(number), f"Person {next(_names)}")),
        ]

    tasks = [asyncio.create_task(kept) for first in range(step) for kept in keep(first)]
    try:
        yield done
    finally:
        done.over = True
        await asyncio.gather(*tasks)


async def search(directory: Directory) -> list[str]:
    return [match.person.name for match in (await directory.search("mathematician", 5)).matches]

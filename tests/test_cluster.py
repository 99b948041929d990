"""A Redis Cluster of three nodes, each with a replica.

`make test` runs the short tests, and `make cluster` also the one that takes a minute.
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

from bot.directory import Directories, Directory, Redis, connect
from bot.directory.keys import Keys
from bot.directory.redis.errors import change_unknown, no_response, refusal
from bot.errors import DirectoryUnavailable, SettingError
from bot.maintenance import check, reembed, repair
from bot.maintenance.backup import BackupFile, restore_backup, write_backup
from bot.person import BASE_SCHEMA
from tests.embedders import WordEmbedder
from tests.local_redis import (
    LocalCluster,
    LocalRedis,
    LocalRedisServers,
    call_raw,
    free_port,
    wait_until,
)

UNKNOWN = change_unknown()
_keys = (f"cluster{number}:{{guild}}" for number in count())


def make_directories(redis: Redis) -> Directories:
    return Directories(redis, WordEmbedder(), next(_keys), lambda: (BASE_SCHEMA, ()))


@asynccontextmanager
async def open_directories(cluster: LocalCluster) -> AsyncIterator[Directories]:
    async with connect(cluster.url) as redis:
        yield make_directories(redis)


async def test_every_command_works_in_a_cluster(cluster: LocalCluster, tmp_path: Path):
    async with connect(cluster.url) as redis:
        directories = make_directories(redis)
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
        opened = {name: await directories.get(name) for name in await directories.names()}
        storages = {name: directory.storage for name, directory in opened.items()}
        await write_backup(tmp_path / "all.gz", storages, lambda done, total: None)
        with BackupFile(tmp_path / "all.gz") as file:
            names = file.verify(lambda done, total: None)
            await restore_backup(file, directories, names, lambda done, total: None, replace=True)
        other = WordEmbedder()
        other.name = "other"
        for name, directory in opened.items():
            await redis.execute("DEL", Keys.of(directory.key).names)
            assert not (await repair(directory)).remaining.is_damaged
            directory.embedder = other
            assert await reembed(directory, lambda done, total: None)
            assert await Directory(directory.storage, other, {}).search("poet", 3), name
        assert await directories.names() == [str(guild) for guild in range(6)]
        owners = {cluster.owner(directory.key).port for directory in opened.values()}
        assert len(owners) == 3, "servers spread over the nodes"


async def test_directories_on_all_nodes_are_listed(cluster: LocalCluster):
    async with open_directories(cluster) as directories:
        servers = [10**17 + number for number in range(12)]
        for server in servers:
            await directories.open(str(server))
        assert await directories.servers() == dict.fromkeys(servers, False)
        assert await directories.mark_left(servers[0])
        assert (await directories.servers())[servers[0]]


async def test_one_reachable_node_is_enough_to_connect(cluster: LocalCluster):
    unused = f"127.0.0.1:{free_port()}"
    replica = f"127.0.0.1:{cluster.nodes[4].port}"
    for hosts in (f"{unused},{replica}", replica, f"{cluster.url[8:]},{unused}"):
        async with connect(f"redis://{hosts}") as redis:
            assert await redis.find_keys("nothing", "hash") == []
    with pytest.raises(SettingError, match="isn't responding"):
        async with connect(f"redis://{unused},{unused}"):
            pass


async def test_a_search_asks_only_one_node(cluster: LocalCluster):
    async with open_directories(cluster) as directories:
        directory = await directories.open("1")
        await directory.people.add("Ada", "mathematician", {})
        await directory.search("mathematician", 5)
        before = [count_calls(node) for node in cluster.nodes]
        await directory.search("mathematician", 5)
        after = [count_calls(node) for node in cluster.nodes]
        calls = [new - old for new, old in zip(after, before, strict=True) if new != old]
        assert calls == [Counter(VSIM=1, VCARD=1, hmget=1)]


def count_calls(node: LocalRedis) -> Counter[str]:
    """Count the commands that a search consists of, and those that a client may send before."""
    with node.client() as client:
        stats = client.info("commandstats")
    names = ("VSIM", "VCARD", "hmget", "command", "command|getkeys", "cluster|slots")
    return Counter({name: stats.get(f"cmdstat_{name}", {"calls": 0})["calls"] for name in names})


async def test_a_directory_can_be_used_while_it_is_moved(cluster: LocalCluster):
    """Its slot is moved as redis-cli --cluster reshard does, while the directory is searched and
    changed."""
    async with open_directories(cluster) as directories:
        directory = await directories.open("1")
        await directory.people.add("Ada", "mathematician", {})
        await asyncio.gather(*(search(directory) for _ in range(20)))  # opens many connections
        source = cluster.owner(directory.key)
        target = next(node for node in cluster.nodes[:3] if node is not source)
        async with load([directory]) as report:
            finish = await asyncio.to_thread(move, cluster, directory.key, source, target)
            await asyncio.sleep(0.3)  # each node has some of the keys
            await asyncio.to_thread(finish)
            seen = len(report.added)
            await asyncio.to_thread(wait_until, lambda: len(report.added) > seen + 5)
        assert not report.failed, report.failed
        assert set(report.added) | {"Ada"} == set(await directory.people.list_names())
        assert cluster.owner(directory.key) is target
        assert (await check(directory)).is_clean

        finish = await asyncio.to_thread(move, cluster, directory.key, target, source)
        with pytest.raises(DirectoryUnavailable) as caught:
            await directory.people.add("Bo", "mathematician", {})
        assert str(caught.value) == refusal("TRYAGAIN")
        assert await search(directory)
        await asyncio.to_thread(finish)
        await directory.people.add("Bo", "mathematician", {})


def move(
    cluster: LocalCluster, key: str, source: LocalRedis, target: LocalRedis
) -> Callable[[], None]:
    """Move one key of a slot to another node; return the function that moves the others."""
    slot = key_slot(key.encode())
    call_raw(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
    call_raw(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)

    def migrate(keys: list[str]) -> None:
        call_raw(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)

    migrate([key])

    def finish() -> None:
        while keys := call_raw(source, "CLUSTER", "GETKEYSINSLOT", slot, 100):
            migrate(keys)
        for node in (target, source, *cluster.nodes[:3]):
            call_raw(node, "CLUSTER", "SETSLOT", slot, "NODE", target.id)

    return finish


async def test_a_killed_node_is_replaced_by_its_replica(cluster: LocalCluster):
    async with open_directories(cluster) as directories:
        opened = [await directories.open(str(number)) for number in range(12)]
        for directory in opened:
            await directory.people.add("Ada", "mathematician", {})
        killed = cluster.owner(opened[0].key)
        lost = [each for each in opened if cluster.owner(each.key) is killed]
        others = [each for each in opened if each not in lost]
        await asyncio.to_thread(wait_until, cluster.is_healthy)
        async with load(others) as healthy, load(lost) as affected:
            killed.kill()
            began = time.monotonic()
            await asyncio.to_thread(wait_until, lambda: are_replaced(cluster, lost, killed))
            promoted = time.monotonic()
            seen = Counter(affected.searched)
            await asyncio.to_thread(
                wait_until,
                lambda: all(affected.searched[each.key] > seen[each.key] for each in lost),
            )
        resumed = time.monotonic() - promoted
        print(f"promoted after {promoted - began:.1f} s, searched {resumed:.1f} s later")
        assert not healthy.failed, healthy.failed
        assert set(affected.failed) <= {
            no_response(),
            UNKNOWN,
            refusal("CLUSTERDOWN"),
        }
        for directory in lost:
            await directory.people.add("Bo", "mathematician", {})
            assert (await check(directory)).is_clean
    killed.start()
    wait_until(cluster.is_healthy, 20)


async def test_requests_fail_in_time_when_all_nodes_hang(redis_servers: LocalRedisServers):
    cluster = LocalCluster(redis_servers)
    async with open_directories(cluster) as directories:
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


def are_replaced(cluster: LocalCluster, lost: list[Directory], killed: LocalRedis) -> bool:
    return all(cluster.owner(directory.key) is not killed for directory in lost)


@pytest.mark.cluster
async def test_300_directories_survive_the_death_of_each_node(cluster: LocalCluster):
    async with open_directories(cluster) as directories:
        opened = [await directories.open(str(number)) for number in range(300)]
        spread = Counter(cluster.owner(directory.key).port for directory in opened)
        print(f"300 directories on {sorted(spread.values())} of the nodes")
        assert len(spread) == 3 and min(spread.values()) > 50
        for port in spread:
            killed = next(node for node in cluster.nodes if node.port == port)
            lost = [each for each in opened if cluster.owner(each.key) is killed]
            others = [each for each in opened if each not in lost]
            async with load(others, 8) as healthy, load(lost, 8) as affected:
                await asyncio.sleep(5)
                killed.kill()
                began = time.monotonic()
                await asyncio.sleep(0.05)  # for its last replies to arrive
                before = set(affected.added)
                await asyncio.to_thread(wait_until, lambda: are_replaced(cluster, lost, killed))  # noqa: B023
                promoted = time.monotonic() - began
                seen = Counter(affected.searched)
                await asyncio.to_thread(wait_until, lambda: affected.searched != seen)  # noqa: B023
                resumed = time.monotonic() - began
                await asyncio.sleep(5)
            names = {d.key: set(await d.people.list_names()) for d in opened}
            gone = {name for name, key in affected.added.items() if name not in names[key]}
            print(
                f"promoted after {promoted:.1f} s, searched after {resumed:.1f} s; elsewhere "
                f"{healthy.searched.total()} searches and {len(healthy.added)} changes, none "
                f"failed; there {len(before)} acknowledged before, {len(gone)} lost, "
                f"{len(affected.unknown)} unknown, {affected.failed.total()} told to try again"
            )
            assert not healthy.failed, healthy.failed
            assert all(name in names[key] for name, key in healthy.added.items())
            assert gone <= before, "only what had not been replicated"
            for directory in lost[:20]:
                assert (await check(directory)).is_clean
                assert await directory.history.count() == len(names[directory.key])
            killed.start()
            await asyncio.to_thread(wait_until, cluster.is_healthy, 30)


class LoadReport:
    """The outcomes of searches and changes that run until a context ends."""

    def __init__(self) -> None:
        self.searched: Counter[str] = Counter()  # by directory key
        self.added: dict[str, str] = {}
        self.unknown: list[str] = []
        self.failed: Counter[str] = Counter()  # by message
        self.is_over = False

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

    async def repeat(self, work: Callable[[int], Awaitable[None]]) -> None:
        for number in count():
            if self.is_over:
                return
            try:
                await work(number)
            except DirectoryUnavailable as error:
                self.failed[str(error)] += 1
            await asyncio.sleep(0.005)


_names = count()


@asynccontextmanager
async def load(directories: list[Directory], at_once: int = 0) -> AsyncIterator[LoadReport]:
    """Search and change the directories continuously; ``at_once`` of them at a time, or all."""
    report = LoadReport()
    step = at_once or len(directories)

    def workers(first: int) -> list[Coroutine[Any, Any, None]]:
        def chosen(number: int) -> Directory:
            return directories[(first + number * step) % len(directories)]

        return [
            report.repeat(lambda number: report.search(chosen(number))),
            report.repeat(lambda number: report.add(chosen(number), f"Person {next(_names)}")),
        ]

    tasks = [asyncio.create_task(worker) for first in range(step) for worker in workers(first)]
    try:
        yield report
    finally:
        report.is_over = True
        await asyncio.gather(*tasks)


async def search(directory: Directory) -> list[str]:
    return [match.person.name for match in (await directory.search("mathematician", 5)).matches]

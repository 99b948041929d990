"""A start of the embedded Redis loads people; it does not add them again, one by one."""

import os
import re
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from redis.connection import Connection

from bot import files
from bot.directory import Author, Directories, Directory, Redis, connect
from bot.embedded_redis import EmbeddedRedis, aof
from bot.embedded_redis import server as redis_server
from bot.embedded_redis.aof import incremental_files
from bot.embedding import TextEmbedder
from bot.files import ImportMode
from bot.maintenance import check
from bot.maintenance.backup import BackupFile, restore_backup, write_backup
from bot.person import BASE_SCHEMA, Person
from tests.conftest import ROOT
from tests.embedders import WordEmbedder
from tests.local_redis import wait_until
from tests.test_embedded_redis import client, pid, runs
from tests.test_scale import RandomEmbedder

RESTART_SECONDS = 2.0
REPLAYED = 0.1  # of all people, at the most, where the server was killed; and of few, this many:
SMALL = 2_000


def added_again(folder: Path) -> int:
    """How many people the next start would add."""
    return sum(file.read_bytes().count(b"\r\nVADD\r\n") for file in incremental_files(folder))


def over(redis: Redis, embedder: TextEmbedder | None = None) -> Directories:
    embedder = embedder or WordEmbedder()
    return Directories(redis, embedder, "people:{guild}", lambda: (BASE_SCHEMA, ()))


async def change_in_all_ways(directories: Directories, folder: Path) -> None:
    directory = await directories.get_or_create("1")
    for number in range(20):
        await directory.people.add(f"One {number}", "singer", {"born": 1900 + number})
    await directory.people.remove("One 3", by=Author("1", "Ada"))
    await directory.undo.run(await directory.undo.last_undoable(Author("1", "Ada")) or 0)
    await directory.bulk.update_where(await directory.parse("born>1910"), {"prize": "yes"})
    content = files.read_file(ROOT / "data" / "people.json")
    plan = await files.make_plan(directory, content, ImportMode.ADD)
    await files.Importer(directory, plan, plan.request(Author("1", "A"), "a.json")).run()
    await write_backup(folder / "all.gz", {"1": directory.storage}, lambda done, total: None)
    with BackupFile(folder / "all.gz") as file:
        file.verify(lambda done, total: None)
        await restore_backup(file, directories, ["1"], lambda done, total: None, replace=True)
    await (await directories.get("1")).people.add("Last", "painter", {})


async def everybody(directory: Directory) -> list[Person]:
    return [person async for person in directory.people.iterate()]


async def test_no_person_is_replayed_after_a_restart_whatever_was_done(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            await change_in_all_ways(over(redis), tmp_path)
            before = await everybody(await over(redis).get("1"))
        assert added_again(tmp_path), "there is something to be taken into the base"
    assert added_again(tmp_path) == 0
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directory = await over(redis).get("1")
            assert await everybody(directory) == before
            assert (await directory.search("born>=1900 born<1920 prize:yes", 50)).total == 9


def add(server: EmbeddedRedis, *names: str) -> None:
    with client(server) as redis:
        for name in names:
            redis.execute_command("VADD", "people", "VALUES", 2, 1, len(name), name)


def test_a_killed_server_rewrites_its_file_after_the_restart(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        add(server, "a", "bc")
        killed = pid(server)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: not runs(killed))
        assert added_again(tmp_path) == 2
        wait_until(lambda: not incremental_files(tmp_path))
        assert client(server).execute_command("VCARD", "people") == 2


def test_changes_made_during_a_rewrite_are_in_the_base_too(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        during = False
        while not during:
            add(server, "a")
            client(server).bgrewriteaof()
            add(server, "bc")
            during = client(server).info("persistence")["aof_rewrite_in_progress"]
    assert added_again(tmp_path) == 0
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).execute_command("VCARD", "people") == 2


def test_users_leaving_at_the_same_time_stop_the_server_once_and_cleanly(tmp_path: Path):
    users = [EmbeddedRedis(tmp_path) for _ in range(3)]
    for user in users:
        user.__enter__()
    add(users[0], "a", "bc")
    process = pid(users[0])
    leaving = [threading.Thread(target=user.__exit__) for user in users]
    for thread in leaving:
        thread.start()
    with EmbeddedRedis(tmp_path) as late:
        assert client(late).execute_command("VCARD", "people") == 2
    for thread in leaving:
        thread.join()
    for user in users:
        user._is_running()  # collects the exit status of the process
    assert not runs(process) and added_again(tmp_path) == 0


def test_changes_that_could_not_be_rewritten_are_replayed(tmp_path: Path, monkeypatch):
    with EmbeddedRedis(tmp_path) as server:
        add(server, "a")
        process = pid(server)
        monkeypatch.setattr(aof, "REWRITE_SECONDS", 1e-6)
    assert not runs(process) and added_again(tmp_path) == 1
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).execute_command("VCARD", "people") == 1


def kill(server: EmbeddedRedis) -> None:
    process = pid(server)
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not runs(process))


@pytest.fixture
def stopped_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody starts it again, nor makes a new base of what it holds."""
    monkeypatch.setattr(EmbeddedRedis, "_watch", lambda self: None)
    monkeypatch.setattr(aof, "start_rewrite", lambda folder, socket: None)


@pytest.mark.parametrize("written", ["all but the end", "some", "nothing but the beginning"])
@pytest.mark.parametrize("rewriting", [False, True])
async def test_a_half_written_change_is_dropped_whole(
    tmp_path: Path, stopped_by_itself: None, written: str, rewriting: bool
):
    """Also after the second start, at which Redis would carry out what the first one left."""
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directory = await over(redis).get_or_create("1")
            await directory.people.add("Ada", "mathematician", {"born": 1815})
            await directory.people.add("Torn Person", "singer", {"born": 1900})
        kill(server)
        (file,) = incremental_files(tmp_path)
        content = file.read_bytes()
        began = content.rindex(b"*1\r\n$5\r\nMULTI\r\n")
        cut = {"all but the end": len(content) - 1, "some": (began + len(content)) // 2}
        os.truncate(file, cut.get(written, began + 20))
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            if rewriting:
                client(server).bgrewriteaof()
            await (await over(redis).get("1")).people.add("Bo", "painter", {})
        kill(server)
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directory = await over(redis).get("1")
            assert await directory.people.list_names() == ["Ada", "Bo"]
            assert (await check(directory)).is_clean


def packed(*commands: str) -> bytes:
    """As Redis writes commands, and clients send them."""
    pack = Connection().pack_command
    return b"".join(part for command in commands for part in pack(*command.split(" ")))


def laid_down(folder: Path, content: bytes) -> Path:
    """A file of commands, where Redis has it."""
    files = folder / "appendonlydir"
    files.mkdir(exist_ok=True)
    (files / "appendonly.aof.manifest").write_text("file commands seq 1 type i\n")
    (files / "commands").write_bytes(content)
    return files / "commands"


WHOLE = (
    packed("SELECT 0"),
    b"#TS:1795914933\r\n" + packed("SET ångström 1"),
    packed("MULTI", "SET a *1\r\n$4\r\nEXEC\r\n", "SET b 2", "EXEC"),
    packed("multi", "SET a MULTI", "exec"),
    packed("SET c "),
    packed("SET d \0one\0\0"),
)


@pytest.mark.parametrize("zeros", [0, 1, 3, 4096])
def test_a_truncated_file_keeps_its_complete_commands_and_transactions(tmp_path: Path, zeros: int):
    """Also where a power loss left zeros, for the length was on disk, and the content not."""
    content = b"".join(WHOLE)
    ends = [len(b"".join(WHOLE[:count])) for count in range(len(WHOLE) + 1)]
    for size in range(1, len(content) + 1):
        file = laid_down(tmp_path, content[:size] + b"\0" * zeros)
        whole = max(end for end in ends if end <= size)
        assert aof.truncate_incomplete(tmp_path) == (whole < size + zeros)
        assert file.read_bytes() == content[:whole]


@pytest.mark.parametrize(
    "damage",
    [
        b"garbage\r\n",
        b"*1\r\n$4\r\nPINGxx",
        b"*1\r\n$4\r\nPI\0\0\0\0",
        b"*1\r\n$4\r\nPI\0\0\r\n\0\0\r\n",
        b"*0\r\n",
        b"*1\r\n$-1\r\n",
        b"*1\r\n$9999999999999\r\n",
        b"*1\r\n$9999999999999999999\r\n",
        b"*x\r\n",
        b"\n",
    ],
)
@pytest.mark.parametrize("zeros", [0, 4096])
def test_other_damage_is_left_for_redis_to_report(tmp_path: Path, damage: bytes, zeros: int):
    content = WHOLE[0] + damage + WHOLE[2] + packed("MULTI") + b"\0" * zeros
    file = laid_down(tmp_path, content)
    assert not aof.truncate_incomplete(tmp_path)
    assert file.read_bytes() == content


KEYS = 12_000


@pytest.fixture
def long_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file that takes two seconds; Redis answers after each 1,024 commands."""
    laid_down(tmp_path, packed(*(f"SET {number} 1" for number in range(KEYS))))
    slowly = (
        *redis_server.OPTIONS,
        "--key-load-delay",
        "100",
    )  # microseconds, and what a sleep takes
    monkeypatch.setattr(redis_server, "OPTIONS", slowly)
    monkeypatch.setattr(redis_server, "START_SECONDS", 1.0)
    monkeypatch.setattr(redis_server, "LOADING_SECONDS", 0.5)


def test_a_slow_load_is_waited_for(
    tmp_path: Path, long_to_load: None, caplog: pytest.LogCaptureFixture
):
    started = time.perf_counter()
    with EmbeddedRedis(tmp_path) as server, EmbeddedRedis(tmp_path) as other:
        assert time.perf_counter() - started > redis_server.START_SECONDS
        assert client(server).dbsize() == client(other).dbsize() == KEYS
    assert re.search(r"still loads its data \(\d+ %\)", caplog.text)


def test_leaving_during_the_load_stops_the_server(
    tmp_path: Path, long_to_load: None, monkeypatch: pytest.MonkeyPatch
):
    info = EmbeddedRedis._info

    def leave(server: EmbeddedRedis) -> dict[str, Any]:
        if says := info(server):
            monkeypatch.setattr(EmbeddedRedis, "_info", info)
            raise SystemExit
        return says

    monkeypatch.setattr(EmbeddedRedis, "_info", leave)
    with pytest.raises(SystemExit):
        EmbeddedRedis(tmp_path).__enter__()
    assert "shutdown signal during loading" in (tmp_path / "redis.log").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("people_count", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
async def test_many_people_are_searchable_soon_after_a_restart(tmp_path: Path, people_count: int):
    """Prints how long the start takes, until the first exact answer, without the model."""
    people = [Person(f"P {n}", "x" * 200, {"born": n % 1000}) for n in range(people_count)]
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            await (await over(redis, RandomEmbedder()).get_or_create("1")).people.add_many(people)
        wait_until(lambda: not client(server).info("persistence")["aof_rewrite_in_progress"])
        added = added_again(tmp_path)
        print(f"\n{added:,} of {people_count:,} would be added again, were it killed")
        assert added <= SMALL + REPLAYED * people_count
        started = time.perf_counter()
    print(f"stopped in {time.perf_counter() - started:.2f} s")
    assert added_again(tmp_path) == 0
    taken = min([await restart(tmp_path, people_count) for _ in range(3)])
    print(f"the first exact answer after {taken:.2f} s")
    assert taken < RESTART_SECONDS


async def restart(folder: Path, people_count: int) -> float:
    """Seconds from the start of the server to the first exact answer."""
    started = time.perf_counter()
    with EmbeddedRedis(folder) as server:
        async with connect(server.url) as redis:
            found = await (await over(redis, RandomEmbedder()).get("1")).search("born<500", 10)
            taken = time.perf_counter() - started
    assert found.total == people_count // 2
    return taken

"""A step of many people is packed, and reads as one of few does."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.directory import Directories, Directory, HistoryLimits, Redis, lua, staging
from bot.directory import people as people_module
from bot.directory.history_entries import (
    DIGEST_BYTES,
    PACKED_SIZES,
    Change,
    HistoryEntry,
    format_entry,
    name_digests,
    parse_entry,
)
from bot.directory.keys import Keys
from bot.directory.operations import OperationKind, OperationRequest
from bot.directory.people import Edit
from bot.maintenance import check, repair
from bot.maintenance.backup import BackupFile, restore_backup, write_backup
from bot.maintenance.findings import Problem
from bot.person import Person
from tests.test_history import BEN, stored

NAMES = ["Ünal", "Ärzte", 'D. "Dizzy"', "nul\0nul", "back\\slash", "終", *map(str, range(60))]


def people(names: list[str] = NAMES, description: str = "singer") -> list[Person]:
    return [Person(name, f"{description} {name}", {"country": f"Land {name}"}) for name in names]


@pytest.fixture
async def directories(make_directories) -> Directories:
    return make_directories()


@pytest.fixture
async def directory(directories: Directories) -> Directory:
    """Many imported; then many changed, their vectors too; then some removed."""
    directory = await directories.get_or_create("1")
    await directory.people.add("Björk", "singer", {"country": "Iceland"}, by=BEN)
    await directory.people.add_many(people(), OperationRequest(OperationKind.IMPORT, BEN))
    there = [*zip(NAMES[:40], await directory.storage.read_attributes(NAMES[:40]), strict=True)]
    vectors = await directory.people.embed(people(NAMES[:40], "poet"))
    changed = [
        Edit(name, before or "", person, vector)
        for (name, before), person, vector in zip(
            there, people(NAMES[:40], "poet"), vectors, strict=True
        )
    ]
    await directory.people.apply(changed, OperationRequest(OperationKind.BULK, BEN))
    await directory.undo.run(2, by=BEN)  # what was changed since stays
    return directory


async def raw_steps(redis: Redis, directory: Directory) -> list[tuple[bytes, dict[bytes, bytes]]]:
    command = ("XRANGE", Keys.of(directory.key).history, "-", "+")
    return (await redis.execute_raw([command]))[0]


def test_what_is_written_is_read():
    changes = [Change(name, "" if name > "2" else "{}", "", b"\xff\0") for name in NAMES]
    for packed in (False, True):
        step = HistoryEntry("1-1", changes, is_packed=packed)
        written = [p if isinstance(p, bytes) else str(p).encode() for p in format_entry(step)]
        parts = dict(zip(written[::2], written[1::2], strict=True))
        assert parse_entry("1-1", {b"operation": b"1", **parts}) == step


def test_names_have_prints_of_their_own():
    every = name_digests(map(str, range(100_000)))
    width = DIGEST_BYTES * 4 // 3
    assert len({every[place : place + width] for place in range(0, len(every), width)}) == 100_000


async def test_many_are_packed_and_few_are_not(directory: Directory, redis: Redis):
    steps = await raw_steps(redis, directory)
    of_people = [(id, parts) for id, parts in steps if b"schema" not in parts]
    packed = [b"packed" in parts for _, parts in of_people]
    assert packed == [False, True, False, True, False, True]
    for (id, parts), many in zip(of_people, packed, strict=True):
        assert (len(parse_entry(id.decode(), parts).changes) in PACKED_SIZES) is many
    operation = await directory.history.get(3)
    changes = await directory.history.changes(operation, 99)
    assert [change.name for change in changes] == NAMES[39::-1]
    assert all(c.old and c.old.description == f"singer {c.name}" for c in changes)
    assert all(c.new and c.new.description == f"poet {c.name}" for c in changes)
    assert all(change.vector.startswith(b"int8 ") for change in changes)


async def test_somebody_s_operations(directory: Directory):
    history = directory.history

    async def numbers(name: str) -> list[int]:
        return [operation.number for operation in await history.page(0, 9, person=name)]

    changed, gone = NAMES[0], NAMES[-1]
    assert await numbers(changed) == [3, 2] and await history.count(person=changed) == 2
    assert await numbers(gone) == [4, 2]
    assert await numbers("Björk") == [1] and await numbers("Nobody") == []
    assert [o.number for o in await history.page(1, 1, person=gone)] == [2]
    assert await history.count(person=gone, author_id=BEN.id) == 2
    assert await history.count(person=gone, author_id="3") == 0
    assert await history.names_starting_with("5", 99) == sorted(
        n for n in NAMES[40:] if n[0] == "5"
    )
    assert await history.names_starting_with("Ü", 99) == []  # who is there, the index of names has


async def test_one_who_is_refused_is_not_in_the_history(directories: Directories):
    directory = await directories.get_or_create("1")
    await directory.people.add(NAMES[4], "there before", {"country": "here"}, by=BEN)
    refused = await directory.people.add_many(people(), OperationRequest(OperationKind.IMPORT, BEN))
    assert refused == {NAMES[4]: NAMES[4]}
    (operation,) = await directory.history.page(0, 1)
    names = {change.name for change in await directory.history.changes(operation, 99)}
    assert names == {*NAMES} - {NAMES[4]} and operation.people_count == len(names)
    assert await directory.history.count(person=NAMES[4]) == 1
    assert (await check(directory)).is_clean


async def test_marks_go_with_what_is_forgotten(make_directories, redis: Redis):
    directory = await make_directories(limits=HistoryLimits(changes=100)).get_or_create("1")
    for start in range(10):
        names = [f"{start} {number}" for number in range(40)]
        await directory.people.add_many(people(names), OperationRequest(OperationKind.IMPORT, BEN))
        if start == 7:
            await directory.undo.run(await directory.undo.last_undoable(BEN) or 0, by=BEN)
    marks = await redis.execute("ZRANGE", Keys.of(directory.key).marks, 0, -1)
    assert sum(mark.startswith("step\0") for mark in marks) == 2
    assert not any(mark.startswith("who\0") for mark in marks)
    assert await directory.history.count(person="0 0") == 0
    assert (await directory.history.stats()).people == 80
    assert (await check(directory)).is_clean


def of_packed(marks: list[str]) -> list[str]:
    return [mark for mark in marks if mark.startswith("step\0")]


async def marks_of_all_gone(redis: Redis, keys: Keys) -> None:
    marks = of_packed(await redis.execute("ZRANGE", keys.marks, 0, -1))
    await redis.execute("ZREM", keys.marks, *marks)


async def a_mark_cut_short(redis: Redis, keys: Keys) -> None:
    (mark, *_) = of_packed(await redis.execute("ZRANGE", keys.marks, 0, -1))
    await redis.execute("ZREM", keys.marks, mark)
    await redis.execute("ZADD", keys.marks, 0, mark[:-3], 0, "step\0?")


async def a_mark_of_who_is_gone(redis: Redis, keys: Keys) -> None:
    await redis.execute("ZREM", keys.marks, f"who\0{NAMES[-1]}\0{4:012}")


def broken(field: str, value: bytes) -> Callable[[Redis, Keys], Any]:
    """Puts another part into a packed step at the end."""

    async def damage(redis: Redis, keys: Keys) -> None:
        (entries,) = await redis.execute_raw([("XRANGE", keys.history, "-", "+")])
        parts = next(parts for _, parts in entries if b"packed" in parts)
        parts = parts | {b"operation": b"4", field.encode(): value}
        flat = [part for pair in parts.items() for part in pair]
        await redis.execute("XADD", keys.history, "*", *flat)

    return damage


P = Problem
DAMAGE: dict[str, tuple[Callable[[Redis, Keys], Any], dict[Problem, int]]] = {
    "no marks": (marks_of_all_gone, {P.MARK_MISSING: 3}),
    "a mark cut short": (a_mark_cut_short, {P.MARK_MISSING: 1, P.MARK_EXTRA: 2}),
    "a mark of who is gone": (a_mark_of_who_is_gone, {P.MARK_MISSING: 1}),
    "nothing packed": (broken("packed", b"\0"), {P.UNREADABLE_ENTRY: 1}),
    "no JSON packed": (broken("packed", zlib.compress(b"[[")), {P.UNREADABLE_ENTRY: 1}),
    "half a person": (broken("packed", zlib.compress(b'[["a"]]')), {P.UNREADABLE_ENTRY: 1}),
    "another number": (broken("people", b"3"), {P.UNREADABLE_ENTRY: 1}),
    "no number": (broken("people", b"many"), {P.UNREADABLE_ENTRY: 1}),
}


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found_and_mended(directory: Directory, redis: Redis, name: str):
    damage, expected = DAMAGE[name]
    before = await raw_steps(redis, directory)
    await damage(redis, Keys.of(directory.key))
    found = (await check(directory)).problems
    assert {problem: trouble.count for problem, trouble in found.items()} == expected
    await directory.history.count(person=NAMES[0])
    assert (await repair(directory)).remaining.is_clean
    assert await raw_steps(redis, directory) == before
    assert await directory.history.count(person=NAMES[0]) == 2


@pytest.fixture
async def earlier(directories: Directories, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> str:
    """A directory of the version before, in which all steps were as those of few."""
    with monkeypatch.context() as patched:
        patched.setattr(people_module, "PACKED_SIZES", range(0))
        directory = await directories.get_or_create("1")
        await directory.people.add("Björk", "singer", {"country": "Iceland"}, by=BEN)
        asked = OperationRequest(OperationKind.IMPORT, BEN)
        await directory.people.add_many(people(), asked)
        await directory.undo.run(asked.number or 0, by=BEN)
    await redis.execute("HSET", Keys.of(directory.key).meta, "format", "4")
    directories._open.clear()
    return directory.key


async def test_a_directory_of_the_version_before_keeps_its_history(
    earlier: str, directories: Directories, redis: Redis
):
    directory = await directories.get("1")
    assert await redis.execute("HGET", Keys.of(earlier).meta, "format") == lua.FORMAT
    assert not any(b"packed" in parts for _, parts in await raw_steps(redis, directory))
    assert (await check(directory)).is_clean
    assert await directory.history.count(person=NAMES[0]) == 2
    before = await stored(redis, directory)
    undone = await directory.undo.run(3, by=BEN)
    assert undone.people_count == len(NAMES) and (await check(directory)).is_clean
    await directory.undo.run(undone.number, by=BEN)
    assert await stored(redis, directory) == before
    assert (await check(directory)).is_clean


async def test_a_backup_of_the_version_before_is_restored(
    earlier: str, directories: Directories, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    old = await directories.open_unchecked("1")
    with monkeypatch.context() as patched:
        patched.setattr(staging, "FORMAT", "4")
        await write_backup(tmp_path / "old.gz", {"1": old}, lambda done, total: None)
    with BackupFile(tmp_path / "old.gz") as file:
        file.verify(lambda done, total: None)
        await restore_backup(file, directories, ["1"], lambda done, total: None, replace=True)
    directory = await directories.get("1")
    assert (await check(directory)).is_clean and await directory.people.count() == 1
    assert (await directory.undo.run(3, by=BEN)).people_count == len(NAMES)

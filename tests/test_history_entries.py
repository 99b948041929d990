"""Entries with many people are packed, and are read like those with a few."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.directory import Directories, Directory, HistoryLimits, Redis, lua
from bot.directory import people as people_module
from bot.directory.history.entries import (
    DIGEST_BYTES,
    PACKED_SIZES,
    Change,
    HistoryEntry,
    format_entry,
    name_digests,
    parse_entry,
)
from bot.directory.history.operations import OperationKind, OperationRequest
from bot.directory.keys import Keys
from bot.directory.people import Edit
from bot.maintenance import check, repair
from bot.maintenance.backup import BackupFile, restore_backup, write_backup
from bot.maintenance.findings import Problem
from bot.person import Person
from tests.test_history import BEN, snapshot

NAMES = ["Ünal", "Ärzte", 'D. "Dizzy"', "nul\0nul", "back\\slash", "終", *map(str, range(60))]


def people(names: list[str] = NAMES, description: str = "singer") -> list[Person]:
    return [Person(name, f"{description} {name}", {"country": f"Land {name}"}) for name in names]


@pytest.fixture
async def directories(make_directories) -> Directories:
    return make_directories()


@pytest.fixture
async def directory(directories: Directories) -> Directory:
    """A directory whose people were imported, partly changed with their vectors, partly removed."""
    directory = await directories.get_or_create("1")
    await directory.people.add("Björk", "singer", {"country": "Iceland"}, by=BEN)
    await directory.people.add_many(people(), OperationRequest(OperationKind.IMPORT, BEN))
    stored = [*zip(NAMES[:40], await directory.storage.read_attributes(NAMES[:40]), strict=True)]
    vectors = await directory.people.embed(people(NAMES[:40], "poet"))
    changed = [
        Edit(name, before or "", person, vector)
        for (name, before), person, vector in zip(
            stored, people(NAMES[:40], "poet"), vectors, strict=True
        )
    ]
    await directory.people.apply(changed, OperationRequest(OperationKind.BULK, BEN))
    await directory.undo.run(2, by=BEN)  # keeps the people who were changed since
    return directory


async def read_raw_entries(
    redis: Redis, directory: Directory
) -> list[tuple[bytes, dict[bytes, bytes]]]:
    command = ("XRANGE", Keys.of(directory.key).history, "-", "+")
    return (await redis.execute_all([command], raw=True))[0]


def test_a_formatted_entry_is_parsed_as_it_was():
    changes = [Change(name, "" if name > "2" else "{}", "", b"\xff\0") for name in NAMES]
    for packed in (False, True):
        step = HistoryEntry("1-1", changes, is_packed=packed)
        written = [p if isinstance(p, bytes) else str(p).encode() for p in format_entry(step)]
        parts = dict(zip(written[::2], written[1::2], strict=True))
        assert parse_entry("1-1", {b"operation": b"1", **parts}) == step


def test_digests_of_names_are_unique():
    every = name_digests(map(str, range(100_000)))
    width = DIGEST_BYTES * 4 // 3
    assert len({every[place : place + width] for place in range(0, len(every), width)}) == 100_000


async def test_only_entries_with_many_people_are_packed(directory: Directory, redis: Redis):
    steps = await read_raw_entries(redis, directory)
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


async def test_operations_that_changed_a_person_are_found_in_packed_entries(directory: Directory):
    history = directory.history

    async def numbers(name: str) -> list[int]:
        return [operation.number for operation in await history.page(0, 9, person=name)]

    changed, removed = NAMES[0], NAMES[-1]
    assert await numbers(changed) == [3, 2] and await history.count(person=changed) == 2
    assert await numbers(removed) == [4, 2]
    assert await numbers("Björk") == [1] and await numbers("Nobody") == []
    assert [o.number for o in await history.page(1, 1, person=removed)] == [2]
    assert await history.count(person=removed, author_id=BEN.id) == 2
    assert await history.count(person=removed, author_id="3") == 0
    assert await history.names_starting_with("5", 99) == sorted(
        n for n in NAMES[40:] if n[0] == "5"
    )
    assert (
        await history.names_starting_with("Ü", 99) == []
    )  # existing people are in the index of names


async def test_a_person_who_was_not_added_is_not_in_the_history(directories: Directories):
    directory = await directories.get_or_create("1")
    await directory.people.add(NAMES[4], "there before", {"country": "here"}, by=BEN)
    refused = await directory.people.add_many(people(), OperationRequest(OperationKind.IMPORT, BEN))
    assert refused == {NAMES[4]: NAMES[4]}
    (operation,) = await directory.history.page(0, 1)
    names = {change.name for change in await directory.history.changes(operation, 99)}
    assert names == {*NAMES} - {NAMES[4]} and operation.people_count == len(names)
    assert await directory.history.count(person=NAMES[4]) == 1
    assert (await check(directory)).is_clean


async def test_marks_of_forgotten_entries_are_removed(make_directories, redis: Redis):
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


def packed_marks(marks: list[str]) -> list[str]:
    return [mark for mark in marks if mark.startswith("step\0")]


async def remove_packed_marks(redis: Redis, keys: Keys) -> None:
    marks = packed_marks(await redis.execute("ZRANGE", keys.marks, 0, -1))
    await redis.execute("ZREM", keys.marks, *marks)


async def truncate_packed_mark(redis: Redis, keys: Keys) -> None:
    (mark, *_) = packed_marks(await redis.execute("ZRANGE", keys.marks, 0, -1))
    await redis.execute("ZREM", keys.marks, mark)
    await redis.execute("ZADD", keys.marks, 0, mark[:-3], 0, "step\0?")


async def remove_mark_of_removed_person(redis: Redis, keys: Keys) -> None:
    await redis.execute("ZREM", keys.marks, f"who\0{NAMES[-1]}\0{4:012}")


def replace_field(field: str, value: bytes) -> Callable[[Redis, Keys], Any]:
    """Append a copy of a packed entry with a different value of a field."""

    async def damage(redis: Redis, keys: Keys) -> None:
        (entries,) = await redis.execute_all([("XRANGE", keys.history, "-", "+")], raw=True)
        parts = next(parts for _, parts in entries if b"packed" in parts)
        parts = parts | {b"operation": b"4", field.encode(): value}
        flat = [part for pair in parts.items() for part in pair]
        await redis.execute("XADD", keys.history, "*", *flat)

    return damage


P = Problem
DAMAGE: dict[str, tuple[Callable[[Redis, Keys], Any], dict[Problem, int]]] = {
    "no marks": (remove_packed_marks, {P.MARK_MISSING: 3}),
    "a mark cut short": (truncate_packed_mark, {P.MARK_MISSING: 1, P.MARK_EXTRA: 2}),
    "a mark of someone removed": (remove_mark_of_removed_person, {P.MARK_MISSING: 1}),
    "nothing packed": (replace_field("packed", b"\0"), {P.UNREADABLE_ENTRY: 1}),
    "no JSON packed": (replace_field("packed", zlib.compress(b"[[")), {P.UNREADABLE_ENTRY: 1}),
    "half a person": (replace_field("packed", zlib.compress(b'[["a"]]')), {P.UNREADABLE_ENTRY: 1}),
    "a wrong number": (replace_field("people", b"3"), {P.UNREADABLE_ENTRY: 1}),
    "not a number": (replace_field("people", b"many"), {P.UNREADABLE_ENTRY: 1}),
}


@pytest.mark.parametrize("name", DAMAGE)
async def test_damaged_entries_and_marks_are_found_and_repaired(
    directory: Directory, redis: Redis, name: str
):
    damage, expected = DAMAGE[name]
    before = await read_raw_entries(redis, directory)
    await damage(redis, Keys.of(directory.key))
    found = (await check(directory)).problems
    assert {problem: each.count for problem, each in found.items()} == expected
    await directory.history.count(person=NAMES[0])
    assert (await repair(directory)).remaining.is_clean
    assert await read_raw_entries(redis, directory) == before
    assert await directory.history.count(person=NAMES[0]) == 2


@pytest.fixture
async def previous_format(
    directories: Directories, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A directory in the previous format, in which no entries are packed."""
    with monkeypatch.context() as patched:
        patched.setattr(people_module, "PACKED_SIZES", range(0))
        directory = await directories.get_or_create("1")
        await directory.people.add("Björk", "singer", {"country": "Iceland"}, by=BEN)
        request = OperationRequest(OperationKind.IMPORT, BEN)
        await directory.people.add_many(people(), request)
        await directory.undo.run(request.number or 0, by=BEN)
    await redis.execute("HSET", Keys.of(directory.key).meta, "format", "4")
    directories._open.clear()
    return directory.key


async def test_history_written_in_the_previous_format_is_kept(
    previous_format: str, directories: Directories, redis: Redis
):
    directory = await directories.get("1")
    assert await redis.execute("HGET", Keys.of(previous_format).meta, "format") == lua.FORMAT
    assert not any(b"packed" in parts for _, parts in await read_raw_entries(redis, directory))
    assert (await check(directory)).is_clean
    assert await directory.history.count(person=NAMES[0]) == 2
    before = await snapshot(redis, directory)
    report = await directory.undo.run(3, by=BEN)
    assert report.people_count == len(NAMES) and (await check(directory)).is_clean
    await directory.undo.run(report.number, by=BEN)
    assert await snapshot(redis, directory) == before
    assert (await check(directory)).is_clean


async def test_a_backup_in_the_previous_format_is_restored(
    previous_format: str, directories: Directories, tmp_path: Path
):
    storage = directories.storage("1")
    await write_backup(tmp_path / "old.gz", {"1": storage}, lambda done, total: None)
    with BackupFile(tmp_path / "old.gz") as file:
        file.verify(lambda done, total: None)
        await restore_backup(file, directories, ["1"], lambda done, total: None, replace=True)
    directory = await directories.get("1")
    assert (await check(directory)).is_clean and await directory.people.count() == 1
    assert (await directory.undo.run(3, by=BEN)).people_count == len(NAMES)

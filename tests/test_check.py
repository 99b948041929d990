"""Damage to a directory is found, named and repaired."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from bot.directory import Author, Directory, HistoryLimits, OperationKind, Redis, no_progress
from bot.directory.history.operations import OperationRequest
from bot.directory.keys import Keys
from bot.directory.storage import Storage
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.maintenance import Problem, check, reembed, repair
from bot.person import Kind, Person
from bot.query import matches
from tests.changing_storage import ChangingStorage
from tests.embedders import WordEmbedder
from tests.interruptions import interrupted_after
from tests.test_history import BEN, CHANGES, QUERIES, directory, snapshot

__all__ = ["directory"]

VECTOR = np.ones(WordEmbedder.dimension, "<f4")


async def count_problems(directory: Directory) -> dict[Problem, int]:
    return {p: occurrences.count for p, occurrences in (await check(directory)).problems.items()}


@pytest.mark.parametrize("change", CHANGES)
async def test_changes_by_the_bot_are_not_damage(directory: Directory, change: str):
    assert await count_problems(directory) == {}
    await CHANGES[change](directory)
    assert await count_problems(directory) == {}
    number = await directory.undo.last_undoable(BEN)
    assert number
    undone = await directory.undo.run(number, by=BEN)
    assert await count_problems(directory) == {}
    await directory.undo.run(undone.number, by=BEN)
    assert await count_problems(directory) == {}


async def test_changes_made_one_after_another_are_not_damage(directory: Directory):
    for change in CHANGES.values():
        try:
            await change(directory)
        except DirectoryError:
            continue
        assert await count_problems(directory) == {}
    while number := await directory.undo.last_undoable(BEN):
        await directory.undo.run(number, by=BEN)
        assert await count_problems(directory) == {}
    for name in await directory.names.at(range(9)):
        await directory.people.remove(name)
    assert await directory.people.count() == 0
    assert await count_problems(directory) == {}


async def test_a_history_cut_to_its_limits_is_not_damage(make_directories):
    directory = await make_directories(limits=HistoryLimits(changes=20)).get_or_create("bounded")
    for number in range(30):
        await directory.people.add(f"P{number}", "somebody", {"country": f"C{number}"}, by=BEN)
    await directory.fields.rename("country", "land")
    many = [Person(f"Q{number}", "q") for number in range(150)]
    await directory.people.add_many(
        many, OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    )
    await directory.people.add_many([Person("Z", "z")], OperationRequest(OperationKind.ADD, BEN))
    await directory.undo.run(await directory.undo.last_undoable(BEN) or 0)
    assert await count_problems(directory) == {}


DoDamage = Callable[[Redis, Keys, Directory], Awaitable[object]]


def execute(*command: str | bytes | int | float) -> DoDamage:
    """Damage a directory by a command, in which :NAME stands for a key."""

    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        named = {f":{field}": key for field, key in keys._asdict().items()}
        return await redis.execute(*(named.get(str(part), part) for part in command))

    return damage


def edit_attributes(change: Callable[[str], str]) -> DoDamage:
    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        text = await redis.execute("VGETATTR", keys.vset, "Björk")
        assert change(text) != text
        return await redis.execute("VSETATTR", keys.vset, "Björk", change(text))

    return damage


def edit_header(number: int, **values: object) -> DoDamage:
    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        header = json.loads(await redis.execute("HGET", keys.operations, number))
        text = json.dumps(header | values)
        return await redis.execute("HSET", keys.operations, number, text)

    return damage


async def delete_last_entry(redis: Redis, keys: Keys, directory: Directory) -> object:
    operation = await directory.history.get(3)  # the field awake, and Björk
    return await redis.execute("XDEL", keys.history, operation.last_entry)


async def delete_first_entry(redis: Redis, keys: Keys, directory: Directory) -> object:
    operation = await directory.history.get(3)
    return await redis.execute("XDEL", keys.history, operation.first_entry)


async def delete_history(redis: Redis, keys: Keys, directory: Directory) -> object:
    return await redis.execute("UNLINK", keys.history)


async def delete_counts_and_values(redis: Redis, keys: Keys, directory: Directory) -> object:
    return await redis.execute("UNLINK", keys.counts, keys.values)


async def remove_and_add_again(redis: Redis, keys: Keys, directory: Directory) -> None:
    await directory.people.remove("Björk")
    await redis.execute("VADD", keys.vset, "FP32", VECTOR.tobytes(), "Björk")


async def begin_restore(redis: Redis, keys: Keys, directory: Directory) -> None:
    await redis.execute("HSET", keys.staged.authors, "id:1", "1")


async def leave_new_set(redis: Redis, keys: Keys, directory: Directory) -> None:
    await redis.execute("VADD", keys.next_vset, "FP32", VECTOR.tobytes(), "Björk")


P = Problem
INVALID_PACKED = zlib.compress(b"[[1,2,3]]")
UNNAMED_AUTHOR = Author("", "someone")
DAMAGE: dict[str, tuple[DoDamage, dict[Problem, int]]] = {
    "a name not indexed": (execute("ZREM", ":names", "bjork\0Björk"), {P.NAME_MISSING: 1}),
    "a later word of a name not indexed": (
        execute("ZREM", ":words", "curie\0Marie Curie"),
        {P.NAME_MISSING: 1},
    ),
    "no name indexed": (execute("DEL", ":names"), {P.NAME_MISSING: 5}),
    "a name with a wrong score": (
        execute("ZADD", ":names", 1, "bjork\0Björk"),
        {P.NAME_MISSING: 1},
    ),
    "an indexed name that nobody has": (execute("ZADD", ":names", 0, "x\0X"), {P.NAME_EXTRA: 1}),
    "an indexed word that is not in the name": (
        execute("ZADD", ":words", 0, "dance\0Björk"),
        {P.NAME_EXTRA: 1},
    ),
    "a value not indexed": (
        execute("ZREM", ":values", "country\0iceland\0Iceland"),
        {P.VALUE_MISSING: 1},
    ),
    "an indexed value that nobody has": (
        execute("ZADD", ":values", 0, "country\0x\0X"),
        {P.VALUE_EXTRA: 1},
    ),
    "a wrong count": (
        execute("HSET", ":counts", "country\0iceland\0Iceland", 7),
        {P.WRONG_COUNT: 1},
    ),
    "a count of a value that nobody has": (
        execute("HSET", ":counts", "country\0x\0X", 1),
        {P.WRONG_COUNT: 1},
    ),
    "no counts and values": (delete_counts_and_values, {P.WRONG_COUNT: 5, P.VALUE_MISSING: 5}),
    "a wrong fame": (execute("ZADD", ":fame", 1, "Björk"), {P.WRONG_FAME: 1}),
    "fame not indexed": (execute("ZREM", ":fame", "Björk"), {P.WRONG_FAME: 1}),
    "fame of a person who does not exist": (execute("ZADD", ":fame", 1, "X"), {P.WRONG_FAME: 1}),
    "a field without a value missing": (
        edit_attributes(lambda text: text.replace('"died":null,', "")),
        {P.FIELDS_MISSING: 1},
    ),
    "a field with a value missing": (
        edit_attributes(lambda text: text.replace('"born":1965,', "")),
        {P.FIELDS_MISSING: 1, P.EXTERNAL_CHANGE: 1},
    ),
    "fields in a different order": (
        edit_attributes(lambda text: json.dumps(dict(reversed(json.loads(text).items())))),
        {P.ATTRIBUTES_NOT_CANONICAL: 1},
    ),
    "a text that is not folded": (
        edit_attributes(lambda text: text.replace('"iceland"', '"Iceland"')),
        {P.ATTRIBUTES_NOT_CANONICAL: 1},
    ),
    "a value changed": (
        edit_attributes(lambda text: text.replace("1965", "1966")),
        {P.EXTERNAL_CHANGE: 1},
    ),
    "broken JSON": (
        edit_attributes(lambda text: text[:-1]),
        {
            P.ATTRIBUTES_INVALID: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "no attributes": (
        execute("VSETATTR", ":vset", "Björk", ""),
        {
            P.ATTRIBUTES_MISSING: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "removed by another program": (
        execute("VREM", ":vset", "Björk"),
        {
            P.NAME_EXTRA: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "added by another program": (
        execute("VADD", ":vset", "FP32", VECTOR.tobytes(), "New", "SETATTR", '{"born":1}'),
        {P.NAME_MISSING: 1, P.FIELDS_MISSING: 1},
    ),
    "removed, then added by another program": (
        remove_and_add_again,
        {P.NAME_MISSING: 1, P.ATTRIBUTES_MISSING: 1, P.EXTERNAL_CHANGE: 1},
    ),
    "a vector of zeros": (
        execute("VADD", ":vset", "FP32", (VECTOR * 0).tobytes(), "Björk"),
        {P.INVALID_VECTOR: 1},
    ),
    "a vector that is not finite": (
        execute("VADD", ":vset", "FP32", (VECTOR * np.nan).tobytes(), "Björk"),
        {P.INVALID_VECTOR: 1},
    ),
    "a header missing": (execute("HDEL", ":operations", 2), {P.HEADER_MISSING: 1}),
    "a header broken": (
        execute("HSET", ":operations", 2, "{"),
        {P.HEADER_MISSING: 1},
    ),
    "a header without entries": (execute("HSET", ":operations", 99, "{}"), {P.OPERATION_EMPTY: 1}),
    "a wrong number of people": (edit_header(2, count=0), {P.WRONG_HEADER: 1}),
    "an unknown kind of operation": (edit_header(2, what="dance"), {P.WRONG_HEADER: 1}),
    "undone by an operation that does not exist": (edit_header(2, undone=99), {P.WRONG_HEADER: 1}),
    "a last entry deleted": (
        delete_last_entry,
        {P.WRONG_HEADER: 1, P.MARK_EXTRA: 1, P.WRONG_HISTORY_SIZE: 1},
    ),
    "a first entry deleted": (delete_first_entry, {P.WRONG_HEADER: 1, P.MARK_EXTRA: 1}),
    "no history": (
        delete_history,
        {P.OPERATION_EMPTY: 5, P.MARK_EXTRA: 18, P.WRONG_HISTORY_SIZE: 1},
    ),
    "an entry by another program": (
        execute("XADD", ":history", "*", "a", "b"),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "an entry with an incomplete change": (
        execute("XADD", ":history", "*", "operation", 2, "0", "Björk"),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "a mark missing": (
        execute("ZREM", ":marks", "who\0Björk\x00000000000003"),
        {P.MARK_MISSING: 1},
    ),
    "a mark of an operation missing": (
        execute("ZREM", ":marks", "all\x00000000000003"),
        {P.MARK_MISSING: 1},
    ),
    "a mark without an entry": (
        execute("ZADD", ":marks", 0, "who\0X\x00000000000003"),
        {P.MARK_EXTRA: 1},
    ),
    "a wrong size of the history": (
        execute("HSET", ":meta", "held", 99),
        {P.WRONG_HISTORY_SIZE: 1},
    ),
    "an operation to resume that does not exist": (
        execute("HSET", ":meta", "open:file", 99),
        {P.NOTHING_TO_RESUME: 1},
    ),
    "operation numbers that would be reused": (
        execute("HSET", ":meta", "operations", 2),
        {P.WRONG_COUNTER: 1},
    ),
    "an incomplete author": (execute("HDEL", ":authors", "id:1"), {P.INCOMPLETE_AUTHOR: 1}),
    "a counter that is not a number": (
        execute("HSET", ":meta", "operations", "²"),
        {P.WRONG_COUNTER: 1},
    ),
    "a counter of changes that is not a number": (
        execute("HSET", ":meta", "changes", "x"),
        {P.WRONG_COUNTER: 1},
    ),
    "a header under a key that is not a number": (
        execute("HSET", ":operations", "²", "{}"),
        {P.OPERATION_EMPTY: 1},
    ),
    "a time that is out of range": (edit_header(2, at=1e300), {P.WRONG_HEADER: 1}),
    "a header with an invalid schema": (edit_header(2, schema="[]"), {P.WRONG_HEADER: 1}),
    "undone by something that is not a number": (edit_header(2, undone=[3]), {P.WRONG_HEADER: 1}),
    "a kind of operation that is not text": (edit_header(2, what=[]), {P.WRONG_HEADER: 1}),
    "an entry with an invalid schema": (
        execute("XADD", ":history", "*", "operation", 2, "schema", "[]", "before", "{}"),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "an entry with an invalid operation number": (
        execute("XADD", ":history", "*", "operation", -1, "0", "a", "1", "", "2", "{}", "3", ""),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "a packed entry with invalid changes": (
        execute("XADD", ":history", "*", *("operation", 2, "packed", INVALID_PACKED, "people", 1)),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "leftovers of a restore": (begin_restore, {P.RESTORE_LEFTOVER: 1}),
    "leftovers of a re-embedding": (leave_new_set, {P.REEMBEDDING_LEFTOVER: 1}),
    "a time that the system does not support": (edit_header(2, at=1e20), {P.WRONG_HEADER: 1}),
}


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found_and_repaired(directory: Directory, redis: Redis, name: str):
    damage, expected = DAMAGE[name]
    before = await snapshot(redis, directory)
    await damage(redis, Keys.of(directory.key), directory)
    assert await count_problems(directory) == expected
    report = await repair(directory)
    assert {p: occurrences.count for p, occurrences in report.found.problems.items()} == expected
    assert report.remaining.problems == {}
    assert await count_problems(directory) == {}
    if P.EXTERNAL_CHANGE not in expected and "added" not in name:
        after = await snapshot(redis, directory)
        assert after | {"found": 0} == before | {"found": 0}
    await directory.history.page(0, 99)
    everybody = [person async for person in directory.people.iterate()]
    assert len(everybody) == await directory.people.count()
    for query in QUERIES:
        condition = (await directory.parse(query)).filter
        matching = [
            person for person in everybody if not condition or matches(condition, person.attributes)
        ]
        found = (await directory.search(query, 9)).matches
        assert sorted(m.person.name for m in found) == sorted(p.name for p in matching)


@pytest.mark.parametrize("field", Keys._fields[2:])
async def test_a_key_of_a_wrong_type_is_rebuilt(directory: Directory, redis: Redis, field: str):
    key = getattr(Keys.of(directory.key), field)
    before = await snapshot(redis, directory)
    await redis.execute("SET", key, "another program's")
    assert await count_problems(directory) == {P.WRONG_TYPE: 1}
    assert (await repair(directory)).remaining.is_clean
    assert await snapshot(redis, directory) == before
    await directory.people.remove("Björk")
    await directory.undo.run(await directory.undo.last_undoable(UNNAMED_AUTHOR) or 0)
    assert await count_problems(directory) == {}


@pytest.mark.parametrize(
    "damage",
    [
        execute("DEL", ":meta"),
        execute("HDEL", ":meta", "model"),
        execute("HSET", ":meta", "model", ""),
        execute("HSET", ":meta", "schema", "["),
        execute("HSET", ":meta", "schema", "[]"),
        execute("HSET", ":meta", "schema", '{"born":"number"}'),
        execute("HSET", ":meta", "format", "99"),
    ],
)
async def test_a_directory_without_valid_meta_is_adopted_again(
    directory: Directory, redis: Redis, make_directories, damage: DoDamage
):
    before = await snapshot(redis, directory)
    await damage(redis, Keys.of(directory.key), directory)
    assert await count_problems(directory) == {P.NOT_ADOPTED: 1}
    directories = make_directories()
    directories.key_pattern = directory.key
    again = await directories.get("1")
    assert (await repair(again)).remaining.is_clean
    after = await snapshot(redis, again)
    assert (after["people"].keys(), after["found"]) == (before["people"].keys(), before["found"])
    await again.people.remove("Björk", by=BEN)
    await again.undo.run(await again.undo.last_undoable(BEN) or 0, by=BEN)
    assert await count_problems(again) == {}


async def test_the_mark_of_a_forgotten_author_is_not_given_to_another(
    directory: Directory, redis: Redis
):
    await directory.history.forget_author(Author("1", ""))
    await redis.execute("HDEL", Keys.of(directory.key).meta, "authors")
    assert (await repair(directory)).found.problems.keys() == {P.WRONG_COUNTER}
    await directory.people.add("New", "somebody", {}, by=BEN)
    assert await directory.history.count(author_id=BEN.id) == 1


@pytest.mark.parametrize("name", [name for name in DAMAGE if P.EXTERNAL_CHANGE in DAMAGE[name][1]])
async def test_a_change_by_another_program_can_be_undone(
    directory: Directory, redis: Redis, name: str
):
    damage, _ = DAMAGE[name]
    before = await directory.people.get("Björk")
    await damage(redis, Keys.of(directory.key), directory)
    await repair(directory)
    operation = (await directory.history.page(0, 1))[0]
    assert operation.kind is OperationKind.OUTSIDE and operation.author == UNNAMED_AUTHOR
    await directory.undo.run(operation.number)
    assert await count_problems(directory) == {}
    if not name.startswith("removed, then"):
        now = await directory.people.get("Björk")
        assert (now.description, dict(now.attributes)) == (
            before.description,
            dict(before.attributes),
        )


@pytest.mark.parametrize("others", [0, 1, 254, 255, 256])
async def test_people_are_never_missing_while_they_are_embedded_again(
    make_directories, redis, others: int
):
    """However many other repairs come before, a person is removed and added again in one
    transaction. In two, an interruption between them would lose the person."""
    directory = await make_directories().get_or_create("many")
    people = [Person(f"P {number:03}", "singer") for number in range(300)]
    await directory.people.add_many(people)
    keys = Keys.of(directory.key)
    before = await snapshot(redis, directory)
    for person in people[:200]:
        vector = (VECTOR * 0).tobytes()
        attributes = await redis.execute("VGETATTR", keys.vset, person.name)
        await redis.execute("VADD", keys.vset, "FP32", vector, person.name, "SETATTR", attributes)
    entries = await redis.execute("ZRANGE", keys.names, 0, others - 1) if others else []
    for entry in entries:
        await redis.execute("ZREM", keys.names, entry)
    sizes: list[int] = []
    call = Storage.call

    async def call_and_count(*arguments: Any, **options: Any) -> Any:
        answer = await call(*arguments, **options)
        sizes.append(await directory.people.count())
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Storage, "call", call_and_count)
        report = await repair(directory)
    assert report.found.problems[Problem.INVALID_VECTOR].count == 200 and report.remaining.is_clean
    assert set(sizes) == {300} and await snapshot(redis, directory) == before


async def test_an_invalid_counter_of_values_does_not_prevent_changes(
    directory: Directory, redis: Redis
):
    meta = Keys.of(directory.key).meta
    await redis.execute("HSET", meta, "values", "x")
    await directory.people.update("Björk", None, {"country": "Somewhere new"})
    assert int(await redis.execute("HGET", meta, "values")) > 10**12  # milliseconds
    assert await count_problems(directory) == {}


async def test_renamed_fields_are_not_changes_by_another_program(
    directory: Directory, redis: Redis
):
    await directory.fields.rename("country", "land")
    await directory.fields.rename("land", "country")
    await directory.fields.rename("country", "home")
    await directory.fields.add("height", Kind.NUMBER)
    await directory.bulk.remove_field("field")
    assert await count_problems(directory) == {}
    await edit_attributes(lambda text: text.replace("1965", "1966"))(
        redis, Keys.of(directory.key), directory
    )
    await repair(directory)
    operation = (await directory.history.page(0, 1))[0]
    (change,) = await directory.history.changes(operation, 9)
    assert change.old and change.old.attributes["home"] == "Iceland"
    await directory.undo.run(operation.number)
    assert (await directory.people.get("Björk")).attributes["born"] == 1965


async def test_a_foreign_set_must_be_adopted_first(make_directories, redis: Redis):
    directories = make_directories()
    key = directories.key("1")
    await redis.execute("VADD", key, "FP32", VECTOR.tobytes(), "Ada")
    assert await count_problems(await directories.open_unchecked("1")) == {P.NOT_ADOPTED: 1}
    assert await count_problems(await directories.get("1")) == {}


async def test_vectors_of_a_wrong_dimension_are_repaired_by_reembedding(
    make_directories, redis: Redis
):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.people.add("Ada", "somebody", {})
    await redis.execute("VREM", directory.key, "Ada")
    await redis.execute("VADD", directory.key, "FP32", VECTOR[:7].tobytes(), "Ada")
    assert (await count_problems(directory))[P.WRONG_DIMENSION] == 1
    assert (await repair(directory)).remaining.is_damaged
    assert await reembed(directory, no_progress)
    assert await count_problems(directory) == {}
    assert not await reembed(directory, no_progress)


async def test_duplicate_names_are_reported_but_not_repaired(directory: Directory, redis: Redis):
    await redis.execute("VADD", directory.key, "FP32", VECTOR.tobytes(), "BJÖRK")
    report = await repair(directory)
    assert (
        report.remaining.problems.keys() == {P.DUPLICATE_NAME} and not report.remaining.is_damaged
    )


async def test_a_directory_that_keeps_changing_cannot_be_checked(
    directory: Directory, redis: Redis
):
    storage = ChangingStorage(redis, directory.storage.keys)
    changing = Directory(storage, directory.embedder, directory.fields.schema)
    with pytest.raises(DirectoryUnavailable, match="keeps changing"):
        await check(changing)


@pytest.mark.parametrize(
    ("calls", "method", "owner"),
    [
        *((calls, "execute", Redis) for calls in (8, 12, 16, 18, 19, 20, 21, 24)),  # in the check
        *((calls, "call", Storage) for calls in range(4)),  # before each of the transactions
    ],
)
async def test_an_interrupted_repair_leaves_nothing_worse(
    directory: Directory,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
    calls: int,
    method: str,
    owner: type,
):
    keys = Keys.of(directory.key)
    many = [Person(f"P{n}", f"singer {n}", {"country": f"C{n}"}) for n in range(300)]
    await directory.people.add_many(many, OperationRequest(OperationKind.IMPORT, BEN))
    undamaged = await snapshot(redis, directory)
    for key in (keys.names, keys.words, keys.values, keys.counts, keys.fame, keys.marks):
        await redis.execute("DEL", key)
    before = await count_problems(directory)
    with interrupted_after(calls, monkeypatch, method, owner) as interruption:
        await repair(directory)
    assert interruption.happened
    between = await count_problems(directory)
    assert all(count <= before.get(problem, 0) for problem, count in between.items())
    assert (await repair(directory)).remaining.is_clean
    assert await snapshot(redis, directory) == undamaged


async def test_a_check_finds_no_damage_while_the_bot_changes_people(directory: Directory):
    async def change() -> None:
        for number in range(6):
            await directory.people.add(
                f"P{number}", "somebody", {"abcdef"[number] * 5: "x"}, by=BEN
            )
            await directory.undo.run(await directory.undo.last_undoable(BEN) or 0, by=BEN)

    changing = asyncio.create_task(change())

    while not changing.done():
        try:
            assert (await check(directory)).is_clean
        except DirectoryUnavailable:
            continue
    await changing
    assert (await check(directory)).is_clean

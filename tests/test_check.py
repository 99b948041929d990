"""What is derived agrees with the people: damage is found, named, and mended."""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from bot.directory import Author, Directory, HistoryLimits, OperationKind, Redis, lua
from bot.directory.keys import Keys
from bot.directory.operations import OperationRequest
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.maintenance import Problem, check, reembed, repair
from bot.person import Kind, Person
from bot.query.filters import matches
from tests.dying import dying
from tests.embedders import WordEmbedder
from tests.test_history import BEN, CHANGES, QUERIES, directory, stored

__all__ = ["directory"]

VECTOR = np.ones(WordEmbedder.dimension, "<f4")


async def said(directory: Directory) -> dict[Problem, int]:
    return {p: trouble.count for p, trouble in (await check(directory)).problems.items()}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_the_bot_does_is_no_damage(directory: Directory, change: str):
    assert await said(directory) == {}
    await CHANGES[change](directory)
    assert await said(directory) == {}
    number = await directory.last_of(BEN)
    assert number
    undone = await directory.undo(number, by=BEN)
    assert await said(directory) == {}
    await directory.undo(undone.number, by=BEN)
    assert await said(directory) == {}


async def test_all_changes_one_after_another_are_no_damage(directory: Directory):
    for change in CHANGES.values():
        try:
            await change(directory)
        except DirectoryError:
            continue
        assert await said(directory) == {}
    while number := await directory.last_of(BEN):
        await directory.undo(number, by=BEN)
        assert await said(directory) == {}
    for name in await directory.names_at(range(9)):
        await directory.remove(name)
    assert await directory.count() == 0
    assert await said(directory) == {}


async def test_a_history_within_its_bounds_is_no_damage(make_directories):
    directory = await make_directories(limits=HistoryLimits(changes=20)).get_or_create("bounded")
    for number in range(30):
        await directory.add(f"P{number}", "somebody", {"country": f"C{number}"}, by=BEN)
    await directory.rename_field("country", "land")
    many = [Person(f"Q{number}", "q") for number in range(150)]
    await directory.add_all(
        many, OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    )
    await directory.add_all([Person("Z", "z")], OperationRequest(OperationKind.ADD, BEN))
    await directory.undo(await directory.last_of(BEN) or 0)
    assert await said(directory) == {}


Damage = Callable[[Redis, Keys, Directory], Awaitable[object]]


def raw(*command: str | bytes | int | float) -> Damage:
    """One command; words in capitals after a colon are keys."""

    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        named = {f":{field}": key for field, key in keys._asdict().items()}
        return await redis.execute(*(named.get(str(part), part) for part in command))

    return damage


def rewritten(change: Callable[[str], str]) -> Damage:
    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        text = await redis.execute("VGETATTR", keys.vset, "Björk")
        assert change(text) != text
        return await redis.execute("VSETATTR", keys.vset, "Björk", change(text))

    return damage


def header(number: int, **values: object) -> Damage:
    async def damage(redis: Redis, keys: Keys, directory: Directory) -> object:
        stored = json.loads(await redis.execute("HGET", keys.operations, number))
        text = json.dumps(stored | values)
        return await redis.execute("HSET", keys.operations, number, text)

    return damage


async def step_deleted(redis: Redis, keys: Keys, directory: Directory) -> object:
    operation = await directory.history.get(3)  # the field awake, and Björk
    return await redis.execute("XDEL", keys.history, operation.last_entry)


async def a_first_step_deleted(redis: Redis, keys: Keys, directory: Directory) -> object:
    operation = await directory.history.get(3)
    return await redis.execute("XDEL", keys.history, operation.first_entry)


async def history_gone(redis: Redis, keys: Keys, directory: Directory) -> object:
    return await redis.execute("UNLINK", keys.history)


async def counts_gone(redis: Redis, keys: Keys, directory: Directory) -> object:
    return await redis.execute("UNLINK", keys.counts, keys.values)


async def removed_and_added_again(redis: Redis, keys: Keys, directory: Directory) -> None:
    await directory.remove("Björk")
    await redis.execute("VADD", keys.vset, "FP32", VECTOR.tobytes(), "Björk")


async def restore_begun(redis: Redis, keys: Keys, directory: Directory) -> None:
    await redis.execute("HSET", keys.beside("restored").authors, "id:1", "1")


async def embedded_beside(redis: Redis, keys: Keys, directory: Directory) -> None:
    await redis.execute("VADD", keys.beside("next").vset, "FP32", VECTOR.tobytes(), "Björk")


P = Problem
NOBODY_PACKED = zlib.compress(b"[[1,2,3]]")
NOBODY_KNOWN = Author("", "somebody")
DAMAGE: dict[str, tuple[Damage, dict[Problem, int]]] = {
    "a name not indexed": (raw("ZREM", ":names", "bjork\0Björk"), {P.NAME_MISSING: 1}),
    "a later word not indexed": (raw("ZREM", ":words", "curie\0Marie Curie"), {P.NAME_MISSING: 1}),
    "all names gone": (raw("DEL", ":names"), {P.NAME_MISSING: 5}),
    "a name out of order": (raw("ZADD", ":names", 1, "bjork\0Björk"), {P.NAME_MISSING: 1}),
    "a name of nobody": (raw("ZADD", ":names", 0, "x\0X"), {P.NAME_EXTRA: 1}),
    "a word that is not in the name": (
        raw("ZADD", ":words", 0, "dance\0Björk"),
        {P.NAME_EXTRA: 1},
    ),
    "a value not indexed": (
        raw("ZREM", ":values", "country\0iceland\0Iceland"),
        {P.VALUE_MISSING: 1},
    ),
    "a value of nobody": (raw("ZADD", ":values", 0, "country\0x\0X"), {P.VALUE_EXTRA: 1}),
    "a wrong count": (raw("HSET", ":counts", "country\0iceland\0Iceland", 7), {P.WRONG_COUNT: 1}),
    "a count of nobody's": (raw("HSET", ":counts", "country\0x\0X", 1), {P.WRONG_COUNT: 1}),
    "counts that are gone": (counts_gone, {P.WRONG_COUNT: 5, P.VALUE_MISSING: 5}),
    "fame wrong": (raw("ZADD", ":fame", 1, "Björk"), {P.WRONG_FAME: 1}),
    "fame missing": (raw("ZREM", ":fame", "Björk"), {P.WRONG_FAME: 1}),
    "fame of nobody": (raw("ZADD", ":fame", 1, "X"), {P.WRONG_FAME: 1}),
    "a field missing, unknown": (
        rewritten(lambda text: text.replace('"died":null,', "")),
        {P.FIELDS_MISSING: 1},
    ),
    "a field missing, known": (
        rewritten(lambda text: text.replace('"born":1965,', "")),
        {P.FIELDS_MISSING: 1, P.EXTERNAL_CHANGE: 1},
    ),
    "another order": (
        rewritten(lambda text: json.dumps(dict(reversed(json.loads(text).items())))),
        {P.ATTRIBUTES_NOT_CANONICAL: 1},
    ),
    "a text not folded": (
        rewritten(lambda text: text.replace('"iceland"', '"Iceland"')),
        {P.ATTRIBUTES_NOT_CANONICAL: 1},
    ),
    "a value changed": (
        rewritten(lambda text: text.replace("1965", "1966")),
        {P.EXTERNAL_CHANGE: 1},
    ),
    "broken JSON": (
        rewritten(lambda text: text[:-1]),
        {
            P.ATTRIBUTES_INVALID: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "attributes gone": (
        raw("VSETATTR", ":vset", "Björk", ""),
        {
            P.ATTRIBUTES_MISSING: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "removed by another program": (
        raw("VREM", ":vset", "Björk"),
        {
            P.NAME_EXTRA: 1,
            P.EXTERNAL_CHANGE: 1,
            P.WRONG_COUNT: 1,
            P.VALUE_EXTRA: 1,
            P.WRONG_FAME: 1,
        },
    ),
    "added by another program": (
        raw("VADD", ":vset", "FP32", VECTOR.tobytes(), "New", "SETATTR", '{"born":1}'),
        {P.NAME_MISSING: 1, P.FIELDS_MISSING: 1},
    ),
    "removed, and added by another program": (
        removed_and_added_again,
        {P.NAME_MISSING: 1, P.ATTRIBUTES_MISSING: 1, P.EXTERNAL_CHANGE: 1},
    ),
    "a vector of zeros": (
        raw("VADD", ":vset", "FP32", (VECTOR * 0).tobytes(), "Björk"),
        {P.INVALID_VECTOR: 1},
    ),
    "a vector that is not finite": (
        raw("VADD", ":vset", "FP32", (VECTOR * np.nan).tobytes(), "Björk"),
        {P.INVALID_VECTOR: 1},
    ),
    "a header missing": (raw("HDEL", ":operations", 2), {P.HEADER_MISSING: 1}),
    "a header broken": (
        raw("HSET", ":operations", 2, "{"),
        {P.HEADER_MISSING: 1},
    ),
    "a header of nothing": (raw("HSET", ":operations", 99, "{}"), {P.OPERATION_EMPTY: 1}),
    "a wrong number of people": (header(2, count=0), {P.WRONG_HEADER: 1}),
    "an unheard-of operation": (header(2, what="dance"), {P.WRONG_HEADER: 1}),
    "undone by none": (header(2, undone=99), {P.WRONG_HEADER: 1}),
    "a last step deleted": (
        step_deleted,
        {P.WRONG_HEADER: 1, P.MARK_EXTRA: 1, P.WRONG_HISTORY_SIZE: 1},
    ),
    "a first step deleted": (a_first_step_deleted, {P.WRONG_HEADER: 1, P.MARK_EXTRA: 1}),
    "a history gone": (
        history_gone,
        {P.OPERATION_EMPTY: 5, P.MARK_EXTRA: 18, P.WRONG_HISTORY_SIZE: 1},
    ),
    "another program's step": (raw("XADD", ":history", "*", "a", "b"), {P.UNREADABLE_ENTRY: 1}),
    "a step with half a person": (
        raw("XADD", ":history", "*", "operation", 2, "0", "Björk"),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "a mark missing": (
        raw("ZREM", ":marks", "who\0Björk\x00000000000003"),
        {P.MARK_MISSING: 1},
    ),
    "a mark of the whole missing": (
        raw("ZREM", ":marks", "all\x00000000000003"),
        {P.MARK_MISSING: 1},
    ),
    "a mark too many": (raw("ZADD", ":marks", 0, "who\0X\x00000000000003"), {P.MARK_EXTRA: 1}),
    "held wrong": (raw("HSET", ":meta", "held", 99), {P.WRONG_HISTORY_SIZE: 1}),
    "gone on with nothing": (raw("HSET", ":meta", "open:file", 99), {P.NOTHING_TO_RESUME: 1}),
    "numbers given out again": (raw("HSET", ":meta", "operations", 2), {P.WRONG_COUNTER: 1}),
    "half an author": (raw("HDEL", ":authors", "id:1"), {P.INCOMPLETE_AUTHOR: 1}),
    "no number": (raw("HSET", ":meta", "operations", "²"), {P.WRONG_COUNTER: 1}),
    "changes that are not counted": (raw("HSET", ":meta", "changes", "x"), {P.WRONG_COUNTER: 1}),
    "a header of no number": (raw("HSET", ":operations", "²", "{}"), {P.OPERATION_EMPTY: 1}),
    "a time that is none": (header(2, at=1e300), {P.WRONG_HEADER: 1}),
    "a schema that is none": (header(2, schema="[]"), {P.WRONG_HEADER: 1}),
    "undone by what is no number": (header(2, undone=[3]), {P.WRONG_HEADER: 1}),
    "an operation of no kind": (header(2, what=[]), {P.WRONG_HEADER: 1}),
    "a step of no schema": (
        raw("XADD", ":history", "*", "operation", 2, "schema", "[]", "before", "{}"),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "a step of no operation": (
        raw("XADD", ":history", "*", "operation", -1, "0", "a", "1", "", "2", "{}", "3", ""),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "a packed step of no people": (
        raw("XADD", ":history", "*", *("operation", 2, "packed", NOBODY_PACKED, "people", 1)),
        {P.UNREADABLE_ENTRY: 1},
    ),
    "what a restore left": (restore_begun, {P.RESTORE_LEFTOVER: 1}),
    "what embedding again left": (embedded_beside, {P.REEMBEDDING_LEFTOVER: 1}),
    "a time beyond the system's": (header(2, at=1e20), {P.WRONG_HEADER: 1}),
}


@pytest.mark.parametrize("name", DAMAGE)
async def test_damage_is_found_and_mended(directory: Directory, redis: Redis, name: str):
    damage, expected = DAMAGE[name]
    whole = await stored(redis, directory)
    await damage(redis, Keys.of(directory.key), directory)
    assert await said(directory) == expected
    repaired = await repair(directory)
    assert {p: trouble.count for p, trouble in repaired.found.problems.items()} == expected
    assert repaired.remaining.problems == {}
    assert await said(directory) == {}
    if P.EXTERNAL_CHANGE not in expected and "added" not in name:
        mended = await stored(redis, directory)
        assert mended | {"found": 0} == whole | {"found": 0}
    await directory.history.page(0, 99)
    everybody = [person async for person in directory.everybody()]
    assert len(everybody) == await directory.count()
    for query in QUERIES:
        held = (await directory.understand(query)).filter
        fit = [person for person in everybody if not held or matches(held, person.attributes)]
        found = (await directory.search(query, 9)).matches
        assert sorted(m.person.name for m in found) == sorted(p.name for p in fit)


@pytest.mark.parametrize("field", Keys._fields[2:])
async def test_what_another_program_put_there_goes(directory: Directory, redis: Redis, field: str):
    key = getattr(Keys.of(directory.key), field)
    before = await stored(redis, directory)
    await redis.execute("SET", key, "another program's")
    assert await said(directory) == {P.WRONG_TYPE: 1}
    assert (await repair(directory)).remaining.is_clean
    assert await stored(redis, directory) == before
    await directory.remove("Björk")
    await directory.undo(await directory.last_of(NOBODY_KNOWN) or 0)
    assert await said(directory) == {}


@pytest.mark.parametrize(
    "damage",
    [
        raw("DEL", ":meta"),
        raw("HDEL", ":meta", "model"),
        raw("HSET", ":meta", "model", ""),
        raw("HSET", ":meta", "schema", "["),
        raw("HSET", ":meta", "schema", "[]"),
        raw("HSET", ":meta", "schema", '{"born":"number"}'),
        raw("HSET", ":meta", "format", "99"),
    ],
)
async def test_what_is_not_ours_any_more_is_taken_over(
    directory: Directory, redis: Redis, make_directories, damage: Damage
):
    whole = await stored(redis, directory)
    await damage(redis, Keys.of(directory.key), directory)
    assert await said(directory) == {P.NOT_ADOPTED: 1}
    directories = make_directories()
    directories._key = directory.key
    again = await directories.get("1")
    assert (await repair(again)).remaining.is_clean
    mended = await stored(redis, again)
    assert (mended["people"].keys(), mended["found"]) == (whole["people"].keys(), whole["found"])
    await again.remove("Björk", by=BEN)
    await again.undo(await again.last_of(BEN) or 0, by=BEN)
    assert await said(again) == {}


async def test_nobody_gets_the_changes_of_who_was_taken_out(directory: Directory, redis: Redis):
    await directory.history.forget_author(Author("1", ""))
    await redis.execute("HDEL", Keys.of(directory.key).meta, "authors")
    assert (await repair(directory)).found.problems.keys() == {P.WRONG_COUNTER}
    await directory.add("New", "somebody", {}, by=BEN)
    assert await directory.history.count(author_id=BEN.id) == 1


@pytest.mark.parametrize("name", [name for name in DAMAGE if P.EXTERNAL_CHANGE in DAMAGE[name][1]])
async def test_what_another_program_changed_can_be_undone(
    directory: Directory, redis: Redis, name: str
):
    damage, _ = DAMAGE[name]
    before = await directory.get("Björk")
    await damage(redis, Keys.of(directory.key), directory)
    await repair(directory)
    operation = (await directory.history.page(0, 1))[0]
    assert operation.kind is OperationKind.OUTSIDE and operation.author == NOBODY_KNOWN
    await directory.undo(operation.number)
    assert await said(directory) == {}
    if not name.startswith("removed, and"):
        now = await directory.get("Björk")
        assert (now.description, dict(now.attributes)) == (
            before.description,
            dict(before.attributes),
        )


@pytest.mark.parametrize("others", [0, 1, 254, 255, 256])
async def test_whoever_is_embedded_again_is_never_away(make_directories, redis, others: int):
    """However many other mends there are before: nobody is removed in one step and added again in
    another, which the first one would keep from being done."""
    directory = await make_directories().get_or_create("many")
    people = [Person(f"P {number:03}", "singer") for number in range(300)]
    await directory.add_all(people)
    keys = Keys.of(directory.key)
    before = await stored(redis, directory)
    for person in people[:200]:
        vector = (VECTOR * 0).tobytes()
        attributes = await redis.execute("VGETATTR", keys.vset, person.name)
        await redis.execute("VADD", keys.vset, "FP32", vector, person.name, "SETATTR", attributes)
    entries = await redis.execute("ZRANGE", keys.names, 0, others - 1) if others else []
    for entry in entries:
        await redis.execute("ZREM", keys.names, entry)
    sizes: list[int] = []
    run = lua.run

    async def counted(*arguments: Any) -> Any:
        answer = await run(*arguments)
        sizes.append(await directory.count())
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lua, "run", counted)
        repaired = await repair(directory)
    assert (
        repaired.found.problems[Problem.INVALID_VECTOR].count == 200 and repaired.remaining.is_clean
    )
    assert set(sizes) == {300} and await stored(redis, directory) == before


async def test_a_count_of_values_that_is_none_keeps_nobody_from_a_change(
    directory: Directory, redis: Redis
):
    meta = Keys.of(directory.key).meta
    await redis.execute("HSET", meta, "values", "x")
    await directory.update("Björk", None, {"country": "Somewhere new"})
    assert int(await redis.execute("HGET", meta, "values")) > 10**12  # milliseconds
    assert await said(directory) == {}


async def test_fields_renamed_since_are_no_change_from_outside(directory: Directory, redis: Redis):
    await directory.rename_field("country", "land")
    await directory.rename_field("land", "country")
    await directory.rename_field("country", "home")
    await directory.add_field("height", Kind.NUMBER)
    await directory.remove_field("field")
    assert await said(directory) == {}
    await rewritten(lambda text: text.replace("1965", "1966"))(
        redis, Keys.of(directory.key), directory
    )
    await repair(directory)
    operation = (await directory.history.page(0, 1))[0]
    (change,) = await directory.history.changes(operation, 9)
    assert change.old and change.old.attributes["home"] == "Iceland"
    await directory.undo(operation.number)
    assert (await directory.get("Björk")).attributes["born"] == 1965


async def test_a_foreign_set_is_to_be_taken_over_first(make_directories, redis: Redis):
    directories = make_directories()
    key = directories.key("1")
    await redis.execute("VADD", key, "FP32", VECTOR.tobytes(), "Ada")
    assert await said(await directories.as_it_is("1")) == {P.NOT_ADOPTED: 1}
    assert await said(await directories.get("1")) == {}


async def test_another_dimension(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.add("Ada", "somebody", {})
    await redis.execute("VREM", directory.key, "Ada")
    await redis.execute("VADD", directory.key, "FP32", VECTOR[:7].tobytes(), "Ada")
    assert (await said(directory))[P.WRONG_DIMENSION] == 1
    assert (await repair(directory)).remaining.is_damaged
    assert await reembed(directory, lambda done, total: None)
    assert await said(directory) == {}
    assert not await reembed(directory, lambda done, total: None)


async def test_twins(directory: Directory, redis: Redis):
    await redis.execute("VADD", directory.key, "FP32", VECTOR.tobytes(), "BJÖRK")
    repaired = await repair(directory)
    assert (
        repaired.remaining.problems.keys() == {P.DUPLICATE_NAME}
        and not repaired.remaining.is_damaged
    )


async def test_a_directory_that_never_stands_still(directory: Directory, redis: Redis):
    class Busy(Directory):
        async def version(self):
            await redis.execute("HINCRBY", directory._keys.meta, "changes", 1)
            return await super().version()

    busy = Busy(redis, directory._embedder, directory.key, directory.schema)
    with pytest.raises(DirectoryUnavailable, match="all the time"):
        await check(busy)


@pytest.mark.parametrize("after", [8, 12, 16, 18, 19, 20, 21, 24])
async def test_an_interrupted_repair_leaves_nothing_worse(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch, after: int
):
    keys = Keys.of(directory.key)
    many = [Person(f"P{n}", f"singer {n}", {"country": f"C{n}"}) for n in range(300)]
    await directory.add_all(many, OperationRequest(OperationKind.IMPORT, BEN))
    whole = await stored(redis, directory)
    for key in (keys.names, keys.words, keys.values, keys.counts, keys.fame, keys.marks):
        await redis.execute("DEL", key)
    before = await said(directory)
    with dying(monkeypatch, after):
        await repair(directory)
    between = await said(directory)
    assert all(count <= before.get(problem, 0) for problem, count in between.items())
    assert (await repair(directory)).remaining.is_clean
    assert await stored(redis, directory) == whole


async def test_a_check_beside_a_bot_that_changes_people(directory: Directory):
    async def change() -> None:
        for number in range(6):
            await directory.add(f"P{number}", "somebody", {"abcdef"[number] * 5: "x"}, by=BEN)
            await directory.undo(await directory.last_of(BEN) or 0, by=BEN)

    changing = asyncio.create_task(change())

    while not changing.done():
        try:
            assert (await check(directory)).is_clean
        except DirectoryUnavailable:
            continue
    await changing
    assert (await check(directory)).is_clean

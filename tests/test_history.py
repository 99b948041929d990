"""Every change is in the history, and undoing it restores every byte."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from bot.directory import Author, Directory, HistoryLimits, OperationKind, Redis, lua
from bot.directory.history.operations import OperationRequest
from bot.directory.keys import Keys
from bot.errors import ChangeNotFound, InvalidPerson, NotUndone, PersonChanged, PersonExists
from bot.files import ImportMode, read_bytes
from bot.person import Kind, Person
from tests.import_helpers import import_people

ADA, BEN = Author("1", "Ada"), Author("2", "Ben")
QUERIES = ["physicist", "singer", "mathematician died<2000", "country:iceland", "chemist -has:died"]


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().get_or_create("here")
    people = {
        "Marie Curie": ("chemist and physicist", {"born": 1867, "died": 1934, "country": "Polska"}),
        "Paul Erdős": ("mathematician", {"born": 1913, "died": 1996, "field": ("Graphs", "a, b")}),
        "Björk": ("singer", {"born": 1965, "country": "Iceland", "fame": 9, "awake": True}),
        'D. "Dizzy" O\'Neill': ("singer", {"country": 'a "quoted": {place}, [born]:', "fame": 3}),
        "Nobody Known": ('says "country": null, "field":["x"]', {}),
    }
    for name, (description, values) in people.items():
        await directory.people.add(name, description, values, by=ADA)
    return directory


async def snapshot(redis: Redis, directory: Directory) -> dict[str, Any]:
    """Return everything in a directory except its history: attributes and vectors to the byte,
    indexes, and search results."""
    keys = Keys.of(directory.key)
    names = sorted(await redis.execute("VRANDMEMBER", keys.vset, 1000))
    attributes = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    vectors = await redis.execute_all(
        [("VEMB", keys.vset, name, "RAW") for name in names], raw=True
    )
    sets = (keys.names, keys.words, keys.values, keys.fame)
    found = [
        await directory.search(query, 9)
        for query in QUERIES
        if "country" in directory.fields.schema
    ]
    return {
        "people": dict(zip(names, attributes, strict=True)),
        "vectors": [bytes(vector) for _, vector, *_ in vectors],
        "indexes": [await redis.execute("ZRANGE", key, 0, -1, "WITHSCORES") for key in sets],
        "counts": await redis.execute("HGETALL", keys.counts),
        "schema": await redis.execute("HGET", keys.meta, "schema"),
        "found": [
            [(m.person.name, m.score and round(m.score, 5)) for m in results.matches]
            for results in found
        ],
    }


async def edit_many(directory: Directory) -> None:
    query = await directory.parse("born>1800")
    await directory.bulk.update_where(query, {"country": "Nowhere", "prize": 3}, by=BEN)


async def import_list(directory: Directory, mode: ImportMode) -> None:
    """Import new people, a new description, a name in different case, and a new field."""
    people = [
        {"name": "Marie Curie", "description": "won two Nobel prizes", "prize": ["A", "b"]},
        {"name": "BJÖRK", "description": "singer", "born": 1965},
        *({"name": f"{mode} {number}", "description": f"singer {number}"} for number in range(70)),
    ]
    file = read_bytes("people.json", json.dumps(people).encode())
    _, report = await import_people(directory, file, mode, BEN)
    assert not report.refused and report.added >= 70


CHANGES: dict[str, Callable[[Directory], Awaitable[Any]]] = {
    "add": lambda d: d.people.add("New", "a new singer", {"born": 1, "country": "Iceland"}, by=BEN),
    "add with a field": lambda d: d.people.add("New", "new", {"shoes": "Red", "size": 4}, by=BEN),
    "edit": lambda d: d.people.update(
        "Björk", "a chemist", {"born": None, "country": "Ísland"}, by=BEN
    ),
    "edit a name with quotes": lambda d: d.people.update(
        'D. "Dizzy" O\'Neill', None, {"country": "France"}, by=BEN
    ),
    "describe": lambda d: d.people.update("Nobody Known", "a chemist", {}, by=BEN),
    "clear": lambda d: d.people.update("Paul Erdős", None, {"field": "none", "died": None}, by=BEN),
    "set with a field": lambda d: d.people.update("Björk", None, {"prizes": ("A", "b")}, by=BEN),
    "remove": lambda d: d.people.remove("Paul Erdős", by=BEN),
    "bulk": edit_many,
    "many": lambda d: d.people.add_many(
        [Person(f"P{number}", f"singer {number}") for number in range(200)],
        OperationRequest(OperationKind.IMPORT, BEN),
    ),
    "import what is new": lambda d: import_people(
        d, read_bytes("new.jsonl", b'{"name": "New", "description": "new", "shoes": 3}'), author=BEN
    ),
    "import and update": lambda d: import_list(d, ImportMode.UPDATE),
    "import and replace": lambda d: import_list(d, ImportMode.REPLACE),
    "add a field": lambda d: d.fields.add("height", Kind.NUMBER, by=BEN),
    "rename text": lambda d: d.fields.rename("country", "land", by=BEN),
    "rename tags": lambda d: d.fields.rename("field", "topics", by=BEN),
    "rename fame": lambda d: d.fields.rename("fame", "renown", by=BEN),
    "remove text": lambda d: d.bulk.remove_field("country", by=BEN),
    "remove tags": lambda d: d.bulk.remove_field("field", by=BEN),
    "remove fame": lambda d: d.bulk.remove_field("fame", by=BEN),
    "remove a flag": lambda d: d.bulk.remove_field("awake", by=BEN),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_undo_restores_everything_and_undoing_the_undo_repeats_the_change(
    directory: Directory, redis: Redis, change: str
):
    before = await snapshot(redis, directory)
    await CHANGES[change](directory)
    after = await snapshot(redis, directory)
    assert after != before
    number = await directory.undo.last_undoable(BEN)
    assert number is not None
    report = await directory.undo.run(number, by=BEN)
    assert report.conflicts == []
    assert await snapshot(redis, directory) == before
    assert await directory.undo.last_undoable(BEN) is None
    with pytest.raises(NotUndone, match=f"already undone by #{report.number}"):
        await directory.undo.run(number)
    await directory.undo.run(report.number, by=BEN)
    assert await snapshot(redis, directory) == after
    assert await directory.undo.last_undoable(BEN) == number
    await directory.undo.run(number, by=BEN)
    assert await snapshot(redis, directory) == before


async def test_undoing_all_changes_in_turn_restores_each_earlier_state(
    directory: Directory, redis: Redis
):
    states = []
    for change in CHANGES.values():
        before = await snapshot(redis, directory)
        with suppress(InvalidPerson, PersonExists):  # by what an earlier change did
            await change(directory)
        if before != await snapshot(redis, directory):
            states.append(before)
    assert len(states) > 12
    while states:
        number = await directory.undo.last_undoable(BEN)
        assert number is not None
        await directory.undo.run(number, by=BEN)
        assert await snapshot(redis, directory) == states.pop()
    assert await directory.undo.last_undoable(BEN) is None


async def test_operations_are_listed_by_person_and_author(directory: Directory):
    await directory.people.remove("Björk", by=BEN)
    history = directory.history
    assert [o.kind for o in await history.page(0, 2)] == [OperationKind.REMOVE, OperationKind.ADD]
    assert await history.count() == 6 and await history.count(author_id="2") == 1
    assert await history.count(person="Björk") == 2
    (removed, added) = await history.page(0, 9, person="Björk")
    assert removed.author == BEN and added.author == ADA and removed.people_count == 1
    (change,) = await history.changes(removed, 9)
    assert change.old and change.old.description == "singer" and change.new is None
    assert await history.page(0, 9, author_id="3") == []
    with pytest.raises(ChangeNotFound, match="no change #99"):
        await history.get(99)


async def test_forgetting_an_author_keeps_their_changes(directory: Directory, redis: Redis):
    await directory.people.remove("Björk", by=BEN)
    assert await directory.history.authors() == [ADA, BEN]
    assert await directory.history.forget_author(BEN)
    assert not await directory.history.forget_author(BEN)
    assert (await directory.history.page(0, 1))[0].author is None
    assert await directory.history.page(0, 9, author_id=BEN.id) == []
    keys = Keys.of(directory.key)
    for key, command in ((keys.authors, "HGETALL"), (keys.operations, "HGETALL")):
        assert "Ben" not in str(await redis.execute(command, key))


async def test_history_is_kept_within_its_limits(make_directories, redis: Redis):
    directory = await make_directories(limits=HistoryLimits(changes=100)).get_or_create("bounded")
    for number in range(30):
        await directory.people.add(f"P{number}", "somebody", {}, by=ADA)
    request = OperationRequest(OperationKind.IMPORT, BEN, is_open=True)
    await directory.people.add_many([Person(f"Q{n}", "q") for n in range(150)], request)
    await directory.history.finish(request)
    # The import exceeds the limit, and is kept whole. Everything before it is forgotten.
    assert await directory.history.count() == 1
    assert (await directory.history.stats()).people == 150
    assert await directory.history.authors() == [BEN], (
        "an author is forgotten with their last change"
    )
    await directory.undo.run(request.number or 0, by=BEN)
    assert await directory.people.count() == 30
    await directory.people.add("Q0", "q", {}, by=ADA)
    assert (await directory.history.stats()).people <= 100
    added, undo = await directory.history.page(0, 9)
    assert undo.is_truncated and not added.is_truncated
    with pytest.raises(NotUndone, match="the history no longer has all of it"):
        await directory.undo.run(undo.number)
    marks = await redis.execute("ZRANGE", Keys.of(directory.key).marks, 0, -1)
    numbers = {int(mark.rpartition("\0")[2]) for mark in marks if mark.startswith("all")}
    assert numbers == {undo.number, added.number}
    old = await make_directories(limits=HistoryLimits(days=0)).get_or_create("old")
    for number in range(3):
        await old.people.add(f"P{number}", "somebody", {}, by=ADA)
    assert await old.history.count() <= 2


async def test_an_unfinished_operation_is_forgotten_after_a_timeout(
    make_directories, monkeypatch: pytest.MonkeyPatch
):
    directory = await make_directories(limits=HistoryLimits(changes=100)).get_or_create("bounded")
    request = OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    await directory.people.add_many([Person(f"Q{n}", "q") for n in range(90)], request)
    for year in range(50):
        await directory.people.update("Q1", None, {"born": year}, by=ADA)
    assert (await directory.history.stats()).people == 140, "the import may continue"
    monkeypatch.setattr(lua, "SCRIPTS", lua.build_scripts(open_operation_timeout=0))
    await directory.people.update("Q1", None, {"born": 1900}, by=ADA)
    assert (await directory.history.stats()).people <= 100


async def test_authors_and_notes_are_stored_unchanged(directory: Directory):
    request = OperationRequest(
        OperationKind.IMPORT, Author("3", "nothing: null"), note="set: null.csv"
    )
    await directory.people.add_many([Person("X", "x")], request)
    operation = await directory.history.get(request.number or 0)
    assert (operation.author, operation.note) == (request.author, request.note)


async def test_an_edit_of_an_outdated_version_is_refused(directory: Directory):
    outdated = await directory.people.get("Björk")
    await directory.people.update("Björk", None, {"born": 1966}, by=ADA)
    with pytest.raises(PersonChanged) as caught:
        await directory.people.update("Björk", "a painter", {}, by=BEN, expected=outdated)
    assert caught.value.current.attributes["born"] == 1966
    assert (await directory.people.get("Björk")).description == "singer"
    await directory.people.update("Björk", "a painter", {}, by=BEN, expected=caught.value.current)


async def test_finding_an_authors_last_undoable_change_takes_few_commands(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    await directory.people.update("Björk", None, {"born": 1}, by=BEN)
    number = await directory.undo.last_undoable(BEN)
    execute, commands = type(redis).execute, []

    async def count_execute(self: Redis, *command: Any, **options: Any) -> Any:
        commands.append(command)
        return await execute(self, *command, **options)

    monkeypatch.setattr(type(redis), "execute", count_execute)
    for born in range(2, 6):
        await directory.people.update("Björk", None, {"born": born}, by=BEN)
        await directory.undo.run((await directory.history.page(0, 1))[0].number, by=ADA)
        commands.clear()
        assert await directory.undo.last_undoable(BEN) == number
        assert len(commands) <= 6, commands

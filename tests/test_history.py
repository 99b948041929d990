"""Each change is in the history, and can be taken back to the byte."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.directory import Author, Directory, Limits, Redis, What
from bot.directory.history import Asked
from bot.directory.keys import Keys
from bot.errors import ChangeNotFound, InvalidPerson, NotUndone, PersonChanged, PersonExists
from bot.person import Kind, Person

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
        await directory.add(name, description, values, by=ADA)
    return directory


async def stored(redis: Redis, directory: Directory) -> dict[str, Any]:
    """All of a directory but its history: attributes to the byte, indexes, and what is found."""
    keys = Keys.of(directory.key)
    names = sorted(await redis.execute("VRANDMEMBER", keys.vset, 1000))
    attributes = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    sets = (keys.names, keys.words, keys.values, keys.fame)
    found = [await directory.search(query, 9) for query in QUERIES if "country" in directory.schema]
    return {
        "people": dict(zip(names, attributes, strict=True)),
        "indexes": [await redis.execute("ZRANGE", key, 0, -1, "WITHSCORES") for key in sets],
        "counts": await redis.execute("HGETALL", keys.counts),
        "schema": await redis.execute("HGET", keys.meta, "schema"),
        "found": [[match.person.name for match in results.matches] for results in found],
    }


async def bulk(directory: Directory) -> None:
    query = await directory.understand("born>1800")
    await directory.update_where(query, {"country": "Nowhere", "prize": 3}, by=BEN)


CHANGES: dict[str, Callable[[Directory], Awaitable[Any]]] = {
    "add": lambda d: d.add("New", "a new singer", {"born": 1, "country": "Iceland"}, by=BEN),
    "add with a field": lambda d: d.add("New", "new", {"shoes": "Red", "size": 4}, by=BEN),
    "edit": lambda d: d.update("Björk", "a chemist", {"born": None, "country": "Ísland"}, by=BEN),
    "edit a name with quotes": lambda d: d.update(
        'D. "Dizzy" O\'Neill', None, {"country": "France"}, by=BEN
    ),
    "set with a field": lambda d: d.update("Björk", None, {"prizes": ("A", "b")}, by=BEN),
    "remove": lambda d: d.remove("Paul Erdős", by=BEN),
    "bulk": bulk,
    "many": lambda d: d.add_all(
        [Person(f"P{number}", f"singer {number}") for number in range(200)],
        Asked(What.IMPORT, BEN),
    ),
    "add a field": lambda d: d.add_field("height", Kind.NUMBER, by=BEN),
    "rename text": lambda d: d.rename_field("country", "land", by=BEN),
    "rename tags": lambda d: d.rename_field("field", "topics", by=BEN),
    "rename fame": lambda d: d.rename_field("fame", "renown", by=BEN),
    "remove text": lambda d: d.remove_field("country", by=BEN),
    "remove tags": lambda d: d.remove_field("field", by=BEN),
    "remove fame": lambda d: d.remove_field("fame", by=BEN),
    "remove a flag": lambda d: d.remove_field("awake", by=BEN),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_undo_and_undo_of_the_undo(directory: Directory, redis: Redis, change: str):
    before = await stored(redis, directory)
    await CHANGES[change](directory)
    after = await stored(redis, directory)
    assert after != before
    number = await directory.last_of(BEN)
    assert number is not None
    undone = await directory.undo(number, by=BEN)
    assert undone.left == []
    assert await stored(redis, directory) == before
    assert await directory.last_of(BEN) is None
    with pytest.raises(NotUndone, match=f"undone already, by #{undone.number}"):
        await directory.undo(number)
    await directory.undo(undone.number, by=BEN)
    assert await stored(redis, directory) == after
    assert await directory.last_of(BEN) == number
    await directory.undo(number, by=BEN)
    assert await stored(redis, directory) == before


async def test_all_changes_one_after_another_go_back_to_the_beginning(
    directory: Directory, redis: Redis
):
    states = []
    for change in CHANGES.values():
        states.append(await stored(redis, directory))
        try:
            await change(directory)
        except (InvalidPerson, PersonExists):  # by what an earlier change did
            states.pop()
    while states:
        number = await directory.last_of(BEN)
        assert number is not None
        await directory.undo(number, by=BEN)
        assert await stored(redis, directory) == states.pop()
    assert await directory.last_of(BEN) is None


async def test_what_was_changed_again_stays(directory: Directory):
    await directory.update("Björk", None, {"country": "Norway", "born": 1}, by=BEN)
    mine = await directory.last_of(BEN)
    assert mine
    await directory.update("Björk", None, {"country": "Sweden"}, by=ADA)
    undone = await directory.undo(mine)
    assert undone.left == [f"country of Björk was changed since by #{mine + 1}, and stays."]
    person = await directory.get("Björk")
    assert (person.attributes["country"], person.attributes["born"]) == ("Sweden", 1965)
    await directory.remove("Björk", by=BEN)
    removed = await directory.last_of(BEN)
    await directory.add("Björk", "another", {}, by=ADA)
    with pytest.raises(NotUndone, match="Björk is there again by #"):
        await directory.undo(removed or 0)


async def test_values_go_to_a_field_s_new_name(directory: Directory):
    await directory.update("Björk", None, {"country": "Norway"}, by=BEN)
    number = await directory.last_of(BEN)
    await directory.rename_field("country", "land", by=ADA)
    await directory.rename_field("land", "home", by=ADA)
    await directory.undo(number or 0)
    assert (await directory.get("Björk")).attributes["home"] == "Iceland"


async def test_pages(directory: Directory):
    await directory.remove("Björk", by=BEN)
    history = directory.history
    assert [o.what for o in await history.page(0, 2)] == [What.REMOVE, What.ADD]
    assert await history.count() == 6 and await history.count(by="2") == 1
    assert await history.count(person="Björk") == 2
    (removed, added) = await history.page(0, 9, person="Björk")
    assert removed.by == BEN and added.by == ADA and removed.people == 1
    (change,) = await history.changes(removed, 9)
    assert change.old and change.old.description == "singer" and change.new is None
    assert await history.page(0, 9, by="3") == []
    with pytest.raises(ChangeNotFound, match="no change #99"):
        await history.operation(99)


async def test_the_name_goes_and_the_changes_stay(directory: Directory, redis: Redis):
    await directory.remove("Björk", by=BEN)
    assert await directory.history.authors() == [ADA, BEN]
    assert await directory.history.forget(BEN)
    assert not await directory.history.forget(BEN)
    assert (await directory.history.page(0, 1))[0].by is None
    assert await directory.history.page(0, 9, by=BEN.id) == []
    keys = Keys.of(directory.key)
    for key, command in ((keys.authors, "HGETALL"), (keys.operations, "HGETALL")):
        assert "Ben" not in str(await redis.execute(command, key))


async def test_the_bounds(make_directories, redis: Redis):
    directory = await make_directories(limits=Limits(changes=100)).get_or_create("bounded")
    for number in range(30):
        await directory.add(f"P{number}", "somebody", {}, by=ADA)
    asked = Asked(What.IMPORT, BEN, open=True)
    await directory.add_all([Person(f"Q{n}", "q") for n in range(150)], asked)
    await directory.finish(asked)
    # The import is more than the bound, and is kept whole; all before it is forgotten.
    assert await directory.history.count() == 1
    assert (await directory.history.held()).people == 150
    assert await directory.history.authors() == [BEN], "a name goes with its last change"
    await directory.undo(asked.number or 0, by=BEN)
    assert await directory.count() == 30
    await directory.add("Q0", "q", {}, by=ADA)
    assert (await directory.history.held()).people <= 100
    added, undone = await directory.history.page(0, 9)
    assert undone.cut and not added.cut
    with pytest.raises(NotUndone, match="no longer in the history"):
        await directory.undo(undone.number)
    marks = await redis.execute("ZRANGE", Keys.of(directory.key).marks, 0, -1)
    numbers = {int(mark.rpartition("\0")[2]) for mark in marks if mark.startswith("all")}
    assert numbers == {undone.number, added.number}
    old = await make_directories(limits=Limits(days=0)).get_or_create("old")
    for number in range(3):
        await old.add(f"P{number}", "somebody", {}, by=ADA)
    assert await old.history.count() <= 2


async def test_what_is_being_undone_is_not_forgotten_meanwhile(make_directories):
    directory = await make_directories(limits=Limits(changes=1300)).get_or_create("bounded")
    asked = Asked(What.IMPORT, BEN, open=True)
    await directory.add_all([Person(f"Q{n}", "q") for n in range(1280)], asked)
    await directory.finish(asked)
    undone = await directory.undo(asked.number or 0, by=BEN)
    assert undone.done == 1280 and await directory.count() == 0
    await directory.undo(undone.number, by=BEN)
    assert await directory.count() == 1280


async def test_a_form_opened_on_an_older_version(directory: Directory):
    seen = await directory.get("Björk")
    await directory.update("Björk", None, {"born": 1966}, by=ADA)
    with pytest.raises(PersonChanged) as caught:
        await directory.update("Björk", "a painter", {}, by=BEN, seen=seen)
    assert caught.value.now.attributes["born"] == 1966
    assert (await directory.get("Björk")).description == "singer"
    await directory.update("Björk", "a painter", {}, by=BEN, seen=caught.value.now)

"""What an undo does where more was changed since, or meanwhile."""

from typing import Any

import pytest

from bot.directory import Directory, HistoryLimits, OperationKind, Redis
from bot.directory.operations import OperationRequest
from bot.directory.people import Edit
from bot.errors import DirectoryUnavailable, InvalidPerson, NotUndone
from bot.maintenance import check
from bot.person import Kind, Person
from bot.query import Query
from tests.interruptions import interrupted_after
from tests.test_history import ADA, BEN, directory, stored

__all__ = ["directory"]  # a fixture


async def last_of_ben(directory: Directory) -> int:
    number = await directory.undo.last_undoable(BEN)
    assert number is not None
    return number


def people(start: str, count: int) -> list[Person]:
    return [Person(f"{start}{number}", f"singer {number}") for number in range(count)]


async def test_what_was_changed_again_stays(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway", "born": 1}, by=BEN)
    mine = await directory.undo.last_undoable(BEN)
    assert mine
    await directory.people.update("Björk", None, {"country": "Sweden"}, by=ADA)
    undone = await directory.undo.run(mine)
    assert undone.conflicts == [f"Of Björk, country was changed since by #{mine + 1}, and stays."]
    person = await directory.people.get("Björk")
    assert (person.attributes["country"], person.attributes["born"]) == ("Sweden", 1965)
    await directory.people.remove("Björk", by=BEN)
    removed = await directory.undo.last_undoable(BEN)
    await directory.people.add("Björk", "another", {}, by=ADA)
    with pytest.raises(NotUndone, match="Björk is there again by #"):
        await directory.undo.run(removed or 0)


async def test_each_attribute_is_told_with_the_change_that_changed_it(directory: Directory):
    await directory.people.update(
        "Björk", "writer", {"country": "Norway", "born": 1, "fame": 1}, by=BEN
    )
    mine = await last_of_ben(directory)
    await directory.people.update("Björk", None, {"born": 2, "fame": 2}, by=ADA)
    await directory.fields.rename("fame", "renown", by=ADA)
    await directory.people.update("Björk", None, {"country": "Sweden"}, by=ADA)
    await directory.people.update("Björk", None, {"born": 3}, by=ADA)
    await directory.people.update("Björk", None, {"awake": None}, by=ADA)
    undone = await directory.undo.run(mine)
    each = f"born (#{mine + 4}), country (#{mine + 3}) and renown (#{mine + 1})"
    assert undone.conflicts == [f"Of Björk, {each} were changed since, and stay."]


async def test_the_change_that_is_told_is_the_one_to_undo_next(directory: Directory):
    await directory.people.update("Björk", None, {"born": 1}, by=BEN)
    mine = await last_of_ben(directory)
    for values in ({"born": 2}, {"born": 3}, {"country": "Norway"}):
        await directory.people.update("Björk", None, values, by=ADA)

    async def told() -> str:
        with pytest.raises(NotUndone) as caught:
            await directory.undo.run(mine)
        return str(caught.value)

    by = "born was changed since by #{}, and stays."
    assert by.format(mine + 2) in await told()
    undone = await directory.undo.run(mine + 2)
    assert by.format(mine + 1) in await told(), "what is undone, and its undo, are over"
    await directory.undo.run(undone.number)
    assert by.format(mine + 2) in await told(), "it is in force again"
    await directory.undo.run(mine + 2)
    await directory.undo.run(mine + 1)
    assert (await directory.undo.run(mine)).conflicts == []


@pytest.mark.parametrize("once", [True, False])
async def test_who_was_imported_and_changed_since_stays_in_the_directory(
    directory: Directory, once: bool
):
    asked = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 3), asked)
    number = asked.number or 0
    await directory.people.update("P1", None, {"country": "Norway"}, by=ADA)
    if not once:
        await directory.people.update("P1", "writer", {}, by=ADA)
        await directory.people.update("P1", None, {"country": "Sweden"}, by=ADA)
        await directory.people.update("P1", None, {"born": 1}, by=ADA)
        await directory.people.update("P1", None, {"born": None}, by=ADA)
    by = f"#{number + 1}" if once else f"#{number + 2} and #{number + 3}"
    undone = await directory.undo.run(number, by=BEN)
    assert undone.conflicts == [f"P1 was changed since by {by}, and stays in the directory."]
    assert undone.people_count == 2 and await directory.people.find("P1")


async def test_who_was_added_again_or_removed_is_told_with_that_change(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway"}, by=BEN)
    edited = await last_of_ben(directory)
    await directory.people.remove("Björk", by=BEN)
    with pytest.raises(
        NotUndone, match=f"Björk was removed since by #{edited + 1}, and stays away"
    ):
        await directory.undo.run(edited)
    await directory.people.add("Björk", "another", {}, by=ADA)
    await directory.people.update("Björk", None, {"born": 1}, by=ADA)
    with pytest.raises(NotUndone, match=f"Björk is there again by #{edited + 2}, and stays"):
        await directory.undo.run(edited + 1)


async def test_who_changed_many_is_found_without_asking_for_each(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    asked = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 320), asked)
    await directory.bulk.update_where(await directory.parse("no:born"), {"country": "Norway"})
    execute, commands = type(redis).execute, []

    async def counted(self: Redis, *command: Any, **options: Any) -> Any:
        commands.append(command)
        return await execute(self, *command, **options)

    monkeypatch.setattr(type(redis), "execute", counted)
    by = f"by #{(asked.number or 0) + 1}, and stays in the directory"
    with pytest.raises(NotUndone, match=by) as caught:
        await directory.undo.run(asked.number or 0)
    assert str(caught.value).count(by) == 320 and len(commands) < 30


async def test_values_go_to_a_field_s_new_name(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway"}, by=BEN)
    number = await directory.undo.last_undoable(BEN)
    await directory.fields.rename("country", "land", by=ADA)
    await directory.fields.rename("land", "home", by=ADA)
    await directory.undo.run(number or 0)
    assert (await directory.people.get("Björk")).attributes["home"] == "Iceland"


async def test_what_is_being_undone_is_not_forgotten_meanwhile(make_directories):
    directory = await make_directories(limits=HistoryLimits(changes=1300)).get_or_create("bounded")
    asked = OperationRequest(OperationKind.IMPORT, BEN, is_open=True)
    await directory.people.add_many([Person(f"Q{n}", "q") for n in range(1280)], asked)
    await directory.history.finish(asked)
    undone = await directory.undo.run(asked.number or 0, by=BEN)
    assert undone.people_count == 1280 and await directory.people.count() == 0
    await directory.undo.run(undone.number, by=BEN)
    assert await directory.people.count() == 1280


async def test_what_an_import_adds_while_it_is_undone_goes_too(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    before = await directory.people.count()
    asked = OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    await directory.people.add_many(people("P", 128), asked)
    apply, late = directory.people.apply, people("Q", 64)

    async def applied(edits: Any, by: OperationRequest) -> Any:
        if by.undoes and late:
            monkeypatch.undo()
            await directory.people.add_many(late, asked)
        return await apply(edits, by)

    monkeypatch.setattr(directory.people, "apply", applied)
    undone = await directory.undo.run(asked.number or 0, by=ADA)
    assert undone.people_count == 192 and undone.conflicts == []
    assert await directory.people.count() == before
    await directory.people.add_many(people("R", 64), asked)  # it does not know
    assert asked.number == undone.number + 1, "the rest is another change"
    await directory.undo.run(undone.number + 1, by=ADA)
    assert await directory.people.count() == before


@pytest.mark.parametrize("description", ["singer", "another's words"])
async def test_who_was_changed_twice_by_what_goes_on_while_it_is_undone(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, description: str
):
    asked = OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    for born in (1966, 1967):
        person = await directory.people.get("Björk")
        (before,) = await directory.storage.read_attributes(["Björk"])
        after = person.with_changes("writer", {"born": born}, directory.fields.schema)
        await directory.people.apply([Edit("Björk", before or "", after)], asked)
    if description != "singer":
        await directory.people.update("Björk", description, {}, by=ADA)
    apply = directory.people.apply

    async def applied(edits: Any, by: OperationRequest) -> Any:
        monkeypatch.undo()
        await directory.people.add_many(people("Q", 1), asked)
        return await apply(edits, by)

    monkeypatch.setattr(directory.people, "apply", applied)
    undone = await directory.undo.run(asked.number or 0, by=ADA)
    by = (asked.number or 0) + 1
    left = [f"Of Björk, the description was changed since by #{by}, and stays."]
    assert undone.conflicts == ([] if description == "singer" else left)
    person = await directory.people.get("Björk")
    assert (person.attributes["born"], person.description) == (1965, description)


async def test_values_do_not_go_to_an_attribute_of_another_kind(directory: Directory):
    await directory.people.remove("Björk", by=BEN)
    removed = await last_of_ben(directory)
    await directory.people.update("Marie Curie", None, {"country": "France"}, by=BEN)
    edited = await last_of_ben(directory)
    await directory.bulk.remove_field("country", by=BEN)
    gone = await last_of_ben(directory)
    lost = "The attribute country is gone since, or takes something else; its values stay away."
    with pytest.raises(NotUndone, match=f"Change #{edited} cannot be undone. {lost}"):
        await directory.undo.run(edited)
    await directory.fields.add("country", Kind.NUMBER, by=BEN)
    for number in (gone, edited):
        with pytest.raises(NotUndone, match=f"Change #{number} cannot be undone. {lost}"):
            await directory.undo.run(number)
    undone = await directory.undo.run(removed)
    assert undone.people_count == 1 and undone.conflicts == [lost]
    person = await directory.people.get("Björk")
    assert dict(person.attributes) == {"born": 1965, "fame": 9, "awake": True}


async def test_an_undo_of_a_renaming_that_was_interrupted_at_its_end_goes_on(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    await directory.fields.rename("country", "land", by=BEN)
    number = await last_of_ben(directory)

    async def killed(asked: OperationRequest) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(directory.history, "finish", killed)
        with pytest.raises(SystemExit):
            await directory.undo.run(number, by=BEN)
    assert "country" in directory.fields.schema
    assert (await directory.undo.run(number, by=BEN)).conflicts == []
    assert "country" in directory.fields.schema and (await check(directory)).is_clean


async def test_an_undo_that_was_interrupted_is_the_next_thing_to_undo(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    before = await directory.people.count()
    await directory.people.remove("Björk", by=BEN)
    asked = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 128), asked)
    apply, calls = directory.people.apply, []

    async def applied(edits: Any, by: OperationRequest) -> Any:
        calls.append(by)
        if len(calls) > 1:
            raise DirectoryUnavailable("Redis is away.")
        return await apply(edits, by)

    with monkeypatch.context() as patched:
        patched.setattr(directory.people, "apply", applied)
        with pytest.raises(DirectoryUnavailable):
            await directory.undo.run(asked.number or 0, by=BEN)
    assert await directory.undo.last_undoable(BEN) == asked.number
    await directory.undo.run(asked.number or 0, by=BEN)
    assert await directory.people.count() == before - 1
    assert await last_of_ben(directory) == (asked.number or 0) - 1


async def test_a_removal_of_an_attribute_that_is_killed_goes_on_and_is_undone_in_one(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    await directory.people.add_many(people("P", 600))
    everybody = await directory.parse("no:born")
    await directory.bulk.update_where(everybody, {"country": "France"})
    before, operations = await stored(redis, directory), await directory.history.count()
    deaths = 0
    while "country" in directory.fields.schema:
        with interrupted_after(4, monkeypatch) as interruption:  # after some of the people
            await directory.bulk.remove_field("country", by=BEN)
        assert (await check(directory)).is_clean
        deaths += interruption.happened
    assert deaths > 1
    (removal, *_) = await directory.history.page(0, 1)
    assert await directory.history.count() == operations + 1 and not removal.is_open
    undone = await directory.undo.run(removal.number)
    assert not undone.conflicts and await stored(redis, directory) == before


async def test_an_attribute_that_another_removes_first(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    list_names = directory.people.list_names

    async def list_after_removal(query: Query) -> Any:
        monkeypatch.undo()
        await directory.bulk.remove_field("country", by=ADA)
        return await list_names(query)

    monkeypatch.setattr(directory.people, "list_names", list_after_removal)
    with pytest.raises(InvalidPerson, match="Nobody here has an attribute country"):
        await directory.bulk.remove_field("country", by=BEN)


async def test_an_attribute_that_another_renames_while_it_is_removed(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    await directory.people.add_many(people("P", 300))
    await directory.bulk.update_where(await directory.parse("no:born"), {"country": "France"})
    apply = directory.people.apply

    async def applied(edits: Any, asked: OperationRequest) -> Any:
        refused = await apply(edits, asked)
        monkeypatch.undo()
        await directory.fields.rename("country", "land", by=ADA)
        return refused

    before = await stored(redis, directory)
    monkeypatch.setattr(directory.people, "apply", applied)
    number = (await directory.history.page(0, 1))[0].number + 1
    with pytest.raises(InvalidPerson, match=f"by another .* change #{number}, and /undo {number}"):
        await directory.bulk.remove_field("country", by=BEN)
    assert not (await directory.history.get(number)).is_open
    undone = await directory.undo.run(number)
    assert undone.people_count == 256 and undone.conflicts == []
    await directory.fields.rename("land", "country")
    assert await stored(redis, directory) == before

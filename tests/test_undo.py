"""What an undo does if something was changed again since, or is changed while it runs."""

from typing import Any

import pytest

from bot.directory import Directory, HistoryLimits, OperationKind, Redis
from bot.directory.history.operations import OperationRequest
from bot.directory.people import Edit
from bot.errors import DirectoryUnavailable, InvalidPerson, NotUndone
from bot.maintenance import check
from bot.person import Kind, Person
from bot.query import Query
from tests.interruptions import interrupted_after
from tests.test_history import ADA, BEN, directory, snapshot

__all__ = ["directory"]  # a fixture


async def last_undoable_by_ben(directory: Directory) -> int:
    number = await directory.undo.last_undoable(BEN)
    assert number is not None
    return number


def people(start: str, count: int) -> list[Person]:
    return [Person(f"{start}{number}", f"singer {number}") for number in range(count)]


async def test_values_and_people_changed_since_are_kept(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway", "born": 1}, by=BEN)
    edit = await directory.undo.last_undoable(BEN)
    assert edit
    await directory.people.update("Björk", None, {"country": "Sweden"}, by=ADA)
    report = await directory.undo.run(edit)
    assert report.conflicts == [f"Kept Björk's country: edited later in #{edit + 1}."]
    person = await directory.people.get("Björk")
    assert (person.attributes["country"], person.attributes["born"]) == ("Sweden", 1965)
    await directory.people.remove("Björk", by=BEN)
    removed = await directory.undo.last_undoable(BEN)
    await directory.people.add("Björk", "another", {}, by=ADA)
    with pytest.raises(NotUndone, match="Kept Björk: added again in #"):
        await directory.undo.run(removed or 0)


async def test_a_conflict_names_each_attribute_with_the_change_that_made_it(directory: Directory):
    await directory.people.update(
        "Björk", "writer", {"country": "Norway", "born": 1, "fame": 1}, by=BEN
    )
    edit = await last_undoable_by_ben(directory)
    await directory.people.update("Björk", None, {"born": 2, "fame": 2}, by=ADA)
    await directory.fields.rename("fame", "renown", by=ADA)
    await directory.people.update("Björk", None, {"country": "Sweden"}, by=ADA)
    await directory.people.update("Björk", None, {"born": 3}, by=ADA)
    await directory.people.update("Björk", None, {"awake": None}, by=ADA)
    report = await directory.undo.run(edit)
    each = f"born (#{edit + 4}), country (#{edit + 3}), and renown (#{edit + 1})"
    assert report.conflicts == [f"Kept Björk's {each}: edited later."]


async def test_a_conflict_names_the_change_to_undo_next(directory: Directory):
    await directory.people.update("Björk", None, {"born": 1}, by=BEN)
    edit = await last_undoable_by_ben(directory)
    for values in ({"born": 2}, {"born": 3}, {"country": "Norway"}):
        await directory.people.update("Björk", None, values, by=ADA)

    async def conflict() -> str:
        with pytest.raises(NotUndone) as caught:
            await directory.undo.run(edit)
        return str(caught.value)

    by = "born: edited later in #{}."
    assert by.format(edit + 2) in await conflict()
    report = await directory.undo.run(edit + 2)
    assert by.format(edit + 1) in await conflict(), "undone changes and undos don't count"
    await directory.undo.run(report.number)
    assert by.format(edit + 2) in await conflict(), "the undo was undone"
    await directory.undo.run(edit + 2)
    await directory.undo.run(edit + 1)
    assert (await directory.undo.run(edit)).conflicts == []


@pytest.mark.parametrize("once", [True, False])
async def test_an_imported_person_who_was_changed_since_is_kept(directory: Directory, once: bool):
    request = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 3), request)
    number = request.number or 0
    await directory.people.update("P1", None, {"country": "Norway"}, by=ADA)
    if not once:
        await directory.people.update("P1", "writer", {}, by=ADA)
        await directory.people.update("P1", None, {"country": "Sweden"}, by=ADA)
        await directory.people.update("P1", None, {"born": 1}, by=ADA)
        await directory.people.update("P1", None, {"born": None}, by=ADA)
    by = f"#{number + 1}" if once else f"#{number + 2} and #{number + 3}"
    report = await directory.undo.run(number, by=BEN)
    assert report.conflicts == [f"Kept P1: edited later in {by}."]
    assert report.people_count == 2 and await directory.people.find("P1")


async def test_a_conflict_names_the_change_that_removed_or_added_a_person(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway"}, by=BEN)
    edited = await last_undoable_by_ben(directory)
    await directory.people.remove("Björk", by=BEN)
    with pytest.raises(NotUndone, match=f"Didn't restore Björk: removed in #{edited + 1}"):
        await directory.undo.run(edited)
    await directory.people.add("Björk", "another", {}, by=ADA)
    await directory.people.update("Björk", None, {"born": 1}, by=ADA)
    with pytest.raises(NotUndone, match=f"Kept Björk: added again in #{edited + 2}"):
        await directory.undo.run(edited + 1)


async def test_conflicts_of_many_people_are_explained_with_few_commands(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    request = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 320), request)
    await directory.bulk.update_where(await directory.parse("no:born"), {"country": "Norway"})
    execute, commands = type(redis).execute, []

    async def count_execute(self: Redis, *command: Any, **options: Any) -> Any:
        commands.append(command)
        return await execute(self, *command, **options)

    monkeypatch.setattr(type(redis), "execute", count_execute)
    by = f": edited later in #{(request.number or 0) + 1}."
    with pytest.raises(NotUndone, match=by) as caught:
        await directory.undo.run(request.number or 0)
    assert str(caught.value).count(by) == 320 and len(commands) < 30


async def test_values_are_restored_to_a_renamed_field(directory: Directory):
    await directory.people.update("Björk", None, {"country": "Norway"}, by=BEN)
    number = await directory.undo.last_undoable(BEN)
    await directory.fields.rename("country", "land", by=ADA)
    await directory.fields.rename("land", "home", by=ADA)
    await directory.undo.run(number or 0)
    assert (await directory.people.get("Björk")).attributes["home"] == "Iceland"


async def test_an_operation_is_not_forgotten_while_it_is_undone(make_directories):
    directory = await make_directories(limits=HistoryLimits(changes=1300)).get_or_create("bounded")
    request = OperationRequest(OperationKind.IMPORT, BEN, is_open=True)
    await directory.people.add_many([Person(f"Q{n}", "q") for n in range(1280)], request)
    await directory.history.finish(request)
    report = await directory.undo.run(request.number or 0, by=BEN)
    assert report.people_count == 1280 and await directory.people.count() == 0
    await directory.undo.run(report.number, by=BEN)
    assert await directory.people.count() == 1280


async def test_people_an_import_adds_while_it_is_undone_are_removed_too(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    before = await directory.people.count()
    request = OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    await directory.people.add_many(people("P", 128), request)
    apply, late = directory.people.apply, people("Q", 64)

    async def patched_apply(edits: Any, by: OperationRequest) -> Any:
        if by.undoes and late:
            monkeypatch.undo()
            await directory.people.add_many(late, request)
        return await apply(edits, by)

    monkeypatch.setattr(directory.people, "apply", patched_apply)
    report = await directory.undo.run(request.number or 0, by=ADA)
    assert report.people_count == 192 and report.conflicts == []
    assert await directory.people.count() == before
    await directory.people.add_many(people("R", 64), request)  # it does not know of the undo
    assert request.number == report.number + 1, "the rest is another change"
    await directory.undo.run(report.number + 1, by=ADA)
    assert await directory.people.count() == before


@pytest.mark.parametrize("description", ["singer", "another's words"])
async def test_a_person_changed_twice_is_restored_when_the_undo_starts_over(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, description: str
):
    request = OperationRequest(OperationKind.IMPORT, BEN, is_open=True, source="file")
    for born in (1966, 1967):
        person = await directory.people.get("Björk")
        (before,) = await directory.storage.read_attributes(["Björk"])
        after = person.with_changes("writer", {"born": born}, directory.fields.schema)
        await directory.people.apply([Edit("Björk", before or "", after)], request)
    if description != "singer":
        await directory.people.update("Björk", description, {}, by=ADA)
    apply = directory.people.apply

    async def patched_apply(edits: Any, by: OperationRequest) -> Any:
        monkeypatch.undo()
        await directory.people.add_many(people("Q", 1), request)
        return await apply(edits, by)

    monkeypatch.setattr(directory.people, "apply", patched_apply)
    report = await directory.undo.run(request.number or 0, by=ADA)
    by = (request.number or 0) + 1
    conflicts = [f"Kept Björk's description: edited later in #{by}."]
    assert report.conflicts == ([] if description == "singer" else conflicts)
    person = await directory.people.get("Björk")
    assert (person.attributes["born"], person.description) == (1965, description)


async def test_values_are_not_restored_to_a_field_of_a_different_kind(directory: Directory):
    await directory.people.remove("Björk", by=BEN)
    removed = await last_undoable_by_ben(directory)
    await directory.people.update("Marie Curie", None, {"country": "France"}, by=BEN)
    edited = await last_undoable_by_ben(directory)
    await directory.bulk.remove_field("country", by=BEN)
    field_removal = await last_undoable_by_ben(directory)
    lost = (
        "Didn't restore the values of country: "
        "the attribute was removed, or is now of a different kind."
    )
    with pytest.raises(NotUndone, match=f"Change #{edited} can't be undone. {lost}"):
        await directory.undo.run(edited)
    await directory.fields.add("country", Kind.NUMBER, by=BEN)
    for number in (field_removal, edited):
        with pytest.raises(NotUndone, match=f"Change #{number} can't be undone. {lost}"):
            await directory.undo.run(number)
    report = await directory.undo.run(removed)
    assert report.people_count == 1 and report.conflicts == [lost]
    person = await directory.people.get("Björk")
    assert dict(person.attributes) == {"born": 1965, "fame": 9, "awake": True}


async def test_an_undo_of_a_rename_that_was_interrupted_continues(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    await directory.fields.rename("country", "land", by=BEN)
    number = await last_undoable_by_ben(directory)

    async def exit_before_finishing(request: OperationRequest) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(directory.history, "finish", exit_before_finishing)
        with pytest.raises(SystemExit):
            await directory.undo.run(number, by=BEN)
    assert "country" in directory.fields.schema
    assert (await directory.undo.run(number, by=BEN)).conflicts == []
    assert "country" in directory.fields.schema and (await check(directory)).is_clean


async def test_an_interrupted_undo_is_continued_before_anything_else_is_undone(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    before = await directory.people.count()
    await directory.people.remove("Björk", by=BEN)
    request = OperationRequest(OperationKind.IMPORT, BEN)
    await directory.people.add_many(people("P", 128), request)
    apply, calls = directory.people.apply, []

    async def patched_apply(edits: Any, by: OperationRequest) -> Any:
        calls.append(by)
        if len(calls) > 1:
            raise DirectoryUnavailable("Redis is away.")
        return await apply(edits, by)

    with monkeypatch.context() as patched:
        patched.setattr(directory.people, "apply", patched_apply)
        with pytest.raises(DirectoryUnavailable):
            await directory.undo.run(request.number or 0, by=BEN)
    assert await directory.undo.last_undoable(BEN) == request.number
    await directory.undo.run(request.number or 0, by=BEN)
    assert await directory.people.count() == before - 1
    assert await last_undoable_by_ben(directory) == (request.number or 0) - 1


async def test_a_field_removal_that_is_killed_continues_and_is_undone_as_one_change(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    await directory.people.add_many(people("P", 600))
    everybody = await directory.parse("no:born")
    await directory.bulk.update_where(everybody, {"country": "France"})
    before, operations = await snapshot(redis, directory), await directory.history.count()
    interruptions = 0
    while "country" in directory.fields.schema:
        with interrupted_after(4, monkeypatch) as interruption:  # after some of the people
            await directory.bulk.remove_field("country", by=BEN)
        assert (await check(directory)).is_clean
        interruptions += interruption.happened
    assert interruptions > 1
    (removal, *_) = await directory.history.page(0, 1)
    assert await directory.history.count() == operations + 1 and not removal.is_open
    report = await directory.undo.run(removal.number)
    assert not report.conflicts and await snapshot(redis, directory) == before


async def test_removing_a_field_that_someone_else_removes_first_is_refused(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
):
    list_names = directory.people.list_names

    async def list_after_removal(query: Query) -> Any:
        monkeypatch.undo()
        await directory.bulk.remove_field("country", by=ADA)
        return await list_names(query)

    monkeypatch.setattr(directory.people, "list_names", list_after_removal)
    with pytest.raises(InvalidPerson, match='There\'s no attribute "country"'):
        await directory.bulk.remove_field("country", by=BEN)


async def test_removing_a_field_stops_when_someone_else_renames_it(
    directory: Directory, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    await directory.people.add_many(people("P", 300))
    await directory.bulk.update_where(await directory.parse("no:born"), {"country": "France"})
    apply = directory.people.apply

    async def patched_apply(edits: Any, request: OperationRequest) -> Any:
        refused = await apply(edits, request)
        monkeypatch.undo()
        await directory.fields.rename("country", "land", by=ADA)
        return refused

    before = await snapshot(redis, directory)
    monkeypatch.setattr(directory.people, "apply", patched_apply)
    number = (await directory.history.page(0, 1))[0].number + 1
    with pytest.raises(InvalidPerson, match=f"else .* change #{number}, and /undo {number}"):
        await directory.bulk.remove_field("country", by=BEN)
    assert not (await directory.history.get(number)).is_open
    report = await directory.undo.run(number)
    assert report.people_count == 256 and report.conflicts == []
    await directory.fields.rename("land", "country")
    assert await snapshot(redis, directory) == before

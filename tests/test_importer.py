"""Imports and exports: plans, what they do to a directory, and that imports can stop anywhere."""

import asyncio
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.directory import Directory, Redis
from bot.directory.keys import Keys
from bot.errors import DirectoryError, DirectoryUnavailable, InvalidPerson
from bot.files import (
    FileFormat,
    Importer,
    ImportMode,
    ImportPlan,
    ImportRow,
    export_bytes,
    export_file,
    make_plan,
    plan_sections,
    read_file,
    read_starter_set,
)
from bot.person import BASE_SCHEMA, Kind, Person
from tests.conftest import ROOT, shared
from tests.import_helpers import (
    ADA,
    CROWD,
    crowd,
    import_people,
    json_contents,
    list_people,
)

STARTER = ROOT / "data" / "people.json"


def counts(plan: ImportPlan) -> dict[str, int]:
    found = ("added", "updated", "same", "conflicts", "removed", "retained", "refused")
    return {name: len(getattr(plan, name)) for name in found if getattr(plan, name)}


async def dump_keys(redis: Redis, directory: Directory) -> Mapping[str, Any]:
    """Return the content of all keys of a directory, including its history."""
    keys = Keys.of(directory.key)
    found = await redis.execute_all([("DUMP", key) for key in keys], raw=True)
    return dict(zip(keys, found, strict=True))


@pytest.fixture
async def directory(make_directories) -> Directory:
    return await make_directories().get_or_create("here")


@pytest.fixture
async def three(directory: Directory) -> Directory:
    await directory.people.add(
        "Marie Curie", "chemist", {"born": 1867, "died": 1934, "country": "Poland"}
    )
    await directory.people.add("Björk", "singer", {"born": 1965, "country": "Iceland"})
    await directory.people.add("John Smith", "farmer", {"born": 1950})
    return directory


FILE = json_contents(
    {"name": "New", "description": "somebody", "prize": 1903},
    {"name": "marie curie", "description": "chemist and physicist", "country": None, "born": 1867},
    {"name": "Björk", "country": "", "born": 1965},
    {"name": "John Smith", "description": "sailor", "born": 1901},
    {"name": "Twin", "description": "one", "born": 1},
    {"name": "Twin", "description": "two", "born": 2},
    {"name": "Twin", "description": "two", "born": 2},
    {"name": "Bad", "description": " "},
    {"name": "Worse", "description": "born late", "born": 2000, "died": 1000},
)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (ImportMode.ADD, {"added": 4, "same": 1, "conflicts": 1, "refused": 2}),
        (ImportMode.UPDATE, {"added": 4, "updated": 1, "same": 1, "refused": 2}),
        (ImportMode.REPLACE, {"added": 3, "updated": 2, "retained": 1, "refused": 3}),
    ],
)
async def test_an_import_does_what_its_plan_says(
    three: Directory, redis: Redis, mode: ImportMode, expected: dict[str, int]
):
    before = await dump_keys(redis, three)
    plan = await make_plan(three, FILE, mode)
    assert counts(plan) == expected
    assert plan.repeated == 1 and plan.new_fields == {"prize": Kind.NUMBER}
    assert await dump_keys(redis, three) == before, "a plan changes nothing"
    report = await Importer(three, plan, plan.request(ADA, "people.json")).run()
    assert report.added == len(plan.added) and report.updated == len(plan.updated)
    assert report.removed == len(plan.removed) and not (report.refused or report.is_partial)
    assert report.new_fields == ["prize"]
    again = await make_plan(three, FILE, mode)
    assert again.total == 0, "what is done is not done again"
    assert [row.where for row in again.refused] == [row.where for row in plan.refused]


OLD = Person("Ada", "programmer", {"born": 1815})


@pytest.mark.parametrize(
    ("existing", "record", "outcomes"),
    [
        (None, {"description": "poet"}, ("add", "add", "add")),
        (None, {"born": 1815}, ("refused", "refused", "refused")),
        (OLD, {"description": "programmer", "born": 1815}, ("same", "same", "same")),
        (OLD, {"born": 1815}, ("same", "same", "refused")),
        (OLD, {"description": "poet"}, ("conflict", "update", "update")),
        (OLD, {"description": "poet", "born": 1950}, ("refused", "refused", "update")),
        (OLD, {"born": 1815, "died": 1800}, ("refused", "refused", "refused")),
    ],
)
def test_a_row_is_classified_by_the_mode_and_who_exists(
    existing: Person | None, record: dict[str, Any], outcomes: tuple[str, ...]
):
    for mode, outcome in zip(ImportMode, outcomes, strict=True):
        (read,) = json_contents({"name": "Ada", **record}).records
        try:
            row = ImportRow.read(read, BASE_SCHEMA)
        except InvalidPerson:
            assert outcome == "refused"
            continue
        classified = row.classify(existing, BASE_SCHEMA, mode)
        assert classified.outcome == outcome
        assert bool(classified.reason) == (outcome == "refused")


async def test_adding_changes_nobody_who_exists(three: Directory):
    before = await list_people(three)
    plan, _ = await import_people(three, FILE)
    after = await list_people(three)
    assert all(person in after for person in before)
    assert plan.conflicts == ["Marie Curie"] and plan.same == ["Björk"]
    assert plan.renamed == {"Twin": ["Twin (1)", "Twin (2)"], "John Smith": ["John Smith (1901)"]}
    assert (await three.people.get("John Smith (1901)")).description == "sailor"


async def test_updating_keeps_what_the_file_does_not_mention(three: Directory):
    await import_people(three, FILE, ImportMode.UPDATE)
    marie = await three.people.get("Marie Curie")
    assert marie.name == "Marie Curie" and marie.description == "chemist and physicist"
    assert marie.attributes == {"born": 1867, "died": 1934, "country": "Poland"}
    found = await three.search("physicist", 1)
    assert found.matches[0].person == marie, "a new description has a new vector"
    await import_people(
        three, json_contents({"name": "Marie Curie", "died": "none"}), ImportMode.UPDATE
    )
    assert "died" not in (await three.people.get("Marie Curie")).attributes


async def test_updating_someone_who_does_not_exist_needs_a_description(three: Directory):
    plan = await make_plan(three, json_contents({"name": "Somebody", "born": 1}), ImportMode.UPDATE)
    assert counts(plan) == {"refused": 1} and "needs a description" in plan.refused[0].reason


async def test_replacing_leaves_only_the_people_of_the_file(three: Directory):
    file = json_contents(
        {"name": "BJÖRK", "description": "singer", "born": 1965},
        {"name": "Ada", "description": "programmer"},
    )
    plan, report = await import_people(three, file, ImportMode.REPLACE)
    assert counts(plan) == {"added": 1, "updated": 1, "removed": 2}
    assert [(p.name, dict(p.attributes)) for p in await list_people(three)] == [
        ("Ada", {}),
        ("BJÖRK", {"born": 1965}),
    ]
    await three.undo.run(report.number)
    assert [p.name for p in await list_people(three)] == ["Björk", "John Smith", "Marie Curie"]
    assert (await three.people.get("Björk")).attributes["country"] == "Iceland"


async def test_replacing_everyone_with_nobody_is_refused(three: Directory):
    with pytest.raises(DirectoryError, match="leave the directory empty"):
        await make_plan(
            three, json_contents({"name": "Bad", "description": ""}), ImportMode.REPLACE
        )


@pytest.mark.parametrize("mode", [ImportMode.ADD, ImportMode.UPDATE])
async def test_the_namesake_who_exists_keeps_the_name(three: Directory, mode: ImportMode):
    file = json_contents(
        {"name": "John Smith", "description": "sailor", "born": 1901},
        {"name": "John Smith", "description": "farmer", "born": 1951},
    )
    for total in (4, 4):
        plan, _ = await import_people(three, file, mode)
        assert plan.renamed == {"John Smith": ["John Smith (1901)"]}
        assert await three.people.count() == total


@pytest.mark.parametrize("mode", ImportMode)
async def test_a_list_that_grows_by_a_namesake_duplicates_nobody(
    directory: Directory, mode: ImportMode
):
    cook, baker = (
        {"name": "John Smith", "description": "cook"},
        {"name": "John Smith", "description": "baker", "born": 1950},
    )
    captain = {"name": "John Smith", "description": "captain", "born": 1950}
    grown = ([cook], [cook, baker], [captain, baker, cook])
    for people_of_file in grown:
        for _ in range(2):
            await import_people(directory, json_contents(*people_of_file), mode)
            there = {person.description for person in await list_people(directory)}
            assert await directory.people.count() == len(people_of_file) == len(there)
    if mode is not ImportMode.REPLACE:  # which gives the names that the file alone gives
        assert (await directory.people.get("John Smith")).description == "cook"
    plan, _ = await import_people(directory, json_contents(baker), ImportMode.UPDATE)
    assert not plan.total and plan.same


ZOE = {"name": "Zoë Kowalski", "description": "nurse", "born": 1999, "city": "Ghent"}
CORRECTED = ZOE | {"born": 1979}


@pytest.mark.parametrize(
    "row",
    [
        CORRECTED,
        {"name": "zoe kowalski", "description": "nurse", "born": 1979},
        {"name": "Zoë Kowalski", "city": "Ghent", "born": 1979},
    ],
)
async def test_a_different_birth_alone_is_a_correction(three: Directory, row: dict[str, Any]):
    await import_people(three, json_contents(ZOE))
    plan, report = await import_people(three, json_contents(row), ImportMode.UPDATE)
    (update,) = plan.updated
    assert update.existing and update.existing.attributes["born"] == 1999
    (changed,) = (section for section in plan_sections(plan) if section.title == "To update:")
    assert changed.examples == ["Zoë Kowalski: born 1999 → 1979"]
    assert counts(plan) == {"updated": 1} and report.updated == 1 and not report.refused
    assert (await three.people.get("Zoë Kowalski")).attributes == {"born": 1979, "city": "Ghent"}
    assert (await make_plan(three, json_contents(row), ImportMode.UPDATE)).total == 0


@pytest.mark.parametrize(
    ("there", "file"),
    [
        ([ZOE], [CORRECTED | {"description": "baker"}]),
        ([ZOE], [CORRECTED | {"city": "Bruges"}]),
        ([ZOE], [CORRECTED | {"city": "none"}]),
        ([ZOE], [CORRECTED | {"died": 2020}]),
        ([ZOE], [CORRECTED, ZOE | {"born": 1950}]),
        ([ZOE], [CORRECTED, ZOE | {"name": "Zoë Kowalski (1950)", "born": 1950}]),
        ([ZOE, ZOE | {"born": 1950}], [CORRECTED]),
        ([ZOE, ZOE | {"name": "Zoë Kowalski (1950)", "born": 1950}], [CORRECTED]),
        ([ZOE | {"name": "Zoë Kowalski (1999)"}], [CORRECTED]),
        ([ZOE | {"name": "Zoë Kowalski (1)"}], [CORRECTED | {"name": "Zoë Kowalski (1)"}]),
    ],
)
async def test_a_different_birth_is_a_different_person_if_more_differs(
    directory: Directory, there: list[dict[str, Any]], file: list[dict[str, Any]]
):
    await import_people(directory, json_contents(*there))
    before = await list_people(directory)
    plan, _ = await import_people(directory, json_contents(*file), ImportMode.UPDATE)
    assert len(plan.added) == len(file) and not plan.updated
    after = await list_people(directory)
    assert all(person in after for person in before)


async def test_a_row_with_only_a_different_birth_is_refused(directory: Directory):
    await import_people(directory, json_contents(ZOE))
    plan = await make_plan(
        directory, json_contents({"name": ZOE["name"], "born": 1979}), ImportMode.UPDATE
    )
    assert counts(plan) == {"refused": 1}


async def test_adding_corrects_nobody(directory: Directory):
    await import_people(directory, json_contents(ZOE))
    plan, _ = await import_people(directory, json_contents(CORRECTED), ImportMode.ADD)
    assert plan.renamed == {"Zoë Kowalski": ["Zoë Kowalski (1979)"]}


async def test_a_hint_that_someone_else_has_in_their_name_is_not_used(three: Directory):
    await three.people.add("John Smith (1901)", "imposter", {"born": 1850})
    file = json_contents({"name": "John Smith", "description": "sailor", "born": 1901})
    for _ in range(2):
        await import_people(three, file, ImportMode.UPDATE)
        assert (await three.people.get("John Smith (1901)")).description == "imposter"
        assert (await three.people.get("John Smith (1)")).description == "sailor"


async def test_edited_namesakes_without_years_are_matched_in_order(directory: Directory):
    """If there are as many as before, they are in the same order. Otherwise, new people overwrite
    nobody."""

    async def update(*jobs: str) -> list[str]:
        file = json_contents(*({"name": "John Smith", "description": job} for job in jobs))
        await import_people(directory, file, ImportMode.UPDATE)
        return [person.description for person in await list_people(directory)]

    assert await update("cook", "baker", "sailor") == ["cook", "baker", "sailor"]
    assert await update("chef", "baker", "captain") == ["chef", "baker", "captain"]
    everybody = ["chef", "baker", "captain", "farmer", "smith"]
    assert await update("farmer", "captain", "smith", "baker", "chef") == everybody
    assert await update("tailor", "captain", "smith") == [*everybody, "tailor"]


async def test_too_many_attributes_are_refused_by_the_plan(three: Directory):
    file = json_contents({"name": "A", "description": "b", **{f"f{n}": n for n in range(40)}})
    with pytest.raises(DirectoryError, match="at most 40"):
        await make_plan(three, file, ImportMode.ADD)


async def test_a_field_without_values_is_not_added(directory: Directory):
    people = [
        {"name": "Bad", "description": " ", "junk": 1},
        {"name": "Good", "description": "somebody", "empty": None},
    ]
    plan, report = await import_people(directory, json_contents(*people))
    assert not plan.new_fields and not report.new_fields
    assert set(directory.fields.schema) == {"born", "died"}


# Others, meanwhile


async def test_people_who_changed_since_the_plan_are_classified_again(three: Directory):
    file = json_contents(
        {"name": "Marie Curie", "died": 1935},
        {"name": "Björk", "died": 2090},
        {"name": "New", "description": "somebody"},
    )
    plan = await make_plan(three, file, ImportMode.UPDATE)
    await three.people.update("Marie Curie", "physicist", {"country": "France"})
    await three.people.remove("Björk")
    await three.people.add("New", "somebody", {"born": 1})
    report = await Importer(three, plan, plan.request(ADA, "x")).run()
    marie = await three.people.get("Marie Curie")
    assert marie.description == "physicist"
    assert marie.attributes == {"born": 1867, "died": 1935, "country": "France"}
    assert await three.people.find("Björk") is None
    assert (report.updated, report.added, len(report.refused)) == (1, 0, 1)
    assert "needs a description" in report.refused[0].reason


async def test_adding_refuses_someone_who_was_added_since_the_plan(three: Directory):
    plan = await make_plan(
        three, json_contents({"name": "New", "description": "somebody"}), ImportMode.ADD
    )
    await three.people.add("NEW", "another", {})
    report = await Importer(three, plan, plan.request(ADA, "x")).run()
    assert (await three.people.get("new")).description == "another"
    assert "already here" in report.refused[0].reason


async def test_rows_are_refused_if_their_field_was_added_with_another_kind(three: Directory):
    plan = await make_plan(three, json_contents(*crowd()), ImportMode.ADD)

    await three.fields.add("prize", Kind.TEXT)
    report = await Importer(three, plan, plan.request(ADA, "x")).run()
    assert len(report.refused) == CROWD and 'not "7"' in report.refused[7].reason
    again, report = await import_people(
        three, json_contents(*[p | {"prize": "x"} for p in crowd()])
    )
    assert report.added == CROWD and not again.new_fields


async def test_two_equal_imports_at_once_duplicate_nobody(three: Directory):
    one, other = await asyncio.gather(
        *(import_people(three, json_contents(*crowd()), ImportMode.ADD) for _ in range(2))
    )
    assert await three.people.count() == 3 + CROWD
    assert one[1].added + other[1].added == CROWD
    assert not (one[1].refused or other[1].refused)


# Interrupted


class Killed(BaseException):
    pass


@pytest.mark.parametrize("mode", ImportMode)
@pytest.mark.parametrize("seed", range(4))
async def test_an_import_killed_anywhere_continues_as_one_operation(
    three: Directory, redis: Redis, mode: ImportMode, seed: int
):
    """Kill it twice, at random batches, and let it finish: one undo reverts all of it."""
    chance = random.Random(seed)
    before = await list_people(three)
    file = json_contents(
        *crowd(), {"name": "Marie Curie", "description": "physicist", "born": 1868}
    )
    for _ in range(2):
        at = chance.randrange(6)
        steps = iter(range(100))

        def progress(done: int, total: int, at: int = at, steps: Any = steps) -> None:
            if next(steps) == at:
                raise Killed

        try:
            await import_people(three, file, mode, progress=progress)
        except Killed:
            stored = {person.name: person for person in await list_people(three)}
            assert all(
                p.attributes["prize"] == int(n[2:]) for n, p in stored.items() if n[0] == "P"
            )
    _, report = await import_people(three, file, mode)
    assert not report.is_partial
    assert await three.people.count() == CROWD + (1 if mode is ImportMode.REPLACE else 3)
    operations = await three.history.page(0, 10)
    (operation,) = [operation for operation in operations if operation.kind == "import"]
    assert not operation.is_open and report.number in (0, operation.number)
    await three.undo.run(operation.number)
    assert await list_people(three) == before and "prize" not in three.fields.schema


async def test_an_import_killed_before_it_was_closed_is_closed_by_the_next(three: Directory):
    plan = await make_plan(three, json_contents(*crowd(3)), ImportMode.ADD)
    request = plan.request(ADA, "x")
    with pytest.raises(Killed):
        await Importer(three, plan, request, lambda done, total: kill_if(done == total)).run()
    assert (await three.history.get(request.number or 0)).is_open
    _, report = await import_people(three, json_contents(*crowd(3)))
    assert report.number == request.number and report.total == 0
    assert not (await three.history.get(report.number)).is_open


def kill_if(now: bool) -> None:
    if now:
        raise Killed


async def test_a_stopped_import_reports_how_far_it_got_and_continues(three: Directory):
    seen: list[int] = []
    _, report = await import_people(
        three,
        json_contents(*crowd()),
        progress=lambda done, total: seen.append(done),
        should_stop=lambda: seen[-1] >= 128,
    )
    assert report.is_partial and (report.done, report.total) == (128, CROWD)
    assert await three.people.count() == 3 + 128
    again, rest = await import_people(three, json_contents(*crowd()))
    assert len(again.added) == CROWD - 128 and rest.number == report.number


async def test_an_import_that_was_stopped_and_undone_starts_anew(three: Directory):
    _, first = await import_people(three, json_contents(*crowd(100)), should_stop=stop_after(1))
    await three.undo.run(first.number)
    assert await three.people.count() == 3
    _, report = await import_people(three, json_contents(*crowd(100)))
    assert report.number > first.number and await three.people.count() == 103
    await three.undo.run(report.number)
    assert await three.people.count() == 3


def stop_after(batches: int):
    steps = iter(range(1000))
    return lambda: next(steps) >= batches


async def test_losing_redis_reports_how_far_the_import_got(
    three: Directory, monkeypatch: pytest.MonkeyPatch
):
    apply, batches = three.people.apply, iter(range(100))

    async def gone(*arguments: Any) -> Any:
        if next(batches) == 2:
            raise DirectoryUnavailable("The database is away.")
        return await apply(*arguments)

    monkeypatch.setattr(three.people, "apply", gone)
    with pytest.raises(DirectoryUnavailable, match="Stopped after 128 of 300 people") as raised:
        await import_people(three, json_contents(*crowd()))
    assert "import the same file again" in str(raised.value)
    monkeypatch.undo()
    _, report = await import_people(three, json_contents(*crowd()))
    assert report.added == CROWD - 128 and await three.people.count() == 3 + CROWD


# There and back


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
async def test_importing_an_export_gives_the_same_directory(
    directory: Directory, make_directories, tmp_path: Path, ending: str
):
    await import_people(directory, read_file(STARTER))
    odd = {"motto": 'He said: "a=b", \\ ok', "tags": "ünïcode,漢字", "height": "1.5", "ok": "yes"}
    await directory.people.add("Conan O’Brien «x» *y*", "Odd\n\tspaces — and 🎸", odd)
    path = tmp_path / f"people.{ending}"
    assert await export_file(directory, path) == await directory.people.count()
    other = await make_directories().get_or_create("there")
    await import_people(other, read_file(path))
    assert other.fields.schema == directory.fields.schema
    assert await list_people(other) == await list_people(directory)
    for query in (
        "physicist",
        "singer born>1900",
        "known_for=music died=none",
        "ok=yes",
        "tags=漢字",
    ):
        ours, theirs = await directory.search(query, 30), await other.search(query, 30)
        assert [m.person for m in ours.matches] == [m.person for m in theirs.matches], query
    again = tmp_path / f"again.{ending}"
    await export_file(other, again)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl"])
async def test_importing_an_export_of_the_laureates_gives_the_same_directory(
    directory: Directory, make_directories, tmp_path: Path, ending: str
):
    await import_people(directory, read_file(shared("nobel_laureates.jsonl")))
    assert await directory.people.count() == 943
    path = tmp_path / f"people.{ending}"
    await export_file(directory, path)
    other = await make_directories().get_or_create("there")
    for mode in (ImportMode.REPLACE, ImportMode.ADD, ImportMode.UPDATE, ImportMode.REPLACE):
        plan, report = await import_people(other, read_file(path), mode)
        assert not (plan.refused or report.refused or plan.renamed)
        assert len(plan.added if report.number else plan.same) == 943
    assert other.fields.schema == directory.fields.schema
    assert await list_people(other) == await list_people(directory)


async def test_exporting_over_a_file_keeps_its_permissions(three: Directory, tmp_path: Path):
    path = tmp_path / "people.csv"
    await export_file(three, path)
    assert path.stat().st_mode & 0o444 == 0o444
    path.chmod(0o600)
    await export_file(three, path)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_an_export_with_conditions_has_only_the_matches(three: Directory):
    count, written = await export_bytes(
        three, FileFormat.JSONL, await three.parse_conditions("born>1900")
    )
    names = [json.loads(line)["name"] for line in written.decode().splitlines()]
    assert (count, names) == (2, ["Björk", "John Smith"])


def test_the_starter_set_is_as_the_readme_says():
    schema, people = read_starter_set(STARTER)
    rows = json.loads(STARTER.read_text("utf-8"))
    assert len(people) == len(rows) == 112
    assert list(schema) == ["born", "died", "country", "known_for"]
    living = [p for p in people if "died" not in p.attributes]
    assert len(living) == 37
    walkthrough = ["Marie Curie", "Linus Pauling", "Freddie Mercury", "Marie Fredriksson"]
    walkthrough += ["Paul Erdos", "Maryam Mirzakhani", "Masako Natsume", "Chaim Topol"]
    assert [person.name for person in people[:8]] == walkthrough
    for person in living:
        assert isinstance(born := person.attributes["born"], int) and born > 1950
    births = [row["born"] for row in rows if row["born"] is not None]
    assert min(births) < 0 and max(births) > 2000

"""Concurrent editors: replaying the history entry by entry gives the directory as it is in the
end, and every acknowledged change is in the history."""

import asyncio
import itertools
import random
from collections import Counter

from bot.directory import Author, Directory, HistoryLimits, OperationKind, Redis
from bot.directory.history.history import HistoryEntry
from bot.directory.history.operations import Operation
from bot.directory.keys import Keys
from bot.errors import DirectoryError
from bot.maintenance import check
from bot.person import BASE_SCHEMA, Kind, Person, Schema, fold
from tests.embedders import WordEmbedder

EDITORS = 8
OPERATIONS = 10_000
NAMES = [f"{first} {last}" for first in ("Ann", "Bo", "Célia", "Đức") for last in "ABCDEFGH"]
WORDS = ["singer", "painter", "physicist", 'who said "country":', "né à Paris", "O'Neill's son"]
FIELDS = ["country", "field", "prize", "height", "awake", "land"]
VALUES = {
    Kind.TEXT: ["France", "Ísland", 'a "b"', "null"],
    Kind.TAGS: [("A", "b, c"), ("Ö",), ("x", "y", "z")],
    Kind.NUMBER: [1, -44, 0.5, 10**12],
    Kind.FLAG: [True, False],
}


SINGLE_EDITS = {
    OperationKind.ADD: ["add"],
    OperationKind.EDIT: ["edit", "set"],
    OperationKind.REMOVE: ["remove"],
    OperationKind.FIELD_ADD: ["add field"],
    OperationKind.FIELD_RENAME: ["rename field"],
}
"""The edits that are one operation each, whatever others do."""

_new_years = itertools.count(2000)
"""Years that nobody had yet, so that each edit changes something."""


class Editor:
    """Makes edits one after another with its own Directory, as a process of its own would."""

    def __init__(self, directory: Directory, number: int) -> None:
        self.directory = directory
        self.author = Author(str(number), f"editor {number}")
        self.dice = random.Random(number)
        self.outcomes: Counter[str] = Counter()

    async def work(self, operations: int) -> None:
        kinds = {
            "add": 25, "edit": 30, "set": 20, "remove": 8, "undo": 12, "bulk": 0.7,
            "add field": 1, "rename field": 0.5, "remove field": 0.5,
        }  # fmt: skip
        for _ in range(operations):
            (kind,) = self.dice.choices(list(kinds), list(kinds.values()))
            try:
                await self.do(kind)
            except DirectoryError as error:
                self.outcomes[f"{kind} refused: {type(error).__name__}"] += 1
            else:
                self.outcomes[kind] += 1

    async def do(self, kind: str) -> None:
        directory, choice, by = self.directory, self.dice.choice, self.author
        field = choice(
            [name for name in directory.fields.schema if name not in BASE_SCHEMA] or FIELDS
        )
        value = choice(VALUES[directory.fields.schema.get(field, choice(list(Kind)))])
        match kind:
            case "add":
                values = {field: value, "born": choice([1, 1900, None])}
                await directory.people.add(choice(NAMES), choice(WORDS), values, by=by)
            case "edit":
                values = {field: choice([value, None]), "died": next(_new_years)}
                await directory.people.update(choice(NAMES), choice(WORDS), values, by=by)
            case "set":
                values = {field: value, "died": next(_new_years)}
                await directory.people.update(choice(NAMES), None, values, by=by)
            case "remove":
                await directory.people.remove(choice(NAMES), by=by)
            case "bulk":
                query = await directory.parse(choice(["born>1800", "has:born", "no:died"]))
                await directory.bulk.update_where(query, {field: value}, by=by)
            case "undo":
                latest = await directory.history.count()
                await directory.undo.run(max(1, latest - self.dice.randrange(20)), by=by)
            case "add field":
                await directory.fields.add(choice(FIELDS), choice(list(Kind)), by=by)
            case "rename field":
                await directory.fields.rename(field, choice(FIELDS), by=by)
            case "remove field":
                await directory.bulk.remove_field(field, by=by)


async def test_replaying_the_history_of_concurrent_editors_gives_the_directory(
    make_directories, redis: Redis
):
    limits = HistoryLimits(changes=10**9)
    first = await make_directories(limits=limits).get_or_create("edited")
    editors = [
        Editor(Directory(first.storage, WordEmbedder(), first.fields.schema, limits), number)
        for number in range(EDITORS)
    ]
    await asyncio.gather(*(editor.work(OPERATIONS // EDITORS) for editor in editors))
    outcomes = sum((editor.outcomes for editor in editors), Counter())
    print(f"\n{dict(outcomes.most_common())}")
    assert outcomes["undo"] > 400 and outcomes["bulk"] > 10 and outcomes["rename field"] > 5

    operations = await read_operations(first)
    for editor in editors:
        assert_acknowledged(editor, operations)
    people, schema = await replay(first, operations)
    keys = Keys.of(first.key)
    await first.fields.refresh()
    assert schema == first.fields.schema and list(schema) == list(first.fields.schema)
    elements = await redis.execute("VRANDMEMBER", keys.vset, 10_000)
    stored = await first.storage.read_attributes(elements)
    assert dict(zip(elements, stored, strict=True)) == people
    names = await redis.execute("ZRANGE", keys.names, 0, -1)
    assert names == sorted(f"{fold(name)}\0{name}" for name in people)
    await assert_vectors(first, people)
    findings = await check(first)
    assert findings.is_clean, findings.problems


def assert_acknowledged(editor: Editor, operations: list[Operation]) -> None:
    """Assert that the history has exactly what an editor was told was done, once."""
    own = [each for each in operations if each.author == editor.author]
    for operation_kind, edits in SINGLE_EDITS.items():
        # An edit that was refused after adding a field is in the history with only the field.
        changes_fields = operation_kind.startswith("field")
        made = [o for o in own if o.kind is operation_kind and (o.people_count or changes_fields)]
        assert len(made) == sum(editor.outcomes[edit] for edit in edits), operation_kind


async def replay(
    directory: Directory, operations: list[Operation]
) -> tuple[dict[str, str], Schema]:
    """Make each change of the history again, asserting that it finds what it found at the time.
    Returns the people, as JSON by name, and the schema."""
    people: dict[str, str] = {}
    schema = dict(BASE_SCHEMA)
    for entry in await read_entries(directory, operations):
        if entry.schemas:
            before, after = entry.schemas
            assert before == schema and list(before) == list(schema)
            people = {name: with_schema(name, people[name], before, after) for name in people}
            schema = dict(after)
        for change in entry.changes:
            assert people.get(change.name, "") == change.before
            people[change.name] = change.after
            if not change.after:
                del people[change.name]
    return people, schema


def with_schema(name: str, stored: str, before: Schema, after: Schema) -> str:
    """Return a person's JSON after the schema changed."""
    person = Person.load(name, stored)
    removed = [field for field in before if field not in after]
    added = [field for field in after if field not in before]
    values = dict(person.attributes)
    for field in removed:
        value = values.pop(field, None)
        if added and value is not None:  # the field was renamed
            values[added[0]] = value
    return Person(name, person.description, values).dump(after)


async def read_operations(directory: Directory) -> list[Operation]:
    """Return all operations of the history, latest first."""
    operations: list[Operation] = []
    while page := await directory.history.page(len(operations), 500):
        operations += page
    return operations


async def read_entries(directory: Directory, operations: list[Operation]) -> list[HistoryEntry]:
    """Return all entries of operations, in order."""
    entries: list[tuple[tuple[int, ...], HistoryEntry]] = []
    for operation in operations:
        async for entry in directory.history.entries(operation):
            entries.append((tuple(map(int, entry.id.split("-"))), entry))
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0])]


async def assert_vectors(directory: Directory, people: dict[str, str]) -> None:
    """Assert that each person's vector is that of their description, apart from rounding."""
    names, vectors = await directory.people.vectors(list(people))
    texts = [Person.load(name, people[name]).description for name in names]
    cosines = (vectors * await WordEmbedder().embed_all(texts)).sum(axis=1)
    assert names == list(people) and cosines.min() > 0.9995

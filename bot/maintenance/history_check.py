"""Checks whether the history agrees with itself and with the people."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.directory.history.entries import Change, HistoryEntry, parse_entry
from bot.directory.history.field_renames import FieldRenames
from bot.directory.history.operations import OperationKind, parse_operation
from bot.directory.schema_json import dump_schema
from bot.directory.storage import Storage
from bot.maintenance.findings import ExternalChange, Findings, Problem
from bot.maintenance.indexes import compare_entries
from bot.person import Person, Schema

BATCH = 32  # entries read at once
OPERATION_NUMBERS = range(1, 10**12)  # the marks have room for 12 digits
COUNTER = re.compile(r"\d{1,15}", re.ASCII)  # what HINCRBY can increment

Header = dict[str, Any]
"""The header of an operation; lua/directory.lua lists its fields."""


@dataclass
class ExpectedHeader:
    """What the entries of an operation say about it: the ids of the first and the last one, how
    many people they changed, and the schema before them. ``is_oldest`` is set for the oldest
    operation in the history, whose first entries may have been deleted."""

    last: str
    first: str = ""
    people: int = 0
    schema: str = ""
    is_oldest: bool = False


class HistoryCheck:
    """Derives from the entries of a history, the newest first, the headers and marks that should
    be there, and compares them with what is stored. ``people`` are everyone's attributes by
    name."""

    def __init__(
        self, storage: Storage, schema: Schema, people: Mapping[str, str], findings: Findings
    ) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys
        self._schema = schema
        self._people = people
        self._findings = findings
        self._expected: dict[int, ExpectedHeader] = {}
        self._expected_marks: set[str] = set()
        self._marked_people: set[tuple[str, int]] = set()  # each with the operation's number
        self._compared_people: set[str] = set()
        self._renames = FieldRenames()

    async def run(self) -> None:
        """Add to the findings what doesn't agree."""
        await self._read_entries()
        stored_headers = await self._redis.execute("HGETALL", self._keys.operations)
        authors = await self._redis.execute("HGETALL", self._keys.authors)
        # Read after the headers: finishing an operation changes meta first, and isn't counted as a
        # change of the directory.
        meta = await self._redis.execute("HGETALL", self._keys.meta)
        authors_by_operation = await self._authors_by_operation()
        headers = self._check_headers(stored_headers, meta.get("model", ""), authors_by_operation)
        await self._check_marks(headers)
        self._check_size(meta)
        self._check_counters(meta, headers, authors)
        self._check_resumable(meta, headers)
        self._check_authors(authors)

    # Entries

    async def _read_entries(self) -> None:
        schema = dump_schema(self._schema)
        expected = None
        async for number, entry in self._entries():
            expected = self._expected.setdefault(number, ExpectedHeader(last=entry.id))
            expected.first = entry.id
            expected.people += len(entry.changes)
            if entry.schemas:
                schema = dump_schema(entry.schemas[0])
                self._renames.step_back(*entry.schemas)
            expected.schema = schema
            self._expected_marks |= entry.marks(number)
            self._marked_people |= {(name, number) for name in entry.individually_marked}
            for change in reversed(entry.changes):
                self._compare_person(change)
        if expected:
            expected.is_oldest = True

    async def _entries(self) -> AsyncIterator[tuple[int, HistoryEntry]]:
        """Yield each entry with the number of its operation, the newest first."""
        last = "+"
        while True:
            ((*entries,),) = await self._redis.execute_all(
                [("XREVRANGE", self._keys.history, last, "-", "COUNT", BATCH)], raw=True
            )
            for id, parts in entries:
                last = f"({id.decode()}"
                try:
                    number, entry = int(parts[b"operation"]), parse_entry(id.decode(), parts)
                    if number not in OPERATION_NUMBERS:
                        raise ValueError(number)
                    yield number, entry
                except (ValueError, KeyError, IndexError):
                    delete = ("XDEL", self._keys.history, id)
                    self._findings.add(Problem.UNREADABLE_ENTRY, id.decode(), delete)
            if len(entries) < BATCH:
                return

    def _compare_person(self, change: Change) -> None:
        """Compare a person with what their last change made of them."""
        if change.name in self._compared_people:
            return
        self._compared_people.add(change.name)
        stored = self._people.get(change.name, "")
        if stored == change.after:
            return
        before = ""
        if change.new:
            expected = self._renames.update(change.new, self._schema)
            before = expected.dump(self._schema, stored)
            person = Person.load(change.name, stored)
            if stored and FieldRenames().update(person, self._schema) == expected:
                return
        self._findings.add(Problem.EXTERNAL_CHANGE, change.name)
        self._findings.external_changes.append(ExternalChange(change.name, before, stored))

    # Operations

    def _check_headers(
        self, stored: Mapping[str, str], model: str, authors: Mapping[int, str]
    ) -> dict[int, Header]:
        """Check the headers of the operations. Returns them by number, as a repair leaves them."""
        headers: dict[int, Header] = {}
        for field in sorted(stored.keys() - {str(number) for number in self._expected}):
            delete = ("HDEL", self._keys.operations, field)
            self._findings.add(Problem.OPERATION_EMPTY, f"#{field}", delete)
        for number in sorted(self._expected):
            header = _read_header(stored.get(str(number)))
            corrected = self._corrected(number, header, model, authors.get(number, ""))
            if header != corrected:
                problem = Problem.HEADER_MISSING if header is None else Problem.WRONG_HEADER
                text = json.dumps(corrected, ensure_ascii=False)
                set_header = ("HSET", self._keys.operations, number, text)
                self._findings.add(problem, f"#{number}", set_header)
            headers[number] = corrected
        return headers

    def _corrected(self, number: int, header: Header | None, model: str, by: str) -> Header:
        """Return what the header of an operation should be."""
        expected = self._expected[number]
        if header is not None:
            corrected = _correct_header(header, expected)
            undone = corrected.get("undone")
            if undone and not (isinstance(undone, int) and undone in self._expected):
                del corrected["undone"]
            with suppress(ValueError):
                parse_operation(number, corrected, None)
                return corrected
        return _make_header(expected, model, by)

    async def _authors_by_operation(self) -> dict[int, str]:
        """Return the authors of the operations, according to the marks."""
        bounds = (b"[by\0", b"(by\1", "BYLEX")
        entries = await self._redis.execute("ZRANGE", self._keys.marks, *bounds)
        pairs = (entry.removeprefix("by\0").rpartition("\0")[::2] for entry in entries)
        return {int(number): by for by, number in pairs if COUNTER.fullmatch(number)}

    async def _check_marks(self, headers: Mapping[int, Header]) -> None:
        expected = set(self._expected_marks)
        for number, header in headers.items():
            expected |= {f"all\0{number:012}", f"by\0{header['by']}\0{number:012}"}
        # When the first entry of an operation is forgotten, so are the marks of its people, even if
        # a later entry of the same operation changed them again.
        optional = {
            f"who\0{name}\0{number:012}"
            for name, number in self._marked_people
            if headers[number].get("cut")
        }
        problems = (Problem.MARK_MISSING, Problem.MARK_EXTRA)
        await compare_entries(
            self._storage, self._keys.marks, expected, problems, self._findings, optional
        )

    # Meta and authors

    def _check_size(self, meta: Mapping[str, str]) -> None:
        size = sum(header.people for header in self._expected.values())
        if meta.get("held", "0") != str(size):
            set_size = ("HSET", self._keys.meta, "held", size)
            example = f"{meta.get('held')} / {size}"
            self._findings.add(Problem.WRONG_HISTORY_SIZE, example, set_size)

    def _check_counters(
        self, meta: Mapping[str, str], headers: Mapping[int, Header], authors: Mapping[str, str]
    ) -> None:
        """Check that the counters aren't below the numbers that are in use."""
        author_marks = [key.partition(":")[2] for key in authors if key.startswith("author:")]
        author_marks += [header["by"] for header in headers.values()]  # some names were forgotten
        author_numbers = [int(mark) for mark in author_marks if COUNTER.fullmatch(mark)]
        numbers_in_use = {
            "changes": 0,
            "operations": max(headers, default=0),
            "authors": max(author_numbers, default=0),
        }
        for field, highest in numbers_in_use.items():
            counter = meta.get(field, "0")
            if not COUNTER.fullmatch(counter) or int(counter) < highest:
                set_counter = ("HSET", self._keys.meta, field, highest)
                self._findings.add(Problem.WRONG_COUNTER, field, set_counter)

    def _check_resumable(self, meta: Mapping[str, str], headers: Mapping[int, Header]) -> None:
        """Check that the operations to resume exist and are open."""
        for field, number in meta.items():
            if field.startswith("open:"):
                header = headers.get(int(number)) if COUNTER.fullmatch(number) else None
                if header is None or not header.get("open"):
                    source = field.partition(":")[2]
                    delete = ("HDEL", self._keys.meta, field)
                    self._findings.add(Problem.NOTHING_TO_RESUME, source, delete)

    def _check_authors(self, authors: Mapping[str, str]) -> None:
        """Check that each author has both fields, id:ID and author:MARK: with only one of them, a
        name couldn't be removed."""
        for field, value in authors.items():
            kind, _, rest = field.partition(":")
            if kind == "id":
                is_complete = authors.get(f"author:{value}", "\0").partition("\0")[0] == rest
            else:
                is_complete = authors.get(f"id:{value.partition(chr(0))[0]}") == rest
            if not is_complete:
                delete = ("HDEL", self._keys.authors, field)
                self._findings.add(Problem.INCOMPLETE_AUTHOR, field, delete)


def _read_header(stored: str | None) -> Header | None:
    """Return the header that is stored, or None if it isn't an object with a time."""
    with suppress(ValueError, RecursionError):
        header = json.loads(stored or "")
        if isinstance(header, dict) and isinstance(header.get("at"), int | float):
            return header
    return None


def _correct_header(header: Header, expected: ExpectedHeader) -> Header:
    """Return the header, corrected where it contradicts the operation's entries, and marked as
    ``cut`` if some of the entries are gone."""
    corrected = dict(header)
    if not isinstance(header.get("by"), str):
        corrected["by"] = ""
    if header.get("what") not in [*OperationKind]:
        corrected["what"] = OperationKind.OUTSIDE
    first, last, count = header.get("first"), header.get("last"), header.get("count")
    is_complete = first == expected.first and count == expected.people
    if last != expected.last or not (is_complete or header.get("cut")):
        counts_more = not isinstance(count, int | float) or count > expected.people
        if counts_more or (first, last) != (expected.first, expected.last):
            corrected["cut"] = True
        corrected |= {"first": expected.first, "last": expected.last, "count": expected.people}
    return corrected


def _make_header(expected: ExpectedHeader, model: str, by: str) -> Header:
    """Return a header for an operation of which only the entries are known."""
    return {
        "by": by,
        "at": int(expected.first.partition("-")[0]),
        "what": OperationKind.OUTSIDE,
        "note": "",
        "count": expected.people,
        "first": expected.first,
        "last": expected.last,
        "model": model,
        "schema": expected.schema,
        **({"cut": True} if expected.is_oldest else {}),
    }

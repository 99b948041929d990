"""What was changed in a directory, by whom, and what it was before."""

import difflib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot import sentences
from bot.directory import lua
from bot.directory.history_entries import Change, Step, prints, read_step
from bot.directory.keys import Keys
from bot.directory.lua import load_schema
from bot.directory.redis import Redis
from bot.errors import ChangeNotFound
from bot.person import Schema, fold

STEPS = 16  # read at once: an import's have 64 people each
CANDIDATES = 50  # names that begin alike


class What(StrEnum):
    """What somebody asked for."""

    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    BULK = "bulk"
    IMPORT = "import"
    FIELD_ADD = "field add"
    FIELD_RENAME = "field rename"
    FIELD_REMOVE = "field remove"
    UNDO = "undo"
    OUTSIDE = "outside"
    """Another program's change, found by ``check``."""


@dataclass(frozen=True)
class Author:
    """Who changes something: a Discord user's number, and the name shown, or who else it was."""

    id: str
    name: str


SOMEBODY = Author("", "")
"""Who is not known: a program that uses Directory by itself, say."""


@dataclass(frozen=True)
class Limits:
    """How much history a directory keeps: so many changed people, for so many days; the latest
    operation is always kept whole."""

    changes: int = 100_000
    days: int = 365


LIMITS = Limits()


@dataclass
class Asked:
    """An operation as it is asked for; its number once a step of it is made. One that is ``open``
    takes more steps until it is finished. What has the same ``source`` (a text) as one that was
    interrupted goes on with that."""

    what: What
    author: Author = SOMEBODY
    note: str = ""
    open: bool = False
    source: str | None = None
    undoes: int | None = None
    number: int | None = None

    def dump(self, limits: Limits) -> str:
        """As lua/history.lua reads it."""
        values = {
            "what": self.what,
            "by": self.author.id,
            "name": self.author.name,
            "note": self.note,
            "open": self.open or None,
            "most": limits.changes,
            "age": limits.days * 24 * 3600 * 1000,
            "source": self.source,
            "undoes": self.undoes,
            "number": self.number,
        }
        known = {key: value for key, value in values.items() if value is not None}
        return json.dumps(known, ensure_ascii=False)


@dataclass(frozen=True)
class Operation:
    """An operation that was carried out. ``by`` is None where the name was taken out of the
    history; ``schema`` and ``model`` are those before it; ``undone`` is the number of the operation
    that took it back, ``undoes`` of the one that this takes back. Of one that is ``cut`` the
    beginning is forgotten, and one that is ``open`` was not finished."""

    number: int
    what: What
    at: datetime
    by: Author | None
    note: str
    people: int
    schema: Schema
    model: str
    undoes: int | None
    undone: int | None
    cut: bool
    open: bool
    first: str
    last: str
    source: str | None


@dataclass(frozen=True)
class Held:
    """How far the history goes back: its operations, its changed people, its bounds."""

    operations: int
    people: int
    limits: Limits
    since: datetime | None = field(default=None)


class History:
    """Reads the history of one directory; the newest comes first."""

    def __init__(self, redis: Redis, keys: Keys, limits: Limits) -> None:
        self.limits = limits
        self._redis = redis
        self._keys = keys

    async def count(self, *, person: str | None = None, by: str | None = None) -> int:
        """How many operations there are: all, or those that changed a person, or that an author
        (an id) asked for, or both."""
        if person is not None:
            return len(await self._numbers_of(person, by))
        limits = await self._range(by)
        return int(await self._redis.execute("ZLEXCOUNT", self._keys.marks, *limits))

    async def page(
        self, start: int, count: int, *, person: str | None = None, by: str | None = None
    ) -> list[Operation]:
        """``count`` of these operations, from the place ``start``."""
        if person is not None:
            return await self.find_all((await self._numbers_of(person, by))[start : start + count])
        least, most = await self._range(by)
        entries = await self._redis.execute(
            "ZRANGE", self._keys.marks, most, least, "BYLEX", "REV", "LIMIT", start, count
        )
        numbers = [int(entry.rpartition("\0")[2]) for entry in entries]
        return await self.find_all(numbers)

    async def operation(self, number: int) -> Operation:
        """The operation of this number. Raises ChangeNotFound."""
        found = await self.find(number)
        if found is None:
            raise ChangeNotFound(number)
        return found

    async def find(self, number: int) -> Operation | None:
        """The operation of this number, if it is not forgotten."""
        return next(iter(await self.find_all([number])), None)

    async def steps(self, operation: Operation, at_once: int = STEPS) -> AsyncIterator[Step]:
        """The steps of an operation, the latest first; others' steps may lie between them."""
        async for entries in self._entries(operation.first, operation.last, at_once):
            for id, parts in entries:
                if int(parts[b"operation"]) == operation.number:
                    yield read_step(id.decode(), parts)

    async def steps_since(self, first: str) -> AsyncIterator[tuple[Operation, Step]]:
        """All steps from this one on, each with its operation, the latest first."""
        async for entries in self._entries(first, "+", STEPS):
            numbers = dict.fromkeys(int(parts[b"operation"]) for _, parts in entries)
            operations = {each.number: each for each in await self.find_all([*numbers])}
            for id, parts in entries:
                if operation := operations.get(int(parts[b"operation"])):
                    yield operation, read_step(id.decode(), parts)

    async def _entries(
        self, first: str, last: str, at_once: int
    ) -> AsyncIterator[Sequence[tuple[bytes, Mapping[bytes, bytes]]]]:
        """What the stream holds from one place to another, the latest first."""
        while last:
            (found,) = await self._redis.execute_raw(
                [("XREVRANGE", self._keys.history, last, first, "COUNT", at_once)]
            )
            yield found
            last = f"({found[-1][0].decode()}" if len(found) == at_once else ""

    async def changes(self, operation: Operation, most: int) -> list[Change]:
        """Up to ``most`` of what an operation changed, the latest first."""
        changes: list[Change] = []
        async for step in self.steps(operation, 1 if most < STEPS else STEPS):
            changes += reversed(step.changes)
            if len(changes) >= most:
                break
        return changes[:most]

    async def change_of(self, operation: Operation, name: str) -> Change | None:
        """What became of a person by an operation."""
        ids = await self._packed_with(operation, name)
        entries = await self._redis.execute_raw(
            [("XRANGE", self._keys.history, id, id) for id in ids]
        )
        steps = [read_step(id.decode(), parts) for found in entries for id, parts in found]
        if not steps:
            steps = [step async for step in self.steps(operation) if name in step.marked][::-1]
        changes = [change for step in steps for change in step.changes if change.name == name]
        return Change(name, changes[0].before, changes[-1].after) if changes else None

    async def _packed_with(self, operation: Operation, name: str) -> list[str]:
        """The steps of many people of an operation that changed a person, the earliest first."""
        mark, wanted = f"step\0{operation.number:012}\0", prints([name])
        entries = await self._redis.execute(
            "ZRANGE", self._keys.marks, f"[{mark}".encode(), f"({mark[:-1]}\1".encode(), "BYLEX"
        )
        steps = (entry.removeprefix(mark).split("\0") for entry in entries)
        width = len(wanted)
        held = {
            id: {all[place : place + width] for place in range(0, len(all), width)}
            for id, all in steps
        }
        return sorted((id for id, names in held.items() if wanted in names), key=_order)

    async def schemas_since(self, step: str) -> list[tuple[Schema, Schema]]:
        """What became of the schema after a step, from what to what, the earliest first."""
        entries = await self._redis.execute(
            "ZRANGE", self._keys.marks, b"[schema\0", b"(schema\1", "BYLEX"
        )
        ids = sorted((entry.partition("\0")[2] for entry in entries), key=_order)
        later = [id for id in ids if _order(id) > _order(step)]
        found = await self._redis.execute_raw(
            [("XRANGE", self._keys.history, id, id) for id in later]
        )
        steps = [read_step(id.decode(), parts) for entries in found for id, parts in entries]
        return [step.schemas for step in steps if step.schemas]

    async def names_starting(self, start: str, count: int) -> list[str]:
        """Up to ``count`` names of people who were changed that start exactly so: of all who are
        gone, and of others who were not changed with many at once."""
        found: list[str] = []
        head = b"who\0" + start.encode("utf-8", "replace")
        least, most = b"[" + head, b"(" + head + b"\xff"
        while len(found) < count:
            entries = await self._redis.execute(
                "ZRANGE", self._keys.marks, least, most, "BYLEX", "LIMIT", 0, 1
            )
            if not entries:
                break
            found.append(entries[0].split("\0")[1])
            least = b"(who\0" + found[-1].encode("utf-8", "replace") + b"\1"
        return found

    async def near(self, name: str, count: int) -> list[str]:
        """Up to ``count`` names like this one that start alike, among those of who was changed: see
        ``names_starting``."""
        head = name[: max(3, len(name) // 2)]
        names = {
            fold(found): found
            for start in dict.fromkeys([head, head.title()])
            for found in await self.names_starting(start, CANDIDATES)
        }
        near = difflib.get_close_matches(fold(name), names, n=count)
        return [names[match] for match in near]

    async def held(self) -> Held:
        """How much there is."""
        oldest = ("XRANGE", self._keys.history, "-", "+", "COUNT", 1)
        steps, people = await self._redis.execute_raw([oldest, ("HGET", self._keys.meta, "held")])
        since = _time(int(steps[0][0].partition(b"-")[0])) if steps else None
        return Held(await self.count(), int(people or 0), self.limits, since)

    async def authors(self) -> list[Author]:
        """Who is in the history, by name."""
        found: Mapping[str, str] = await self._redis.execute("HGETALL", self._keys.authors)
        known = [_author(value) for key, value in found.items() if key.startswith("author:")]
        return sorted(known, key=lambda author: (author.name.casefold(), author.id))

    async def forget(self, author: Author) -> bool:
        """Take an author's name out of the history, and of what a restore that was interrupted may
        have left beside it; the changes stay. Whether there was any."""
        places = (self._keys, self._keys.beside("restored"))
        forget = lua.FORGET_AUTHOR
        there = [await lua.run(self._redis, forget, place, author.id) for place in places]
        return bool(there[0])

    async def _numbers_of(self, person: str, by: str | None) -> list[int]:
        """The operations that changed a person, and that an author asked for if one is given."""
        name = person.encode("utf-8", "replace")
        read = lua.read(self._redis, lua.CHANGED, self._keys, name, prints([person]))
        numbers: Any = await read
        if by is None:
            return numbers
        operations = await self.find_all(numbers)
        return [each.number for each in operations if each.by and each.by.id == by]

    async def _range(self, by: str | None) -> tuple[bytes, bytes]:
        start = b"all\0"
        if by is not None:
            mark = await self._redis.execute("HGET", self._keys.authors, f"id:{by}")
            start = f"by\0{mark}\0".encode()
        return b"[" + start, b"(" + start[:-1] + b"\1"

    async def find_all(self, numbers: Sequence[int]) -> list[Operation]:
        """The operations of these numbers, but for those that are forgotten."""
        if not numbers:
            return []
        stored = await self._redis.execute("HMGET", self._keys.operations, *numbers)
        headers = {
            number: json.loads(header)
            for number, header in zip(numbers, stored, strict=True)
            if header
        }
        marks = [f"author:{header['by']}" for header in headers.values()]
        names = await self._redis.execute("HMGET", self._keys.authors, *marks) if marks else []
        return [
            read_operation(number, header, _author(name) if name else None)
            for (number, header), name in zip(headers.items(), names, strict=True)
        ]


def read_operation(number: int, header: Mapping[str, Any], by: Author | None) -> Operation:
    """An operation from its header as lua/history.lua writes it. Raises ValueError for what is
    none."""
    try:
        return _read(number, header, by)
    except (LookupError, TypeError, OverflowError, OSError) as error:
        raise ValueError(error) from error


def _read(number: int, header: Mapping[str, Any], by: Author | None) -> Operation:
    return Operation(
        number=number,
        what=What(header["what"]),
        at=_time(header["at"]),
        by=by,
        note=str(header.get("note") or ""),
        people=int(header["count"]),
        schema=load_schema(header["schema"]),
        model=header["model"],
        undoes=header.get("undoes") or None,
        undone=header.get("undone") or None,
        cut=bool(header.get("cut")),
        open=bool(header.get("open")),
        first=header.get("first", ""),
        last=header.get("last", ""),
        source=header.get("source") or None,
    )


def _author(stored: str) -> Author:
    id, _, name = stored.partition("\0")
    return Author(id, name or sentences.history.SOMEBODY)


def _order(id: str) -> tuple[int, int]:
    time, _, number = id.partition("-")
    return int(time), int(number)


def _time(milliseconds: float) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)

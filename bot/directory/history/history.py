"""The history of a directory: its operations, who asked for them, and what they changed."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.directory.history.entries import Change, HistoryEntry, name_digests, parse_entry
from bot.directory.history.operations import (
    Author,
    HistoryLimits,
    Operation,
    OperationRequest,
    from_milliseconds,
    parse_operation,
    unknown_author,
)
from bot.directory.redis import prefix_bounds, range_by_prefix
from bot.directory.storage import Storage
from bot.errors import ChangeNotFound
from bot.person import Schema, similarly_spelt

ENTRY_BATCH = 16  # entries read at once: those of an import have 64 people each
NAME_CANDIDATES = 50  # names with the same beginning, compared to find similar ones

RawEntry = tuple[bytes, Mapping[bytes, bytes]]
"""An entry of the stream as Redis returns it: its ID, and its fields and values."""


@dataclass(frozen=True)
class HistoryStats:
    """The size of a history: its operations, changed people, limits, and the time of its oldest
    entry."""

    operations: int
    people: int
    limits: HistoryLimits
    since: datetime | None


class History:
    """Reads the history of one directory, newest first."""

    def __init__(self, storage: Storage, limits: HistoryLimits) -> None:
        self.limits = limits
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys

    # Operations

    async def count(self, *, person: str | None = None, author_id: str | None = None) -> int:
        """Count all operations, or only those that changed a person, were made by an author, or
        both."""
        if person is not None:
            return len(await self._numbers_of_person(person, author_id))
        first, last = await self._mark_range(author_id)
        return int(await self._redis.execute("ZLEXCOUNT", self._keys.marks, first, last))

    async def page(
        self, start: int, count: int, *, person: str | None = None, author_id: str | None = None
    ) -> list[Operation]:
        """Return up to ``count`` of the operations that ``count`` counts, from position ``start``
        on."""
        if person is not None:
            numbers = await self._numbers_of_person(person, author_id)
            return await self.find_many(numbers[start : start + count])
        first, last = await self._mark_range(author_id)
        marks = await self._redis.execute(
            "ZRANGE", self._keys.marks, last, first, "BYLEX", "REV", "LIMIT", start, count
        )
        return await self.find_many([int(mark.rpartition("\0")[2]) for mark in marks])

    async def get(self, number: int) -> Operation:
        """Return the operation with this number. Raises ChangeNotFound."""
        operation = await self.find(number)
        if operation is None:
            raise ChangeNotFound(number)
        return operation

    async def find(self, number: int) -> Operation | None:
        """Return the operation with this number, or None if the history doesn't have it."""
        return next(iter(await self.find_many([number])), None)

    async def find_many(self, numbers: Sequence[int]) -> list[Operation]:
        """Return the operations with these numbers, skipping those the history doesn't have."""
        if not numbers:
            return []
        stored = await self._redis.execute("HMGET", self._keys.operations, *numbers)
        headers: dict[int, Mapping[str, Any]] = {
            number: json.loads(header)
            for number, header in zip(numbers, stored, strict=True)
            if header
        }
        fields = [f"author:{header['by']}" for header in headers.values()]
        names: Sequence[str | None] = []
        if fields:
            names = await self._redis.execute("HMGET", self._keys.authors, *fields)
        return [
            parse_operation(number, header, _parse_author(name) if name else None)
            for (number, header), name in zip(headers.items(), names, strict=True)
        ]

    async def finish(self, request: OperationRequest) -> None:
        """Close an open operation: no more entries will follow. This also closes an operation of
        the same source that was interrupted just before it was finished."""
        if request.number is None and request.source:
            number = await self._redis.execute("HGET", self._keys.meta, f"open:{request.source}")
            request.number = int(number) if number else None
        if request.number is not None:
            await self._storage.call("finish_operation", request.number)

    async def stats(self) -> HistoryStats:
        """Return the size of the history."""
        oldest = ("XRANGE", self._keys.history, "-", "+", "COUNT", 1)
        people_count = ("HGET", self._keys.meta, "held")
        entries, people = await self._redis.execute_all([oldest, people_count], raw=True)
        since = from_milliseconds(int(entries[0][0].partition(b"-")[0])) if entries else None
        return HistoryStats(await self.count(), int(people or 0), self.limits, since)

    async def _numbers_of_person(self, person: str, author_id: str | None) -> list[int]:
        """Return the numbers of the operations that changed a person, optionally by one author."""
        name = person.encode("utf-8", "replace")
        numbers = await self._storage.call("find_operations", name, name_digests([person]))
        if author_id is None:
            return numbers
        operations = await self.find_many(numbers)
        return [each.number for each in operations if each.author and each.author.id == author_id]

    async def _mark_range(self, author_id: str | None) -> tuple[bytes, bytes]:
        """Return the bounds of the marks of all operations, or of those by one author."""
        if author_id is None:
            return prefix_bounds("all\0")
        mark = await self._redis.execute("HGET", self._keys.authors, f"id:{author_id}")
        return prefix_bounds(f"by\0{mark}\0")

    # Changes

    async def changes(self, operation: Operation, limit: int) -> list[Change]:
        """Return up to ``limit`` changes of an operation, latest first."""
        changes: list[Change] = []
        async for entry in self.entries(operation, 1 if limit < ENTRY_BATCH else ENTRY_BATCH):
            changes += reversed(entry.changes)
            if len(changes) >= limit:
                break
        return changes[:limit]

    async def find_change(self, operation: Operation, name: str) -> Change | None:
        """Return what an operation changed about one person, merged into one change, or None."""
        entries = await self._get_entries(await self._ids_of_packed_entries(operation, name))
        if not entries:
            unpacked = self.entries(operation)
            entries = [each async for each in unpacked if name in each.individually_marked][::-1]
        changes = [change for each in entries for change in each.changes if change.name == name]
        return Change(name, changes[0].before, changes[-1].after) if changes else None

    async def entries(
        self, operation: Operation, batch: int = ENTRY_BATCH
    ) -> AsyncIterator[HistoryEntry]:
        """Iterate over an operation's entries, latest first."""
        async for entries in self._entry_batches(
            operation.first_entry, operation.last_entry, batch
        ):
            for id, parts in entries:
                if int(parts[b"operation"]) == operation.number:  # others' may lie between them
                    yield parse_entry(id.decode(), parts)

    async def entries_since(self, first_id: str) -> AsyncIterator[tuple[Operation, HistoryEntry]]:
        """Iterate over all entries from ``first_id`` on, each with its operation, latest first."""
        async for entries in self._entry_batches(first_id, "+", ENTRY_BATCH):
            numbers = dict.fromkeys(int(parts[b"operation"]) for _id, parts in entries)
            operations = {each.number: each for each in await self.find_many([*numbers])}
            for id, parts in entries:
                if operation := operations.get(int(parts[b"operation"])):
                    yield operation, parse_entry(id.decode(), parts)

    async def schema_changes_since(self, entry_id: str) -> list[tuple[Schema, Schema]]:
        """Return the schema before and after each change to it that was made after an entry,
        latest first."""
        marks = await self._redis.execute(*range_by_prefix(self._keys.marks, "schema\0"))
        ids = sorted((mark.partition("\0")[2] for mark in marks), key=_id_order, reverse=True)
        later = [id for id in ids if _id_order(id) > _id_order(entry_id)]
        return [entry.schemas for entry in await self._get_entries(later) if entry.schemas]

    async def _entry_batches(
        self, first_id: str, last_id: str, batch: int
    ) -> AsyncIterator[Sequence[RawEntry]]:
        """Read the stream between two entries, both included, latest first."""
        while last_id:
            (entries,) = await self._redis.execute_all(
                [("XREVRANGE", self._keys.history, last_id, first_id, "COUNT", batch)], raw=True
            )
            yield entries
            last_id = f"({entries[-1][0].decode()}" if len(entries) == batch else ""

    async def _get_entries(self, ids: Sequence[str]) -> list[HistoryEntry]:
        """Return the entries with these IDs, skipping those the history doesn't have."""
        found = await self._redis.execute_all(
            [("XRANGE", self._keys.history, id, id) for id in ids], raw=True
        )
        return [parse_entry(id.decode(), parts) for entries in found for id, parts in entries]

    async def _ids_of_packed_entries(self, operation: Operation, name: str) -> list[str]:
        """Return the IDs of an operation's packed entries that changed a person, earliest first."""
        prefix, digest = f"step\0{operation.number:012}\0", name_digests([name])
        marks = await self._redis.execute(*range_by_prefix(self._keys.marks, prefix))
        width = len(digest)
        ids: list[str] = []
        for mark in marks:
            id, digests = mark.removeprefix(prefix).split("\0")
            if digest in {digests[at : at + width] for at in range(0, len(digests), width)}:
                ids.append(id)
        return sorted(ids, key=_id_order)

    # People and authors in the history

    async def names_starting_with(self, prefix: str, count: int) -> list[str]:
        """Return up to ``count`` names in the history that start with exactly ``prefix``. People
        who were only ever changed together with many others are left out, unless they were
        removed."""
        names: list[str] = []
        first, last = prefix_bounds(f"who\0{prefix}")
        while len(names) < count:
            marks = await self._redis.execute(
                "ZRANGE", self._keys.marks, first, last, "BYLEX", "LIMIT", 0, 1
            )
            if not marks:
                break
            names.append(marks[0].split("\0")[1])
            first = b"(who\0" + names[-1].encode("utf-8", "replace") + b"\1"
        return names

    async def similar_names(self, name: str, count: int) -> list[str]:
        """Return up to ``count`` names of changed people (see ``names_starting_with``) that are
        similar to ``name`` and have the same beginning."""
        prefix = name[: max(3, len(name) // 2)]
        candidates = [
            candidate
            for start in dict.fromkeys([prefix, prefix.title()])
            for candidate in await self.names_starting_with(start, NAME_CANDIDATES)
        ]
        return similarly_spelt(name, candidates, limit=count, min_similarity=0.6)

    async def authors(self) -> list[Author]:
        """Return everyone who is named as an author in the history, by name."""
        stored: Mapping[str, str] = await self._redis.execute("HGETALL", self._keys.authors)
        known = [_parse_author(text) for key, text in stored.items() if key.startswith("author:")]
        return sorted(known, key=lambda author: (author.name.casefold(), author.id))

    async def forget_author(self, author: Author) -> bool:
        """Remove an author's ID and name from the history, and from the staging keys, which an
        interrupted restore may have left. The changes are kept. Returns whether the history had
        the author."""
        key_sets = (self._keys, self._keys.staged)
        removed = [
            await Storage(self._redis, keys).call("forget_author", author.id) for keys in key_sets
        ]
        return bool(removed[0])


def _parse_author(stored: str) -> Author:
    id, _separator, name = stored.partition("\0")
    return Author(id, name or unknown_author())


def _id_order(id: str) -> tuple[int, int]:
    """Return the sort key of a stream ID: its milliseconds and its sequence number."""
    milliseconds, _separator, sequence = id.partition("-")
    return int(milliseconds), int(sequence)

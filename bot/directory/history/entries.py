"""History entries: what one transaction changed, and how Redis stores it.

Each entry of the history's stream is one transaction. An entry with few people stores the four
parts of each Change one after another. An entry with many people is packed: names and attributes
are compressed together, because they are so similar. Stored separately are the names of removed
people, which the scripts read, and the vectors, which don't compress.

Marks index the entries. An entry with few people has a mark for each person. A packed entry has one
mark for all of its people, with a digest of each name, and one for each person it removed, so that
their names can be listed.
"""

import hashlib
import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.directory.redis import Argument
from bot.directory.schema_json import dump_schema, load_schema
from bot.person import Person, Schema

PACKED_SIZES = range(8, 257)  # people; more don't fit into one Redis command
DIGEST_BYTES = 6  # two of a billion names are very unlikely to have the same digest


@dataclass(frozen=True)
class Change:
    """One person's attributes before and after a change, as Redis stores them ('' if the person
    didn't exist); and the vector before, packed as by lua/directory.lua, or b'' if it is the same
    after."""

    name: str
    before: str
    after: str
    vector: bytes = b""

    @cached_property
    def old(self) -> Person | None:
        return Person.load(self.name, self.before) if self.before else None

    @cached_property
    def new(self) -> Person | None:
        return Person.load(self.name, self.after) if self.after else None


@dataclass(frozen=True)
class HistoryEntry:
    """What one transaction of an operation changed: people, or the schema. ``schemas`` are the
    schemas before and after, and ``is_packed`` tells how people are stored."""

    id: str
    changes: Sequence[Change] = ()
    schemas: tuple[Schema, Schema] | None = None
    is_packed: bool = False

    @property
    def individually_marked(self) -> Sequence[str]:
        """The names of the people who have a mark of their own."""
        return [change.name for change in self.changes if not (self.is_packed and change.after)]

    def marks(self, number: int) -> set[str]:
        """Return the entry's marks if it belongs to the operation with this number."""
        operation = f"{number:012}"
        marks = {f"who\0{name}\0{operation}" for name in self.individually_marked}
        if self.schemas:
            marks.add(f"schema\0{self.id}")
        if self.is_packed:
            digests = name_digests(change.name for change in self.changes)
            marks.add(f"step\0{operation}\0{self.id}\0{digests}")
        return marks


def name_digests(names: Iterable[str]) -> str:
    """Return the digests of names, 8 characters each, one after another, by which a name can be
    looked up but not listed."""
    digests = (hashlib.sha256(name.encode("utf-8", "replace")).digest() for name in names)
    return b64encode(b"".join(digest[:DIGEST_BYTES] for digest in digests)).decode()


def pack_changes(changes: Sequence[Change]) -> bytes:
    """Compress the names and attributes of many people."""
    rows = [(change.name, change.before, change.after) for change in changes]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def format_entry(entry: HistoryEntry) -> list[Argument]:
    """Return an entry's fields and values in the stream, after the number of its operation, as
    lua/directory.lua writes them."""
    if entry.schemas:
        before, after = map(dump_schema, entry.schemas)
        return ["schema", after, "before", before]
    if not entry.is_packed:
        values = [part for c in entry.changes for part in (c.name, c.before, c.after, c.vector)]
        return [part for pair in enumerate(values) for part in pair]
    parts: list[Argument] = ["packed", pack_changes(entry.changes), "people", len(entry.changes)]
    for index, change in enumerate(entry.changes):
        parts += [] if change.after else [f"gone{index}", change.name]
        parts += [f"was{index}", change.vector] if change.vector else []
    return parts


def parse_entry(id: str, parts: Mapping[bytes, bytes]) -> HistoryEntry:
    """Parse an entry from its ID and its fields in the stream. Raises ValueError, KeyError or
    IndexError if it is invalid."""
    if schema := parts.get(b"schema"):
        before = load_schema(parts[b"before"].decode())
        return HistoryEntry(id, schemas=(before, load_schema(schema.decode())))
    if b"packed" in parts:
        return HistoryEntry(id, _unpack_changes(parts), is_packed=True)
    values = list(parts.values())[1:]
    changes: list[Change] = []
    for start in range(0, len(values), 4):
        name, before, after = (part.decode() for part in values[start : start + 3])
        changes.append(Change(name, before, after, values[start + 3]))
    return HistoryEntry(id, changes)


def _unpack_changes(parts: Mapping[bytes, bytes]) -> list[Change]:
    try:
        rows: Sequence[Sequence[Any]] = json.loads(zlib.decompress(parts[b"packed"]))
        changes = [
            Change(*row, vector=parts.get(b"was%d" % index, b"")) for index, row in enumerate(rows)
        ]
    except (zlib.error, TypeError) as error:
        raise ValueError(error) from error
    texts: list[Any] = [t for each in changes for t in (each.name, each.before, each.after)]
    if len(changes) != int(parts[b"people"]) or not all(isinstance(text, str) for text in texts):
        raise ValueError(len(changes))
    return changes

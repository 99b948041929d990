"""The steps of the history: what one transaction changed, as Redis keeps it and as it is read.

A step of few people has the four parts of each Change, one after another. Of one of many people
names and attributes are packed, for they are much alike; beside them are the names of who is gone,
which the scripts look at, and the vectors, which nothing makes smaller. A step of few has a mark of
each of its people; one of many has one of them all, with a print of each name, and one of each who
is gone, so that such names can be listed.
"""

import hashlib
import json
import zlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.directory.lua import dump_schema, load_schema
from bot.directory.redis import Argument
from bot.person import Person, Schema

MANY = range(8, 257)  # people; more would be more than a command takes
PRINT = 6  # bytes; two of a billion names are hardly ever taken for each other by their prints


@dataclass(frozen=True)
class Change:
    """A person's attributes before and after, as Redis stores them: '' for nobody; and the vector
    before, as lua/directory.lua packs it, if it is another after: else b''."""

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
class Step:
    """What one transaction of an operation changed: people, or the schema, from what it was to
    what it became; and whether people are packed."""

    id: str
    changes: Sequence[Change] = ()
    schemas: tuple[Schema, Schema] | None = None
    packed: bool = False

    @property
    def marked(self) -> Sequence[str]:
        """The names of people who have a mark of their own."""
        return [change.name for change in self.changes if not (self.packed and change.after)]

    def marks(self, number: int) -> set[str]:
        """The step's marks, as a step of this operation."""
        operation = f"{number:012}"
        marks = {f"who\0{name}\0{operation}" for name in self.marked}
        if self.schemas:
            marks.add(f"schema\0{self.id}")
        if self.packed:
            names = (change.name for change in self.changes)
            marks.add(f"step\0{operation}\0{self.id}\0{prints(names)}")
        return marks


def prints(names: Iterable[str]) -> str:
    """What stands for names where they are only looked for: 8 characters of each."""
    digests = (hashlib.sha256(name.encode("utf-8", "replace")).digest() for name in names)
    return b64encode(b"".join(digest[:PRINT] for digest in digests)).decode()


def pack(changes: Sequence[Change]) -> bytes:
    """Names and attributes of many people."""
    rows = [(change.name, change.before, change.after) for change in changes]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def write_step(step: Step) -> list[Argument]:
    """The parts of a step in the stream after the operation, as lua/history.lua writes them."""
    if step.schemas:
        before, after = map(dump_schema, step.schemas)
        return ["schema", after, "before", before]
    if not step.packed:
        values = [part for c in step.changes for part in (c.name, c.before, c.after, c.vector)]
        return [part for pair in enumerate(values) for part in pair]
    parts: list[Argument] = ["packed", pack(step.changes), "people", len(step.changes)]
    for place, change in enumerate(step.changes):
        parts += [] if change.after else [f"gone{place}", change.name]
        parts += [f"was{place}", change.vector] if change.vector else []
    return parts


def read_step(id: str, parts: Mapping[bytes, bytes]) -> Step:
    """A step from its id and its parts in the stream. Raises ValueError, KeyError or IndexError for
    what is none."""
    if schema := parts.get(b"schema"):
        before = load_schema(parts[b"before"].decode())
        return Step(id, schemas=(before, load_schema(schema.decode())))
    if b"packed" in parts:
        return Step(id, _unpacked(parts), packed=True)
    values = list(parts.values())[1:]
    changes: list[Change] = []
    for place in range(0, len(values), 4):
        name, before, after = (part.decode() for part in values[place : place + 3])
        changes.append(Change(name, before, after, values[place + 3]))
    return Step(id, changes)


def _unpacked(parts: Mapping[bytes, bytes]) -> list[Change]:
    try:
        rows = json.loads(zlib.decompress(parts[b"packed"]))
        changes = [
            Change(*row, vector=parts.get(b"was%d" % place, b"")) for place, row in enumerate(rows)
        ]
    except (zlib.error, TypeError) as error:
        raise ValueError(error) from error
    texts = [text for change in changes for text in (change.name, change.before, change.after)]
    if len(changes) != int(parts[b"people"]) or not all(isinstance(text, str) for text in texts):
        raise ValueError(len(changes))
    return changes

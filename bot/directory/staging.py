"""A directory as records, and records as a directory."""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from bot import sentences
from bot.directory import lua
from bot.directory.directory import Directory
from bot.directory.history_entries import (
    PACKED_SIZES,
    Change,
    HistoryEntry,
    format_entry,
    parse_entry,
)
from bot.directory.keys import Keys
from bot.directory.lua import FORMAT, RESTORED
from bot.directory.redis import Argument, Redis
from bot.directory.schema_json import load_schema
from bot.directory.storage import Storage
from bot.directory.vectors import pack_vector, read_vset_options, unpack_vector
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.person import fold

BATCH = 128  # records in a pipeline
STEPS = 32
EPHEMERAL = ("token", "next_model", "values", "left")  # of meta: what a copy has of its own
NEW_FORM = ("Q8", "M", 16)

BackupRecord = dict[str, Any]
"""One of the following, by its first key; bytes are in base64:
directory (its name), meta (its fields, text), form (the kind of vectors, and links of each),
    dimension, people (how many)
person (a name), attributes (text, or null), vector (as unpack_vector reads it)
operation (a number), header (text)
author (id:… or author:…), value
step (its id), operation, changes (each a name, attributes before and after, and a vector)
step (its id), operation, schema, before (both text)"""


async def read_records(directory: Directory, name: str) -> AsyncIterator[BackupRecord]:
    """All of a directory but what is derived. It is of one moment if ``version`` is the same before
    and after. Raises DirectoryError for one that was not taken over since RESTORED."""
    storage = directory.storage
    redis, keys = storage.redis, storage.keys
    meta = await redis.execute("HGETALL", keys.meta)
    if meta.get("format") not in RESTORED:
        raise DirectoryError(sentences.upkeep.take_over_first(name))
    size = await directory.people.count()
    kind, _, links = await read_vset_options(storage) if size else NEW_FORM
    yield {
        "directory": name,
        "meta": _lasting(meta),
        "form": [kind, links],
        "dimension": int(await redis.execute("VDIM", keys.vset)) if size else 0,
        "people": size,
    }
    async for record in _people(redis, keys, size):
        yield record
    operations = await redis.execute("HGETALL", keys.operations)
    for number in sorted(operations, key=int):
        yield {"operation": int(number), "header": operations[number]}
    for field, value in (await redis.execute("HGETALL", keys.authors)).items():
        yield {"author": field, "value": value}
    async for record in _steps(redis, keys):
        yield record


async def _people(redis: Redis, keys: Keys, size: int) -> AsyncIterator[BackupRecord]:
    names = sorted(await redis.execute("VRANDMEMBER", keys.vset, size + 1) or [])
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        stored = await redis.execute_all([("VGETATTR", keys.vset, name) for name in batch])
        vectors = await redis.execute_raw([("VEMB", keys.vset, name, "RAW") for name in batch])
        for name, attributes, vector in zip(batch, stored, vectors, strict=True):
            if vector is not None:
                packed = b64encode(pack_vector(vector)).decode()
                yield {"person": name, "attributes": attributes, "vector": packed}


async def _steps(redis: Redis, keys: Keys) -> AsyncIterator[BackupRecord]:
    first, entries = "-", [()] * STEPS
    while len(entries) == STEPS:
        command = ("XRANGE", keys.history, first, "+", "COUNT", STEPS)
        (entries,) = await redis.execute_raw([command])
        for id, parts in entries:
            first = f"({id.decode()}"
            head = {"step": id.decode(), "operation": int(parts[b"operation"])}
            if b"schema" in parts:
                texts = {key: parts[key.encode()].decode() for key in ("schema", "before")}
                yield {**head, **texts}
                continue
            changes = parse_entry(id.decode(), parts).changes
            yield {
                **head,
                "changes": [
                    [each.name, each.before, each.after, b64encode(each.vector).decode()]
                    for each in changes
                ],
            }


class StagedDirectory:
    """A directory that is made of records, beside the one under ``key``, and then takes its
    place. What an earlier one left there goes."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys
        self._beside = self._keys.beside("restored")
        self._token = secrets.token_hex(8)
        self._schema = ""
        self._form: Sequence[Argument] = ()
        self._dimension = 0
        self._counts = {"person": 0, "operation": 0, "step": 0}

    async def begin(self, head: BackupRecord) -> None:
        """Start anew, with the record that comes first."""
        self._schema = head["meta"]["schema"]
        self._form, self._dimension = head["form"], head["dimension"]
        meta = _lasting({**head["meta"], "format": FORMAT})
        fields = [part for pair in meta.items() for part in pair]
        await self._run("begin_copy", self._token, *fields)

    async def add(self, records: Sequence[BackupRecord]) -> None:
        """Add the records that follow. Raises DirectoryUnavailable if this copy was cleared away,
        as another's beginning does."""
        people = [record for record in records if "person" in record]
        arguments: list[Argument] = []
        for person in people:
            vector = read_vector(person["vector"], self._dimension)
            name, attributes = person["person"], person["attributes"] or ""
            arguments += [name, fold(name), vector, attributes]
        for command in (command for record in records for command in self._commands(record)):
            arguments += [len(command), *command]
        begun = (self._token, self._schema, *self._form, len(people))
        if not await self._run("add_to_copy", *begun, *arguments):
            raise DirectoryUnavailable(sentences.upkeep.RESTORED_TWICE)
        for kind in self._counts:
            self._counts[kind] += sum(next(iter(record)) == kind for record in records)

    async def put_in_place(self, *, replace: bool) -> bool:
        """Take the directory's place in one transaction. False if there is one, and it was not to
        be replaced. Raises DirectoryUnavailable as ``add`` does."""
        counts = self._counts.values()
        answer = await self._storage.call(
            "replace_by_copy", self._token, *counts, int(replace), more_keys=self._beside
        )
        if answer is None:
            raise DirectoryUnavailable(sentences.upkeep.RESTORED_TWICE)
        if answer:  # what reembed has made is of the people who were replaced
            await self._redis.execute("UNLINK", self._keys.beside("next").vset)
        return bool(answer)

    async def drop(self) -> None:
        """Remove what was made, unless another copy was begun meanwhile."""
        await self._run("delete_copy", self._token)

    async def _run(self, function: lua.Function, *arguments: Argument) -> object:
        return await Storage(self._redis, self._beside).call(function, *arguments)

    def _commands(self, record: BackupRecord) -> Iterator[Sequence[Argument]]:
        marks: list[str] = []
        if "header" in record:
            number, header = record["operation"], record["header"]
            yield "HSET", self._beside.operations, number, header
            by = json.loads(header)["by"]
            marks = [f"all\0{number:012}", f"by\0{by}\0{number:012}"]
        elif "author" in record:
            yield "HSET", self._beside.authors, record["author"], record["value"]
        elif "step" in record:
            step, number = _step(record), record["operation"]
            marks = sorted(step.marks(number))
            yield "XADD", self._beside.history, step.id, "operation", number, *format_entry(step)
        for mark in marks:
            yield "ZADD", self._beside.marks, 0, mark


def _lasting(meta: Mapping[str, str]) -> dict[str, str]:
    return {field: value for field, value in meta.items() if field not in EPHEMERAL}


def read_vector(packed: str, dimension: int) -> bytes:
    """The bytes of a record's vector, as VADD takes them. Raises ValueError."""
    stored = b64decode(packed, validate=True)
    vector = unpack_vector(stored)
    if stored.startswith(b"bin "):  # in words of 64 bits, of which the last may be filled up
        length = np.linalg.norm(vector)
        vector = vector[:dimension]
        vector *= length / np.linalg.norm(vector)
    if len(vector) != dimension:
        raise ValueError(dimension)
    return vector.tobytes()


def _step(record: BackupRecord) -> HistoryEntry:
    if "schema" in record:
        before, after = load_schema(record["before"]), load_schema(record["schema"])
        return HistoryEntry(record["step"], schemas=(before, after))
    changes = [
        Change(name, before, after, b64decode(vector, validate=True))
        for name, before, after, vector in record["changes"]
    ]
    return HistoryEntry(record["step"], changes, is_packed=len(changes) in PACKED_SIZES)

"""Reads the records of a directory from Redis, and parses the parts of records."""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping

import numpy as np

from bot.directory.history.entries import PACKED_SIZES, Change, HistoryEntry, parse_entry
from bot.directory.lua import RESTORED
from bot.directory.schema_json import load_schema
from bot.directory.storage import Storage
from bot.directory.vectors import (
    iterate_raw_vectors,
    pack_vector,
    read_vset_options,
    unpack_vector,
)
from bot.errors import DirectoryError
from bot.language import _
from bot.maintenance.backup.format import BackupRecord

ENTRIES_BATCH = 32
TEMPORARY_META = frozenset(["token", "next_model", "values", "left"])
"""The fields of meta that aren't backed up."""
DEFAULT_FORM = ("Q8", "M", 16)  # what VADD makes of a new set


async def read_records(storage: Storage, name: str) -> AsyncIterator[BackupRecord]:
    """Yield the records of a directory: everything but the indexes, which are derived.

    They show the directory at one moment only if its version is the same afterwards. Raises
    DirectoryError if the directory's format can't be backed up.
    """
    redis, keys = storage.redis, storage.keys
    meta = await redis.execute("HGETALL", keys.meta)
    if meta.get("format") not in RESTORED:
        raise DirectoryError(
            _(
                "This version of the bot hasn't adopted the directory {directory} yet. Run "
                "python -m bot check --repair, then try again.",
                directory=name,
            )
        )
    people = await storage.count()
    quantization, _dimension, links = await read_vset_options(storage) if people else DEFAULT_FORM
    yield {
        "directory": name,
        "meta": permanent_meta(meta),
        "form": [quantization, links],
        "dimension": int(await redis.execute("VDIM", keys.vset)) if people else 0,
        "people": people,
    }
    async for record in _read_people(storage):
        yield record
    operations = await redis.execute("HGETALL", keys.operations)
    for number in sorted(operations, key=int):
        yield {"operation": int(number), "header": operations[number]}
    for field, value in (await redis.execute("HGETALL", keys.authors)).items():
        yield {"author": field, "value": value}
    async for record in _read_entries(storage):
        yield record


async def _read_people(storage: Storage) -> AsyncIterator[BackupRecord]:
    async for batch in iterate_raw_vectors(storage, sorted(await storage.list_names())):
        rows = await storage.read_attributes([name for name, _ in batch])
        for (name, vector), attributes in zip(batch, rows, strict=True):
            packed = b64encode(pack_vector(vector)).decode()
            yield {"person": name, "attributes": attributes, "vector": packed}


async def _read_entries(storage: Storage) -> AsyncIterator[BackupRecord]:
    first, entries = "-", [()] * ENTRIES_BATCH
    while len(entries) == ENTRIES_BATCH:
        command = ("XRANGE", storage.keys.history, first, "+", "COUNT", ENTRIES_BATCH)
        (entries,) = await storage.redis.execute_all([command], raw=True)
        for id, parts in entries:
            first = f"({id.decode()}"
            step = {"step": id.decode(), "operation": int(parts[b"operation"])}
            yield {**step, **_changes(id.decode(), parts)}


def _changes(id: str, parts: Mapping[bytes, bytes]) -> BackupRecord:
    """Return the part of an entry's record that says what was changed."""
    if b"schema" in parts:
        return {"schema": parts[b"schema"].decode(), "before": parts[b"before"].decode()}
    return {
        "changes": [
            [change.name, change.before, change.after, b64encode(change.vector).decode()]
            for change in parse_entry(id, parts).changes
        ]
    }


def permanent_meta(meta: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of meta that are backed up."""
    return {field: value for field, value in meta.items() if field not in TEMPORARY_META}


def parse_vector(packed: str, dimension: int) -> bytes:
    """Return a person's vector as VADD takes it, float32 in bytes. Raises ValueError."""
    stored = b64decode(packed, validate=True)
    vector = unpack_vector(stored)
    if stored.startswith(b"bin "):  # Redis stores whole words of 64 bits: there may be some to drop
        length = np.linalg.norm(vector)
        vector = vector[:dimension]
        vector *= length / np.linalg.norm(vector)
    if len(vector) != dimension:
        raise ValueError(dimension)
    return vector.tobytes()


def parse_entry_record(record: BackupRecord) -> HistoryEntry:
    """Return the history entry of a record. Raises ValueError."""
    if "schema" in record:
        before, after = load_schema(record["before"]), load_schema(record["schema"])
        return HistoryEntry(record["step"], schemas=(before, after))
    changes = [
        Change(name, before, after, b64decode(vector, validate=True))
        for name, before, after, vector in record["changes"]
    ]
    return HistoryEntry(record["step"], changes, is_packed=len(changes) in PACKED_SIZES)

"""Checking a directory, and repairing it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from bot.directory.directory import Directory
from bot.directory.history.operations import OperationKind, OperationRequest
from bot.directory.keys import REDIS_TYPES, Keys
from bot.directory.lua import FORMAT
from bot.directory.redis import Argument, Redis
from bot.directory.redis.commands import Command
from bot.directory.schema_json import load_own_schema
from bot.directory.vectors import read_vset_options
from bot.errors import DirectoryKeepsChanging
from bot.maintenance.findings import Findings, Problem
from bot.maintenance.history_check import HistoryCheck
from bot.maintenance.indexes import check_indexes
from bot.maintenance.people import check_people, check_vectors
from bot.maintenance.reembed import has_model_dimension
from bot.person import Person

ATTEMPTS = 5
BATCH = 256  # repairs, or people, in a transaction

Repair = Sequence[Command]
"""Commands that must run in the same transaction."""


async def check(directory: Directory) -> Findings:
    """Compare everything derived in a directory with its people, and its history with itself and
    with the people. Starts again if the directory changes meanwhile, and raises
    DirectoryKeepsChanging after ATTEMPTS."""
    for _ in range(ATTEMPTS):
        version = await directory.storage.version()
        findings = Findings(version[1], version)
        await _check_once(directory, findings)
        if await directory.storage.version() == version:
            return findings
    raise DirectoryKeepsChanging


async def _check_once(directory: Directory, findings: Findings) -> None:
    redis, keys = directory.storage.redis, directory.storage.keys
    await _check_types(redis, keys, findings)
    if findings.is_damaged:
        return
    fields = ("schema", "format", "model", "next_model")
    stored_schema, format, model, next_model = await redis.execute("HMGET", keys.meta, *fields)
    schema = load_own_schema(stored_schema)
    if not (schema and model) or format != FORMAT:
        findings.add(Problem.NOT_ADOPTED, keys.vset)
        return
    await _check_leftovers(redis, keys, next_model, findings)
    people = await check_people(redis, keys, schema, findings)
    if model == directory.embedder.name and not await has_model_dimension(directory):
        findings.add(Problem.WRONG_DIMENSION, keys.vset)
    await check_vectors(redis, keys, people, findings)
    await check_indexes(redis, keys, schema, people, findings)
    await HistoryCheck(redis, keys, schema, people, findings).run()


async def _check_types(redis: Redis, keys: Keys, findings: Findings) -> None:
    """Find the keys of a wrong type, without which nothing can be compared. The vector set and meta
    aren't looked at: without them the directory couldn't be opened."""
    types = await redis.execute_all([("TYPE", key) for key in keys[2:]])
    for key, stored_type, expected_type in zip(keys[2:], types, REDIS_TYPES[2:], strict=True):
        if stored_type not in (expected_type, "none"):
            findings.add(Problem.WRONG_TYPE, key, ("UNLINK", key))


async def _check_leftovers(
    redis: Redis, keys: Keys, next_model: str | None, findings: Findings
) -> None:
    """Find what an interrupted re-embedding or restore left."""
    if next_model is not None:
        findings.add(Problem.REEMBEDDING_UNFINISHED, next_model)
    elif await redis.execute("EXISTS", keys.next_vset):
        findings.add(Problem.REEMBEDDING_LEFTOVER, keys.vset, ("UNLINK", keys.next_vset))
    if await redis.execute("EXISTS", *keys.staged):
        findings.add(Problem.RESTORE_LEFTOVER, keys.vset, ("UNLINK", *keys.staged))


@dataclass(frozen=True)
class RepairReport:
    """What a repair found, and what remains wrong after it."""

    found: Findings
    remaining: Findings


async def repair(directory: Directory) -> RepairReport:
    """Repair what ``check`` finds. What another program changed becomes an operation in the
    history, which can be undone. An interrupted repair leaves nothing worse than it was. Raises
    DirectoryKeepsChanging."""
    found: Findings | None = None
    for _ in range(ATTEMPTS):
        findings = await check(directory)
        found = found or findings
        found.problems |= findings.problems
        is_repaired = await _repair_once(directory, findings)
        if is_repaired and Problem.WRONG_TYPE not in findings.problems:
            return RepairReport(found, await check(directory))
    raise DirectoryKeepsChanging


async def _repair_once(directory: Directory, findings: Findings) -> bool:
    """Repair what was found. Returns False, and stops, if the directory was changed since."""
    keys = directory.storage.keys
    repairs: list[Repair] = [[command] for command in findings.commands]
    repairs += await _vector_repairs(directory, findings)
    if repairs:
        repairs.append([("HINCRBY", keys.meta, "changes", 1)])  # invalidates what is cached
    for start in range(0, len(repairs), BATCH):
        arguments = _flatten(chain.from_iterable(repairs[start : start + BATCH]))
        if not await directory.storage.call("repair", *findings.version, *arguments):
            return False
    await _record_external_changes(directory, findings)
    return True


def _flatten(commands: Iterable[Command]) -> list[Argument]:
    """Return the commands as the scripts read them: before each the number of its parts."""
    return [part for command in commands for part in (len(command), *command)]


async def _vector_repairs(directory: Directory, findings: Findings) -> list[Repair]:
    """Return what embeds the people with invalid vectors again, unless the others are embedded by
    a different model."""
    redis, keys = directory.storage.redis, directory.storage.keys
    names = findings.invalid_vectors
    model = await redis.execute("HGET", keys.meta, "model")
    if (
        not names
        or model != directory.embedder.name
        or Problem.WRONG_DIMENSION in findings.problems
    ):
        return []
    form = await read_vset_options(directory.storage)
    rows = await directory.storage.read_attributes(names)
    people = [Person.load(name, stored) for name, stored in zip(names, rows, strict=True)]
    vectors = await directory.people.embed(people)
    repairs: list[Repair] = []
    for name, stored, vector in zip(names, rows, vectors, strict=True):
        attributes = ("SETATTR", stored) if stored else ()
        add = ("VADD", keys.vset, "FP32", vector.tobytes(), name, *attributes, *form)
        repairs.append([("VREM", keys.vset, name), add])  # store_person in directory.lua says why
    return repairs


async def _record_external_changes(directory: Directory, findings: Findings) -> None:
    """Add an operation to the history with the changes that another program made."""
    asked = OperationRequest(OperationKind.OUTSIDE)
    for start in range(0, len(findings.external_changes), BATCH):
        changes = findings.external_changes[start : start + BATCH]
        operation = asked.dump(directory.history.limits)
        parts = chain.from_iterable(changes)
        number = await directory.storage.call("record_foreign_changes", operation, *parts)
        asked.number = int(str(number)) or asked.number

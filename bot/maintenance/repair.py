"""Repairs a directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from bot.directory import Directory, OperationKind, OperationRequest
from bot.directory.redis.commands import Command
from bot.directory.vectors import read_vset_options
from bot.errors import DirectoryKeepsChanging
from bot.maintenance.check import ATTEMPTS, check
from bot.maintenance.findings import Findings, Problem
from bot.person import Person

BATCH = 256  # repairs, or people, in a transaction

Repair = Sequence[Command]
"""Commands that must run in the same transaction."""


@dataclass(frozen=True)
class RepairReport:
    """What a repair found, and what remains wrong after it."""

    found: Findings
    remaining: Findings


async def repair(directory: Directory) -> RepairReport:
    """Repair what ``check`` finds. What another program changed becomes an operation in the
    history, which can be undone. Interrupting a repair does no harm. Raises
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
    storage = directory.storage
    repairs: list[Repair] = [[command] for command in findings.commands]
    repairs += await _vector_repairs(directory, findings)
    if repairs:
        repairs.append([("HINCRBY", storage.keys.meta, "changes", 1)])  # invalidates what is cached
    for start in range(0, len(repairs), BATCH):
        commands = chain.from_iterable(repairs[start : start + BATCH])
        arguments = [part for command in commands for part in (len(command), *command)]
        if not await storage.call("repair", *findings.version, *arguments):
            return False
    await _record_external_changes(directory, findings)
    return True


async def _vector_repairs(directory: Directory, findings: Findings) -> list[Repair]:
    """Return the repairs that embed people with invalid vectors again; none if the directory's
    vectors are of a different model."""
    storage, names = directory.storage, findings.invalid_vectors
    if not names or Problem.WRONG_DIMENSION in findings.problems:
        return []
    if await storage.redis.execute("HGET", storage.keys.meta, "model") != directory.embedder.name:
        return []
    options = await read_vset_options(storage)
    rows = await storage.read_attributes(names)
    people = [Person.load(name, stored) for name, stored in zip(names, rows, strict=True)]
    vectors = await directory.people.embed(people)
    repairs: list[Repair] = []
    for name, stored, vector in zip(names, rows, vectors, strict=True):
        attributes = ("SETATTR", stored) if stored else ()
        remove = ("VREM", storage.keys.vset, name)  # store_person in lua/directory.lua says why
        add = ("VADD", storage.keys.vset, "FP32", vector.tobytes(), name, *attributes, *options)
        repairs.append([remove, add])
    return repairs


async def _record_external_changes(directory: Directory, findings: Findings) -> None:
    """Add an operation to the history with the changes that another program made."""
    request = OperationRequest(OperationKind.OUTSIDE)
    for start in range(0, len(findings.external_changes), BATCH):
        changes = findings.external_changes[start : start + BATCH]
        operation = request.dump(directory.history.limits)
        rows = chain.from_iterable(changes)
        number = await directory.storage.call("record_foreign_changes", operation, *rows)
        request.number = int(number) or request.number

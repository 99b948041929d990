"""Checking a directory, and mending what is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from bot.directory import lua
from bot.directory.directory import Directory
from bot.directory.history import Asked, What
from bot.directory.keys import TYPES, Keys
from bot.directory.lua import FORMAT, read_schema
from bot.directory.redis import Argument, Redis
from bot.directory.vectors import read_form
from bot.errors import NeverStill
from bot.maintenance.findings import Command, Findings, Problem
from bot.maintenance.history_check import Past
from bot.maintenance.indexes import check_indexes
from bot.maintenance.people import check_people, check_vectors
from bot.maintenance.reembed import is_of_its_dimension
from bot.person import Person

ATTEMPTS = 5
BATCH = 256  # mends in one transaction


async def check(directory: Directory) -> Findings:
    """Compare all that is derived in a directory with its people, and its history with itself and
    with them. What changes meanwhile is looked at again; raises NeverStill if there is no end to
    it."""
    for _ in range(ATTEMPTS):
        version = await directory.version()
        findings = Findings(version[1], version)
        await _look(directory, findings)
        if await directory.version() == version:
            return findings
    raise NeverStill


async def _look(directory: Directory, findings: Findings) -> None:
    redis, keys = directory.kept
    await _check_types(redis, keys, findings)
    if findings.damaged:
        return
    stored = ("HMGET", keys.meta, "schema", "format", "model", "next_model")
    written, format, model, following = await redis.execute(*stored)
    schema = read_schema(written)
    if not (schema and model) or format != FORMAT:
        findings.add(Problem.NOT_TAKEN_OVER, keys.vset)
        return
    if following is not None:
        findings.add(Problem.LEFT_BESIDE, following)
    elif await redis.execute("EXISTS", keys.beside("next").vset):
        findings.add(Problem.EMBEDDED_BESIDE, keys.vset, ("UNLINK", keys.beside("next").vset))
    if await redis.execute("EXISTS", *keys.beside("restored")):
        findings.add(Problem.RESTORED_BESIDE, keys.vset, ("UNLINK", *keys.beside("restored")))
    people = await check_people(redis, keys, schema, findings)
    if model == directory.model and not await is_of_its_dimension(directory):
        findings.add(Problem.DIMENSION, keys.vset)
    await check_vectors(redis, keys, people, findings)
    await check_indexes(redis, keys, schema, people, findings)
    await Past(redis, keys, schema, people, findings).check()


async def _check_types(redis: Redis, keys: Keys, findings: Findings) -> None:
    """Note the keys that are not what they should be, without which nothing can be compared. Not
    the set and meta: without them there is no directory to be opened."""
    types = await redis.execute_all([("TYPE", key) for key in keys[2:]])
    for key, there, right in zip(keys[2:], types, TYPES[2:], strict=True):
        if there not in (right, "none"):
            findings.add(Problem.TYPE, key, ("UNLINK", key))


@dataclass(frozen=True)
class Repaired:
    """What was wrong, and what still is."""

    found: Findings
    left: Findings


async def repair(directory: Directory) -> Repaired:
    """Mend what ``check`` finds, so that it finds nothing more; an interrupted repair leaves
    nothing worse. What another program changed becomes an operation of the history, and can be
    undone."""
    found: Findings | None = None
    for _ in range(ATTEMPTS):
        findings = await check(directory)
        found = found or findings
        found.troubles |= findings.troubles
        if await _mend(directory, findings) and Problem.TYPE not in findings.troubles:
            return Repaired(found, await check(directory))
    raise NeverStill


async def _mend(directory: Directory, findings: Findings) -> bool:
    """Whether nothing changed while it was done."""
    redis, keys = directory.kept
    mends = [[command] for command in findings.mends] + await _vectors_anew(directory, findings)
    if mends:
        mends.append([("HINCRBY", keys.meta, "changes", 1)])  # for who keeps what is made of it
    for start in range(0, len(mends), BATCH):
        arguments = _flat(chain.from_iterable(mends[start : start + BATCH]))
        if not await lua.run(redis, lua.MEND, keys, *findings.version, *arguments):
            return False
    asked = Asked(What.OUTSIDE)
    for start in range(0, len(findings.outside), BATCH):
        changes = findings.outside[start : start + BATCH]
        parts = [part for change in changes for part in change]
        operation = asked.dump(directory.history.limits)
        number = await lua.run(redis, lua.OUTSIDE, keys, operation, *parts)
        asked.number = int(str(number)) or asked.number
    return True


def _flat(commands: Iterable[Command]) -> list[Argument]:
    return [part for command in commands for part in (len(command), *command)]


async def _vectors_anew(directory: Directory, findings: Findings) -> list[list[Command]]:
    """What embeds people again, if it is our model that the others are embedded by; of each, what
    is to be done at once."""
    redis, keys = directory.kept
    model = await redis.execute("HGET", keys.meta, "model")
    wrong = Problem.DIMENSION in findings.troubles or model != directory.model
    if wrong or not findings.vectors:
        return []
    form = await read_form(redis, keys)
    stored = await directory.stored(findings.vectors)
    people = [Person.load(*pair) for pair in zip(findings.vectors, stored, strict=True)]
    vectors = await directory.embed_people(people)
    mends: list[list[Command]] = []
    for person, text, vector in zip(people, stored, vectors, strict=True):
        attributes = ("SETATTR", text) if text else ()
        add = ("VADD", keys.vset, "FP32", vector.tobytes(), person.name, *attributes, *form)
        mends.append([("VREM", keys.vset, person.name), add])  # see vadd in lua/directory.lua
    return mends

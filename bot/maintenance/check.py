"""Checks a directory."""

from bot.directory.directory import Directory
from bot.directory.keys import REDIS_TYPES
from bot.directory.lua import FORMAT
from bot.directory.schema_json import load_own_schema
from bot.directory.storage import Storage
from bot.errors import DirectoryKeepsChanging
from bot.maintenance.findings import Findings, Problem
from bot.maintenance.history_check import HistoryCheck
from bot.maintenance.indexes import check_indexes
from bot.maintenance.people import check_people, check_vectors
from bot.maintenance.reembed import has_model_dimension

ATTEMPTS = 5


async def check(directory: Directory) -> Findings:
    """Compare a directory's indexes and history with its people. Starts again if the directory
    changes meanwhile, and raises DirectoryKeepsChanging after ATTEMPTS."""
    for _ in range(ATTEMPTS):
        version = await directory.storage.version()
        findings = Findings(version)
        await _check_once(directory, findings)
        if await directory.storage.version() == version:
            return findings
    raise DirectoryKeepsChanging


async def _check_once(directory: Directory, findings: Findings) -> None:
    storage, vset = directory.storage, directory.storage.keys.vset
    await _check_types(storage, findings)
    if findings.is_damaged:
        return
    stored_schema, format, model, next_model = await storage.redis.execute(
        "HMGET", storage.keys.meta, "schema", "format", "model", "next_model"
    )
    schema = load_own_schema(stored_schema)
    if not (schema and model) or format != FORMAT:
        findings.add(Problem.NOT_ADOPTED, vset)
        return
    await _check_leftovers(storage, next_model, findings)
    people = await check_people(storage, schema, findings)
    if model == directory.embedder.name and not await has_model_dimension(directory):
        findings.add(Problem.WRONG_DIMENSION, vset)
    await check_vectors(storage, people, findings)
    await check_indexes(storage, schema, people, findings)
    await HistoryCheck(storage, schema, people, findings).run()


async def _check_types(storage: Storage, findings: Findings) -> None:
    """Find keys of the wrong type; with one of them, nothing can be compared."""
    keys = storage.keys[2:]  # without the vector set and meta the directory couldn't be opened
    types = await storage.redis.execute_all([("TYPE", key) for key in keys])
    for key, stored_type, expected_type in zip(keys, types, REDIS_TYPES[2:], strict=True):
        if stored_type not in (expected_type, "none"):
            findings.add(Problem.WRONG_TYPE, key, ("UNLINK", key))


async def _check_leftovers(storage: Storage, next_model: str | None, findings: Findings) -> None:
    """Find what an interrupted re-embedding or restore has left behind."""
    redis, keys = storage.redis, storage.keys
    if next_model is not None:
        findings.add(Problem.REEMBEDDING_UNFINISHED, next_model)
    elif await redis.execute("EXISTS", keys.next_vset):
        findings.add(Problem.REEMBEDDING_LEFTOVER, keys.vset, ("UNLINK", keys.next_vset))
    if await redis.execute("EXISTS", *keys.staged):
        findings.add(Problem.RESTORE_LEFTOVER, keys.vset, ("UNLINK", *keys.staged))

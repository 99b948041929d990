"""Whether everybody's attributes and vectors are as the bot writes them."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bot.directory.keys import Keys
from bot.directory.redis import Redis
from bot.directory.vectors import BATCH
from bot.maintenance.findings import Findings, Problem
from bot.person import Person, Schema

UNIT = 0.1  # by which a vector's length may differ from 1, for it is rounded to 8 bits


async def check_people(
    redis: Redis, keys: Keys, schema: Schema, findings: Findings
) -> dict[str, str]:
    """Everybody's attributes, as they are or, where that is wrong, as they will be."""
    names = await redis.execute("VRANDMEMBER", keys.vset, findings.people + 1) or []
    attributes: dict[str, str] = {}
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        stored = await redis.execute_all([("VGETATTR", keys.vset, name) for name in batch])
        for name, text in zip(batch, stored, strict=True):
            right = Person.load(name, text).dump(schema, text or "")
            attributes[name] = right
            if text != right:
                mend = ("VSETATTR", keys.vset, name, right)
                findings.add(_wrong_with(text, schema), name, mend)
    return attributes


def _wrong_with(stored: str | None, schema: Schema) -> Problem:
    if stored is None:
        return Problem.ATTRIBUTES_GONE
    try:
        read = json.loads(stored)
    except (ValueError, RecursionError):
        return Problem.ATTRIBUTES_BROKEN
    if not isinstance(read, dict):
        return Problem.ATTRIBUTES_BROKEN
    whole = schema.keys() <= read.keys()
    return Problem.ATTRIBUTES_OTHERWISE if whole else Problem.FIELDS_MISSING


async def check_vectors(
    redis: Redis, keys: Keys, people: Mapping[str, str], findings: Findings
) -> None:
    """Note whose vector is none that can be found."""
    names = sorted(people)
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found = await redis.execute_raw([("VEMB", keys.vset, name, "RAW") for name in batch])
        for name, stored in zip(batch, found, strict=True):
            if stored and not _is_unit(stored):
                findings.add(Problem.VECTOR, name)
                findings.vectors.append(name)


def _is_unit(stored: Sequence[Any]) -> bool:
    """From an answer of VEMB RAW: the kind, the bytes, the length before it was made 1 and, of
    signed bytes, what scales them."""
    kind, blob, length, *scale = stored
    if not (math.isfinite(length) and length > 0):
        return False
    if kind == b"bin":
        return True
    if kind == b"f32":
        vector = np.frombuffer(blob, np.float32).astype(np.float64)
    else:
        vector = np.frombuffer(blob, np.int8).astype(np.float64) * scale[0] / 127
    return abs(float(np.linalg.norm(vector)) - 1) < UNIT

"""Checks whether everyone's attributes and vectors are as the bot writes them."""

import json
import math
from collections.abc import Mapping

import numpy as np

from bot.directory.storage import Storage
from bot.directory.vectors import RawVector, iterate_raw_vectors
from bot.maintenance.findings import Findings, Problem
from bot.person import Person, Schema

LENGTH_TOLERANCE = 0.1
"""How far a vector's length may be from 1: Redis rounds its components to 8 bits."""


async def check_people(storage: Storage, schema: Schema, findings: Findings) -> dict[str, str]:
    """Check everyone's attributes. Returns them by name, as they will be after a repair."""
    names = await storage.list_names()
    rows = await storage.read_attributes(names)
    attributes: dict[str, str] = {}
    for name, stored in zip(names, rows, strict=True):
        expected = Person.load(name, stored).dump(schema, stored or "")
        attributes[name] = expected
        if stored != expected:
            command = ("VSETATTR", storage.keys.vset, name, expected)
            findings.add(_problem_with(stored, schema), name, command)
    return attributes


def _problem_with(stored: str | None, schema: Schema) -> Problem:
    """Return what is wrong with attributes that differ from what the bot would write."""
    if stored is None:
        return Problem.ATTRIBUTES_MISSING
    try:
        attributes = json.loads(stored)
    except (ValueError, RecursionError):
        return Problem.ATTRIBUTES_INVALID
    if not isinstance(attributes, dict):
        return Problem.ATTRIBUTES_INVALID
    if schema.keys() - attributes.keys():
        return Problem.FIELDS_MISSING
    return Problem.ATTRIBUTES_NOT_CANONICAL


async def check_vectors(storage: Storage, people: Mapping[str, str], findings: Findings) -> None:
    """Find the people whose vector is zero or not finite."""
    async for batch in iterate_raw_vectors(storage, sorted(people)):
        for name, vector in batch:
            if not _is_unit_vector(vector):
                findings.add(Problem.INVALID_VECTOR, name)
                findings.invalid_vectors.append(name)


def _is_unit_vector(raw: RawVector) -> bool:
    quantization, components, length, *scale = raw
    if not (math.isfinite(length) and length > 0):
        return False
    if quantization == b"bin":
        return True
    if quantization == b"f32":
        vector = np.frombuffer(components, np.float32).astype(np.float64)
    else:
        vector = np.frombuffer(components, np.int8).astype(np.float64) * scale[0] / 127
    return abs(float(np.linalg.norm(vector)) - 1) < LENGTH_TOLERANCE

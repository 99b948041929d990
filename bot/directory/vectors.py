"""The vectors of a directory: reading them from Redis, and packing them for the history."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np

from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.embedding import Vectors

BATCH = 256  # vectors in a pipeline; reading them blocks the event loop for a few milliseconds

RawVector = Sequence[Any]
"""A reply of VEMB RAW: the quantization, the components as bytes, the length before normalization
and, for signed bytes, the scale."""


async def iterate_raw_vectors(
    storage: Storage, names: Sequence[str]
) -> AsyncIterator[list[tuple[str, RawVector]]]:
    """Yield those of the names that exist, each with its vector, in batches."""
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        commands = [("VEMB", storage.keys.vset, name, "RAW") for name in batch]
        answers = await storage.redis.execute_all(commands, raw=True)
        yield [(name, answer) for name, answer in zip(batch, answers, strict=True) if answer]


async def read_vectors(storage: Storage, names: Sequence[str]) -> tuple[list[str], Vectors]:
    """Return those of the names that exist, and their unit vectors, float32[n, dimension], with
    the precision that Redis stores."""
    existing: list[str] = []
    vectors = np.empty((0, 0), np.float32)
    async for found in iterate_raw_vectors(storage, names):
        if found:
            rows = _unit_vectors([answer for _, answer in found])
            if not existing:
                vectors = np.empty((len(names), rows.shape[1]), np.float32)
            vectors[len(existing) : len(existing) + len(rows)] = rows
            existing += [name for name, _ in found]
    return existing, vectors[: len(existing)]


async def read_vset_options(storage: Storage) -> tuple[Argument, ...]:
    """Return the options of VADD that a vector set was made with: its quantisation and its number
    of links."""
    info = await storage.redis.execute("VINFO", storage.keys.vset)
    quantisations = {"f32": "NOQUANT", "bin": "BIN", "int8": "Q8"}
    return quantisations[info["quant-type"]], "M", info["hnsw-m"]


def pack_vector(answer: RawVector) -> bytes:
    """Pack a vector for the history, as lua/directory.lua does: kind, length, scale, blob."""
    kind, blob, length, *scale = answer
    packed_scale = repr(scale[0]) if scale else ""
    return b" ".join([kind, repr(length).encode(), packed_scale.encode(), blob])


def unpack_vector(packed: bytes) -> Vectors:
    """Unpack a vector, float32[dimension], of which VADD stores the same 8 bits for each component
    and, except for rounding, the same scale."""
    kind, length, scale, blob = packed.split(b" ", 3)
    if kind == b"int8":
        stored = np.frombuffer(blob, np.int8).astype(np.float64)
        vector = stored * float(scale) / 127
        # VADD normalizes the vector and takes its largest component as the scale. To store the same
        # scale again, the other components are adjusted, by less than they were rounded by, so that
        # the vector has the length 1 already.
        is_largest = np.abs(stored) == 127
        missing = 1 - float(np.sum(vector[is_largest] ** 2))
        others = float(np.sum(vector[~is_largest] ** 2))
        vector[~is_largest] *= np.sqrt(max(0.0, missing) / (others or 1))
    else:
        vector = _unit_vectors([(kind, blob)])[0].astype(np.float64)
    return (vector * (float(length) or 1)).astype(np.float32)


def _unit_vectors(answers: Sequence[RawVector]) -> Vectors:
    """Return the unit vectors, float32[n, dimension], of vectors that are all of one kind: 32-bit
    floats, signed bytes or bits."""
    kind, blobs = answers[0][0], b"".join(answer[1] for answer in answers)
    if kind == b"f32":
        flat = np.frombuffer(blobs, np.float32)
    elif kind == b"bin":
        bits = np.unpackbits(np.frombuffer(blobs, np.uint8), bitorder="little")
        flat = bits.astype(np.float32) * 2 - 1
    else:
        flat = np.frombuffer(blobs, np.int8).astype(np.float32)
    vectors = flat.reshape(len(answers), -1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)

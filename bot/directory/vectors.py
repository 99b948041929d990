"""The vectors of a directory, as Redis keeps them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.embedding import Vectors

BATCH = 256  # vectors in a pipeline: some milliseconds, for which the event loop waits


async def read_vectors(storage: Storage, names: Sequence[str]) -> tuple[list[str], Vectors]:
    """Those of these names who are there, and their unit vectors, float32[n, dimension], as
    Redis has rounded them."""
    present: list[str] = []
    vectors = np.empty((0, 0), np.float32)
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        commands = [("VEMB", storage.keys.vset, name, "RAW") for name in batch]
        found = await storage.redis.execute_raw(commands)
        there = [(name, stored) for name, stored in zip(batch, found, strict=True) if stored]
        if there:
            read = _unit_vectors([stored for _, stored in there])
            if not present:
                vectors = np.empty((len(names), read.shape[1]), np.float32)
            vectors[len(present) : len(present) + len(read)] = read
            present += [name for name, _ in there]
    return present, vectors[: len(present)]


def unpack_vector(packed: bytes) -> Vectors:
    """A vector as lua/directory.lua packs it, float32[dimension], such that VADD makes of it
    what it was: to the same 8 bits, and the same scale but for the rounding of floats."""
    kind, length, scale, blob = packed.split(b" ", 3)
    if kind == b"int8":
        stored = np.frombuffer(blob, np.int8).astype(np.float64)
        vector = stored * float(scale) / 127
        # VADD scales by the greatest component of the unit vector; so that one has to stay, and the
        # others take, within their rounding, what the sum of squares lacks to 1.
        greatest = np.abs(stored) == 127
        lacking = 1 - float(np.sum(vector[greatest] ** 2))
        rest = float(np.sum(vector[~greatest] ** 2))
        vector[~greatest] *= np.sqrt(max(0.0, lacking) / (rest or 1))
    else:
        vector = _unit_vectors([(kind, blob)])[0].astype(np.float64)
    return (vector * (float(length) or 1)).astype(np.float32)


def _unit_vectors(stored: Sequence[Sequence[Any]]) -> Vectors:
    """From answers of VEMB RAW, all of one kind: 32-bit floats, signed bytes or bits, before what
    scales them."""
    kind, blobs = stored[0][0], b"".join(answer[1] for answer in stored)
    if kind == b"f32":
        flat = np.frombuffer(blobs, np.float32)
    elif kind == b"bin":
        bits = np.unpackbits(np.frombuffer(blobs, np.uint8), bitorder="little")
        flat = bits.astype(np.float32) * 2 - 1
    else:
        flat = np.frombuffer(blobs, np.int8).astype(np.float32)
    vectors = flat.reshape(len(stored), -1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def pack_vector(stored: Sequence[Any]) -> bytes:
    """An answer of VEMB RAW as ``unpack_vector`` reads it."""
    kind, blob, length, *scale = stored
    written = repr(scale[0]) if scale else ""
    return b" ".join([kind, repr(length).encode(), written.encode(), blob])


async def read_form(storage: Storage) -> tuple[Argument, ...]:
    """How a set stores vectors, as VADD takes it."""
    info = await storage.redis.execute("VINFO", storage.keys.vset)
    kinds = {"f32": "NOQUANT", "bin": "BIN", "int8": "Q8"}
    return kinds[info["quant-type"]], "M", info["hnsw-m"]

"""The vectors of a directory, as Redis keeps them."""

from collections.abc import Sequence

import numpy as np

from bot.directory.connection import Redis
from bot.directory.keys import Keys
from bot.embedder import Vectors

BATCH = 256  # vectors in a pipeline: some milliseconds, for which the event loop waits


async def read_vectors(redis: Redis, keys: Keys, names: Sequence[str]) -> Vectors:
    """The unit vectors of these people, float32[n, dimension], as rounded by Redis. Whoever is
    not there is left out."""
    _, vectors = await read_present(redis, keys, names)
    return vectors


async def read_present(redis: Redis, keys: Keys, names: Sequence[str]) -> tuple[list[str], Vectors]:
    """Those of these names who are there, and their unit vectors, in the same order."""
    present: list[str] = []
    read: list[Vectors] = []
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        found = await redis.execute_raw([("VEMB", keys.vset, name, "RAW") for name in batch])
        for name, stored in zip(batch, found, strict=True):
            if stored is not None:
                present.append(name)
                read.append(_unit(*stored))
    return present, np.stack(read) if read else np.empty((0, 0), np.float32)


def _unit(kind: bytes, blob: bytes, *rest: object) -> Vectors:
    """A direction from VEMB RAW: 32-bit floats, signed bytes or bits, before what scales them."""
    if kind == b"f32":
        vector = np.frombuffer(blob, np.float32)
    elif kind == b"bin":
        bits = np.unpackbits(np.frombuffer(blob, np.uint8), bitorder="little")
        vector = bits.astype(np.float32) * 2 - 1
    else:
        vector = np.frombuffer(blob, np.int8).astype(np.float32)
    return vector / max(float(np.linalg.norm(vector)), 1e-9)

"""numpy, all in memory: the exact answer, too."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.crowd import COUNT, Crowd, Vectors

FEW = 0.1  # of all; so few are compared alone, for more it is faster to compare all


class Store:
    server = None
    version = f"numpy {np.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, crowd: Crowd) -> None:
        np.save(self._folder / "vectors.npy", crowd.vectors)
        np.save(self._folder / "ranks.npy", crowd.ranks)

    def open(self) -> None:
        self._vectors: Vectors = np.load(self._folder / "vectors.npy")
        self._ranks = np.load(self._folder / "ranks.npy")

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        if below is None:
            return self._best(self._vectors @ vector, self._ranks)
        rows = np.flatnonzero(self._ranks < below)
        if len(rows) < FEW * len(self._ranks):
            return self._best(self._vectors[rows] @ vector, self._ranks[rows])
        return self._best((self._vectors @ vector)[rows], self._ranks[rows])

    def close(self) -> None:
        pass

    @staticmethod
    def _best(similar: Vectors, ranks: np.ndarray) -> Sequence[int]:
        best = np.argpartition(-similar, min(COUNT, len(similar)) - 1)[:COUNT]
        return ranks[best].tolist()

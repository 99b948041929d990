"""numpy, with all vectors in memory; its answers are exact."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

SMALL_SHARE = 0.1  # below this share of all people, selecting their vectors first is faster


class BruteForceStore:
    """Vectors in a numpy array, compared one by one with the question."""

    server = None
    version = f"numpy {np.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, dataset: Dataset) -> None:
        np.save(self._folder / "vectors.npy", dataset.vectors)
        np.save(self._folder / "ranks.npy", dataset.ranks)

    def open(self) -> None:
        self._vectors: Vectors = np.load(self._folder / "vectors.npy")
        self._ranks = np.load(self._folder / "ranks.npy")

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        if rank_limit is None:
            return self._nearest(self._vectors @ vector, self._ranks)
        rows = np.flatnonzero(self._ranks < rank_limit)
        if len(rows) < SMALL_SHARE * len(self._ranks):
            return self._nearest(self._vectors[rows] @ vector, self._ranks[rows])
        return self._nearest((self._vectors @ vector)[rows], self._ranks[rows])

    def close(self) -> None:
        pass

    @staticmethod
    def _nearest(cosines: Vectors, ranks: np.ndarray) -> Sequence[int]:
        nearest = np.argpartition(-cosines, min(RESULT_COUNT, len(cosines)) - 1)[:RESULT_COUNT]
        return ranks[nearest].tolist()

"""USearch; a filter is left to the asker."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import usearch  # pyright: ignore[reportMissingImports]
from usearch.index import Index  # pyright: ignore[reportMissingImports]

from benchmarks.contenders.overfetching import first_below
from benchmarks.crowd import Crowd, Vectors


class Store:
    server = None
    version = f"usearch {usearch.__version__}"

    def __init__(self, folder: Path) -> None:
        self._file, self._ranks_file = folder / "people.usearch", folder / "ranks.npy"

    def load(self, crowd: Crowd) -> None:
        index = Index(ndim=crowd.vectors.shape[1], metric="cos", dtype="f32")
        index.add(np.arange(len(crowd.vectors)), crowd.vectors)
        index.save(self._file)
        np.save(self._ranks_file, crowd.ranks)

    def open(self) -> None:
        self._index = Index.restore(self._file)
        self._ranks = np.load(self._ranks_file)

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        def nearest(count: int) -> np.ndarray:
            return self._index.search(vector, count).keys.astype(np.int64)

        return first_below(nearest, self._ranks, below)

    def close(self) -> None:
        pass

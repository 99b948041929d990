"""USearch, filtered by overfetching."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import usearch  # pyright: ignore[reportMissingImports]
from usearch.index import Index  # pyright: ignore[reportMissingImports]

from benchmarks.contenders.overfetch import first_matching
from benchmarks.dataset import Dataset, Vectors


class USearchStore:
    """An index of USearch, filtered by overfetching."""

    server = None
    version = f"usearch {usearch.__version__}"

    def __init__(self, folder: Path) -> None:
        self._file, self._ranks_file = folder / "people.usearch", folder / "ranks.npy"

    def load(self, dataset: Dataset) -> None:
        index = Index(ndim=dataset.vectors.shape[1], metric="cos", dtype="f32")
        index.add(np.arange(len(dataset.vectors)), dataset.vectors)
        index.save(self._file)
        np.save(self._ranks_file, dataset.ranks)

    def open(self) -> None:
        self._index = Index.restore(self._file)
        self._ranks = np.load(self._ranks_file)

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        def find_nearest(count: int) -> np.ndarray:
            return self._index.search(vector, count).keys.astype(np.int64)

        return first_matching(find_nearest, self._ranks, rank_limit)

    def close(self) -> None:
        pass

"""Faiss's HNSW index, filtered by overfetching."""

from collections.abc import Sequence
from pathlib import Path

import faiss  # pyright: ignore[reportMissingImports]
import numpy as np

from benchmarks.contenders.overfetch import first_matching
from benchmarks.dataset import Dataset, Vectors

LINKS = 32
EFFORT = 128


class FaissStore:
    """An HNSW index of Faiss, filtered by overfetching."""

    server = None
    version = f"faiss-cpu {faiss.__version__}"

    def __init__(self, folder: Path) -> None:
        self._file, self._ranks_file = str(folder / "people.faiss"), folder / "ranks.npy"

    def load(self, dataset: Dataset) -> None:
        index = faiss.IndexHNSWFlat(dataset.vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        index.add(dataset.vectors)
        faiss.write_index(index, self._file)
        np.save(self._ranks_file, dataset.ranks)

    def open(self) -> None:
        self._index = faiss.read_index(self._file)
        self._ranks = np.load(self._ranks_file)

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        def find_nearest(count: int) -> np.ndarray:
            effort = faiss.SearchParametersHNSW(efSearch=max(EFFORT, count))
            rows = self._index.search(vector[None], count, params=effort)[1][0]
            return rows[rows >= 0]

        return first_matching(find_nearest, self._ranks, rank_limit)

    def close(self) -> None:
        pass

"""Faiss's HNSW; a filter is left to the asker."""

from collections.abc import Sequence
from pathlib import Path

import faiss  # pyright: ignore[reportMissingImports]
import numpy as np

from benchmarks.contenders.overfetching import first_below
from benchmarks.crowd import Crowd, Vectors

LINKS = 32
EFFORT = 128


class Store:
    server = None
    version = f"faiss-cpu {faiss.__version__}"

    def __init__(self, folder: Path) -> None:
        self._file, self._ranks_file = str(folder / "people.faiss"), folder / "ranks.npy"

    def load(self, crowd: Crowd) -> None:
        index = faiss.IndexHNSWFlat(crowd.vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        index.add(crowd.vectors)
        faiss.write_index(index, self._file)
        np.save(self._ranks_file, crowd.ranks)

    def open(self) -> None:
        self._index = faiss.read_index(self._file)
        self._ranks = np.load(self._ranks_file)

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        def nearest(count: int) -> np.ndarray:
            effort = faiss.SearchParametersHNSW(efSearch=max(EFFORT, count))
            rows = self._index.search(vector[None], count, params=effort)[1][0]
            return rows[rows >= 0]

        return first_below(nearest, self._ranks, below)

    def close(self) -> None:
        pass

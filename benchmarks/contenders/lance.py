"""LanceDB, with an index of vectors where there are enough people to make one."""

from collections.abc import Sequence
from pathlib import Path

import lancedb  # pyright: ignore[reportMissingImports]
import pyarrow  # pyright: ignore[reportMissingImports]

from benchmarks.crowd import COUNT, Crowd, Vectors

REFINE = 5  # times as many are looked at again, by their whole vectors


class Store:
    server = None
    version = f"lancedb {lancedb.__version__}"
    indexed = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, crowd: Crowd) -> None:
        flat = pyarrow.array(crowd.vectors.ravel())
        vectors = pyarrow.FixedSizeListArray.from_arrays(flat, crowd.vectors.shape[1])
        columns = pyarrow.Table.from_pylist(list(crowd.people)).append_column("vector", vectors)
        people = lancedb.connect(self._folder).create_table("people", columns)
        people.create_scalar_index("rank")
        if self.indexed:
            people.create_index("cosine", index_type="IVF_HNSW_SQ", vector_column_name="vector")

    def open(self) -> None:
        self._people = lancedb.connect(self._folder).open_table("people")

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        asked = self._people.search(vector).distance_type("cosine").limit(COUNT)
        asked = asked.select(["rank", "_distance"])
        if self.indexed:
            asked = asked.refine_factor(REFINE)
        if below is not None:
            asked = asked.where(f"rank < {below}", prefilter=True)
        return asked.to_arrow()["rank"].to_pylist()

    def close(self) -> None:
        pass

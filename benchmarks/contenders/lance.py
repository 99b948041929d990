"""LanceDB, with a vector index if there are enough people to make one."""

from collections.abc import Sequence
from pathlib import Path

import lancedb  # pyright: ignore[reportMissingImports]
import pyarrow  # pyright: ignore[reportMissingImports]

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

REFINE_FACTOR = 5  # times as many results are compared again, by their full vectors


class LanceStore:
    """A LanceDB table; ``is_indexed`` says whether its vectors have an index."""

    server = None
    version = f"lancedb {lancedb.__version__}"
    is_indexed = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, dataset: Dataset) -> None:
        flat = pyarrow.array(dataset.vectors.ravel())
        vectors = pyarrow.FixedSizeListArray.from_arrays(flat, dataset.vectors.shape[1])
        columns = pyarrow.Table.from_pylist(list(dataset.people)).append_column("vector", vectors)
        people = lancedb.connect(self._folder).create_table("people", columns)
        people.create_scalar_index("rank")
        if self.is_indexed:
            people.create_index("cosine", index_type="IVF_HNSW_SQ", vector_column_name="vector")

    def open(self) -> None:
        self._people = lancedb.connect(self._folder).open_table("people")

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        query = self._people.search(vector).distance_type("cosine").limit(RESULT_COUNT)
        query = query.select(["rank", "_distance"])
        if self.is_indexed:
            query = query.refine_factor(REFINE_FACTOR)
        if rank_limit is not None:
            query = query.where(f"rank < {rank_limit}", prefilter=True)
        return query.to_arrow()["rank"].to_pylist()

    def close(self) -> None:
        pass

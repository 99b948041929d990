"""sqlite-vec, loaded into the SQLite of apsw, because the one in many Pythons cannot load
extensions."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apsw  # pyright: ignore[reportMissingImports]
import sqlite_vec  # pyright: ignore[reportMissingImports]

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

# Only the filtered field is a metadata column, because these cannot be null.
TABLE = """CREATE VIRTUAL TABLE people USING vec0(
    vector FLOAT[{dimension}] distance_metric=cosine, rank INTEGER, +born INTEGER, +died INTEGER,
    +country TEXT, +name TEXT, +description TEXT)"""
COLUMNS = ("rank", "born", "died", "country", "name", "description")
SELECT_NEAREST = "SELECT rank FROM people WHERE vector MATCH ? AND k = ?"


class SqliteVecStore:
    """A ``vec0`` table in an SQLite file."""

    server = None
    version = f"sqlite-vec {version('sqlite-vec')}, SQLite {apsw.sqlite_lib_version()}"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "people.db"
        self._stack = ExitStack()

    def load(self, dataset: Dataset) -> None:
        self.open()
        self._database.execute(TABLE.format(dimension=dataset.vectors.shape[1]))
        insert = f"INSERT INTO people(vector, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        with self._database:
            self._database.executemany(
                insert,
                (
                    (vector.tobytes(), *(person[column] for column in COLUMNS))
                    for person, vector in zip(dataset.people, dataset.vectors, strict=True)
                ),
            )

    def open(self) -> None:
        self._database = self._stack.enter_context(closing(apsw.Connection(str(self._file))))
        self._database.enable_load_extension(True)
        self._database.load_extension(sqlite_vec.loadable_path())

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        parameters: tuple[Any, ...] = (vector.tobytes(), RESULT_COUNT)
        query = SELECT_NEAREST
        if rank_limit is not None:
            query, parameters = f"{query} AND rank < ?", (*parameters, rank_limit)
        return [rank for (rank,) in self._database.execute(query, parameters)]

    def close(self) -> None:
        self._stack.close()

"""sqlite-vec, loaded into the SQLite of apsw: that of many a Python loads no extensions."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import apsw  # pyright: ignore[reportMissingImports]
import sqlite_vec  # pyright: ignore[reportMissingImports]

from benchmarks.crowd import COUNT, Crowd, Vectors

# Only what can be filtered is a metadata column: those hold no null.
TABLE = """CREATE VIRTUAL TABLE people USING vec0(
    vector FLOAT[{dimension}] distance_metric=cosine, rank INTEGER, +born INTEGER, +died INTEGER,
    +country TEXT, +name TEXT, +description TEXT)"""
COLUMNS = ("rank", "born", "died", "country", "name", "description")
NEAREST = "SELECT rank FROM people WHERE vector MATCH ? AND k = ?"


class Store:
    server = None
    version = f"sqlite-vec {version('sqlite-vec')}, SQLite {apsw.sqlite_lib_version()}"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "people.db"
        self._opened = ExitStack()

    def load(self, crowd: Crowd) -> None:
        self.open()
        self._database.execute(TABLE.format(dimension=crowd.vectors.shape[1]))
        insert = f"INSERT INTO people(vector, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        with self._database:
            self._database.executemany(
                insert,
                (
                    (vector.tobytes(), *(person[column] for column in COLUMNS))
                    for person, vector in zip(crowd.people, crowd.vectors, strict=True)
                ),
            )

    def open(self) -> None:
        self._database = self._opened.enter_context(closing(apsw.Connection(str(self._file))))
        self._database.enable_load_extension(True)
        self._database.load_extension(sqlite_vec.loadable_path())

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        asked: tuple[Any, ...] = (vector.tobytes(), COUNT)
        if below is None:
            return [rank for (rank,) in self._database.execute(NEAREST, asked)]
        return [
            rank for (rank,) in self._database.execute(f"{NEAREST} AND rank < ?", (*asked, below))
        ]

    def close(self) -> None:
        self._opened.close()

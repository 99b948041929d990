"""Chroma, on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb  # pyright: ignore[reportMissingImports]

from benchmarks.crowd import COUNT, Crowd, Vectors

KEPT = ("name", "born", "died", "country", "rank")


class Store:
    server = None
    version = f"chromadb {chromadb.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def load(self, crowd: Crowd) -> None:
        client = self._connect()
        people = client.create_collection(
            "people", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        batch = client.get_max_batch_size()
        for start in range(0, len(crowd.people), batch):
            some = crowd.people[start : start + batch]
            people.add(
                ids=[str(person["rank"]) for person in some],
                embeddings=crowd.vectors[start : start + batch],
                metadatas=[_known(person) for person in some],
                documents=[person["description"] for person in some],
            )

    def open(self) -> None:
        self._people = self._connect().get_collection("people", embedding_function=None)

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        where = None if below is None else {"rank": {"$lt": below}}
        found = self._people.query(vector[None], n_results=COUNT, where=where, include=[])
        return list(map(int, found["ids"][0]))

    def close(self) -> None:
        pass

    def _connect(self):  # its type is of a library that is only in the peers' environment
        settings = chromadb.Settings(anonymized_telemetry=False)
        return chromadb.PersistentClient(self._folder, settings)


def _known(person: dict[str, Any]) -> dict[str, Any]:
    """What Chroma takes: it has no unknown values."""
    return {key: person[key] for key in KEPT if person[key] is not None}

"""Chroma, on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb  # pyright: ignore[reportMissingImports]

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

METADATA_FIELDS = ("name", "born", "died", "country", "rank")


class ChromaStore:
    """A Chroma collection on disk."""

    server = None
    version = f"chromadb {chromadb.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def load(self, dataset: Dataset) -> None:
        client = self._connect()
        people = client.create_collection(
            "people", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
        )
        batch = client.get_max_batch_size()
        for start in range(0, len(dataset.people), batch):
            people_of_batch = dataset.people[start : start + batch]
            people.add(
                ids=[str(person["rank"]) for person in people_of_batch],
                embeddings=dataset.vectors[start : start + batch],
                metadatas=[_metadata(person) for person in people_of_batch],
                documents=[person["description"] for person in people_of_batch],
            )

    def open(self) -> None:
        self._people = self._connect().get_collection("people", embedding_function=None)

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        where = None if rank_limit is None else {"rank": {"$lt": rank_limit}}
        results = self._people.query(vector[None], n_results=RESULT_COUNT, where=where, include=[])
        return list(map(int, results["ids"][0]))

    def close(self) -> None:
        pass

    def _connect(self):  # untyped: the library is only in the peers' environment
        settings = chromadb.Settings(anonymized_telemetry=False)
        return chromadb.PersistentClient(self._folder, settings)


def _metadata(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person's metadata without missing values, which Chroma does not accept."""
    return {key: person[key] for key in METADATA_FIELDS if person[key] is not None}

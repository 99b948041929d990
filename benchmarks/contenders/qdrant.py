"""Qdrant's local mode, on disk."""

import warnings
from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

from qdrant_client import QdrantClient, models  # pyright: ignore[reportMissingImports]

from benchmarks.crowd import COUNT, Crowd, Vectors

KEPT = ("name", "description", "born", "died", "country", "rank")

warnings.filterwarnings("ignore", message="Local mode is not recommended")


class Store:
    server = None
    version = f"qdrant-client {version('qdrant-client')}"

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._opened = ExitStack()

    def load(self, crowd: Crowd) -> None:
        self.open()
        form = models.VectorParams(size=crowd.vectors.shape[1], distance=models.Distance.COSINE)
        self._client.create_collection("people", vectors_config=form)
        self._client.upload_collection(
            "people",
            vectors=crowd.vectors,
            ids=crowd.ranks.tolist(),
            payload=[{key: person[key] for key in KEPT} for person in crowd.people],
        )

    def open(self) -> None:
        self._client = self._opened.enter_context(closing(QdrantClient(path=self._folder)))

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        held = None
        if below is not None:
            condition = models.FieldCondition(key="rank", range=models.Range(lt=below))
            held = models.Filter(must=[condition])
        found = self._client.query_points(
            "people", query=vector, query_filter=held, limit=COUNT, with_payload=False
        )
        return [point.id for point in found.points]

    def close(self) -> None:
        self._opened.close()

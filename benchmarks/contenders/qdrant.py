"""Qdrant's local mode, on disk."""

import warnings
from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path

from qdrant_client import QdrantClient, models  # pyright: ignore[reportMissingImports]

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

PAYLOAD_FIELDS = ("name", "description", "born", "died", "country", "rank")

warnings.filterwarnings("ignore", message="Local mode is not recommended")


class QdrantStore:
    """A collection of Qdrant's local mode, on disk."""

    server = None
    version = f"qdrant-client {version('qdrant-client')}"

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._stack = ExitStack()

    def load(self, dataset: Dataset) -> None:
        self.open()
        config = models.VectorParams(size=dataset.vectors.shape[1], distance=models.Distance.COSINE)
        self._client.create_collection("people", vectors_config=config)
        self._client.upload_collection(
            "people",
            vectors=dataset.vectors,
            ids=dataset.ranks.tolist(),
            payload=[{key: person[key] for key in PAYLOAD_FIELDS} for person in dataset.people],
        )

    def open(self) -> None:
        self._client = self._stack.enter_context(closing(QdrantClient(path=self._folder)))

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        query_filter = None
        if rank_limit is not None:
            condition = models.FieldCondition(key="rank", range=models.Range(lt=rank_limit))
            query_filter = models.Filter(must=[condition])
        response = self._client.query_points(
            "people",
            query=vector,
            query_filter=query_filter,
            limit=RESULT_COUNT,
            with_payload=False,
        )
        return [point.id for point in response.points]

    def close(self) -> None:
        self._stack.close()

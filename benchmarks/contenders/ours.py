"""The bot's directory: what it imports, and its VectorSearch."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path

from benchmarks.crowd import COUNT, Crowd, Vectors
from benchmarks.ours import ReadyVectors, import_people, opened
from bot.directory import Directory
from bot.directory.vector_search import VectorSearch
from bot.person import Kind
from bot.query import Comparison


class Store:
    version = f"redis-py {version('redis')}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.server: int | None = None

    def load(self, crowd: Crowd) -> None:
        self._runner.run(self._load(crowd))

    def open(self) -> None:
        self._runner.run(self._open(ReadyVectors()))

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        return self._runner.run(self._query(vector, below))

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    async def _load(self, crowd: Crowd) -> None:
        report = await import_people(await self._open(ReadyVectors(crowd)), crowd.file)
        assert report.added == len(crowd.people), report

    async def _open(self, embedder: ReadyVectors) -> Directory:
        bot = await self._stack.enter_async_context(opened(self._folder, embedder))
        self.server = int((self._folder / "redis.pid").read_text())
        directory = await bot.directory()
        storage, model = directory.storage, directory.embedder.name
        self._vector_search = VectorSearch(storage, directory.names, model)
        return directory

    async def _query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        node = None if below is None else Comparison("rank", Kind.NUMBER, "<", below)
        found = await self._vector_search.nearest(("FP32", vector.tobytes()), node, COUNT)
        return [int(str(match.person.attributes["rank"])) for match in found.matches]

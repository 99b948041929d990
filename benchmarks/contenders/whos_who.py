"""The bot's directory: its import and its VectorSearch."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path

from benchmarks.bot_directory import PrecomputedEmbedder, import_people, open_bot
from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors
from bot.directory import Directory
from bot.directory.vector_search import VectorSearch
from bot.person import Kind
from bot.query import Comparison


class WhosWhoStore:
    """The bot's directory, filled by its import and queried through its VectorSearch."""

    version = f"redis-py {version('redis')}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.server: int | None = None

    def load(self, dataset: Dataset) -> None:
        self._runner.run(self._load(dataset))

    def open(self) -> None:
        self._runner.run(self._open(PrecomputedEmbedder()))

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        return self._runner.run(self._query(vector, rank_limit))

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    async def _load(self, dataset: Dataset) -> None:
        report = await import_people(await self._open(PrecomputedEmbedder(dataset)), dataset.file)
        assert report.added == len(dataset.people), report

    async def _open(self, embedder: PrecomputedEmbedder) -> Directory:
        bot = await self._stack.enter_async_context(open_bot(self._folder, embedder))
        self.server = int((self._folder / "redis.pid").read_text())
        directory = await bot.directory()
        storage, model = directory.storage, directory.embedder.name
        self._vector_search = VectorSearch(storage, directory.names, model)
        return directory

    async def _query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        node = None if rank_limit is None else Comparison("rank", Kind.NUMBER, "<", rank_limit)
        results = await self._vector_search.nearest(("FP32", vector.tobytes()), node, RESULT_COUNT)
        return [int(str(match.person.attributes["rank"])) for match in results.matches]

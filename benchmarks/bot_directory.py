"""Open the bot's directory and import into it, with vectors computed beforehand if wanted."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.dataset import Dataset, Vectors
from bot import files
from bot.directory import UNKNOWN_AUTHOR, Directories, Directory, Redis, connect
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import DEFAULT_MODEL, TextEmbedder
from bot.files import ImportMode, ImportReport
from bot.person import BASE_SCHEMA

DIRECTORY = "bench"
DIRECTORY_KEY = "people:{guild}"


class PrecomputedEmbedder:
    """An embedder that looks the descriptions of a dataset up. It has the name of the default
    model, because it replaces it."""

    name = DEFAULT_MODEL

    def __init__(self, dataset: Dataset | None = None) -> None:
        people = dataset.people if dataset else ()
        self._rows = {person["description"]: row for row, person in enumerate(people)}
        self._vectors = dataset.vectors if dataset else np.empty((0, 0), np.float32)

    async def embed(self, text: str) -> Vectors:
        return self._vectors[self._rows[text]]

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        return self._vectors[[self._rows[text] for text in texts]]

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        return list(map(len, texts))

    async def knows(self, text: str) -> bool:
        return True


@dataclass(frozen=True)
class OpenBot:
    """The URL of the embedded Redis, the bot's client of it, and the directories in it."""

    url: str
    redis: Redis
    directories: Directories

    async def directory(self, name: str = DIRECTORY) -> Directory:
        """Return the directory with this name, created if it does not exist."""
        return await self.directories.get_or_create(name)


@asynccontextmanager
async def open_bot(folder: Path, embedder: TextEmbedder) -> AsyncIterator[OpenBot]:
    """Start an embedded Redis with its files in ``folder``, and open the directories in it."""
    with EmbeddedRedis(folder) as server:
        async with connect(server.url) as redis:
            directories = Directories(redis, embedder, DIRECTORY_KEY, lambda: (BASE_SCHEMA, ()))
            yield OpenBot(server.url, redis, directories)


async def import_people(directory: Directory, file: Path) -> ImportReport:
    """Import a file as ``python -m bot import`` does."""
    plan = await files.make_plan(directory, files.read_file(file), ImportMode.ADD)
    return await files.Importer(directory, plan, plan.request(UNKNOWN_AUTHOR, file.name)).run()

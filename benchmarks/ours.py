"""The bot's directory, opened and imported into, and vectors that are ready."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.crowd import Crowd, Vectors
from bot import files
from bot.directory import UNKNOWN_AUTHOR, Directories, Directory, Redis, connect
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import DEFAULT_MODEL, Embeds
from bot.files import ImportMode, ImportReport
from bot.person import BASE_SCHEMA

NAME = "bench"
KEY = "people:{guild}"


class ReadyVectors:
    """An embedder that looks up a crowd's descriptions; by the name of the default model, for it
    stands in for it."""

    name = DEFAULT_MODEL

    def __init__(self, crowd: Crowd | None = None) -> None:
        people = crowd.people if crowd else ()
        self._rows = {person["description"]: row for row, person in enumerate(people)}
        self._vectors = crowd.vectors if crowd else np.empty((0, 0), np.float32)

    async def embed(self, text: str) -> Vectors:
        return self._vectors[self._rows[text]]

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        return self._vectors[[self._rows[text] for text in texts]]

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        return list(map(len, texts))

    async def knows(self, text: str) -> bool:
        return True


@dataclass(frozen=True)
class Opened:
    """The embedded server's address, the bot's client of it, and the directories in it."""

    url: str
    redis: Redis
    directories: Directories

    async def directory(self, name: str = NAME) -> Directory:
        """One that is there, or a new and empty one."""
        return await self.directories.get_or_create(name)


@asynccontextmanager
async def opened(folder: Path, embedder: Embeds) -> AsyncIterator[Opened]:
    """What the bot opens, with the embedded server's files in ``folder``."""
    with EmbeddedRedis(folder) as server:
        async with connect(server.url) as redis:
            directories = Directories(redis, embedder, KEY, lambda: (BASE_SCHEMA, ()))
            yield Opened(server.url, redis, directories)


async def import_people(directory: Directory, file: Path) -> ImportReport:
    """What ``python -m bot import`` does with a file."""
    plan = await files.make_plan(directory, files.read_file(file), ImportMode.ADD)
    return await files.Importer(directory, plan, plan.request(UNKNOWN_AUTHOR, file.name)).run()

"""The directories of one Redis: opening, creating, listing and deleting them."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bot.directory import lua
from bot.directory.adopt import adopt
from bot.directory.directory import Directory
from bot.directory.directory_list import (
    SERVER_PLACEHOLDER,
    is_valid_name,
    list_left_marks,
    list_names,
)
from bot.directory.history.operations import DEFAULT_LIMITS, HistoryLimits
from bot.directory.keys import Keys
from bot.directory.redis import Argument, Redis
from bot.directory.schema_json import dump_schema, load_own_schema
from bot.directory.shared_task import SharedTask
from bot.directory.storage import Storage
from bot.embedding import TextEmbedder
from bot.errors import DirectoryNotFound, SettingError
from bot.language import _
from bot.person import BASE_SCHEMA, Person, Schema, fold

SERVER_ID = re.compile(r"[1-9]\d{16,19}", re.ASCII)
"""A Discord server's ID, which is its directory's name; other names were chosen by a person."""

MS_PER_DAY = 24 * 3600 * 1000

ReadStarterSet = Callable[[], tuple[Schema, Sequence[Person]]]
"""Reads the people that a new directory starts with, and the schema they need."""


class Directories:
    """Opens the directories of one Redis, and keeps them open. ``key_pattern`` is the setting
    DIRECTORY_KEY: see directory_list.py. A directory that ``open`` creates gets the people that
    ``read_starter_set`` returns."""

    def __init__(
        self,
        redis: Redis,
        embedder: TextEmbedder,
        key_pattern: str,
        read_starter_set: ReadStarterSet,
        limits: HistoryLimits = DEFAULT_LIMITS,
    ) -> None:
        self.key_pattern = key_pattern
        self._redis = redis
        self._embedder = embedder
        self._read_starter_set = read_starter_set
        self._limits = limits
        self._open: dict[str, Directory] = {}  # by key, like the next two
        self._opening: dict[str, SharedTask[Directory]] = defaultdict(SharedTask)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ping(self) -> None:
        """Check that Redis responds. Raises DirectoryUnavailable."""
        await self._redis.execute("PING")

    # Names and keys

    @property
    def is_shared(self) -> bool:
        """Whether all servers share one directory."""
        return SERVER_PLACEHOLDER not in self.key_pattern

    def key(self, name: str) -> str:
        """Return the key of a directory's vector set. Raises SettingError for an invalid name."""
        if not is_valid_name(name):
            message = _(
                "A directory can't be called {name}. Use letters and digits.", name=repr(name)
            )
            raise SettingError(message)
        return self.key_pattern.replace(SERVER_PLACEHOLDER, name)

    async def names(self) -> list[str]:
        """Return the names of all directories, including empty ones. A shared one has its key as
        its name."""
        if self.is_shared:
            return [self.key_pattern] if await self._read_state(self.key_pattern) else []
        return await list_names(self._redis, self.key_pattern)

    # Opening

    async def open(self, name: str) -> Directory:
        """Return the directory with this name, or create it with the starter set. Raises
        SettingError if it can't be opened with these settings."""
        key = self.key(name)
        return self._open.get(key) or await self._open_or_create(name, self._read_starter_set)

    async def for_server(self, server: int | None) -> Directory:
        """Return a Discord server's directory, as ``open`` does."""
        return await self.open(str(server))

    async def get_or_create(self, name: str) -> Directory:
        """Return the directory with this name, or create it without people."""
        key = self.key(name)
        return self._open.get(key) or await self._open_or_create(name, lambda: (BASE_SCHEMA, ()))

    async def get(self, name: str) -> Directory:
        """Return the directory with this name. Raises DirectoryNotFound."""
        async with self._locks[self.key(name)]:
            directory = await self._find(name)
        if directory is None:
            raise DirectoryNotFound(name, await self.names())
        return directory

    async def open_unchecked(self, name: str) -> Directory:
        """Open a directory for maintenance, without checking its model and without adopting
        anything. Raises DirectoryNotFound."""
        key = self.key(name)
        state = await self._read_state(key)
        if state is None:
            raise DirectoryNotFound(name, await self.names())
        schema, *_ = state
        return self._make(key, load_own_schema(schema) or BASE_SCHEMA)

    def storage(self, name: str) -> Storage:
        """Return where a directory is stored, whether it exists or not."""
        return self._storage(self.key(name))

    async def _open_or_create(self, name: str, read_people: ReadStarterSet) -> Directory:
        opening = self._opening[self.key(name)]
        return await opening.join(partial(self._find_or_create, name, read_people))

    async def _find_or_create(self, name: str, read_people: ReadStarterSet) -> Directory:
        async with self._locks[self.key(name)]:
            directory = await self._find(name)
            if directory is None:
                await self._create(self.key(name), *read_people())
                directory = await self._find(name)
            assert directory is not None  # it was created just now, here or by another process
            return directory

    async def _find(self, name: str) -> Directory | None:
        key = self.key(name)
        if key in self._open:
            return self._open[key]
        state = await self._read_state(key)
        if state is None:
            return None
        stored_schema, model, version, size, indexed_size = state
        if model and model != self._embedder.name:
            message = _(
                "The directory {directory} was embedded with {model}, whose vectors can't be "
                "compared with those of {our_model}. Set EMBEDDING_MODEL to {model}, or embed it "
                "again with {our_model}: python -m bot reembed",
                directory=name,
                model=model,
                our_model=self._embedder.name,
            )
            raise SettingError(message)
        schema = load_own_schema(stored_schema)
        if not (schema and model and version == lua.FORMAT and size == indexed_size):
            schema = await adopt(self._storage(key), self._embedder, name, stored_schema or "")
        self._open[key] = self._make(key, schema)
        return self._open[key]

    async def _read_state(self, key: str) -> Sequence[Any] | None:
        """Return the stored schema, model, format, size, and number of indexed names of a
        directory, or None if there is nothing under this key."""
        state: Sequence[Any] = await self._storage(key).call("open")
        schema, _model, _version, size, _indexed_size = state
        return state if schema is not None or size else None

    async def _create(self, key: str, schema: Schema, people: Sequence[Person]) -> None:
        """Create a directory, unless another process has done so by now."""
        vectors = await self._embedder.embed_all([person.description for person in people])
        arguments: list[Argument] = []
        for person, vector in zip(people, vectors, strict=True):
            arguments += (person.name, fold(person.name), vector.tobytes(), person.dump(schema))
        stamp = (dump_schema(schema), self._embedder.name)
        await self._storage(key).call("create", *stamp, *arguments)

    def _make(self, key: str, schema: Schema) -> Directory:
        return Directory(self._storage(key), self._embedder, schema, self._limits)

    def _storage(self, key: str) -> Storage:
        return Storage(self._redis, Keys.of(key))

    # Servers that the bot left

    async def servers(self) -> dict[int, bool]:
        """Return the IDs of the servers that have a directory of their own, even an empty one, and
        whether it is marked because the bot has left the server."""
        if self.is_shared:
            return {}
        marks = await list_left_marks(self._redis, self.key_pattern)
        return {
            int(name): left is not None for name, left in marks.items() if SERVER_ID.fullmatch(name)
        }

    async def mark_left(self, server: int) -> bool:
        """Mark a server's own directory because the bot has left the server. Returns whether it
        wasn't marked yet."""
        return not self.is_shared and bool(await self.storage(str(server)).call("mark_left"))

    async def unmark_left(self, server: int) -> bool:
        """Remove the mark because the bot is in the server. Returns whether there was one."""
        return not self.is_shared and bool(await self.storage(str(server)).call("unmark_left"))

    async def delete_left(self, server: int, days: int) -> int | None:
        """Delete the directory of a server that the bot left at least this many days ago. Returns
        how many people it had, or None if it is kept."""
        if self.is_shared:
            return None
        storage = self.storage(str(server))
        key = storage.keys.vset
        async with self._locks[key]:  # anyone who opens it meanwhile gets a new one
            self._open.pop(key, None)
            copies = (*storage.keys.staged, storage.keys.next_vset)
            return await storage.call("delete_left", days * MS_PER_DAY, more_keys=copies)

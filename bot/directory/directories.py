"""Which directories there are: opening, creating, adopting and listing them."""

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from bot import sentences
from bot.directory import lua
from bot.directory.directory import Directory
from bot.directory.keys import Keys
from bot.directory.operations import DEFAULT_LIMITS, HistoryLimits
from bot.directory.people import BATCH
from bot.directory.redis import Argument, Redis
from bot.directory.schema_json import dump_schema, load_own_schema
from bot.directory.shared_task import SharedTask
from bot.directory.staging import StagedDirectory
from bot.directory.storage import Storage
from bot.embedding import Embeds
from bot.errors import DirectoryNotFound, DirectoryUnavailable, SettingError
from bot.person import BASE_SCHEMA, Kind, Person, Schema, fold, infer_kind

log = logging.getLogger(__name__)

SERVER = re.compile(r"[1-9]\d{16,19}", re.ASCII)
"""Discord's number of a server, by which its directory is named; not whatever somebody chose."""
DAY = 24 * 3600 * 1000  # ms

Starter = Callable[[], tuple[Schema, Sequence[Person]]]
"""Reads the people a new directory begins with, and the schema they need."""


class Directories:
    """The directories of one Redis: one a server, or as ``key`` (the setting DIRECTORY_KEY) says.

    ``starter`` fills the ones that ``open`` creates."""

    def __init__(
        self,
        redis: Redis,
        embedder: Embeds,
        key: str,
        starter: Starter,
        limits: HistoryLimits = DEFAULT_LIMITS,
    ) -> None:
        self._redis = redis
        self._embedder = embedder
        self._key = key
        self._starter = starter
        self._limits = limits
        self._open: dict[str, Directory] = {}
        self._opening: dict[str, SharedTask[Directory]] = defaultdict(SharedTask)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def ping(self) -> None:
        """Ask Redis for a sign of life. Raises DirectoryUnavailable."""
        await self._redis.execute("PING")

    @property
    def shared(self) -> bool:
        """Whether all servers have one directory."""
        return "{guild}" not in self._key

    def key(self, name: str) -> str:
        """The key of the vector set of the directory ``name``. Raises SettingError."""
        if not _is_name(name):
            raise SettingError(sentences.service.no_name_of_a_directory(name))
        return self._key.replace("{guild}", name)

    async def open(self, name: str) -> Directory:
        """The directory ``name``, filled with the starter set if it is new. Raises SettingError."""
        return await self._get_or_create(name, self._starter)

    async def of(self, guild: int | None) -> Directory:
        """The directory of a Discord server, as ``open`` opens it."""
        return await self.open(str(guild))

    async def get(self, name: str) -> Directory:
        """The directory ``name``. Raises DirectoryNotFound, which says which there are."""
        async with self._locks[self.key(name)]:
            directory = await self._get(name)
        if directory is None:
            raise DirectoryNotFound(name, await self.names())
        return directory

    async def get_or_create(self, name: str) -> Directory:
        """The directory ``name``, empty if it is new."""
        return await self._get_or_create(name, lambda: (BASE_SCHEMA, ()))

    async def _get_or_create(self, name: str, starter: Starter) -> Directory:
        key = self.key(name)
        if directory := self._open.get(key):
            return directory
        return await self._opening[key].join(partial(self._get_or_create_alone, name, starter))

    async def _get_or_create_alone(self, name: str, starter: Starter) -> Directory:
        async with self._locks[self.key(name)]:
            return await self._get(name) or await self._create(name, *starter())

    async def as_it_is(self, name: str) -> Directory:
        """The directory ``name`` to be looked after: of any model, and with nothing taken over.
        Raises DirectoryNotFound."""
        key = self.key(name)
        stored = await self._stored(key)
        if stored is None:
            raise DirectoryNotFound(name, await self.names())
        read = load_own_schema(stored[0]) or BASE_SCHEMA
        return Directory(self._storage(key), self._embedder, read, self._limits)

    def _storage(self, key: str) -> Storage:
        return Storage(self._redis, Keys.of(key))

    def copy_of(self, name: str) -> StagedDirectory:
        """What a copy of the directory ``name`` is made in, to take its place."""
        return StagedDirectory(self._redis, self.key(name))

    async def names(self) -> list[str]:
        """The names of all directories, also of those where nobody is left; of one that is shared,
        its key."""
        if self.shared:
            return [self._key] if await self._stored(self._key) else []
        inhabited = await self._named(lambda keys: keys.vset, "vectorset")
        return sorted({*inhabited, *await self._with_schema()})

    async def _with_schema(self) -> dict[str, str | None]:
        """The names of the directories that the bot began or took over, where each server has its
        own; and since when it is not in the server, in milliseconds, if it left."""
        names = await self._named(lambda keys: keys.meta, "hash")
        metas = [Keys.of(self.key(name)).meta for name in names]
        stored = await self._redis.execute_all(
            [("HMGET", meta, "schema", "left") for meta in metas]
        )
        there = zip(names, stored, strict=True)
        return {name: left for name, (schema, left) in there if schema is not None}

    async def _named(self, key: Callable[[Keys], str], kind: str) -> list[str]:
        """The names of the directories that have a certain key, of a type, where each server has
        its own."""
        before, _, after = key(Keys.of(self._key.replace("{guild}", "\0"))).partition("\0")
        found = await self._redis.keys(f"{_glob(before)}*{_glob(after)}", kind)
        names = [there[len(before) : len(there) - len(after)] for there in found]
        return [name for name in names if _is_name(name)]  # not what is made beside, see Keys

    async def _get(self, name: str) -> Directory | None:
        key = self.key(name)
        if key in self._open:
            return self._open[key]
        stored = await self._stored(key)
        if stored is None:
            return None
        schema, model, version, elements, indexed = stored
        if model and model != self._embedder.name:
            raise SettingError(sentences.service.another_model(name, model, self._embedder.name))
        read = load_own_schema(schema)
        if not (read and model and version == lua.FORMAT and elements == indexed):
            read = await self._adopt(name, schema or "")
        directory = Directory(self._storage(key), self._embedder, read, self._limits)
        self._open[key] = directory
        return directory

    async def _stored(self, key: str) -> Sequence[Any] | None:
        """What "open" answers, if there is anything under a key."""
        stored: Any = await self._storage(key).call("open")
        schema, _, _, elements, _ = stored
        return stored if schema is not None or elements else None

    async def _create(self, name: str, schema: Schema, people: Sequence[Person]) -> Directory:
        key = self.key(name)
        vectors = await self._embedder.embed_all([person.description for person in people])
        arguments: list[Argument] = []
        for person, vector in zip(people, vectors, strict=True):
            parts = (person.name, fold(person.name), vector.tobytes(), person.dump(schema))
            arguments += parts
        stamp = dump_schema(schema), self._embedder.name
        await self._storage(key).call("create", *stamp, *arguments)
        directory = await self._get(name)  # what was made just now, here or by another process
        assert directory is not None
        return directory

    async def _adopt(self, name: str, stored: str) -> Schema:
        """Take over what another program added: index the names, and give each person the fields
        of the schema, without which filters on them would miss people; what else it stored
        stays."""
        key = self.key(name)
        storage = self._storage(key)
        size = int(await self._redis.execute("VCARD", key))
        if size:
            await self._check_dimension(key)
        everybody = await self._redis.execute("VRANDMEMBER", key, size + 1) if size else []
        entries = await self._redis.execute("ZRANGE", storage.keys.names, 0, -1)
        gone = {entry.partition("\0")[2] for entry in entries} - set(everybody)
        elements = [*everybody, *gone]
        attributes = await storage.read_attributes(elements)
        people = [Person.load(*pair) for pair in zip(elements, attributes, strict=True)]
        schema = {**(load_own_schema(stored) or BASE_SCHEMA)}
        schema |= _found_schema(people, schema)
        for start in range(0, len(people), BATCH):
            arguments: list[str] = []
            for person, before in zip(
                people[start : start + BATCH], attributes[start : start + BATCH], strict=True
            ):
                after = person.dump(schema, before or "")
                arguments += [person.name, fold(person.name), before or "", after]
            await storage.call("adopt_people", stored, *arguments)
        meta = (dump_schema(schema), self._embedder.name)
        if await storage.call("finish_adoption", stored, *meta) is None:
            raise DirectoryUnavailable(sentences.service.taken_over_by_another(name))
        log.info("Took over %d people in %s", len(everybody), key)
        return schema

    async def _check_dimension(self, key: str) -> None:
        """Raises SettingError if the set's vectors are not of the model's dimension."""
        dimension = int(await self._redis.execute("VDIM", key))
        expected = (await self._embedder.embed("dimension")).shape[0]
        if dimension != expected:
            model = self._embedder.name
            sentence = sentences.service.other_dimensions(key, dimension, model, expected)
            raise SettingError(sentence)

    # Servers that the bot left

    async def servers(self) -> dict[int, bool]:
        """The servers that have a directory of their own, also if nobody is in it; and whether it
        is marked as that of a server that the bot left."""
        if self.shared:
            return {}
        there = await self._with_schema()
        return {int(s): left is not None for s, left in there.items() if SERVER.fullmatch(s)}

    async def leave(self, server: int) -> bool:
        """Mark the directory of a server, if it has one of its own: the bot left it. Whether it was
        not marked yet."""
        return not self.shared and bool(await self._mark(server, "mark_left"))

    async def stay(self, server: int) -> bool:
        """Take that mark away: the bot is there. Whether there was one."""
        return not self.shared and bool(await self._mark(server, "unmark_left"))

    async def delete_left(self, server: int, days: int) -> int | None:
        """Delete the directory of a server that the bot left so long ago. How many people it had;
        None if it stays."""
        if self.shared:
            return None
        key = self.key(str(server))
        async with self._locks[key]:  # who opens it meanwhile gets a new one
            self._open.pop(key, None)
            storage = self._storage(key)
            copies = (*storage.keys.beside("restored"), storage.keys.beside("next").vset)
            return await storage.call("delete_left", days * DAY, more_keys=copies)

    async def _mark(self, server: int, function: lua.Function) -> object:
        return await self._storage(self.key(str(server))).call(function)


def _is_name(name: str) -> bool:
    """Whether a directory can be called so: braces would move it to another slot."""
    return bool(name) and name.isprintable() and not set(name) & set("{}")


def _glob(text: str) -> str:
    """A pattern of Redis that matches a text alone."""
    return re.sub(r"[*?\[\]\\]", r"\\\g<0>", text)


def _found_schema(people: Sequence[Person], schema: Schema) -> Mapping[str, Kind]:
    values: dict[str, list[Any]] = {}
    for person in people:
        for name, value in person.attributes.items():
            if name not in schema:
                values.setdefault(name, []).append(value)
    return {name: infer_kind(found) for name, found in values.items()}

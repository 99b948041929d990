"""Which directories there are: opening, creating, adopting and listing them."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.directory import scripts
from bot.directory.connection import Redis
from bot.directory.directory import (
    BATCH,
    Directory,
    companion_keys,
    dump_schema,
    flatten,
    load_schema,
)
from bot.embedder import Embeds
from bot.errors import DirectoryNotFound, SettingError
from bot.person import BASE_SCHEMA, FIELD_NAME, Kind, Person, Schema, fold, kind_of

log = logging.getLogger(__name__)

Starter = Callable[[], tuple[Schema, Sequence[Person]]]
"""Reads the people a new directory begins with, and the schema they need."""


class Directories:
    """The directories of one Redis: one a server, or as ``key`` (the setting DIRECTORY_KEY) says.

    ``starter`` fills the ones that ``open`` creates."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, starter: Starter) -> None:
        self._redis = redis
        self._embedder = embedder
        self._key = key
        self._starter = starter
        self._open: dict[str, Directory] = {}
        self._opening = asyncio.Lock()

    def key(self, name: str) -> str:
        """The key of the vector set of the directory ``name``."""
        return self._key.replace("{guild}", name)

    async def open(self, name: str) -> Directory:
        """The directory ``name``, filled with the starter set if it is new. Raises SettingError."""
        async with self._opening:
            directory = await self._get(name)
            if directory is None:
                schema, people = self._starter()
                directory = await self._create(name, schema, people)
        return directory

    async def get(self, name: str) -> Directory:
        """The directory ``name``. Raises DirectoryNotFound, which says which there are."""
        directory = await self._get(name)
        if directory is None:
            raise DirectoryNotFound(name, await self.names())
        return directory

    async def get_or_create(self, name: str) -> Directory:
        """The directory ``name``, empty if it is new."""
        return await self._get(name) or await self._create(name, BASE_SCHEMA, ())

    async def names(self) -> list[str]:
        """The names of all directories that have somebody in them."""
        before, _, after = self._key.partition("{guild}")
        escaped = "".join(
            f"\\{c}" if c in "*?[]\\" else c for c in self._key.replace("{guild}", "\0")
        )
        keys = await self._redis.keys(escaped.replace("\0", "*"), "vectorset")
        return [
            key[len(before) : len(key) - len(after)] if "{guild}" in self._key else key
            for key in keys
        ]

    async def _get(self, name: str) -> Directory | None:
        key = self.key(name)
        if key in self._open:
            return self._open[key]
        stored: Any = await scripts.run(self._redis, scripts.OPEN, companion_keys(key))
        schema, model, elements, indexed = stored
        if schema is None and not elements:
            return None
        if schema is not None and model != self._embedder.name:
            raise SettingError(
                f"The directory {name} was embedded by {model}, whose vectors do not compare with "
                f"those of {self._embedder.name}. Set EMBEDDING_MODEL to {model}; or export the "
                "people, set DIRECTORY_KEY to another key, and import them there."
            )
        read = load_schema(schema) if schema else None
        if read is None or elements != indexed:
            read = await self._adopt(name, read or BASE_SCHEMA)
        directory = Directory(self._redis, self._embedder, key, read)
        self._open[key] = directory
        return directory

    async def _create(self, name: str, schema: Schema, people: Sequence[Person]) -> Directory:
        key = self.key(name)
        vectors = await self._embedder.embed_all([person.description for person in people])
        if not people:
            vectors = await self._embedder.embed_all(["dimension"])
        arguments = flatten(people, vectors[: len(people)], schema)
        stamp = dump_schema(schema), self._embedder.name, vectors.shape[1]
        await scripts.run(self._redis, scripts.CREATE, companion_keys(key), *stamp, *arguments)
        directory = await self._get(name)  # what was made just now, here or by another process
        assert directory is not None
        return directory

    async def _adopt(self, name: str, schema: Schema) -> Schema:
        """Take over elements that another program wrote: index their names and give each the
        fields of the schema, without which filters on them would miss people."""
        key = self.key(name)
        keys = companion_keys(key)
        dimension = int(await self._redis.execute("VDIM", key))
        expected = (await self._embedder.embed("dimension")).shape[0]
        if dimension != expected:
            raise SettingError(
                f"The vector set {key} has {dimension} dimensions and {self._embedder.name} gives "
                f"{expected}. Set DIRECTORY_KEY to another key, or EMBEDDING_MODEL to its model."
            )
        size = int(await self._redis.execute("VCARD", key))
        elements = await self._redis.execute("VRANDMEMBER", key, size + 1)
        commands = [("VGETATTR", key, element) for element in elements]
        stored = await self._redis.execute_all(commands)
        people = [
            Person.load(element, text) for element, text in zip(elements, stored, strict=True)
        ]
        schema = {**schema, **_read_schema(people, schema)}
        for start in range(0, len(people), BATCH):
            arguments: list[str] = []
            for person in people[start : start + BATCH]:
                known = {k: v for k, v in person.attributes.items() if k in schema}
                person = Person(person.name, person.description, known)
                arguments += [person.name, fold(person.name), person.dump(schema)]
            await scripts.run(self._redis, scripts.ADOPT, keys, *arguments)
        meta = {"schema": dump_schema(schema), "model": self._embedder.name, "dimension": dimension}
        await self._redis.execute(
            "HSET", keys[1], *(part for pair in meta.items() for part in pair)
        )
        log.info("Took over %d people in %s", len(people), key)
        return schema


def _read_schema(people: Sequence[Person], schema: Schema) -> Mapping[str, Kind]:
    values: dict[str, list[Any]] = {}
    for person in people:
        for name, value in person.attributes.items():
            if name not in schema and FIELD_NAME.fullmatch(name):
                values.setdefault(name, []).append(value)
    return {name: kind_of(found) for name, found in values.items()}

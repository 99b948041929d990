"""One directory of people, over one vector set and its companion keys: what changes it."""

import asyncio
import difflib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot import sentences
from bot.directory import scripts
from bot.directory.connection import Argument
from bot.directory.finding import BATCH, Finder
from bot.directory.scripts import dump_schema
from bot.embedder import Vectors
from bot.errors import (
    DirectoryUnavailable,
    InvalidPerson,
    PersonChanged,
    PersonExists,
    PersonNotFound,
)
from bot.person import (
    FIELDS_MAX,
    UNKNOWN,
    Person,
    Schema,
    clean_field,
    fold,
    kind_of,
)

ATTEMPTS = 5
COMPACT_SECONDS = 60.0


class Directory(Finder):
    """The people under ``key``, to find and to keep. Made by Directories; raises DirectoryError
    throughout."""

    async def add(self, name: str, description: str, values: Mapping[str, Any]) -> Person:
        """Add one person; returns them as saved. Values of fields that nobody has yet make the
        field. Raises PersonExists or InvalidPerson, and then has changed nothing."""
        while True:
            new_fields = self._new_fields(values)
            schema = {**self.schema, **new_fields}
            person = Person.create(name, description, _cleaned(values), schema)
            there = await self.find(person.name)
            if there is not None:
                raise PersonExists(there.name)
            if not new_fields:
                break
            await self.define(new_fields)  # and read the values again: its kind may be another's
        holders = await self.add_all([person])
        if holders:
            raise PersonExists(holders[person.name])
        return person

    async def add_all(self, people: Sequence[Person]) -> dict[str, str]:
        """Add people, each whole or not at all; returns the names that were there already, case
        and accents aside, and who has them: these stay as they are. The schema must have the
        people's fields: see ``define``."""
        holders: dict[str, str] = {}
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            vectors = await self._embedder.embed_all([person.description for person in batch])
            for _ in range(ATTEMPTS):
                arguments = flatten(batch, vectors, self.schema)
                answer = await self._run(scripts.ADD, *self._stamp(), *arguments)
                if answer is not None:
                    break
                await self.refresh()
            else:
                raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)
            holders.update(zip(answer[::2], answer[1::2], strict=True))
        return holders

    async def update(self, name: str, description: str | None, values: Mapping[str, Any]) -> Person:
        """Change a person's description (None: as it is) and some attributes; returns the person
        as saved. The text is embedded again only if it changed. Raises PersonNotFound or
        InvalidPerson, and then has changed nothing."""
        name = (await self.get(name)).name
        for _ in range(ATTEMPTS):
            before = await self._stored(name)
            old = Person.load(name, before)
            new_fields = self._new_fields(values)
            new = old.edited(description, _cleaned(values), {**self.schema, **new_fields})
            if new_fields:
                await self.define(new_fields)
                continue  # everybody's attributes are others now, and the kind may be another's
            arguments: list[Argument] = [name, before, new.dump(self.schema, before)]
            if new.description != old.description:
                arguments.append((await self._embedder.embed(new.description)).tobytes())
            if await self._run(scripts.UPDATE, *self._stamp(), *arguments):
                return new
            await self.refresh()
        raise PersonChanged(name)

    async def remove(self, name: str) -> None:
        """Remove the person of exactly this name. Raises PersonNotFound."""
        if not await self._run(scripts.REMOVE, name, fold(name)):
            raise PersonNotFound(name, await self._names.near(name))

    async def define(self, fields: Schema) -> list[str]:
        """Make sure that the schema has these fields, and return those that it had not. Everybody
        gets a new field, as unknown, in the same transaction. Raises InvalidPerson."""
        for _ in range(ATTEMPTS):
            new = {name: kind for name, kind in fields.items() if name not in self.schema}
            if not new:
                return []
            if len(self.schema) + len(new) > FIELDS_MAX:
                raise InvalidPerson(sentences.people.too_many_attributes(FIELDS_MAX))
            before, after = dump_schema(self.schema), dump_schema({**self.schema, **new})
            nulls = ",".join(f"{json.dumps(name)}:null" for name in new)
            if await self._run(scripts.DEFINE, before, after, nulls):
                self.schema = {**self.schema, **new}
                return list(new)
            await self.refresh()
        raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)

    async def compact(self) -> None:
        """Have Redis rewrite its append-only file, without which its next start would add
        everybody again, and wait until it has: a server that stops gives up a rewrite."""
        with suppress(DirectoryUnavailable, TimeoutError):  # not allowed, say: it is speed alone
            await self._redis.execute("BGREWRITEAOF")
            async with asyncio.timeout(COMPACT_SECONDS):
                while await self._rewriting():  # noqa: ASYNC110 Redis tells nobody of the end
                    await asyncio.sleep(0.05)

    async def _rewriting(self) -> bool:
        info = await self._redis.execute("INFO", "persistence")
        return bool(info.get("aof_rewrite_in_progress"))  # a cluster answers node by node

    async def _stored(self, name: str) -> str:
        stored = await self._redis.execute("VGETATTR", self.key, name)
        if stored is None:
            raise PersonNotFound(name)
        return stored

    def _stamp(self) -> tuple[str, str]:
        return dump_schema(self.schema), self._embedder.name

    async def _run(self, script: str, *arguments: Argument) -> Any:
        return await scripts.run(self._redis, script, self._keys, *arguments)

    def _new_fields(self, values: Mapping[str, Any]) -> Schema:
        """The fields that nobody has yet, of the kinds their values show. Raises InvalidPerson
        for one that looks like a slip."""
        new = {name: v for name, v in _cleaned(values).items() if name not in self.schema}
        for name, value in new.items():
            near = difflib.get_close_matches(name, self.schema, n=1, cutoff=0.85)
            if near or value is None or value in UNKNOWN:
                raise InvalidPerson(sentences.people.no_attribute(name, near, list(self.schema)))
        return {name: kind_of([value]) for name, value in new.items()}


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    return {clean_field(name): value for name, value in values.items()}


def flatten(people: Sequence[Person], vectors: Vectors, schema: Schema) -> list[Argument]:
    """The arguments of scripts.CREATE and ADD for these people."""
    arguments: list[Argument] = []
    for person, vector in zip(people, vectors, strict=True):
        arguments += [person.name, fold(person.name), vector.tobytes(), person.dump(schema)]
    return arguments

"""One directory of people, over one vector set and its companion keys."""

import asyncio
import difflib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.directory import occurring, scripts
from bot.directory.connection import Argument, Redis
from bot.directory.keys import Keys
from bot.directory.names import Names
from bot.directory.search import Found, Searcher
from bot.embedder import Embeds, Vectors
from bot.errors import (
    DirectoryUnavailable,
    InvalidPerson,
    PersonChanged,
    PersonExists,
    PersonNotFound,
    UnknownField,
)
from bot.filters import Filter, quote
from bot.person import (
    FIELDS_MAX,
    UNKNOWN,
    Kind,
    Person,
    Schema,
    clean_field,
    fold,
    kind_of,
)
from bot.query import Query, complete, parse, values_named

BATCH = 64  # people per script or pipeline: short enough not to hold up other clients
ATTEMPTS = 5
COMPACT_SECONDS = 60.0
_BUSY = "The directory's attributes are being changed by someone else; try again in a moment."


@dataclass(frozen=True, kw_only=True)
class Results(Found):
    """What a search understood and found; sentences on values that nobody has; and the
    milliseconds that each step took."""

    query: Query
    notes: Sequence[str] = ()
    milliseconds: Mapping[str, float]


class Directory:
    """The people under ``key``. Made by Directories; raises DirectoryError throughout."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, schema: Schema) -> None:
        self.key = key
        self.schema = schema
        self._redis = redis
        self._embedder = embedder
        self._keys = Keys.of(key)
        self._names = Names(redis, self._keys)
        self._searcher = Searcher(redis, self._keys)

    async def count(self) -> int:
        """How many people there are."""
        return int(await self._redis.execute("VCARD", self.key))

    # Finding

    async def search(self, text: str, count: int, *, literal: bool = False) -> Results:
        """The ``count`` people nearest to the words of ``text``, among those who match its
        conditions, of whom nobody is ever missed. ``literal`` takes plain English as words.
        Raises QueryError."""
        clock = _Clock()
        query = await self._parse(text, literal)
        clock.lap("parse")
        if query.text:
            vector = await self._embedder.embed(query.text)
            clock.lap("embed")
            found = await self._searcher.nearest(vector, query.filter, count)
        else:
            assert query.filter is not None
            found = await self._searcher.select(query.filter, count)
        clock.lap("search")
        notes = await self._unheard(query.filter)
        return Results(**vars(found), query=query, notes=notes, milliseconds=clock.milliseconds)

    async def suggest(self, typed: str, count: int) -> list[str]:
        """Up to ``count`` lines that go on where ``typed`` ends: with a field, an operator, or a
        value that somebody has."""
        completion = complete(typed, self.schema)
        if not completion.options and not completion.field:
            await self.refresh()  # another process may have added the field
            completion = complete(typed, self.schema)
        options = completion.options
        if completion.field:
            found = await occurring.starting(
                self._redis, self._keys, completion.field, completion.start
            )
            listed = set(map(fold, completion.listed))
            options = [quote(value) for value in found if fold(value) not in listed]
        return [completion.head + option for option in options[:count]]

    async def find(self, name: str) -> Person | None:
        """The person of this name, else of this name case and accents aside."""
        exact = await self._redis.execute("VGETATTR", self.key, name)
        if exact is not None:
            return Person.load(name, exact)
        called = await self._searcher.load(await self._names.called(name))
        return next(iter(called), None)

    async def named(self, name: str, count: int) -> list[Person]:
        """Up to ``count`` people of this name, or whose names end with these words (``Curie``),
        case and accents aside; the former first."""
        whole = await self.find(name)
        later = await self._searcher.load(await self._names.ending(name, count))
        others = [person for person in later if person != whole]
        return ([whole, *others] if whole else others)[:count]

    async def get(self, name: str) -> Person:
        """As ``find``. Raises PersonNotFound, which offers near names."""
        person = await self.find(name)
        if person is None:
            raise PersonNotFound(name, await self._names.near(name))
        return person

    async def complete(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, in the
        order of names; those where the first word does come first."""
        return await self._names.starting(prefix, count)

    async def everybody(self) -> AsyncIterator[Person]:
        """All people by name, as they were when this began; removed ones are left out."""
        names = await self._names.all()
        for start in range(0, len(names), BATCH):
            for person in await self._searcher.load(names[start : start + BATCH]):
                yield person

    # Keeping

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
                raise DirectoryUnavailable(_BUSY)
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
                raise InvalidPerson(f"A directory has at most {FIELDS_MAX} attributes.")
            before, after = dump_schema(self.schema), dump_schema({**self.schema, **new})
            nulls = ",".join(f"{json.dumps(name)}:null" for name in new)
            if await self._run(scripts.DEFINE, before, after, nulls):
                self.schema = {**self.schema, **new}
                return list(new)
            await self.refresh()
        raise DirectoryUnavailable(_BUSY)

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

    async def refresh(self) -> None:
        """Read the schema again, which another process may have changed."""
        stored = await self._redis.execute("HGET", self._keys.meta, "schema")
        if stored is None:
            raise DirectoryUnavailable(
                "This directory is gone from the database. Restart the bot to begin a new one."
            )
        self.schema = load_schema(stored)

    # Below: how

    async def _unheard(self, node: Filter | None) -> list[str]:
        if node is None:
            return []
        return await occurring.unheard(self._redis, self._keys, self.schema, node)

    async def _parse(self, text: str, literal: bool) -> Query:
        try:
            return await self._parse_now(text, literal)
        except UnknownField:
            await self.refresh()
            return await self._parse_now(text, literal)

    async def _parse_now(self, text: str, literal: bool) -> Query:
        year = date.today().year
        known: dict[str, Mapping[str, str]] = {}
        while not literal and (named := values_named(text, self.schema, year, known) - {*known}):
            if not known:
                await self.refresh()  # another process may have added the field
            found = await occurring.known(self._redis, self._keys, self.schema, named)
            known |= {value: found.get(value, {}) for value in named}
        return parse(text, self.schema, year, known, literal=literal)

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
                others = f"There are {', '.join(self.schema)}."
                hint = f"Did you mean {near[0]}?" if near else others
                raise InvalidPerson(f"Nobody here has an attribute {name}. {hint}")
        return {name: kind_of([value]) for name, value in new.items()}


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    return {clean_field(name): value for name, value in values.items()}


def flatten(people: Sequence[Person], vectors: Vectors, schema: Schema) -> list[Argument]:
    """The arguments of scripts.CREATE and ADD for these people."""
    arguments: list[Argument] = []
    for person, vector in zip(people, vectors, strict=True):
        arguments += [person.name, fold(person.name), vector.tobytes(), person.dump(schema)]
    return arguments


def dump_schema(schema: Schema) -> str:
    return json.dumps(dict(schema))


def load_schema(stored: str) -> Schema:
    return {name: Kind(kind) for name, kind in json.loads(stored).items()}


class _Clock:
    """How long each step took."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.milliseconds[step] = (now - self._at) * 1000
        self._at = now

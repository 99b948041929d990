"""Finding people in one directory: by meaning, by name, by what is known of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from bot import sentences
from bot.directory import about, mentioned
from bot.directory.closeness import Scale, bend, measure, places_to_measure
from bot.directory.connection import Redis
from bot.directory.keys import Keys
from bot.directory.names import Names
from bot.directory.occurring import Occurring
from bot.directory.scripts import dump_schema, load_schema
from bot.directory.search import Found, Near, Searcher, Seen, check_model
from bot.directory.vectors import read_vectors
from bot.embedder import Embeds, Vectors
from bot.errors import (
    DirectoryEmpty,
    DirectoryUnavailable,
    FieldsChanged,
    PersonNotFound,
    QueryError,
)
from bot.filters import Filter, quote
from bot.person import Match, Person, Schema, fold
from bot.query import KnownValues, Query, complete, parse, values_named

ATTEMPTS = 5
BATCH = 64  # people in a pipeline: short enough not to hold up other clients


@dataclass(frozen=True, kw_only=True)
class Results(Found):
    """What a search understood and found; sentences on values that nobody has; the milliseconds
    that each step took; and whom the matches are ``like``, if that was asked."""

    query: Query
    notes: Sequence[str] = ()
    milliseconds: Mapping[str, float]
    like: Person | None = None


class Finder:
    """Finds the people under ``key``; raises DirectoryError throughout."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, schema: Schema) -> None:
        self.key = key
        self.schema = schema
        self._redis = redis
        self._embedder = embedder
        self._keys = Keys.of(key)
        self._names = Names(redis, self._keys)
        self._occurring = Occurring(redis, self._keys)
        self._searcher = Searcher(redis, self._keys, self._names, embedder.name)
        self._measured: Scale | None = None
        self._measuring = asyncio.Lock()  # once for all who ask at once

    @property
    def kept(self) -> tuple[Redis, Keys]:
        """Where all of the directory is kept, for who looks after it as a whole."""
        return self._redis, self._keys

    # By meaning

    async def search(self, text: str, count: int, *, literal: bool = False) -> Results:
        """The ``count`` people nearest to the words of ``text``, among those who match its
        conditions, of whom nobody is ever missed. ``literal`` takes plain English as words.
        Raises QueryError."""
        return await self._as_it_is_read(
            text, literal, lambda query, clock: self._carry_out(query, count, clock)
        )

    async def nearest(self, text: str, count: int) -> Results:
        """The ``count`` people nearest to a text, all of which is words."""
        await self._prepare()
        return await self._carry_out(Query(text), count, _Clock())

    async def similar(self, name: str, text: str, count: int) -> Results:
        """The ``count`` people nearest to somebody, without that person; with words in ``text``,
        in the direction of these, and with conditions, among those who match them. Raises
        PersonNotFound and QueryError."""
        person = await self.get(name)
        if not text.strip():
            await self._prepare()
            return await self._similar(person, Query(""), count, _Clock())
        return await self._as_it_is_read(
            text, False, lambda query, clock: self._similar(person, query, count, clock)
        )

    async def _similar(self, person: Person, query: Query, count: int, clock: "_Clock") -> Results:
        near: Near = ("ELE", person.name)
        if query.text:
            near = ("FP32", (await self._bent(person, query.text)).tobytes())
            clock.lap("embed")
        found = await self._searcher.nearest(near, query.filter, count + 1)
        clock.lap("search")
        scale = await self._scale()
        floor = (scale.people + scale.words) / 2 if query.text else scale.people
        others = [match for match in found.matches if match.person.name != person.name]
        matches = scale.mark(others[:count], floor)
        return await self._results(replace(found, matches=matches), query, clock, like=person)

    async def _bent(self, person: Person, words: str) -> Vectors:
        """The direction of a person, bent to words."""
        direction = await self._embedder.embed(words)
        _, vectors = await read_vectors(self._redis, self._keys, [person.name])
        if not len(vectors):
            raise PersonNotFound(person.name)
        if vectors.shape[1] != len(direction):
            await self.refresh()
        return bend(vectors[0], direction)

    async def _as_it_is_read(
        self, text: str, literal: bool, find: Callable[[Query, "_Clock"], Awaitable[Results]]
    ) -> Results:
        """What is found for a text, read by the fields and values that we know of. If there turn
        out to be others, it is read again and, if it reads otherwise, found again."""
        clock = _Clock()
        query, read_by = await self._read(text, literal)
        for _ in range(ATTEMPTS):
            clock.lap("parse")
            results = None
            with suppress(FieldsChanged):
                results = await find(query, clock)
                if results.seen in (None, read_by):
                    return results
            await self.refresh()
            before = query
            query, read_by = await self._read(text, literal)
            if results and query == before:
                return results
        raise FieldsChanged

    async def _carry_out(self, query: Query, count: int, clock: "_Clock") -> Results:
        if not query.text:
            return await self._select(query, 0, count, clock)
        vector = await self._embedder.embed(query.text)
        clock.lap("embed")
        found = await self._searcher.nearest(("FP32", vector.tobytes()), query.filter, count)
        clock.lap("search")
        scale = await self._scale()
        matches = scale.mark(found.matches, scale.words)
        return await self._results(replace(found, matches=matches), query, clock)

    async def knows(self, words: str) -> bool:
        """Whether the model knows one of these words, or they are but letters to it."""
        return await self._embedder.knows(words)

    async def _scale(self) -> Scale:
        """What a similarity is worth here; measured anew when the directory has grown or shrunk."""
        size = self._searcher.size
        async with self._measuring:
            if self._measured is None or not self._measured.fits(size):
                names = await self._names.at(places_to_measure(size))
                self._measured = await measure(self._redis, self._keys, self._embedder, size, names)
            return self._measured

    # By conditions

    async def conditions(self, text: str) -> Query:
        """The conditions of ``text``, which may be none. Raises QueryError for words beside."""
        if not text.strip():
            return Query("")
        query = await self.understand(text)
        if query.text:
            place = max(0, text.find(query.text.split()[0]))
            raise QueryError(sentences.query.words_beside_conditions(query.text), text, place)
        return query

    async def browse(self, query: Query, start: int, count: int) -> Results:
        """From the place ``start``, ``count`` of the people who match a query's conditions, or of
        everybody, by name; and how many they are."""
        return await self._select(query, start, count, _Clock())

    async def names_at(self, places: Sequence[int]) -> list[str]:
        """The names at these places in the order of names, counted from 0."""
        return await self._names.at(places)

    async def _select(self, query: Query, start: int, count: int, clock: "_Clock") -> Results:
        if query.filter is None:
            people = await self._searcher.load(await self._names.page(start, count))
            found = Found(list(map(Match, people)), await self.count(), sentences.terminal.INDEX)
        else:
            found = await self._searcher.select(query.filter, start, count)
        clock.lap("search")
        return await self._results(found, query, clock)

    async def _results(
        self, found: Found, query: Query, clock: "_Clock", like: Person | None = None
    ) -> Results:
        notes = await self._unheard(query.filter)
        times = clock.milliseconds
        return Results(**vars(found), query=query, notes=notes, milliseconds=times, like=like)

    async def _unheard(self, node: Filter | None) -> list[str]:
        if node is None:
            return []
        return await self._occurring.unheard(self.schema, node)

    # By name

    async def find(self, name: str) -> Person | None:
        """The person of this name, else of this name case and accents aside."""
        exact = await self._redis.execute("VGETATTR", self.key, name)
        if exact is not None:
            return Person.load(name, exact)
        called = await self._searcher.load(await self._names.called(name))
        return next(iter(called), None)

    async def get(self, name: str) -> Person:
        """As ``find``. Raises PersonNotFound, which offers near names."""
        person = await self.find(name)
        if person is None:
            raise PersonNotFound(name, await self._names.near(name))
        return person

    async def named(self, name: str, count: int) -> list[Person]:
        """Up to ``count`` people of this name, or whose names end with these words (``Curie``),
        case and accents aside; the former first."""
        names = await self._names.called_or_ending(name, count)
        return await self._searcher.load(names)

    async def named_in(self, text: str, count: int) -> list[Person]:
        """Up to ``count`` people whose whole names stand in a text, in the order of the text."""
        possible = mentioned.possible_names(text)
        names = await self._names.all_called(possible)
        return await self._searcher.load(mentioned.in_order(names, possible)[:count])

    async def near(self, name: str, likeness: float) -> list[str]:
        """Up to three names like this one: at least so much, up to 1."""
        return await self._names.near(name, likeness)

    async def names_starting(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts so; by name."""
        return await self._names.starting(prefix, count)

    async def complete(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, or with what
        differs from it by one slip if there is none; the best known first, then by name."""
        return await self._names.complete(prefix, count)

    # All of them

    async def count(self) -> int:
        """How many people there are."""
        return int(await self._redis.execute("VCARD", self.key))

    async def version(self) -> tuple[str, int]:
        """What is another value after each change, also after most by other programs."""
        counted = ("HGET", self._keys.meta, "changes")
        changes, size = await self._redis.execute_all([counted, ("VCARD", self.key)])
        return str(changes), int(size)

    async def random(self) -> Person:
        """Anybody. Raises DirectoryEmpty."""
        name = await self._redis.execute("VRANDMEMBER", self.key)
        if name is None:
            raise DirectoryEmpty
        return await self.get(name)

    async def everybody(self, query: Query | None = None) -> AsyncIterator[Person]:
        """All people by name, or who match a query's conditions, as they were when this began;
        removed ones are left out."""
        names = await self.all_names(query)
        for start in range(0, len(names), BATCH):
            for person in await self._searcher.load(names[start : start + BATCH]):
                yield person

    async def all_names(self, query: Query | None = None) -> list[str]:
        """The names of all, or of who match a query's conditions, in their order."""
        if query is None or query.filter is None:
            return await self._names.all()
        return await self._searcher.names(query.filter)

    async def sample(self, most: int) -> list[Person]:
        """Everybody, or ``most`` people at random."""
        names = await self._redis.execute("VRANDMEMBER", self.key, most)
        return await self._searcher.load(names or [])

    async def vectors(self, names: Sequence[str]) -> tuple[list[str], Vectors]:
        """Those of these names who are there, and their unit vectors, float32[n, dimension]."""
        return await read_vectors(self._redis, self._keys, names)

    async def embed(self, words: str) -> Vectors:
        """Words as a unit vector, float32[dimension]."""
        return await self._embedder.embed(words)

    async def embed_people(self, people: Sequence[Person]) -> Vectors:
        """People as unit vectors, float32[n, dimension]: by their descriptions, or by their names
        where another program wrote none."""
        return await self._embedder.embed_all(list(map(_embedded, people)))

    async def lengths(self, people: Sequence[Person]) -> list[int]:
        """What each person costs to embed; those of like length are best embedded together."""
        return await self._embedder.lengths(list(map(_embedded, people)))

    async def describe(self) -> about.About:
        """The directory in figures."""
        people = await self.sample(about.SAMPLE)
        model = self._embedder.name
        return await about.describe(self._redis, self._keys, self.schema, model, people)

    # Reading what is asked

    async def understand(self, text: str, *, literal: bool = False) -> Query:
        """``text`` as the directory's fields and values let it be read. Raises QueryError."""
        await self.refresh()
        query, _ = await self._parse(text, literal)
        return query

    async def suggest(self, typed: str, count: int) -> list[str]:
        """Up to ``count`` lines that go on where ``typed`` ends: with a field, an operator, or a
        value that somebody has."""
        completion = complete(typed, self.schema)
        if not completion.options and not completion.field:
            await self.refresh()  # another process may have added the field
            completion = complete(typed, self.schema)
        options = completion.options
        if completion.field:
            found = await self._occurring.starting(completion.field, completion.start)
            listed = set(map(fold, completion.listed))
            options = [quote(value) for value in found if fold(value) not in listed]
        return [completion.head + option for option in options[:count]]

    async def refresh(self) -> None:
        """Read the schema and the values again, which another process may have changed. Raises
        SettingError if one embedded everybody by another model."""
        read = ("HMGET", self._keys.meta, "schema", "model", "values")
        (stored, model, values), size = await self._redis.execute_all([read, ("VCARD", self.key)])
        if stored is None:
            raise DirectoryUnavailable(sentences.service.DIRECTORY_GONE)
        check_model(model, self._embedder.name)
        await self._occurring.refresh(values)
        self.schema = load_schema(stored)
        self._searcher.size = int(size)

    async def _prepare(self) -> None:
        if not self._occurring.read:
            await self.refresh()

    async def _read(self, text: str, literal: bool) -> tuple[Query, Seen]:
        """``text`` as it reads by the fields and values that we know of, and what these are. Raises
        QueryError, but asks for others first."""
        await self._prepare()
        try:
            return await self._parse(text, literal)
        except QueryError:
            await self.refresh()
            return await self._parse(text, literal)

    async def _parse(self, text: str, literal: bool) -> tuple[Query, Seen]:
        schema, seen = self.schema, Seen(dump_schema(self.schema), self._occurring.version)
        year = date.today().year
        known: KnownValues = self._occurring.held or {}
        if self._occurring.held is None and not literal:
            known = await self._lookup(text, schema, year)
        return parse(text, schema, year, known, literal=literal), seen

    async def _lookup(self, text: str, schema: Schema, year: int) -> KnownValues:
        """The values that a text names, where they are too many to be held."""
        known: dict[str, Mapping[str, str]] = {}
        while named := values_named(text, schema, year, known) - {*known}:
            found = await self._occurring.known(schema, named)
            known |= {value: found.get(value, {}) for value in named}
        return known


def _embedded(person: Person) -> str:
    return person.description or person.name


class _Clock:
    """How long each step took."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.milliseconds[step] = (now - self._at) * 1000
        self._at = now

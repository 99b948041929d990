"""Finding people in one directory, by meaning and by what is known of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bot import sentences
from bot.directory.closeness import SimilarityScale, bend, measure, places_to_measure
from bot.directory.listing import Listing
from bot.directory.redis import Redis
from bot.directory.search import Found, Near
from bot.directory.vectors import read_vectors
from bot.embedding import Embeds, Vectors
from bot.errors import CommandRefused, FieldsChanged, PersonNotFound, QueryError
from bot.person import Match, Person, Schema
from bot.query import Query
from bot.query.filters import Filter

ATTEMPTS = 5


@dataclass(frozen=True, kw_only=True)
class Results(Found):
    """What a search understood and found; sentences on values that nobody has; the milliseconds
    that each step took; and whom the matches are ``like``, if that was asked."""

    query: Query
    notes: Sequence[str] = ()
    milliseconds: Mapping[str, float]
    like: Person | None = None


class Finder(Listing):
    """Finds the people under ``key``; raises DirectoryError throughout."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, schema: Schema) -> None:
        super().__init__(redis, embedder, key, schema)
        self._measured: SimilarityScale | None = None
        self._measuring = asyncio.Lock()  # once for all who ask at once

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

    async def _scale(self) -> SimilarityScale:
        """What a similarity is worth here; measured anew when the directory has grown or shrunk."""
        size = await self._searcher.see()
        async with self._measuring:
            if self._measured is None or not self._measured.fits(size):
                self._measured = await self._measure(size)
            return self._measured

    async def _measure(self, size: int) -> SimilarityScale:
        names = await self._names.at(places_to_measure(size))
        try:
            return await measure(self._redis, self._keys, self._embedder, size, names)
        except CommandRefused:  # as in Searcher
            await self._searcher.check_model()
            raise

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


class _Clock:
    """How long each step took."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, step: str) -> None:
        now = time.perf_counter()
        self.milliseconds[step] = (now - self._at) * 1000
        self._at = now

"""One directory of people: the parts it has, and the answers to questions."""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from bot.directory import statistics
from bot.directory.bulk import BulkEdits
from bot.directory.closeness import ScaleCache, steer
from bot.directory.fields import Attempts, Fields
from bot.directory.history.history import History
from bot.directory.history.operations import DEFAULT_LIMITS, HistoryLimits
from bot.directory.history.undo import Undo
from bot.directory.names import NameIndex
from bot.directory.people import People
from bot.directory.schema_json import dump_schema
from bot.directory.storage import Storage
from bot.directory.values import ValueIndex
from bot.directory.vector_search import DirectoryVersion, Hits, SearchTarget, VectorSearch
from bot.embedding import TextEmbedder, Vectors
from bot.errors import FieldsChanged, PersonNotFound, QueryError
from bot.language import _
from bot.person import Match, Person, Schema, fold
from bot.query import KnownValues, Query, complete, find_named_values, parse, quote_value


@dataclass(frozen=True, kw_only=True)
class SearchResults(Hits):
    """What a search found, and how the ``query`` was understood. ``notes`` are sentences about
    values that nobody has, ``milliseconds`` are by step, and the matches are ``like`` a person if
    the search was for similar people."""

    query: Query
    notes: Sequence[str] = ()
    milliseconds: Mapping[str, float]
    like: Person | None = None


class Directory:
    """The people under one key, to search and, by its parts, to change. Directories opens it. All
    methods raise DirectoryError."""

    def __init__(
        self,
        storage: Storage,
        embedder: TextEmbedder,
        schema: Schema,
        limits: HistoryLimits = DEFAULT_LIMITS,
    ) -> None:
        self.key = storage.keys.vset
        self.storage = storage
        self.embedder = embedder
        self.names = NameIndex(storage)
        self.values = ValueIndex(storage)
        self.history = History(storage, limits)
        self.fields = Fields(storage, self.values, schema, embedder.name, limits)
        self._vector_search = VectorSearch(storage, self.names, embedder.name)
        self.scale = ScaleCache(storage, embedder, self.names, self._vector_search)
        self.people = People(storage, embedder, self.fields, self.names, self._vector_search)
        self.bulk = BulkEdits(storage, self.fields, self.people, self.history)
        self.undo = Undo(storage, embedder, self.fields, self.people, self.history)

    # Searching

    async def search(
        self, text: str, count: int, *, literal: bool = False, like: Person | None = None
    ) -> SearchResults:
        """Find the ``count`` people nearest to the words of ``text`` among those who match its
        conditions. Nobody who matches is missed. With ``literal``, plain English is only words.
        With ``like``, find the people nearest to that person, steered by the words. Raises
        QueryError.

        The text is parsed with the fields and values as last read. If it can't be parsed, or they
        have changed, they are read again. If the query is then different, the search is
        repeated."""
        results = None
        async for attempt in Attempts(self.fields):
            started = time.perf_counter()
            try:
                query, version = await self._parse(text, literal=literal)
            except QueryError:
                if attempt > 1:
                    raise
                continue
            if results and query == results.query:
                return results
            parse_time = _milliseconds_since(started)
            results = None
            with suppress(FieldsChanged):
                if query.text or like:
                    results = await self._find_nearest(query, count, like)
                else:
                    results = await self.browse(query, 0, count)
                times = {"parse": parse_time, **results.milliseconds}
                results = replace(results, milliseconds=times)
                if results.version in (None, version):
                    return results
        raise FieldsChanged

    async def similar(self, name: str, text: str, count: int) -> SearchResults:
        """Find the ``count`` people nearest to a person, as ``search`` does; ``text`` may be
        empty. Raises PersonNotFound and QueryError."""
        person = await self.people.get(name)
        if text.strip():
            return await self.search(text, count, like=person)
        return await self._find_nearest(Query(""), count, person)

    async def nearest(self, text: str, count: int) -> SearchResults:
        """Find the ``count`` people nearest to a text, which is only words."""
        if not text:
            return await self.browse(Query(""), 0, count)
        return await self._find_nearest(Query(text), count)

    async def browse(self, query: Query, start: int, count: int) -> SearchResults:
        """Return ``count`` of the people who match a query's conditions, or of everyone, sorted by
        name, from position ``start``, and how many there are in total."""
        started = time.perf_counter()
        if query.filter is None:
            names = await self.names.page(start, count)
            people = await self.storage.load_people(names)
            total = await self.people.count()
            hits = Hits(list(map(Match, people)), total, _("index of names"))
        else:
            hits = await self._vector_search.select(query.filter, start, count)
        times = {"search": _milliseconds_since(started)}
        return await self._make_results(hits, query, times)

    async def _find_nearest(
        self, query: Query, count: int, like: Person | None = None
    ) -> SearchResults:
        times: dict[str, float] = {}
        target: SearchTarget = ("ELE", like.name) if like else ("FP32", b"")
        if query.text:
            started = time.perf_counter()
            vector = await self.embedder.embed(query.text)
            vector = await self._steer_person(like, vector) if like else vector
            target = ("FP32", vector.tobytes())
            times["embed"] = _milliseconds_since(started)
        started = time.perf_counter()
        wanted = count + 1 if like else count  # a person is nearest to themselves
        hits = await self._vector_search.nearest(target, query.filter, wanted)
        times["search"] = _milliseconds_since(started)
        others = [match for match in hits.matches if not like or match.person.name != like.name]
        scale = await self.scale.get()
        rated = scale.rate(others[:count], words=bool(query.text), person=bool(like))
        return await self._make_results(replace(hits, matches=rated), query, times, like)

    async def _steer_person(self, person: Person, words: Vectors) -> Vectors:
        """Return a person's vector, steered by the vector of words."""
        _names, vectors = await self.people.vectors([person.name])
        if not len(vectors):
            raise PersonNotFound(person.name)
        if vectors.shape[1] != len(words):
            await self.fields.refresh()  # raises SettingError if the model was changed
        return steer(vectors[0], words)

    async def _make_results(
        self, hits: Hits, query: Query, times: Mapping[str, float], like: Person | None = None
    ) -> SearchResults:
        notes: Sequence[str] = ()
        if query.filter:
            notes = await self.values.explain_missing(self.fields.schema, query.filter)
        return SearchResults(**vars(hits), query=query, notes=notes, milliseconds=times, like=like)

    # Queries

    async def parse(self, text: str, *, literal: bool = False) -> Query:
        """Parse a query with the directory's fields and values as they are now. Raises
        QueryError."""
        await self.fields.refresh()
        query, _ = await self._parse(text, literal=literal)
        return query

    async def _parse(self, text: str, *, literal: bool) -> tuple[Query, DirectoryVersion]:
        """Parse a query with the fields and values as last read; return it with their version.
        Raises QueryError."""
        if not self.values.is_loaded:
            await self.fields.refresh()
        schema = self.fields.schema
        version = DirectoryVersion(dump_schema(schema), self.values.version)
        year = date.today().year
        known: KnownValues = self.values.cache or {}
        if self.values.cache is None and not literal:
            known = await self._look_up_values(text, schema, year)
        return parse(text, schema, year, known, literal=literal), version

    async def _look_up_values(self, text: str, schema: Schema, year: int) -> KnownValues:
        """Look up the values that a text mentions, in a directory with too many to cache."""
        known: dict[str, Mapping[str, str]] = {}
        while mentioned := find_named_values(text, schema, year, known) - {*known}:
            found = await self.values.look_up(schema, mentioned)
            known |= {value: found.get(value, {}) for value in mentioned}
        return known

    async def parse_conditions(self, text: str) -> Query:
        """Parse conditions, or an empty text. Raises QueryError if there are words."""
        if not text.strip():
            return Query("")
        query = await self.parse(text)
        if query.text:
            place = max(0, text.find(query.text.split()[0]))
            message = _(
                '"{words}" isn\'t a condition, and only conditions such as died<2000 work here. '
                "To search by words, use /search.",
                words=query.text,
            )
            raise QueryError(message, text, place)
        return query

    async def suggest(self, typed: str, count: int) -> list[str]:
        """Return up to ``count`` ways to continue a query that is being typed: ``typed`` followed
        by a field, an operator, or a value that someone has."""
        completion = complete(typed, self.fields.schema)
        if not completion.options and not completion.field:
            await self.fields.refresh()  # another process may have added the field
            completion = complete(typed, self.fields.schema)
        options = completion.options
        if completion.field:
            found = await self.values.starting_with(completion.field, completion.value_start)
            listed = set(map(fold, completion.listed))
            options = [quote_value(value) for value in found if fold(value) not in listed]
        return [completion.prefix + option for option in options[:count]]

    async def describe(self) -> statistics.DirectoryStatistics:
        """Return the statistics of the directory."""
        people = await self.people.sample(statistics.SAMPLE_SIZE)
        return await statistics.describe(
            self.storage, self.fields.schema, self.embedder.name, people
        )


def _milliseconds_since(started: float) -> float:
    return (time.perf_counter() - started) * 1000

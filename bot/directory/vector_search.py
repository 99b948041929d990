"""Searches in the vector set, carried out so that nobody who matches a filter is ever missed.

Redis's graph search is fast and finds nearly all of the nearest people. With a filter, however, it
misses rare matches at any effort (EF). With an effort at which it misses few, it is slower than
comparing everyone (TRUTH). docs/query-language.md has the measurements with 100,000 people.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot import metrics
from bot.directory.names import NameIndex
from bot.directory.redis import Argument
from bot.directory.schema_json import load_schema
from bot.directory.storage import Storage
from bot.errors import CommandRefused, FieldsChanged, SettingError
from bot.language import _
from bot.person import Match, Person, Schema, fold
from bot.query import Filter, HasValue, iterate_leaves, matches, negate, print_redis_filter

EFFORT = 500
"""The least EF of VSIM. With it VSIM finds 96 to 98 % of the ten nearest people, among 20,000 and
among 100,000 (docs/benchmarks.md)."""

EFFORT_PER_MATCH = 5  # EF for each match requested, which finds the same share of more than ten
SCAN_PER_EFFORT = 12  # people compared in a scan in the time that the graph takes for each EF
SAMPLE = 64
SAMPLED_FROM = 2000  # people; scanning fewer takes less time than a sample
SPARE = 16  # people requested beyond those needed, to see whether there are more
DIGITS = 6  # of a score; the digits after them depend on how vectors were rounded to 8 bits
PAGE = 1000  # names read at once

SearchTarget = tuple[str, bytes | str]
"""What VSIM measures distance from: ``FP32`` and the bytes of a vector, or ``ELE`` and a person's
name."""


@dataclass(frozen=True)
class DirectoryVersion:
    """The schema as stored, and the version of the values."""

    schema: str | None
    values: str | None


@dataclass(frozen=True)
class Hits:
    """The first matches of a search, and how many there are in ``total``, if they were counted.
    ``strategy`` describes how they were found, and ``expression`` is the filter sent to Redis.
    ``version`` is the directory's at that moment, None if it wasn't read."""

    matches: Sequence[Match]
    total: int | None
    strategy: str
    expression: str = ""
    version: DirectoryVersion | None = None


class VectorSearch:
    """Searches one vector set. ``size`` is the number of people in it as last read, or 0."""

    def __init__(self, storage: Storage, names: NameIndex, model: str) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys
        self._names = names
        self._model = model
        self.size = 0
        self._dimension = 0

    async def nearest(self, target: SearchTarget, filter: Filter | None, count: int) -> Hits:
        """Find the ``count`` people nearest to a target among those who match the filter. People
        at the same distance are sorted by name."""
        metrics.SEARCHES.labels("meaning" if filter is None else "meaning and conditions").inc()
        effort = max(EFFORT, EFFORT_PER_MATCH * count)
        if filter is not None:
            options = ("TRUTH",)
            strategy = _("exact scan, because the graph would miss people")
        elif (self.size or await self.read_size()) <= SCAN_PER_EFFORT * effort:
            options = ("TRUTH",)
            strategy = _("exact scan, as fast as the graph for {count} people", count=self.size)
        else:
            options = ("EF", effort)
            strategy = _("graph, with an effort of {effort}", effort=effort)
        requested = count + SPARE
        while True:
            scored = ("WITHSCORES", "WITHATTRIBS", *options)
            found, version = await self._vsim(target, requested, filter, *scored)
            ranked = sorted(
                (-round(score, DIGITS), name, score, stored)
                for name, (score, stored) in dict(found).items()
            )
            # People at the same distance are in no order, so all of them are needed to sort them.
            if len(ranked) < requested or ranked[count - 1][0] < ranked[-1][0]:
                break
            requested *= 4
        nearest = [
            Match(Person.load(name, stored), score) for _rank, name, score, stored in ranked[:count]
        ]
        return Hits(nearest, None, strategy, print_redis_filter(filter) if filter else "", version)

    async def select(self, filter: Filter, start: int, count: int) -> Hits:
        """Count everyone who matches the filter, and return ``count`` of them, sorted by name, from
        position ``start``. Reads the people who don't match instead if they are probably fewer."""
        metrics.SEARCHES.labels("conditions").inc()
        size = self.size or await self.read_size()
        if size > SAMPLED_FROM and await self._matches_majority(filter):
            hits = await self._select_by_complement(filter, start, count)
            if hits:
                return hits
        matching, version = await self._find_matching(filter)
        names = await _sort_names(matching)
        people = await self._storage.load_people(names[start : start + count])
        strategy = _("exact scan")
        return Hits(
            list(map(Match, people)), len(names), strategy, print_redis_filter(filter), version
        )

    async def list_names(self, filter: Filter) -> list[str]:
        """Return the names of everyone who matches a filter, in order."""
        matching, _version = await self._find_matching(filter)
        return await _sort_names(matching)

    async def check_model(self) -> None:
        """Raise SettingError if everyone was embedded again with a different model."""
        model = await self._redis.execute("HGET", self._keys.meta, "model")
        require_same_model(model, self._model)

    async def read_size(self) -> int:
        """Ask Redis how many people there are, and remember it as ``size``."""
        self.size = int(await self._redis.execute("VCARD", self._keys.vset))
        return self.size

    async def _select_by_complement(self, filter: Filter, start: int, count: int) -> Hits | None:
        """Do what ``select`` does by finding those who don't match. Returns None if the index of
        names differs from the vector set, or someone is changed meanwhile."""
        size, indexed = await self._redis.execute_all(
            [("VCARD", self._keys.vset), ("ZCARD", self._keys.names)]
        )
        if size != indexed:
            return None
        complement = negate(filter)
        excluded, version = await self._find_matching(complement)
        names = await self._first_names(start + count, set(excluded))
        people = await self._storage.load_people(names[start:])
        all_match = all(matches(filter, person.attributes) for person in people)
        if len(people) < len(names[start:]) or not all_match:
            return None
        strategy = _("exact scan for the people who don't match, because there are fewer")
        total = size - len(excluded)
        return Hits(
            list(map(Match, people)), total, strategy, print_redis_filter(complement), version
        )

    async def _matches_majority(self, filter: Filter) -> bool:
        """Return whether more than half of a sample of people match the filter."""
        names = await self._redis.execute("VRANDMEMBER", self._keys.vset, SAMPLE)
        people = await self._storage.load_people(names)
        return 2 * sum(matches(filter, person.attributes) for person in people) > len(people)

    async def _find_matching(self, filter: Filter) -> tuple[list[str], DirectoryVersion | None]:
        """Return the names of everyone who matches the filter, in no order."""
        if not self._dimension:
            if not await self._redis.execute("EXISTS", self._keys.vset):
                return [], None
            self._dimension = int(await self._redis.execute("VDIM", self._keys.vset))
        any_vector = b"\0\0\x80\x3f" * self._dimension  # 1.0 in each component
        requested = self.size + SPARE
        while True:
            found, version = await self._vsim(("FP32", any_vector), requested, filter, "TRUTH")
            if len(found) < requested:
                return list(found), version
            requested = max(4 * requested, self.size + SPARE)

    async def _first_names(self, count: int, excluded: set[str]) -> list[str]:
        """Return the first ``count`` names of the index that are not excluded."""
        names: list[str] = []
        position = 0
        while len(names) < count and (page := await self._names.page(position, PAGE)):
            names += [name for name in page if name not in excluded]
            position += PAGE
        return names[:count]

    async def _vsim(
        self, target: SearchTarget, count: int, filter: Filter | None, *options: Argument
    ) -> tuple[Any, DirectoryVersion]:
        """Run VSIM and, in the same round trip, check that the model and the fields haven't
        changed. Raises SettingError or FieldsChanged."""
        filtered = ("FILTER", print_redis_filter(filter)) if filter is not None else ()
        vsim = ("VSIM", self._keys.vset, *target, "COUNT", count, *filtered, *options)
        stored = ("HMGET", self._keys.meta, "model", "schema", "values")
        try:
            found, (model, schema, values), size = await self._redis.execute_all(
                [vsim, stored, ("VCARD", self._keys.vset)]
            )
        except CommandRefused:  # a different model's vectors may have a different dimension
            await self.check_model()
            raise
        self.size = int(size)
        require_same_model(model, self._model)
        if (
            filter is not None
            and schema is not None
            and not _has_fields(load_schema(schema), filter)
        ):
            raise FieldsChanged
        return found, DirectoryVersion(schema, values)


def require_same_model(stored: str | None, ours: str) -> None:
    """Raise SettingError if the model that everyone was embedded with, as stored, isn't ours."""
    if stored not in (None, ours):
        message = _(
            "Everyone here was embedded again with {model}, but this bot runs {our_model}. "
            "Restart it with EMBEDDING_MODEL={model}.",
            model=stored,
            our_model=ours,
        )
        raise SettingError(message)


def _has_fields(schema: Schema, filter: Filter) -> bool:
    """Return whether the schema has the fields of a filter, and of the same kinds."""
    return all(
        leaf.field in schema and (isinstance(leaf, HasValue) or leaf.kind is schema[leaf.field])
        for leaf in iterate_leaves(filter)
    )


async def _sort_names(names: Sequence[str]) -> list[str]:
    """Sort many names without blocking the event loop."""
    return await asyncio.to_thread(sorted, names, key=lambda name: (fold(name), name))

"""Searches in the vector set, carried out so that nobody who matches a filter is ever missed.

Redis's graph search is fast and finds nearly all of the nearest people. With a filter, however, it
loses rare matches at any effort, and is slower than comparing everyone (TRUTH) once its effort is
high enough to lose few. Costs were measured with 100,000 people: see docs/query-language.md.
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
"""VSIM's EF for words alone, at least. With it VSIM finds 96 to 98 % of the exact ten nearest,
among 20,000 and among 100,000 people (docs/benchmarks.md)."""

EFFORT_PER_MATCH = 5  # EF for each match wanted, which finds as many when more than ten are wanted
SCAN_PER_EFFORT = 12  # people that an exact scan compares while the graph search does one of EF
SAMPLE = 64
SAMPLED_FROM = 2000  # people; scanning fewer takes less time than a sample
SPARE = 16  # people requested beyond those wanted, to see whether there are more
DIGITS = 6  # of a score; the next one is what rounding vectors to 8 bits leaves
PAGE = 1000  # names read at once on the way to those wanted

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
    """The first matches of a search; how many there are in total, if that was counted; how they
    were found, in words, with the filter expression Redis was sent; and the version of the
    directory at that moment, if Redis was asked."""

    matches: Sequence[Match]
    total: int | None
    strategy: str
    expression: str = ""
    version: DirectoryVersion | None = None


class VectorSearch:
    """Searches one vector set. ``size`` is how many people it had when last searched, which is
    close enough to choose a strategy; 0 means unknown."""

    def __init__(self, storage: Storage, names: NameIndex, model: str) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys
        self._names = names
        self._model = model
        self.size = 0
        self._dimension = 0

    async def nearest(self, target: SearchTarget, node: Filter | None, count: int) -> Hits:
        """Find the ``count`` people nearest to a target among those who match the filter; people
        at the same distance in the order of their names."""
        metrics.SEARCHES.labels("meaning" if node is None else "meaning and conditions").inc()
        effort = max(EFFORT, EFFORT_PER_MATCH * count)
        if node is not None:
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
            found, version = await self._vsim(target, requested, node, *scored)
            ranked = sorted(
                (-round(score, DIGITS), name, score, stored)
                for name, (score, stored) in dict(found).items()
            )
            # Redis returns people at the same distance in any order: so go on until one is farther.
            if len(ranked) < requested or ranked[count - 1][0] < ranked[-1][0]:
                break
            requested *= 4
        nearest = [
            Match(Person.load(name, stored), score) for _rank, name, score, stored in ranked[:count]
        ]
        return Hits(nearest, None, strategy, print_redis_filter(node) if node else "", version)

    async def select(self, node: Filter, start: int, count: int) -> Hits:
        """Count everyone who matches the filter, and return ``count`` of them in the order of
        their names, from position ``start``. Redis is asked for the smaller group: the people who
        match, or those who don't."""
        metrics.SEARCHES.labels("conditions").inc()
        size = self.size or await self.read_size()
        if size > SAMPLED_FROM and await self._most_match(node):
            hits = await self._select_by_complement(node, start, count)
            if hits:
                return hits
        matching, version = await self._find_matching(node)
        names = await _sort(matching)
        people = await self._storage.load_people(names[start : start + count])
        strategy = _("exact scan")
        return Hits(
            list(map(Match, people)), len(names), strategy, print_redis_filter(node), version
        )

    async def list_names(self, node: Filter) -> list[str]:
        """Return the names of everyone who matches a filter, in order."""
        matching, _version = await self._find_matching(node)
        return await _sort(matching)

    async def check_model(self) -> None:
        """Raise SettingError if everyone was embedded again with a model other than ours."""
        check_model(await self._redis.execute("HGET", self._keys.meta, "model"), self._model)

    async def read_size(self) -> int:
        """Ask Redis how many people there are, and remember it as ``size``."""
        self.size = int(await self._redis.execute("VCARD", self._keys.vset))
        return self.size

    async def _select_by_complement(self, node: Filter, start: int, count: int) -> Hits | None:
        """Do what ``select`` does by finding those who don't match. Returns None if the index of
        names doesn't agree with the set at the moment, or people change meanwhile."""
        size, indexed = await self._redis.execute_all(
            [("VCARD", self._keys.vset), ("ZCARD", self._keys.names)]
        )
        if size != indexed:
            return None
        complement = negate(node)
        excluded, version = await self._find_matching(complement)
        names = await self._first_names(start + count, set(excluded))
        people = await self._storage.load_people(names[start:])
        unchanged = all(matches(node, person.attributes) for person in people)
        if len(people) < len(names[start:]) or not unchanged:
            return None
        strategy = _("exact scan for the people who don't match, because there are fewer")
        total = size - len(excluded)
        return Hits(
            list(map(Match, people)), total, strategy, print_redis_filter(complement), version
        )

    async def _most_match(self, node: Filter) -> bool:
        """Return whether more than half of a sample of people match the filter."""
        names = await self._redis.execute("VRANDMEMBER", self._keys.vset, SAMPLE)
        people = await self._storage.load_people(names)
        return 2 * sum(matches(node, person.attributes) for person in people) > len(people)

    async def _find_matching(self, node: Filter) -> tuple[list[str], DirectoryVersion | None]:
        """Return the names of everyone who matches the filter, in no order."""
        if not self._dimension:
            if not await self._redis.execute("EXISTS", self._keys.vset):
                return [], None
            self._dimension = int(await self._redis.execute("VDIM", self._keys.vset))
        anywhere = b"\0\0\x80\x3f" * self._dimension  # 1.0 in each component; any vector would do
        requested = self.size + SPARE
        while True:
            found, version = await self._vsim(("FP32", anywhere), requested, node, "TRUTH")
            if len(found) < requested:
                return list(found), version
            requested = max(4 * requested, self.size + SPARE)

    async def _first_names(self, count: int, excluded: set[str]) -> list[str]:
        """Return the first ``count`` names in order that are not excluded."""
        names: list[str] = []
        position = 0
        while len(names) < count and (page := await self._names.page(position, PAGE)):
            names += [name for name in page if name not in excluded]
            position += PAGE
        return names[:count]

    async def _vsim(
        self, target: SearchTarget, count: int, node: Filter | None, *options: Argument
    ) -> tuple[Any, DirectoryVersion]:
        """Run VSIM, and then, in the same round trip, read the model and the fields to check that
        they are still the ones this search is for. Raises SettingError or FieldsChanged."""
        filtered = ("FILTER", print_redis_filter(node)) if node is not None else ()
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
        check_model(model, self._model)
        if node is not None and schema is not None and not _has_fields(load_schema(schema), node):
            raise FieldsChanged
        return found, DirectoryVersion(schema, values)


def check_model(stored: str | None, ours: str) -> None:
    """Raise SettingError if everyone was embedded again with a model other than ours."""
    if stored not in (None, ours):
        message = _(
            "Everyone here was embedded again with {model}, but this bot runs {our_model}. "
            "Restart it with EMBEDDING_MODEL={model}.",
            model=stored,
            our_model=ours,
        )
        raise SettingError(message)


def _has_fields(schema: Schema, node: Filter) -> bool:
    """Return whether the schema has the fields of a filter, with the kinds they are compared as."""
    return all(
        leaf.field in schema and (isinstance(leaf, HasValue) or leaf.kind is schema[leaf.field])
        for leaf in iterate_leaves(node)
    )


async def _sort(names: Sequence[str]) -> list[str]:
    """Sort many names without blocking the event loop."""

    def sort() -> list[str]:
        return sorted(names, key=lambda name: (fold(name), name))

    return await asyncio.to_thread(sort)

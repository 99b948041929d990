"""How a query is carried out, so that nobody who matches its filter is ever missed.

Redis's graph search is fast and finds nearly all of the nearest; but with a filter it loses rare
matches at any effort, and is slower than comparing everybody (TRUTH) once its effort is raised to
where it loses few. Costs were measured at 100,000 people: see docs/query-language.md.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot import metrics, sentences
from bot.directory.keys import Keys
from bot.directory.names import NameIndex
from bot.directory.redis import Argument, Redis
from bot.directory.schema_json import load_schema
from bot.errors import CommandRefused, FieldsChanged, SettingError
from bot.person import Match, Person, Schema, fold
from bot.query.filters import Filter, Known, leaves, matches, negate, print_redis

EFFORT = 500
"""VSIM's EF for words alone, at the least: at 20,000 and at 100,000 people it finds 96 to 98 % of
the exact ten nearest (docs/benchmarks.md)."""

EFFORT_PER_MATCH = 5  # for as much at greater counts
SCAN_PER_EFFORT = 12  # people whom an exact scan compares while the graph search does one of EF
SAMPLE = 64
BATCH = 256  # people in a pipeline: some milliseconds, for which the event loop waits
SAMPLED_FROM = 2000  # people; fewer are scanned in less time than a sample takes
SPARE = 16  # people asked for beyond those wanted, to see whether there are more
DIGITS = 6  # of a score; the next is what is left of rounding a vector to 8 bits
PAGE = 1000  # names that are read at once on the way to those wanted

Near = tuple[str, bytes | str]
"""What VSIM measures from: ``FP32`` and a vector's bytes, or ``ELE`` and a person's name."""


@dataclass(frozen=True)
class Seen:
    """The schema as it is stored, and the state of the values, when people were found."""

    schema: str | None
    values: str | None


@dataclass(frozen=True)
class Found:
    """The first matches; how many there are in all, where that was counted; how they were found,
    in words, with Redis's expression for the filter; and what was seen of the directory."""

    matches: Sequence[Match]
    total: int | None
    strategy: str
    expression: str = ""
    seen: Seen | None = None


class Searcher:
    """Carries out searches on one vector set. ``size`` is how many people were there when it was
    last seen, which is near enough to choose a strategy by; 0 is as good as never."""

    def __init__(self, redis: Redis, keys: Keys, names: NameIndex, model: str) -> None:
        self._redis = redis
        self._keys = keys
        self._names = names
        self._model = model
        self.size = 0
        self._dimension = 0

    async def nearest(self, near: Near, node: Filter | None, count: int) -> Found:
        """The ``count`` people nearest to somewhere, among those who match the filter."""
        if node is not None:
            metrics.SEARCHES.labels("meaning and conditions").inc()
            how = sentences.terminal.SCAN_MISSES_NOBODY
            return await self._first(near, count, node, ("TRUTH",), how)
        metrics.SEARCHES.labels("meaning").inc()
        effort = max(EFFORT, EFFORT_PER_MATCH * count)
        if await self.see() <= SCAN_PER_EFFORT * effort:
            how = sentences.terminal.scan_of_few(self.size)
            return await self._first(near, count, None, ("TRUTH",), how)
        return await self._first(
            near, count, None, ("EF", effort), sentences.terminal.graph(effort)
        )

    async def _first(
        self, near: Near, count: int, node: Filter | None, options: Sequence[Argument], how: str
    ) -> Found:
        """The ``count`` nearest, those who are as near by name. Redis has no order among these: so
        more are asked for, until one is farther than the last of them."""
        asked = count + SPARE
        while True:
            scored = ("WITHSCORES", "WITHATTRIBS", *options)
            found, seen = await self._vsim(near, asked, node, *scored)
            ranked = sorted(
                (-round(score, DIGITS), name, score, stored)
                for name, (score, stored) in dict(found).items()
            )
            if len(ranked) < asked or ranked[count - 1][0] < ranked[-1][0]:
                break
            asked *= 4
        matches = [
            Match(Person.load(name, stored), score) for _, name, score, stored in ranked[:count]
        ]
        return Found(matches, None, how, print_redis(node) if node else "", seen)

    async def select(self, node: Filter, start: int, count: int) -> Found:
        """Everybody who matches the filter, counted, and ``count`` of them by name, from the place
        ``start`` on. Whoever are fewer are asked for: those who match it, or those who do not."""
        metrics.SEARCHES.labels("conditions").inc()
        if await self.see() > SAMPLED_FROM and await self._most_match(node):
            found = await self._select_by_others(node, start, count)
            if found:
                return found
        matching, seen = await self._matching(node)
        names = await _in_order(matching)
        people = await self.load(names[start : start + count])
        how = sentences.terminal.SCAN
        return Found(list(map(Match, people)), len(names), how, print_redis(node), seen)

    async def check_model(self) -> None:
        """Raises SettingError if the directory was embedded again by another model than ours."""
        check_model(await self._redis.execute("HGET", self._keys.meta, "model"), self._model)

    async def see(self) -> int:
        """``size``, for which Redis is asked where no search has seen it."""
        if not self.size:
            self.size = int(await self._redis.execute("VCARD", self._keys.vset))
        return self.size

    async def names(self, node: Filter) -> list[str]:
        """The names of all who match a filter, in their order."""
        matching, _ = await self._matching(node)
        return await _in_order(matching)

    async def _select_by_others(self, node: Filter, start: int, count: int) -> Found | None:
        """As ``select``, by way of those who do not match the filter; None if the index of names
        does not go with the set just now, or people change meanwhile."""
        size, indexed = await self._redis.execute_all(
            [("VCARD", self._keys.vset), ("ZCARD", self._keys.names)]
        )
        if size != indexed:
            return None
        turned = negate(node)
        matching, seen = await self._matching(turned)
        others = set(matching)
        names = (await self._first_names(start + count, others))[start:]
        people = await self.load(names)
        unchanged = all(matches(node, person.attributes) for person in people)
        if len(people) < len(names) or not unchanged:
            return None
        shown = list(map(Match, people))
        how = sentences.terminal.SCAN_FOR_OTHERS
        return Found(shown, size - len(others), how, print_redis(turned), seen)

    async def _most_match(self, node: Filter) -> bool:
        """Whether more than half of some people match the filter."""
        names = await self._redis.execute("VRANDMEMBER", self._keys.vset, SAMPLE)
        people = await self.load(names)
        return 2 * sum(matches(node, person.attributes) for person in people) > len(people)

    async def _matching(self, node: Filter) -> tuple[list[str], Seen | None]:
        """The names of all who match the filter, in no order."""
        if not self._dimension:
            if not await self._redis.execute("EXISTS", self._keys.vset):
                return [], None
            self._dimension = int(await self._redis.execute("VDIM", self._keys.vset))
        anywhere = b"\0\0\x80\x3f" * self._dimension
        asked = self.size + SPARE
        while True:
            found, seen = await self._vsim(("FP32", anywhere), asked, node, "TRUTH")
            if len(found) < asked:
                return list(found), seen
            asked = max(4 * asked, self.size + SPARE)

    async def _first_names(self, count: int, others: set[str]) -> list[str]:
        """The first names, but for these others."""
        names: list[str] = []
        place = 0
        while len(names) < count and (page := await self._names.page(place, PAGE)):
            names += [name for name in page if name not in others]
            place += PAGE
        return names[:count]

    async def load(self, names: Sequence[str]) -> list[Person]:
        """The people of these names who are there."""
        people: list[Person] = []
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            stored = await self._redis.execute_all(
                [("VGETATTR", self._keys.vset, name) for name in batch]
            )
            people += [
                Person.load(name, text)
                for name, text in zip(batch, stored, strict=True)
                if text is not None
            ]
        return people

    async def _vsim(
        self, near: Near, count: int, node: Filter | None, *options: Argument
    ) -> tuple[Any, Seen]:
        """VSIM; in the same round trip, but after it, whether the model and the fields are still
        those that were searched for. Raises SettingError, FieldsChanged."""
        held = ("FILTER", print_redis(node)) if node is not None else ()
        vsim = ("VSIM", self._keys.vset, *near, "COUNT", count, *held, *options)
        stored = ("HMGET", self._keys.meta, "model", "schema", "values")
        try:
            found, (model, schema, values), size = await self._redis.execute_all(
                [vsim, stored, ("VCARD", self._keys.vset)]
            )
        except CommandRefused:  # another model's vectors have another dimension, say
            await self.check_model()
            raise
        self.size = int(size)
        check_model(model, self._model)
        if node is not None and schema is not None and not _has(load_schema(schema), node):
            raise FieldsChanged
        return found, Seen(schema, values)


def check_model(stored: str | None, ours: str) -> None:
    """Raises SettingError if a directory was embedded again by another model than ours."""
    if stored not in (None, ours):
        raise SettingError(sentences.service.embedded_anew(stored, ours))


def _has(schema: Schema, node: Filter) -> bool:
    """Whether the fields in a filter are there, and of the kinds that they are compared as."""
    return all(
        leaf.field in schema and (isinstance(leaf, Known) or leaf.kind is schema[leaf.field])
        for leaf in leaves(node)
    )


async def _in_order(names: Sequence[str]) -> list[str]:
    return await asyncio.to_thread(sorted, names, key=lambda name: (fold(name), name))

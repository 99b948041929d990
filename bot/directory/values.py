"""The texts and tags that somebody in a directory has."""

import difflib
from collections.abc import Collection, Mapping, Sequence

from bot import sentences
from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.person import Kind, Schema, fold
from bot.query import KnownValues, also_called
from bot.query.filters import Filter, comparisons, quote

CANDIDATES = 500  # values that begin alike, among which the most frequent are chosen
HELD_MAX = 5000  # values that are held: read in some 6 ms, for which the event loop waits
UNHEARD_MAX = 3
_QUOTES = dict.fromkeys(map(ord, '"“”'))


class ValueIndex:
    """Looks values up: where there are up to HELD_MAX, all of them are held, so that a query can be
    read without asking Redis, until one comes up that nobody had, or goes. ``version`` is another
    at each such change; None before the first, and ``held`` is None where they are too many."""

    def __init__(self, storage: Storage) -> None:
        self._redis = storage.redis
        self._keys = storage.keys
        self.version: str | None = None
        self.held: KnownValues | None = None
        self.read = False

    async def refresh(self, version: str | None) -> None:
        """Read them, if this version is another than the one that was read last."""
        if self.read and version == self.version:
            return
        many = int(await self._redis.execute("ZCARD", self._keys.values))
        entries = []
        if many <= HELD_MAX:
            entries = await self._redis.execute("ZRANGE", self._keys.values, 0, HELD_MAX)
        held = _by_value(await self._spellings(entries))
        self.held = held if many <= HELD_MAX else None
        self.version, self.read = version, True

    async def known(self, schema: Schema, values: Collection[str]) -> KnownValues:
        """Which fields have these folded values, and how they are typed there most often."""
        if self.held is not None:
            return {value: self.held[value] for value in values if value in self.held}
        fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
        starts = [f"{field}\0{value}\0" for value in values for field in fields]
        found = await self._redis.execute_all([self._range(start) for start in starts])
        return _by_value(await self._spellings([entry for several in found for entry in several]))

    async def starting(self, field: str, start: str) -> list[str]:
        """The values of a field that start so, case and accents aside, each as it is typed most
        often; the most frequent first, of the CANDIDATES that come first in the alphabet."""
        entries = await self._redis.execute(*self._range(f"{field}\0{fold(start)}"))
        spellings = await self._spellings(entries)
        return [typed for _, typed in sorted(spellings.values(), key=lambda spelling: -spelling[0])]

    async def unheard(self, schema: Schema, node: Filter) -> list[str]:
        """A sentence for each of up to UNHEARD_MAX texts and tags in the filter that nobody has,
        with what may be meant."""
        asked = {
            (c.field, fold(str(c.value))): str(c.value)
            for c in comparisons(node)
            if c.kind in (Kind.TEXT, Kind.TAGS)
        }
        heard = await self.known(schema, {value for _, value in asked}) if asked else {}
        missing = [
            (field, typed)
            for (field, value), typed in sorted(asked.items())
            if field not in heard.get(value, {})
        ]
        return [await self._did_you_mean(*pair) for pair in missing[:UNHEARD_MAX]]

    async def _did_you_mean(self, field: str, value: str) -> str:
        """That nobody has a value, and up to two that are called or written like it."""
        called = also_called(value)
        starts = dict.fromkeys(["", fold(value)[:2], *called])
        there = {
            fold(other): other for start in starts for other in await self.starting(field, start)
        }
        near = [name for name in called if name in there]
        near = near or [other for other in there if fold(value) in other.split()]
        near = near or difflib.get_close_matches(fold(value), there, n=2, cutoff=0.6)
        said = [f"{field}:{quote(there[name])}" for name in near[:2]]
        return sentences.people.nobody_has(f"{field}:{quote(value)}", said)

    async def _spellings(self, entries: Sequence[str]) -> dict[tuple[str, str], tuple[int, str]]:
        """For the fields and folded values among the entries, how many have them, and the most
        frequent spelling, without the quotes that the query language puts around it."""
        if not entries:
            return {}
        counts = await self._redis.execute("HMGET", self._keys.counts, *entries)
        found: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for entry, count in zip(entries, counts, strict=True):
            field, value, typed = entry.split("\0", 2)
            found.setdefault((field, value), []).append((int(count or 0), typed.translate(_QUOTES)))
        return {
            key: (sum(count for count, _ in typed), max(typed)[1]) for key, typed in found.items()
        }

    def _range(self, start: str) -> tuple[Argument, ...]:
        encoded = start.encode("utf-8", "replace")
        limits = (b"[" + encoded, b"(" + encoded + b"\xff")
        return ("ZRANGE", self._keys.values, *limits, "BYLEX", "LIMIT", 0, CANDIDATES)


def _by_value(
    spellings: Mapping[tuple[str, str], tuple[int, str]],
) -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = {}
    for (field, value), (_, typed) in spellings.items():
        read.setdefault(value, {})[field] = typed
    return read

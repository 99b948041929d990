"""The texts and tags that somebody in a directory has."""

import difflib
from collections.abc import Collection, Sequence

from bot import sentences
from bot.directory.connection import Argument, Redis
from bot.directory.keys import Keys
from bot.filters import Filter, comparisons, quote
from bot.person import Kind, Schema, fold
from bot.query import KnownValues, also_called

CANDIDATES = 500  # values that begin alike, among which the most frequent are chosen
UNHEARD_MAX = 3
_QUOTES = dict.fromkeys(map(ord, '"“”'))


async def known(redis: Redis, keys: Keys, schema: Schema, values: Collection[str]) -> KnownValues:
    """Which fields have these folded values, and how they are typed there most often."""
    fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
    starts = [f"{field}\0{value}\0" for value in values for field in fields]
    found = await redis.execute_all([_range(keys, start) for start in starts])
    entries = [entry for several in found for entry in several]
    read: dict[str, dict[str, str]] = {}
    for (field, value), (_, typed) in (await _spellings(redis, keys, entries)).items():
        read.setdefault(value, {})[field] = typed
    return read


async def starting(redis: Redis, keys: Keys, field: str, start: str) -> list[str]:
    """The values of a field that start so, case and accents aside, each as it is typed most often;
    the most frequent first, of the CANDIDATES that come first in the alphabet."""
    entries = await redis.execute(*_range(keys, f"{field}\0{fold(start)}"))
    spellings = await _spellings(redis, keys, entries)
    return [typed for _, typed in sorted(spellings.values(), key=lambda spelling: -spelling[0])]


async def unheard(redis: Redis, keys: Keys, schema: Schema, node: Filter) -> list[str]:
    """A sentence for each of up to UNHEARD_MAX texts and tags in the filter that nobody has, with
    what may be meant."""
    asked = {
        (c.field, fold(str(c.value))): str(c.value)
        for c in comparisons(node)
        if c.kind in (Kind.TEXT, Kind.TAGS)
    }
    heard = await known(redis, keys, schema, {value for _, value in asked}) if asked else {}
    missing = [
        (field, typed)
        for (field, value), typed in sorted(asked.items())
        if field not in heard.get(value, {})
    ]
    return [await _did_you_mean(redis, keys, *pair) for pair in missing[:UNHEARD_MAX]]


async def _did_you_mean(redis: Redis, keys: Keys, field: str, value: str) -> str:
    """That nobody has a value, and up to two that are called or written like it."""
    called = also_called(value)
    starts = dict.fromkeys(["", fold(value)[:2], *called])
    there = {
        fold(other): other
        for start in starts
        for other in await starting(redis, keys, field, start)
    }
    near = [name for name in called if name in there]
    near = near or [other for other in there if fold(value) in other.split()]
    near = near or difflib.get_close_matches(fold(value), there, n=2, cutoff=0.6)
    said = [f"{field}:{quote(there[name])}" for name in near[:2]]
    return sentences.people.nobody_has(f"{field}:{quote(value)}", said)


async def _spellings(
    redis: Redis, keys: Keys, entries: Sequence[str]
) -> dict[tuple[str, str], tuple[int, str]]:
    """For the fields and folded values among the entries, how many have them, and the most
    frequent spelling, without the quotes that the query language puts around it."""
    if not entries:
        return {}
    counts = await redis.execute("HMGET", keys.counts, *entries)
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for entry, count in zip(entries, counts, strict=True):
        field, value, typed = entry.split("\0", 2)
        found.setdefault((field, value), []).append((int(count or 0), typed.translate(_QUOTES)))
    return {key: (sum(count for count, _ in typed), max(typed)[1]) for key, typed in found.items()}


def _range(keys: Keys, start: str) -> tuple[Argument, ...]:
    encoded = start.encode("utf-8", "replace")
    limits = (b"[" + encoded, b"(" + encoded + b"\xff")
    return ("ZRANGE", keys.values, *limits, "BYLEX", "LIMIT", 0, CANDIDATES)

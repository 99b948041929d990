"""The texts and tags that people in a directory have."""

from collections.abc import Collection, Mapping, Sequence

from bot.directory.redis import range_by_prefix
from bot.directory.storage import Storage
from bot.language import _, format_list
from bot.person import Kind, Schema, fold, similarly_spelt
from bot.query import (
    Comparison,
    Filter,
    KnownValues,
    iterate_leaves,
    other_country_names,
    quote_value,
)

MAX_CANDIDATES = 500  # values with the same beginning, of which the most frequent are chosen
MAX_CACHED = 5000  # values; reading them blocks the event loop for 6 ms
MAX_NOTES = 3
MAX_SUGGESTIONS = 2
_QUOTES = dict.fromkeys(map(ord, '"“”'))

FieldAndValue = tuple[str, str]
"""The name of a field, and a folded value."""


class ValueIndex:
    """Looks up values. ``cache`` has all of them, so that a query can be parsed without asking
    Redis; it is None if there are more than MAX_CACHED.

    ``version`` changes when someone gets a value that nobody had, or nobody has a value any more;
    it is None before the first value. ``is_loaded`` says whether ``refresh`` has been called."""

    def __init__(self, storage: Storage) -> None:
        self._redis = storage.redis
        self._keys = storage.keys
        self.version: str | None = None
        self.cache: KnownValues | None = None
        self.is_loaded = False

    async def refresh(self, version: str | None) -> None:
        """Read the values from Redis unless this is the version that was last read."""
        if self.is_loaded and version == self.version:
            return
        size = int(await self._redis.execute("ZCARD", self._keys.values))
        if size <= MAX_CACHED:
            entries = await self._redis.execute("ZRANGE", self._keys.values, 0, MAX_CACHED)
            self.cache = _by_value(await self._most_frequent_spellings(entries))
        else:
            self.cache = None
        self.version, self.is_loaded = version, True

    async def look_up(self, schema: Schema, values: Collection[str]) -> KnownValues:
        """Return which fields have these folded values, and their most frequent spelling there."""
        if self.cache is not None:
            return {value: self.cache[value] for value in values if value in self.cache}
        fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
        prefixes = [f"{field}\0{value}\0" for value in values for field in fields]
        found = await self._redis.execute_all(
            [range_by_prefix(self._keys.values, prefix, MAX_CANDIDATES) for prefix in prefixes]
        )
        return _by_value(await self._most_frequent_spellings([e for each in found for e in each]))

    async def starting_with(self, field: str, prefix: str) -> list[str]:
        """Return the values of a field that start with ``prefix``, regardless of case and accents,
        each in its most frequent spelling; the most frequent value first. Considers only the
        first MAX_CANDIDATES values in alphabetical order."""
        command = range_by_prefix(self._keys.values, f"{field}\0{fold(prefix)}", MAX_CANDIDATES)
        entries = await self._redis.execute(*command)
        spellings = await self._most_frequent_spellings(entries)
        by_frequency = sorted(spellings.values(), key=lambda spelling: -spelling[0])
        return [spelling for _count, spelling in by_frequency]

    async def explain_missing(self, schema: Schema, filter: Filter) -> list[str]:
        """Return up to MAX_NOTES sentences about texts and tags in the filter that nobody has, with
        suggestions."""
        wanted = {
            (each.field, fold(str(each.value))): str(each.value)
            for each in iterate_leaves(filter)
            if isinstance(each, Comparison) and each.kind in (Kind.TEXT, Kind.TAGS)
        }
        if not wanted:
            return []
        known = await self.look_up(schema, {value for _field, value in wanted})
        missing = [
            (field, spelling)
            for (field, value), spelling in sorted(wanted.items())
            if field not in known.get(value, {})
        ]
        return [await self._explain(field, value) for field, value in missing[:MAX_NOTES]]

    async def _explain(self, field: str, value: str) -> str:
        suggestions = [f"{field}:{quote_value(each)}" for each in await self._suggest(field, value)]
        condition = f"{field}:{quote_value(value)}"
        if not suggestions:
            return _("Nobody here has {condition}.", condition=condition)
        return _(
            "Nobody here has {condition}. Did you mean {suggestions}?",
            condition=condition,
            suggestions=format_list(suggestions, "or"),
        )

    async def _suggest(self, field: str, value: str) -> list[str]:
        """Return up to MAX_SUGGESTIONS values of a field to use instead of one that nobody has:
        other names of it, values that contain it as a word, or values that are spelt like it."""
        synonyms = other_country_names(value)
        prefixes = dict.fromkeys(["", fold(value)[:2], *synonyms])
        existing = {
            fold(each): each
            for prefix in prefixes
            for each in await self.starting_with(field, prefix)
        }
        suggestions = [existing[synonym] for synonym in synonyms if synonym in existing]
        suggestions = suggestions or [
            spelling for folded, spelling in existing.items() if fold(value) in folded.split()
        ]
        suggestions = suggestions or similarly_spelt(
            value, existing.values(), limit=MAX_SUGGESTIONS, min_similarity=0.6
        )
        return suggestions[:MAX_SUGGESTIONS]

    async def _most_frequent_spellings(
        self, entries: Sequence[str]
    ) -> dict[FieldAndValue, tuple[int, str]]:
        """Return how many people have each field and value among the index entries, and its most
        frequent spelling, without double quotes."""
        if not entries:
            return {}
        counts = await self._redis.execute("HMGET", self._keys.counts, *entries)
        found: dict[FieldAndValue, list[tuple[int, str]]] = {}
        for entry, count in zip(entries, counts, strict=True):
            field, value, spelling = entry.split("\0", 2)
            spellings = found.setdefault((field, value), [])
            spellings.append((int(count or 0), spelling.translate(_QUOTES)))
        return {
            key: (sum(count for count, _spelling in spellings), max(spellings)[1])
            for key, spellings in found.items()
        }


def _by_value(spellings: Mapping[FieldAndValue, tuple[int, str]]) -> dict[str, dict[str, str]]:
    """Group spellings by value: for each, the spelling in each field."""
    known: dict[str, dict[str, str]] = {}
    for (field, value), (_count, spelling) in spellings.items():
        known.setdefault(value, {})[field] = spelling
    return known

"""The texts and tags that somebody in a directory has."""

from collections.abc import Collection, Iterable

from bot.directory.connection import Redis
from bot.directory.keys import Keys
from bot.person import Kind, Schema, fold
from bot.query import KnownValues

CANDIDATES = 500  # values that begin alike, among which the most frequent are chosen


async def known(redis: Redis, keys: Keys, schema: Schema, values: Collection[str]) -> KnownValues:
    """Which fields have these folded values, and how somebody typed them there."""
    fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
    asked = [(value, field) for value in values for field in fields]
    found = await redis.execute_all(
        [
            ("ZRANGE", keys.values, *_limits(f"{field}\0{value}\0"), "BYLEX", "LIMIT", 0, 1)
            for value, field in asked
        ]
    )
    read: dict[str, dict[str, str]] = {}
    for (value, field), entries in zip(asked, found, strict=True):
        for entry in entries:
            read.setdefault(value, {})[field] = _typed(entry)
    return read


async def starting(redis: Redis, keys: Keys, field: str, start: str) -> list[str]:
    """The values of a field that start so, case and accents aside, the most frequent first; each
    as it is typed most often."""
    limits = _limits(f"{field}\0{fold(start)}")
    entries = await redis.execute("ZRANGE", keys.values, *limits, "BYLEX", "LIMIT", 0, CANDIDATES)
    if not entries:
        return []
    counts = await redis.execute("HMGET", keys.counts, *entries)
    return _by_frequency(zip(entries, (int(count or 0) for count in counts), strict=True))


def _by_frequency(counted: Iterable[tuple[str, int]]) -> list[str]:
    spellings: dict[str, list[tuple[int, str]]] = {}
    for entry, count in counted:
        spellings.setdefault(entry.split("\0")[1], []).append((count, _typed(entry)))
    totals = {value: sum(count for count, _ in found) for value, found in spellings.items()}
    ordered = sorted(totals, key=lambda value: -totals[value])
    return [max(spellings[value])[1] for value in ordered]


def _limits(start: str) -> tuple[bytes, bytes]:
    encoded = start.encode("utf-8", "replace")
    return b"[" + encoded, b"(" + encoded + b"\xff"


def _typed(entry: str) -> str:
    """As it was typed, but for the quotes, which the query language puts around it."""
    return entry.split("\0")[2].translate(dict.fromkeys(map(ord, '"“”')))

"""Whether the indexes go with the people."""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from typing import Any

from bot.directory.keys import Keys
from bot.directory.lua import BEST_KNOWN
from bot.directory.redis import Redis
from bot.maintenance.findings import Findings, Problem
from bot.person import FAME, Kind, Schema, fold


async def check_indexes(
    redis: Redis, keys: Keys, schema: Schema, people: Mapping[str, str], findings: Findings
) -> None:
    """Compare the indexes of names, values and fame with what everybody's attributes make of
    them, as lua/directory.lua does."""
    folded = {name: fold(name) for name in people}
    whole = {f"{text}\0{name}" for name, text in folded.items()}
    later = {f"{tail}\0{name}" for name, text in folded.items() for tail in _later_words(text)}
    for key, expected in ((keys.names, whole), (keys.words, later)):
        wrong = (Problem.NAME_MISSING, Problem.NAME_EXTRA)
        await compare(redis, key, expected, wrong, findings)
    _check_twins(folded, findings)
    counts: Counter[str] = Counter()
    fame: dict[str, float] = {}
    for name, text in people.items():
        attributes = json.loads(text)
        counts.update(_values(attributes, schema))
        known = [attributes.get(field) for field in FAME]
        ranks = [value for value in known if _is_number(value)]
        if ranks:
            fame[name] = float(ranks[0])
    wrong = (Problem.VALUE_MISSING, Problem.VALUE_EXTRA)
    await compare(redis, keys.values, set(counts), wrong, findings)
    await _check_counts(redis, keys, counts, findings)
    await _check_fame(redis, keys, fame, findings)


async def compare(
    redis: Redis,
    key: str,
    expected: set[str],
    wrong: tuple[Problem, Problem],
    findings: Findings,
    tolerated: Set[str] = frozenset(),
) -> None:
    """Note what a sorted set without scores lacks, but for what is ``tolerated`` to be missing, and
    what it has besides."""
    missing, extra = wrong
    stored = set(await redis.execute("ZRANGE", key, 0, -1))
    misplaced: set[str] = set()
    for least, most in (("-inf", "(0"), ("(0", "inf")):
        misplaced.update(await redis.execute("ZRANGE", key, least, most, "BYSCORE"))
    for entry in sorted(expected - (stored - misplaced) - (tolerated - misplaced)):
        findings.add(missing, entry, ("ZADD", key, 0, entry))
    for entry in sorted(stored - expected):
        findings.add(extra, entry, ("ZREM", key, entry))


def _later_words(folded: str) -> Iterator[str]:
    for place, character in enumerate(folded):
        if character == " ":
            yield folded[place + 1 :]


def _check_twins(folded: Mapping[str, str], findings: Findings) -> None:
    called: dict[str, list[str]] = {}
    for name, text in folded.items():
        called.setdefault(text, []).append(name)
    for names in called.values():
        if len(names) > 1:
            findings.add(Problem.TWINS, ", ".join(sorted(names)))


def _values(attributes: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    typed = attributes.get("_typed")
    typed = typed if isinstance(typed, dict) else {}
    for field, kind in schema.items():
        value, shown = attributes.get(field), typed.get(field)
        if kind is Kind.TEXT and isinstance(value, str):
            yield f"{field}\0{value}\0{shown if isinstance(shown, str) else value}"
        elif kind is Kind.TAGS and isinstance(value, list):
            spelt = dict(enumerate(shown)) if isinstance(shown, list) else {}
            for place, tag in enumerate(value):
                if isinstance(tag, str):
                    spelling = spelt.get(place)
                    yield f"{field}\0{tag}\0{spelling if isinstance(spelling, str) else tag}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


async def _check_counts(
    redis: Redis, keys: Keys, counts: Mapping[str, int], findings: Findings
) -> None:
    stored = await redis.execute("HGETALL", keys.counts)
    for entry in sorted(counts.keys() | stored.keys()):
        right = str(counts.get(entry, 0))
        if right != stored.get(entry, "0"):
            gone = ("HDEL", keys.counts, entry)
            mend = ("HSET", keys.counts, entry, right) if right != "0" else gone
            findings.add(Problem.COUNT, entry, mend)


async def _check_fame(
    redis: Redis, keys: Keys, fame: Mapping[str, float], findings: Findings
) -> None:
    least = await _least_known(redis, keys, fame, findings)
    best = {name: known for name, known in fame.items() if known >= least}
    stored = dict(await redis.execute("ZRANGE", keys.fame, 0, -1, "WITHSCORES"))
    for name in sorted(best.keys() | stored.keys()):
        if best.get(name) != stored.get(name):
            gone = ("ZREM", keys.fame, name)
            mend = ("ZADD", keys.fame, repr(best[name]), name) if name in best else gone
            findings.add(Problem.FAME, name, mend)


async def _least_known(
    redis: Redis, keys: Keys, fame: Mapping[str, float], findings: Findings
) -> float:
    """How well one has to be known to be among the best known, as it is or, where that leaves too
    few of them, as it will be."""
    stored = await redis.execute("HGET", keys.meta, "least_known")
    if stored is None:
        return -math.inf
    with suppress(ValueError):
        best = sum(known >= float(stored) for known in fame.values())
        if best >= min(BEST_KNOWN, len(fame)):
            return float(stored)
    findings.add(Problem.FAME, stored, ("HDEL", keys.meta, "least_known"))
    return -math.inf

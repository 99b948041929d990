"""Checks whether the indexes of names, values and fame agree with the people.

A repair corrects the entries that differ and doesn't rebuild the indexes: the report needs the
differences anyway, and rebuilding is no faster even if all indexes are lost (2.4 s either way for
20,000 people; no command blocks Redis for more than 40 ms).
"""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from typing import Any

from bot.directory.lua import BEST_KNOWN
from bot.directory.storage import Storage
from bot.maintenance.findings import Findings, Problem
from bot.person import FAME_FIELDS, Kind, Schema, fold


async def check_indexes(
    storage: Storage, schema: Schema, people: Mapping[str, str], findings: Findings
) -> None:
    """Compare the indexes with those that lua/directory.lua would build from ``people``, everyone's
    attributes by name."""
    await _check_names(storage, people, findings)
    counts: Counter[str] = Counter()
    fame: dict[str, float] = {}
    for name, stored in people.items():
        attributes = json.loads(stored)
        counts.update(_value_entries(attributes, schema))
        measures = [attributes[field] for field in FAME_FIELDS if _is_number(attributes.get(field))]
        if measures:
            fame[name] = float(measures[0])
    problems = (Problem.VALUE_MISSING, Problem.VALUE_EXTRA)
    await compare_entries(storage, storage.keys.values, set(counts), problems, findings)
    await _check_counts(storage, counts, findings)
    await _check_fame(storage, fame, findings)


async def compare_entries(
    storage: Storage,
    key: str,
    expected: set[str],
    problems: tuple[Problem, Problem],
    findings: Findings,
    optional: Set[str] = frozenset(),
) -> None:
    """Compare a sorted set with its ``expected`` entries, of which the ``optional`` ones may be
    missing. All scores should be 0. ``problems``: a missing entry, an extra entry."""
    missing, extra = problems
    stored = set(await storage.redis.execute("ZRANGE", key, 0, -1))
    misplaced: set[str] = set()
    for lowest, highest in (("-inf", "(0"), ("(0", "inf")):
        misplaced.update(await storage.redis.execute("ZRANGE", key, lowest, highest, "BYSCORE"))
    for entry in sorted(expected - (stored - misplaced) - (optional - misplaced)):
        findings.add(missing, entry, ("ZADD", key, 0, entry))
    for entry in sorted(stored - expected):
        findings.add(extra, entry, ("ZREM", key, entry))


async def _check_names(storage: Storage, people: Mapping[str, str], findings: Findings) -> None:
    folded = {name: fold(name) for name in people}
    names = {f"{text}\0{name}" for name, text in folded.items()}
    words = {f"{rest}\0{name}" for name, text in folded.items() for rest in _later_words(text)}
    problems = (Problem.NAME_MISSING, Problem.NAME_EXTRA)
    await compare_entries(storage, storage.keys.names, names, problems, findings)
    await compare_entries(storage, storage.keys.words, words, problems, findings)
    names_by_folded: dict[str, list[str]] = defaultdict(list)
    for name, text in folded.items():
        names_by_folded[text].append(name)
    for same in names_by_folded.values():
        if len(same) > 1:
            findings.add(Problem.DUPLICATE_NAME, ", ".join(sorted(same)))


def _later_words(folded: str) -> Iterator[str]:
    """Yield what follows each space: the name from its second word on, then from its third."""
    for place, character in enumerate(folded):
        if character == " ":
            yield folded[place + 1 :]


def _value_entries(attributes: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    """Yield a person's entries in the index of values: field, folded value and value as typed,
    with NUL between them."""
    all_typed = attributes.get("_typed")
    all_typed = all_typed if isinstance(all_typed, dict) else {}
    for field, kind in schema.items():
        value, typed = attributes.get(field), all_typed.get(field)
        if kind is Kind.TEXT and isinstance(value, str):
            yield f"{field}\0{value}\0{typed if isinstance(typed, str) else value}"
        elif kind is Kind.TAGS and isinstance(value, list):
            spellings = dict(enumerate(typed)) if isinstance(typed, list) else {}
            for place, tag in enumerate(value):
                if isinstance(tag, str):
                    spelling = spellings.get(place)
                    yield f"{field}\0{tag}\0{spelling if isinstance(spelling, str) else tag}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


async def _check_counts(storage: Storage, counts: Mapping[str, int], findings: Findings) -> None:
    stored = await storage.redis.execute("HGETALL", storage.keys.counts)
    for entry in sorted(counts.keys() | stored.keys()):
        count = counts.get(entry, 0)
        if str(count) != stored.get(entry, "0"):
            delete = ("HDEL", storage.keys.counts, entry)
            command = ("HSET", storage.keys.counts, entry, count) if count else delete
            findings.add(Problem.WRONG_COUNT, entry, command)


async def _check_fame(storage: Storage, fame: Mapping[str, float], findings: Findings) -> None:
    minimum = await _minimum_fame(storage, fame, findings)
    best_known = {name: value for name, value in fame.items() if value >= minimum}
    stored = dict(await storage.redis.execute("ZRANGE", storage.keys.fame, 0, -1, "WITHSCORES"))
    for name in sorted(best_known.keys() | stored.keys()):
        value = best_known.get(name)
        if value != stored.get(name):
            remove = ("ZREM", storage.keys.fame, name)
            command = remove if value is None else ("ZADD", storage.keys.fame, repr(value), name)
            findings.add(Problem.WRONG_FAME, name, command)


async def _minimum_fame(storage: Storage, fame: Mapping[str, float], findings: Findings) -> float:
    """Return the lowest fame that is indexed. A stored minimum that leaves too few people in the
    index is a problem; its repair removes it and indexes everyone whose fame is known."""
    stored = await storage.redis.execute("HGET", storage.keys.meta, "least_known")
    if stored is None:
        return -math.inf
    with suppress(ValueError):
        indexed = sum(value >= float(stored) for value in fame.values())
        if indexed >= min(BEST_KNOWN, len(fame)):
            return float(stored)
    findings.add(Problem.WRONG_FAME, stored, ("HDEL", storage.keys.meta, "least_known"))
    return -math.inf

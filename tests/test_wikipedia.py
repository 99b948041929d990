"""People from Wikipedia's lists of deaths, with the real model: every third, in a long run also all
19,509."""

import asyncio
import gc
import json
import random
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.directory import Directories, Directory, Redis
from bot.embedding import Embedder, Vectors
from bot.files import ImportPlan, export_file, read_file
from bot.maintenance import check
from bot.map import MapCache
from bot.person import BASE_SCHEMA, Kind, Person, fold
from bot.query import negate, print_query
from bot.query.filters import (
    And,
    Comparison,
    Filter,
    HasValue,
    NamedFilter,
    Not,
    Or,
    all_of,
    any_of,
)
from tests.conftest import shared
from tests.import_helpers import import_people

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[3, pytest.param(1, marks=pytest.mark.long)])
def step(request: pytest.FixtureRequest) -> int:
    """3 to take every third person of the list, 1 to take everyone."""
    return request.param


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory, step: int) -> Path:
    lines = shared("wikipedia_deaths.jsonl").read_text("utf-8").splitlines(keepends=True)
    assert len(lines) == 19_509
    file = tmp_path_factory.mktemp("people") / "deaths.jsonl"
    file.write_text("".join(lines[::step]), "utf-8")
    return file


@pytest.fixture(scope="module")
def rows(deaths: Path) -> list[dict]:
    return [json.loads(line) for line in deaths.read_text("utf-8").splitlines()]


class CachingEmbedder:
    """The model, with a cache of the texts it embedded."""

    def __init__(self, embedder: Embedder) -> None:
        self.name = embedder.name
        self.embed, self.knows = embedder.embed, embedder.knows
        self.lengths = embedder.lengths
        self._embedder = embedder
        self._cache: dict[str, Vectors] = {}

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        new = [text for text in texts if text not in self._cache]
        self._cache |= zip(new, await self._embedder.embed_all(new), strict=True)
        return np.array([self._cache[text] for text in texts], np.float32)


@pytest.fixture(scope="module")
def directories(redis: Redis, embedder: Embedder) -> Directories:
    caching = CachingEmbedder(embedder)
    return Directories(redis, caching, "wikipedia:{guild}", lambda: (BASE_SCHEMA, ()))


@pytest.fixture(scope="module")
async def imported(
    directories: Directories, deaths: Path, step: int
) -> tuple[Directory, ImportPlan]:
    directory = await directories.get_or_create(f"deaths{step}")
    plan, _ = await import_people(directory, read_file(deaths))
    return directory, plan


async def test_everyone_is_imported_as_the_file_has_them(
    imported: tuple[Directory, ImportPlan], rows: list[dict], step: int
):
    directory, plan = imported
    assert len(plan.added) == len(rows) == await directory.people.count()
    assert not (plan.refused or plan.same or plan.conflicts or plan.repeated)
    counts = Counter(clean(row["name"]) for row in rows)
    assert set(plan.renamed) == {name for name, count in counts.items() if count > 1}
    assert len(plan.renamed) == {1: 74, 3: 8}[step]
    people = {person.name: person async for person in directory.people.iterate()}
    for row in rows:
        name = clean(row["name"])
        assert any(is_row(people[new], row) for new in plan.renamed.get(name, [name])), row


def clean(text: str) -> str:
    return " ".join(text.split())


def is_row(person: Person, row: dict) -> bool:
    facts = {key: row[key] for key in ("born", "died", "country", "references")}
    known = {key: value for key, value in facts.items() if value is not None}
    topics = tuple(row["topics"]) or None
    return (
        person.description == clean(row["description"])
        and {key: person.attributes.get(key) for key in known} == known
        and person.attributes.get("topics") == topics
    )


@pytest.mark.parametrize("count", [10, 100, 486, 1000])
async def test_a_filtered_search_finds_the_people_that_brute_force_finds(
    imported: tuple[Directory, ImportPlan],
    embedder: Embedder,
    rows: list[dict],
    step: int,
    count: int,
):
    directory, _ = imported
    expected = [r for r in rows if r["died"] < 2000 and r["born"] and r["born"] > 1930]
    assert len(expected) == {1: 486, 3: 151}[step]
    results = await directory.search("footballer died<2000 born>1930", count)
    found = [match.person for match in results.matches]
    assert len(found) == min(count, len(expected))
    ours = Counter((p.description, p.attributes["born"], p.attributes["died"]) for p in found)
    texts = [clean(row["description"]) for row in expected]
    theirs = Counter((t, r["born"], r["died"]) for t, r in zip(texts, expected, strict=True))
    assert not ours - theirs
    if count >= len(expected):
        assert ours == theirs
        return
    # These are the nearest, except for the rounding of Redis's 8-bit vectors.
    vectors = await embedder.embed_all(texts)
    cosine = dict(zip(texts, vectors @ await embedder.embed("footballer"), strict=True))
    least = sorted(cosine.values(), reverse=True)[: len({p.description for p in found})][-1]
    assert min(cosine[person.description] for person in found) > least - 0.01


async def test_names_complete_quickly(imported: tuple[Directory, ImportPlan]):
    directory, _ = imported
    for prefix in ("", "a", "john", "smi", "ł", "zzz"):
        start = time.perf_counter()
        names = await directory.names.complete(prefix, 25)
        assert time.perf_counter() - start < 0.1
        assert len(names) <= 25 and all(len(name) <= 100 for name in names)


async def test_completion_offers_the_best_known_first(imported: tuple[Directory, ImportPlan]):
    directory, _ = imported
    fame = {p.name: p.attributes["references"] async for p in directory.people.iterate()}
    for prefix in ("", "j", "john", "smi", "van d", "ł", "mandel"):
        found = await directory.names.complete(prefix, 10)
        starting = [name for name in fame if f" {fold(prefix)}" in f" {fold(name)}"]
        best = sorted((fame[name] for name in starting), reverse=True)[:10]
        assert [fame[name] for name in found] == best, prefix


async def test_the_map_of_everyone_is_drawn_quickly_beside_the_event_loop(
    imported: tuple[Directory, ImportPlan],
):
    """In under 3 s, and from the cache in under 50 ms, while the event loop never waits for 50 ms.
    The best of several rounds counts, because the machine has other things to do."""
    directory, _ = imported
    gc.collect()
    gc.freeze()  # the objects that earlier tests left, which a bot doesn't have
    first, again, late = [], [], []
    for query in ("", "", "died>1000", ""):
        maps = MapCache()
        taken, waited = await timed(maps.get(directory, query, ""))
        first.append(taken)
        late.append(max(waited))
        again.append((await timed(maps.get(directory, query, "")))[0])
    print(f"\nfirst {first}, again {again}, loop held up {late}, in s")
    assert min(first) < 3 and min(again) < 0.05 and min(late) < 0.05


async def timed(work: Coroutine[Any, Any, object]) -> tuple[float, list[float]]:
    """Return how long work takes, and how late a timer of 5 ms is meanwhile, in seconds."""
    late: list[float] = [0]

    async def tick() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - before - 0.005)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    started = time.perf_counter()
    await work
    taken = time.perf_counter() - started
    ticking.cancel()
    return taken, late


QUERIES = {1: 1000, 3: 200}  # by step
WORDS = [
    "footballer", "physicist", "American actress", "jazz musician", "politician", "novelist",
    "chess grandmaster", "bishop", "film director", "swimmer", "banker", "sculptor", "economist",
    "cricketer", "general", "journalist", "nurse", "engineer who built bridges", "spy", "cook",
]  # fmt: skip
COUNTS = [1, 6, 25, 100, 500, 2_000, 20_000]
ROUNDING = 0.01  # of a cosine: Redis rounds the query to 8 bits as well
COMPARISONS = {
    "=": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


class BruteForce:
    """All people as columns, to filter and compare them by brute force."""

    def __init__(self, people: Sequence[Person], vectors: Vectors) -> None:
        self.people = people
        self.names = np.array([person.name for person in people])
        self.vectors = vectors
        self.numbers = {
            name: np.array([person.attributes.get(name, np.nan) for person in people], float)
            for name in ("born", "died", "references")
        }
        self.texts = np.array([fold(str(p.attributes.get("country", ""))) for p in people])
        self.tags = [
            {fold(tag) for tag in tags} if isinstance(tags, tuple) else set()
            for tags in (person.attributes.get("topics") for person in people)
        ]

    def matches(self, node: Filter) -> np.ndarray:
        """Return who matches a filter, as bool[len(people)]."""
        match node:
            case NamedFilter(_, meaning):
                return self.matches(meaning)
            case Not(part):
                return ~self.matches(part)
            case And(parts):
                return np.logical_and.reduce([self.matches(part) for part in parts])
            case Or(parts):
                return np.logical_or.reduce([self.matches(part) for part in parts])
            case HasValue(field):
                return np.array([field in person.attributes for person in self.people])
            case Comparison(field, Kind.NUMBER, symbol, value):
                return COMPARISONS[symbol](self.numbers[field], value)
            case Comparison(_, Kind.TEXT, _, value):
                return self.texts == fold(str(value))
            case Comparison(_, _, _, value):
                return np.array([fold(str(value)) in tags for tags in self.tags])


@pytest.fixture(scope="module")
async def brute_force(imported: tuple[Directory, ImportPlan], redis: Redis) -> BruteForce:
    directory, _ = imported
    people = [person async for person in directory.people.iterate()]
    stored = await redis.execute_all([("VEMB", directory.key, p.name) for p in people])
    return BruteForce(people, np.array(stored, np.float32))


def random_filter(chance: random.Random, brute_force: BruteForce, depth: int = 2) -> Filter:
    """Return a filter of someone's values: at least one person matches it, unless it is negated."""
    person = chance.choice(brute_force.people)
    known = person.attributes
    if depth and chance.random() < 0.5:
        parts = [random_filter(chance, brute_force, depth - 1) for _ in range(chance.randint(2, 3))]
        node = chance.choice([all_of, any_of])(parts)
        return negate(node) if chance.random() < 0.2 else node
    field = chance.choice(["born", "died", "references", "country", "topics", "span", "one"])
    born, died = known["born"], known["died"]
    assert isinstance(born, int) and isinstance(died, int)
    match field:
        case "one":  # few or one
            return all_of([number(name, "=", known[name]) for name in brute_force.numbers])
        case "span":
            name = chance.choice(["born", "died"])
            least = chance.randint(1890, 2000)
            most = least + chance.randint(1, 60)
            return all_of([number(name, ">=", least), number(name, "<=", most)])
        case "country":
            value = known.get("country")
            equal = Comparison("country", Kind.TEXT, "=", str(value).replace('"', ""))
            return HasValue("country") if value is None else chance.choice([equal, Not(equal)])
        case "topics":
            value = known.get("topics")
            tag = value[0] if isinstance(value, tuple) else "arts"
            return Comparison("topics", Kind.TAGS, "=", tag)
        case name:
            return number(name, chance.choice(list(COMPARISONS)), known[name])


def number(field: str, symbol: str, value: object) -> Comparison:
    assert isinstance(value, int | float)
    return Comparison(field, Kind.NUMBER, symbol, value)


async def test_filtered_searches_miss_nobody(
    imported: tuple[Directory, ImportPlan], embedder: Embedder, brute_force: BruteForce, step: int
):
    directory, _ = imported
    chance = random.Random(3)
    scores = {
        words: brute_force.vectors @ vector
        for words, vector in zip(WORDS, await embedder.embed_all(WORDS), strict=True)
    }
    sizes: list[int] = []
    for _ in range(QUERIES[step]):
        words, count = chance.choice(WORDS), chance.choice(COUNTS)
        node = random_filter(chance, brute_force)
        is_match = brute_force.matches(node)
        results = await directory.search(f"{words} {print_query(node)}", count, literal=True)
        assert results.query.filter == node, print_query(node)
        found = [match.person.name for match in results.matches]
        expected = brute_force.names[is_match]
        sizes.append(len(expected))
        assert len(found) == len(set(found)) == min(count, len(expected)), print_query(node)
        assert set(found) <= set(expected)  # all of them, where there are no more than count
        best = np.sort(scores[words][is_match])[::-1][: len(found)]
        theirs = [2 * (match.score or 0) - 1 for match in results.matches]
        assert np.abs(best - theirs).max(initial=0) < ROUNDING, print_query(node)
    assert min(sizes) <= 1 and max(sizes) == len(brute_force.people)


async def test_conditions_alone_miss_nobody(
    imported: tuple[Directory, ImportPlan], brute_force: BruteForce
):
    directory, _ = imported
    chance = random.Random(4)
    for _ in range(100):
        node = random_filter(chance, brute_force)
        expected = brute_force.names[brute_force.matches(node)]  # in the order of names, as all are
        results = await directory.search(print_query(node), 25)
        assert results.total == len(expected), print_query(node)
        assert [match.person.name for match in results.matches] == list(expected[:25])


async def test_an_export_makes_the_same_directory_again(
    imported: tuple[Directory, ImportPlan], directories: Directories, tmp_path: Path, step: int
):
    """With the laureates, from CSV. This test comes last, because it changes the directory."""
    directory, _ = imported
    before = await directory.people.count()
    laureates, _ = await import_people(directory, read_file(shared("nobel_laureates.jsonl")))
    assert not laureates.refused
    file = tmp_path / "everybody.csv"
    count = await export_file(directory, file)
    assert count == await directory.people.count() == before + len(laureates.added) > before
    again = await directories.get_or_create(f"again{step}")
    plan, report = await import_people(again, read_file(file))
    assert report.added == count and not (plan.refused or plan.renamed or plan.repeated)
    assert again.fields.schema == directory.fields.schema and list(again.fields.schema) == list(
        directory.fields.schema
    )
    names = [person.name async for person in directory.people.iterate()]
    assert names == [person.name async for person in again.people.iterate()]
    assert await again.storage.read_attributes(names) == await directory.storage.read_attributes(
        names
    )  # to the byte
    chance = random.Random(5)
    for number in range(200):
        words = chance.choice(WORDS) if number % 4 else ""
        country = chance.choice(["country:france", "-country:germany", "has:topics", "no:country"])
        query = f"{words} {country} born>{chance.randint(1800, 1960)}"
        first, second = await directory.search(query, 10), await again.search(query, 10)
        # Closeness is measured through the graph, which differs between the directories.
        answers = [[(m.person, m.score) for m in found.matches] for found in (first, second)]
        assert answers[0] == answers[1] and first.total == second.total, query
    for words in WORDS:  # through the graph, which differs and misses about 1 %
        first, second = await directory.search(words, 10), await again.search(words, 10)
        same = {match.person.name for match in first.matches} & {
            match.person.name for match in second.matches
        }
        assert len(same) >= 8, words
    for each in (directory, again):
        assert (await check(each)).is_clean

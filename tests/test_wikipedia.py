"""19,509 people from Wikipedia's lists of deaths, with the real model."""

import json
import time
from collections import Counter

import pytest

from bot.directory import Directories, Directory
from bot.embedder import Embedder
from bot.people_file import read
from bot.person import BASE_SCHEMA, Person
from bot.transfer import Report, import_people
from tests.conftest import shared

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    with shared("wikipedia_deaths.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
async def imported(redis, embedder: Embedder, rows: list[dict]) -> tuple[Directory, Report]:
    directories = Directories(redis, embedder, "wikipedia:{guild}", lambda: (BASE_SCHEMA, ()))
    directory = await directories.get_or_create("deaths")
    path = shared("wikipedia_deaths.jsonl")
    return directory, await import_people(directory, read(path), lambda done, total: None)


async def test_nobody_is_lost(imported: tuple[Directory, Report], rows: list[dict]):
    directory, report = imported
    assert report.added == len(rows) == 19_509 == await directory.count()
    assert not (report.refused or report.same or report.different or report.repeated)
    counts = Counter(clean(row["name"]) for row in rows)
    assert set(report.renamed) == {name for name, count in counts.items() if count > 1}
    assert len(report.renamed) == 74
    people = {person.name: person async for person in directory.everybody()}
    for row in rows:
        name = clean(row["name"])
        assert any(is_row(people[new], row) for new in report.renamed.get(name, [name])), row


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
async def test_a_filtered_search_finds_what_brute_force_finds(
    imported: tuple[Directory, Report], embedder: Embedder, rows: list[dict], count: int
):
    directory, _ = imported
    expected = [r for r in rows if r["died"] < 2000 and r["born"] and r["born"] > 1930]
    assert len(expected) == 486
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
    # The nearest, but for the rounding of Redis's 8-bit vectors.
    vectors = await embedder.embed_all(texts)
    cosine = dict(zip(texts, vectors @ await embedder.embed("footballer"), strict=True))
    least = sorted(cosine.values(), reverse=True)[: len({p.description for p in found})][-1]
    assert min(cosine[person.description] for person in found) > least - 0.01


async def test_names_complete_quickly(imported: tuple[Directory, Report]):
    directory, _ = imported
    for prefix in ("", "a", "john", "smi", "ł", "zzz"):
        start = time.perf_counter()
        names = await directory.complete(prefix, 25)
        assert time.perf_counter() - start < 0.1
        assert len(names) <= 25 and all(len(name) <= 100 for name in names)

"""How searches are carried out. test_wikipedia.py and test_scale.py do so among many people."""

import pytest

from bot.directory import Directory, Redis, vector_search
from bot.directory.vector_search import VectorSearch

PEOPLE = 60


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().get_or_create("here")
    for number in range(PEOPLE):
        years = {"born": 1900 + number} if number % 10 else {}
        await directory.people.add(f"P{number:02}", f"singer number {number}", years)
    return directory


def names(results) -> list[str]:
    return [match.person.name for match in results.matches]


@pytest.mark.parametrize("sampled_from", [0, 10_000])
@pytest.mark.parametrize("page", [1, 256])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("born<1903", ["P01", "P02"]),
        ("born>1903", [f"P{n:02}" for n in range(4, PEOPLE) if n % 10]),
        ("-born:1903", [f"P{n:02}" for n in range(PEOPLE) if n != 3]),
        ("no:born", [f"P{n:02}" for n in range(0, PEOPLE, 10)]),
        ("has:born or no:born", [f"P{n:02}" for n in range(PEOPLE)]),
        ("has:born no:born", []),
    ],
)
async def test_conditions_alone_find_everyone_whichever_group_is_smaller(
    directory: Directory, monkeypatch, sampled_from: int, page: int, query: str, expected: list[str]
):
    """Redis is asked for those who match, or for those who don't."""
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", sampled_from)
    monkeypatch.setattr(vector_search, "PAGE", page)
    for count in (1, 5, 100):
        results = await directory.search(query, count)
        assert (names(results), results.total) == (expected[:count], len(expected))
    asked_for_others = "don't match" in results.strategy
    assert asked_for_others == (sampled_from == 0 and len(expected) > PEOPLE / 2)


async def test_a_small_directory_is_scanned(directory: Directory):
    results = await directory.search("singer", 5)
    assert results.strategy == "exact scan, as fast as the graph for 60 people"
    assert results.expression == ""
    assert set(results.milliseconds) == {"parse", "embed", "search"}


async def test_a_large_directory_is_searched_by_its_graph(directory: Directory, monkeypatch):
    monkeypatch.setattr(vector_search, "SCAN_PER_EFFORT", 0)
    results = await directory.search("singer number 7", 5)
    assert results.strategy == "graph, with an effort of 500"
    assert names(results)[0] == "P07"
    assert (await directory.search("singer", 200)).strategy == "graph, with an effort of 1,000"


async def test_a_search_with_a_condition_scans_everyone(directory: Directory, monkeypatch):
    monkeypatch.setattr(vector_search, "SCAN_PER_EFFORT", 0)
    results = await directory.search("singer number 7 born<1903", 5)
    assert results.strategy.startswith("exact scan")
    assert results.expression == "(.born != null and .born < 1903)"
    assert set(names(results)) == {"P01", "P02"}


async def test_a_person_added_during_a_search_is_shown_only_if_they_match(
    directory: Directory, monkeypatch
):
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", 0)
    first_names = VectorSearch._first_names

    async def add_then_read(self: VectorSearch, count: int, excluded: set[str]) -> list[str]:
        await directory.people.add("A", "singer who came in between", {"born": 1700})
        return await first_names(self, count, excluded)

    monkeypatch.setattr(VectorSearch, "_first_names", add_then_read)
    results = await directory.search("born>1850", 100)
    assert len(results.matches) == results.total == 54
    assert results.strategy == "exact scan"


async def test_a_year_stored_as_text_by_another_program_is_no_error(
    directory: Directory, redis: Redis, monkeypatch
):
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", 0)
    for number in range(PEOPLE):
        key = (directory.key, f"P{number:02}")
        await redis.execute("VSETATTR", *key, '{"born":"1934","died":null}')
    assert (await directory.search("born>1850", 5)).total is not None

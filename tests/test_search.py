"""How queries are carried out; tests/test_wikipedia.py and test_scale.py do so on many people."""

import pytest

from bot.directory import Directory, Redis, vector_search

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
async def test_conditions_alone(
    directory: Directory, monkeypatch, sampled_from: int, page: int, query: str, expected: list[str]
):
    """Whether those who hold them are asked for, or the others."""
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", sampled_from)
    monkeypatch.setattr(vector_search, "PAGE", page)
    for count in (1, 5, 100):
        results = await directory.search(query, count)
        assert (names(results), results.total) == (expected[:count], len(expected))
    others = "do not match" in results.strategy
    assert others == (sampled_from == 0 and len(expected) > PEOPLE / 2)


async def test_of_few_people_all_are_compared(directory: Directory):
    results = await directory.search("singer", 5)
    assert results.strategy == "exact scan, as fast as the graph for 60"
    assert results.expression == ""
    assert set(results.milliseconds) == {"parse", "embed", "search"}


async def test_of_many_people_the_graph_is_searched(directory: Directory, monkeypatch):
    monkeypatch.setattr(vector_search, "SCAN_PER_EFFORT", 0)
    results = await directory.search("singer number 7", 5)
    assert results.strategy == "graph, with an effort of 500"
    assert names(results)[0] == "P07"
    assert (await directory.search("singer", 200)).strategy == "graph, with an effort of 1,000"


async def test_with_a_condition_all_are_compared(directory: Directory, monkeypatch):
    monkeypatch.setattr(vector_search, "SCAN_PER_EFFORT", 0)
    results = await directory.search("singer number 7 born<1903", 5)
    assert results.strategy.startswith("exact scan")
    assert results.expression == "(.born != null and .born < 1903)"
    assert set(names(results)) == {"P01", "P02"}


async def test_who_is_added_meanwhile_is_not_shown_unless_they_hold_it(
    directory: Directory, monkeypatch
):
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", 0)
    first_names = vector_search.VectorSearch._first_names

    async def late(self: vector_search.VectorSearch, count: int, others: set[str]) -> list[str]:
        await directory.people.add("A", "singer who came in between", {"born": 1700})
        return await first_names(self, count, others)

    monkeypatch.setattr(vector_search.VectorSearch, "_first_names", late)
    results = await directory.search("born>1850", 100)
    assert len(results.matches) == results.total == 54
    assert results.strategy == "exact scan"


async def test_a_year_that_another_program_wrote_as_text_is_no_error(
    directory: Directory, redis: Redis, monkeypatch
):
    monkeypatch.setattr(vector_search, "SAMPLED_FROM", 0)
    for number in range(PEOPLE):
        key = (directory.key, f"P{number:02}")
        await redis.execute("VSETATTR", *key, '{"born":"1934","died":null}')
    assert (await directory.search("born>1850", 5)).total is not None

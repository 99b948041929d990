"""Filters: Redis, the evaluator and the query language agree on what one means."""

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.directory import Redis
from bot.person import BASE_SCHEMA, Kind, Person
from bot.query import matches, print_query, print_redis_filter
from bot.query.filters import And, Comparison, Filter, HasValue, Not, Or
from bot.query.lifetimes import alive_filter, dead_filter, lived_filter

SCHEMA = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS, "laureate": Kind.FLAG}
NUMBERS = [-500, -44, -1, 0, 1, 1.5, 1e-6, 1867, 1934, 1950, 2000, 2020, 123456789012345]
TEXTS = [
    "France",
    "FRANCE",
    "Côte d'Ivoire",
    "cote divoire",
    "Россия",
    "日本",
    "0",
    "1934",
    "-44",
    'the "Rock" \\',
    "null",
    "a",
    "b c",
    "x, y (z)",
    "born < 2000",
    "' or 1 == 1",
]
YEAR = 2026
PEOPLE = 200


def make_people() -> list[Person]:
    random = np.random.default_rng(7)

    def maybe(value):
        return None if random.random() < 0.3 else value

    people = []
    for number in range(PEOPLE):
        attributes = {
            "born": maybe(float(random.choice(NUMBERS))),
            "died": maybe(float(random.choice(NUMBERS))),
            "country": maybe(str(random.choice(TEXTS))),
            "field": maybe(tuple(set(map(str, random.choice(TEXTS, 2))))),
            "laureate": maybe(bool(random.random() < 0.5)),
        }
        known = {name: value for name, value in attributes.items() if value is not None}
        people.append(Person(f"p{number}", "x", known))
    return people


ALL = make_people()


comparisons = st.one_of(
    st.builds(
        Comparison,
        st.sampled_from(["born", "died"]),
        st.just(Kind.NUMBER),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        st.sampled_from(NUMBERS),
    ),
    st.builds(
        Comparison, st.just("country"), st.just(Kind.TEXT), st.just("="), st.sampled_from(TEXTS)
    ),
    st.builds(
        Comparison, st.just("field"), st.just(Kind.TAGS), st.just("="), st.sampled_from(TEXTS)
    ),
    st.builds(Comparison, st.just("laureate"), st.just(Kind.FLAG), st.just("="), st.booleans()),
    st.builds(HasValue, st.sampled_from(list(SCHEMA))),
    st.sampled_from(
        [
            alive_filter(YEAR),
            dead_filter(YEAR),
            lived_filter((1901, 2000), YEAR),
            lived_filter((-99, -1), YEAR),
        ]
    ),
)


def combinations(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, parts), st.builds(And, several), st.builds(Or, several))


filters = st.recursive(comparisons, combinations, max_leaves=12)


@pytest.fixture(scope="module")
async def crowd(redis: Redis) -> str:
    random = np.random.default_rng(1)
    for person in ALL:
        vector = random.normal(size=8).astype("<f4").tobytes()
        arguments = (person.name, "SETATTR", person.dump(SCHEMA))
        await redis.execute("VADD", "crowd", "FP32", vector, *arguments)
    return "crowd"


@given(node=filters)
@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_redis_returns_exactly_the_people_the_evaluator_matches(
    redis: Redis, crowd: str, node: Filter
):
    anywhere = np.ones(8, "<f4").tobytes()
    command = ("VSIM", crowd, "FP32", anywhere, "COUNT", PEOPLE)
    found = await redis.execute(*command, "FILTER", print_redis_filter(node), "TRUTH")
    expected = {person.name for person in ALL if matches(node, person.attributes)}
    assert set(found) == expected


def born(symbol: str, value: float) -> Comparison:
    return Comparison("born", Kind.NUMBER, symbol, value)


FRANCE = Comparison("country", Kind.TEXT, "=", "France")


NOT_FRANCE = Not(FRANCE)
LATE = born("<=", 1950)


@pytest.mark.parametrize(
    ("node", "printed", "written"),
    [
        (born("<", 2000), "(.born != null and .born < 2000)", "born<2000"),
        (born(">", 2000), ".born > 2000", "born>2000"),
        (born("<", -44), ".born < -44", "born<44 BC"),
        (born("=", 0), ".born == 0", "born:0"),
        (FRANCE, '.country == "france"', "country:France"),
        (NOT_FRANCE, '.country != "france"', "-country:France"),
        (Not(born("<", 2000)), "(.born == null or .born >= 2000)", "-born<2000"),
        (HasValue("born"), "(.born != null )", "has:born"),
        (Not(HasValue("born")), "(.born == null )", "no:born"),
        (Comparison("field", Kind.TAGS, "=", "Art"), '("art" in .field)', "field:Art"),
        (
            Not(Comparison("field", Kind.TAGS, "=", "x y")),
            '(not ("x y" in .field))',
            '-field:"x y"',
        ),
        (
            And((born(">=", 1900), LATE)),  # what is null is no more than 0, so not born from 1900
            "(.born >= 1900 and .born <= 1950)",
            "born:1900..1950",
        ),
        (
            And((LATE, Not(born("=", 1900)), Or((born("<", 1), FRANCE)))),
            "((.born != null and .born <= 1950) and .born != 1900 "
            'and (.born < 1 or .country == "france"))',
            "born<=1950 -born:1900 (born<1 or country:France)",
        ),
        (
            Or((FRANCE, Comparison("country", Kind.TEXT, "=", "the US"))),
            None,
            'country:France,"the US"',
        ),
        (Not(Or((FRANCE, LATE))), None, "-(country:France or born<=1950)"),
        (
            Or((And((FRANCE, LATE)), HasValue("died"))),
            None,
            "((country:France born<=1950) or has:died)",
        ),
        (alive_filter(YEAR), "((.died == null ) and .born > 1906)", "is:alive"),
        (Not(dead_filter(YEAR)), None, "-is:dead"),
        (lived_filter((1701, 1800), YEAR), None, "lived:1701..1800"),
    ],
)
def test_a_filter_is_printed_for_redis_and_in_the_query_language(
    node: Filter, printed: str | None, written: str
):
    assert printed is None or print_redis_filter(node) == printed
    assert print_query(node) == written


async def test_redis_orders_null_as_0_but_null_equals_nothing_else(redis: Redis):
    """Redis orders null as 0, but null equals nothing else. redis_printer.py relies on both."""
    vector = np.ones(8, "<f4").tobytes()
    stored = json.dumps({"died": None, "country": None, "field": None})
    await redis.execute("VADD", "nulls", "FP32", vector, "living", "SETATTR", stored)

    async def found(expression: str) -> bool:
        command = ("VSIM", "nulls", "FP32", vector, "FILTER", expression)
        return await redis.execute(*command) == ["living"]

    assert await found(".died < 2000")
    assert not await found(print_redis_filter(Comparison("died", Kind.NUMBER, "<", 2000)))
    assert not await found(".died > 1")
    assert not await found(".died == 0") and await found(".died != 0")
    assert not await found('.country == "x"') and await found('.country != "x"')
    assert not await found('"x" in .field') and await found('not ("x" in .field)')

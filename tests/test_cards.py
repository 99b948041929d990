"""Answers fit a message, whatever was asked and whoever was found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory import Results
from bot.filters import Filter, write
from bot.person import Match, Person
from bot.query import QUERY_MAX, Query, parse
from cogs.cards import search_view, whois_view
from tests.test_query import SCHEMA, YEAR, trees

LONG = Person("@" * 100, "*_" * 1000, {"born": -9999, "country": "漢" * 100})


def results(query: Query, found: int) -> Results:
    return Results(
        matches=[Match(LONG, 0.5)] * found, total=None, strategy="", query=query, milliseconds={}
    )


@pytest.mark.parametrize(
    "query", ["poets born:" + ",".join(["1c"] * 160), "*" * 499 + "x", "country:" + "a,b" * 160]
)
@pytest.mark.parametrize("found", [0, 1, 6, *range(16, 26)])
def test_every_answer_fits(query: str, found: int):
    parsed = parse(query, SCHEMA, YEAR)
    for show in (search_view, whois_view):
        view = show(results(parsed, found))
        assert view.content_length() <= 4000
        assert view.total_children_count <= 37


@given(tree=trees, found=st.sampled_from([0, 1, 25]))
@settings(max_examples=100, deadline=None)
def test_every_filter_fits(tree: Filter, found: int):
    if len(write(tree)) <= QUERY_MAX:
        view = search_view(results(Query("", tree), found))
        assert view.content_length() <= 4000

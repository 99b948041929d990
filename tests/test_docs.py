"""The tables of docs/query-language.md: every query in them parses as they say."""

import re
from pathlib import Path

import pytest

from bot.errors import QueryError
from bot.person import Kind, Schema
from bot.query import parse
from tests.conftest import ROOT
from tests.test_query import SCHEMA, YEAR

PAGE = (ROOT / "docs" / "query-language.md").read_text()
FIELDS: Schema = {
    **{name: SCHEMA[name] for name in ("born", "died", "country", "laureate", "height")},
    "known_for": Kind.TAGS,
}
KNOWN = {
    "france": {"country": "France"},
    "germany": {"country": "Germany"},
    "united states": {"country": "United States"},
    "physics": {"known_for": "physics"},
}


def table_rows(heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the tables with this heading, without their Markdown."""
    tables = re.findall(rf"^\| {heading} \|\n\|[-|]+\n((?:\|.*\|\n)+)", PAGE, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()]
    cells = [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]
    return [tuple(cell.strip().replace("\\|", "|") for cell in row) for row in cells]


EXAMPLES = table_rows(r"query \| words \| conditions")
REFUSED = table_rows(r"query \| because")


def test_every_row_of_the_tables_is_found():
    assert len(EXAMPLES) + len(REFUSED) == len(re.findall(r"^\| `", PAGE, re.MULTILINE)) > 80


@pytest.mark.parametrize(("query", "words", "conditions"), EXAMPLES)
def test_every_example_parses_as_documented(query: str, words: str, conditions: str):
    parsed = parse(query.strip("`"), FIELDS, YEAR, KNOWN)
    assert (parsed.text, parsed.conditions) == (words, re.findall("`([^`]+)`", conditions))


@pytest.mark.parametrize(("query", "because"), REFUSED)
def test_every_refused_query_is_refused_as_documented(query: str, because: str):
    with pytest.raises(QueryError) as caught:
        parse(query.strip("`"), FIELDS, YEAR, KNOWN)
    assert because in str(caught.value)


def test_the_readme_links_to_the_page():
    assert "(docs/query-language.md)" in Path(ROOT / "README.md").read_text()

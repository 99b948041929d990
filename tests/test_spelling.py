"""Names and words that are spelt like a given one are found, ignoring case and accents."""

import pytest

from bot.person import similarly_spelt

NAMES = ["Marie Curie", "Paul Erdős", "Björk", "Pierre Curie", "Mary Curry"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("marie curei", ["Marie Curie", "Mary Curry", "Pierre Curie"]),
        ("PAUL ERDOS", ["Paul Erdős"]),
        ("bjrök", ["Björk"]),
        ("Bob", []),
        ("", []),
    ],
)
def test_similar_names_are_found_most_similar_first(typed: str, found: list[str]):
    assert similarly_spelt(typed, NAMES, limit=3, min_similarity=0.6) == found


def test_the_number_and_the_similarity_are_limited():
    assert similarly_spelt("marie curei", NAMES, limit=1, min_similarity=0.6) == ["Marie Curie"]
    assert similarly_spelt("marie curei", NAMES, limit=3, min_similarity=0.9) == ["Marie Curie"]
    assert similarly_spelt("marie", [], limit=3, min_similarity=0) == []

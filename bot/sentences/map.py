"""What a map says, and what its description says to those who cannot see it."""

from collections.abc import Sequence

from bot.sentences.answers import people

HINT = "The nearer two stand, the more alike their descriptions."
OTHERS = "others"
UNKNOWN = "unknown"
REGIONS = (
    ("top left", "top", "top right"),
    ("left", "centre", "right"),
    ("bottom left", "bottom", "bottom right"),
)
CENTURY_BORN = "century born"


def everybody(count: int, of: int) -> str:
    return people(count) if count == of else f"{people(count)} of {of:,}, at random"


def nearest_to(count: int, query: str) -> str:
    return f"{count:,} nearest to {query}"


def who_fit(count: int, query: str) -> str:
    return f"{people(count)}: {query}"


def century(number: int, *, bc: bool) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number // 10 != 1 else 0, "th")
    return f"{number}{ending} century{' BC' if bc else ''}"


def no_colour_by(field: str, fields: Sequence[str]) -> str:
    return f"The map cannot be coloured by {field}, but by {_listed(fields)}."


def quoted(query: str) -> str:
    return f"“{query}”"


def _listed(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def shown(title: str, count: int) -> str:
    return f"{title}: a map of {people(count)}. {HINT}"


def query_stands(query: str, place: str, nearest: Sequence[str]) -> str:
    beside = f", nearest to {_listed(nearest)}" if nearest else ""
    return f"The query {quoted(query)} stands at the {place}{beside}."


def coloured(by: str, groups: Sequence[tuple[str, int]]) -> str:
    """By which field, or nothing, and how many are of each group."""
    counted = _listed([f"{label} {count:,}" for label, count in groups])
    return f"Coloured by {by}: {counted}." if by else f"Coloured: {counted}."


def mostly(group: str) -> str:
    return f"mostly {group}"


def among_others(groups: Sequence[str]) -> str:
    return f"{_listed(groups)} among others"


def region(place: str, kind: str, names: Sequence[str]) -> str:
    named = f" ({_listed(names)})" if names else ""
    return f"{place.capitalize()}: {kind}{named}."

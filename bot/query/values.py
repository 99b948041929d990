"""The value after an operator: ``1934``, ``44 BC``, ``1900..1950``, ``1960s``, ``19c``, ``france``
or ``none``.

Functions here raise ValueError, whose text says what is wrong.
"""

import re

from bot.language import _, format_list
from bot.person import (
    BASE_SCHEMA,
    ERA_PATTERN,
    UNKNOWN_WORDS,
    Kind,
    Value,
    fold,
    is_bc,
    parse_value,
)
from bot.query.filters import Comparison, Filter, HasValue, Not, all_of

Span = tuple[float | None, float | None]
"""The least and the greatest number, None where the span is open. For a single number, both are
the same."""

SHOWN_MAX = 60  # characters of a value, in a message

_BETWEEN = re.compile(r"\s*(?:\.{2,3}|…|\bto\b|(?<=\w)\s*[-–—]\s*(?=\d))\s*")
_DECADE = re.compile(rf"(?P<years>\d{{1,3}}0)s\s*(?P<era>{ERA_PATTERN})?")
_CENTURY = re.compile(rf"(?P<century>\d{{1,2}})c\s*(?P<era>{ERA_PATTERN})?", re.IGNORECASE)


def compare_text(
    field: str, kind: Kind, operator: str, text: str, *, is_quoted: bool = False
) -> Filter:
    """Return the filter for a field, an operator (a key of evaluator.OPERATORS) and the value as
    typed."""
    means_unknown = not is_quoted and fold(text) in UNKNOWN_WORDS
    if operator != "=" and means_unknown:
        raise ValueError(
            _("Use = or != with {word}, not {operator}.", word=text, operator=operator)
        )
    if operator != "=" and kind is not Kind.NUMBER:
        raise ValueError(
            _(
                "{attribute} isn't a number. Use = or !=, not {operator}.",
                attribute=field,
                operator=operator,
            )
        )
    if means_unknown:
        return Not(HasValue(field))
    if kind is Kind.NUMBER:
        if operator != "=" and _BETWEEN.search(text):
            raise ValueError(
                _(
                    "Give one number after {attribute}{operator}, not a range.",
                    attribute=field,
                    operator=operator,
                )
            )
        return compare_span(field, operator, parse_span(field, text))
    value = text if kind is Kind.TAGS else _parse_value(field, kind, text)
    if isinstance(value, str) and not fold(value):
        raise ValueError(
            _("The value of {attribute} needs at least one letter or digit.", attribute=field)
        )
    assert not isinstance(value, tuple)
    return Comparison(field, kind, operator, value)


def compare_span(field: str, operator: str, span: Span) -> Filter:
    """Return the filter that compares a field with a span. ``=`` means within the span, ``<`` and
    ``>=`` compare with its least number, and ``>`` and ``<=`` with its greatest."""
    least, greatest = span
    if operator == "=" and least != greatest:
        ends = [(">=", least), ("<=", greatest)]
        return all_of(
            Comparison(field, Kind.NUMBER, symbol, end) for symbol, end in ends if end is not None
        )
    end = least if operator in ("<", ">=") else greatest
    assert end is not None
    return Comparison(field, Kind.NUMBER, operator, end)


def parse_span(field: str, text: str) -> Span:
    """Parse a number or a span of numbers. ``field`` is named in messages."""
    if between := _BETWEEN.search(text):
        low, high = text[: between.start()], text[between.end() :]
        if low or high:
            return _parse_range(field, low, high)
    if decade := _DECADE.fullmatch(text):
        return _decade_years(decade["years"], decade["era"])
    if century := _CENTURY.fullmatch(text):
        return _century_years(int(century["century"]), century["era"])
    value = _parse_value(field, Kind.NUMBER, text)
    assert isinstance(value, int | float)
    return value, value


def _parse_range(field: str, low: str, high: str) -> Span:
    if _BETWEEN.search(high):
        raise ValueError(_("A range has two ends, as in {attribute}=1900..1950.", attribute=field))
    least = parse_span(field, low)[0] if low else None
    greatest = parse_span(field, high)[1] if high else None
    if least is not None and greatest is not None and least > greatest:
        suggestions = [f"{field}={high}..{low}"]
        if low.isdigit() and high.isdigit() and len(high) < len(low):  # 1960-70
            suggestions = [f"{field}={low}..{low[: len(low) - len(high)]}{high}"]
        elif greatest < 0 < least and -least <= greatest and field in (*BASE_SCHEMA, "lived"):
            suggestions.append(f"{field}={low} BC..{high}")
        raise ValueError(
            _(
                "{low} comes after {high}. Write {suggestions}.",
                low=low,
                high=high,
                suggestions=format_list(suggestions, "or"),
            )
        )
    return least, greatest


def _decade_years(years: str, era: str | None) -> Span:
    """Return 1960 to 1969 for the 1960s, and 1800 to 1899 for the 1800s."""
    first, decade = int(years), f"{years}s"
    if 0 < first < 100 and not era:
        centuries = [f"19{decade}", f"18{decade}"]
        raise ValueError(
            _(
                "{decade} could be in any century. Write {suggestions}.",
                decade=decade,
                suggestions=format_list(centuries, "or"),
            )
        )
    if not first:
        raise ValueError(_("There's no year 0. Write 1..9 or 1..99."))
    length = 100 if first % 100 == 0 else 10
    if length == 100 and first >= 1900 and not is_bc(era):
        spans = [f"{first}..{first + 9}", f"{first}..{first + 99}"]
        raise ValueError(
            _(
                "{decade} could mean ten years or a hundred. Write {suggestions}.",
                decade=decade,
                suggestions=format_list(spans, "or"),
            )
        )
    last = first + length - 1
    return (-last, -first) if is_bc(era) else (first, last)


def _century_years(century: int, era: str | None) -> Span:
    """Return 1801 to 1900 for the 19th century, and 500 BC to 401 BC for the 5th BC."""
    if not century:
        raise ValueError(_("There's no century 0. The first century is the years 1 to 100."))
    first, last = 100 * century - 99, 100 * century
    return (-last, -first) if is_bc(era) else (first, last)


def _parse_value(field: str, kind: Kind, text: str) -> Value:
    try:
        return parse_value(kind, text)
    except ValueError:
        shown = text[:SHOWN_MAX]
        if kind is Kind.NUMBER:
            message = _(
                "{attribute} needs a number, such as 1934 or 44 BC, or a range, such as "
                '1900..1950, 1960s or 19c. "{value}" is neither.',
                attribute=field,
                value=shown,
            )
        else:
            message = _(
                '{attribute} must be yes or no, not "{value}".', attribute=field, value=shown
            )
        raise ValueError(message) from None

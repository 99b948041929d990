"""What may stand after an operator, as a filter: ``1934``, ``44 BC``, ``1900..1950``, ``1960s``,
``19c``, ``france``, ``none``; and the terms that are about a whole life.

A span is a pair of a least and a greatest number, None where it is open; a single number is both.
Functions here raise ValueError, which says in a sentence what is wrong.
"""

import re

from bot import sentences
from bot.person import (
    BASE_SCHEMA,
    ERA_PATTERN,
    UNKNOWN_WORDS,
    Kind,
    Value,
    fold,
    format_year,
    is_bc,
    parse_value,
)
from bot.query.filters import COMPARISONS, Compare, Filter, Known, Named, Not, either, every

LIFE_MAX = 120
"""Years for which somebody whose death is not known is taken to be alive."""

Span = tuple[float | None, float | None]

_BETWEEN = re.compile(r"\s*(?:\.{2,3}|…|\bto\b|(?<=\w)\s*[-–—]\s*(?=\d))\s*")
_DECADE = re.compile(rf"(?P<years>\d{{1,3}}0)s\s*(?P<era>{ERA_PATTERN})?")
_CENTURY = re.compile(rf"(?P<century>\d{{1,2}})c\s*(?P<era>{ERA_PATTERN})?", re.IGNORECASE)


def read_value(field: str, kind: Kind, operator: str, text: str, *, quoted: bool = False) -> Filter:
    """The filter that ``field`` ``operator`` (a key of COMPARISONS) ``text`` stands for."""
    unknown = not quoted and fold(text) in UNKNOWN_WORDS
    if operator != "=" and unknown:
        raise ValueError(sentences.query.unknown_has_no_order(text, operator))
    if operator != "=" and kind is not Kind.NUMBER:
        raise ValueError(sentences.query.no_number(field, operator))
    if unknown:
        return Not(Known(field))
    if kind is Kind.NUMBER:
        if operator != "=" and _BETWEEN.search(text):
            raise ValueError(sentences.query.one_number(field, operator))
        return between(field, operator, read_span(field, text))
    value = text if kind is Kind.TAGS else _parse(field, kind, text)
    if isinstance(value, str) and not fold(value):
        expected = sentences.values.TEXT_WITH_LETTERS
        raise ValueError(sentences.values.takes(field, expected, text))
    assert not isinstance(value, tuple)
    return Compare(field, kind, operator, value)


def between(field: str, operator: str, span: Span) -> Filter:
    """What ``field`` must be to stand in this relation to the span, which is its whole for ``=``,
    and for the others a span of no open end."""
    least, most = span
    if operator == "=" and least != most:
        ends = [(">=", least), ("<=", most)]
        return every(number(field, symbol, end) for symbol, end in ends if end is not None)
    end = least if operator in ("<", ">=") else most
    assert end is not None
    return number(field, operator, end)


def number(field: str, operator: str, value: float) -> Compare:
    assert operator in COMPARISONS
    return Compare(field, Kind.NUMBER, operator, value)


def read_span(field: str, text: str) -> Span:
    """The numbers from which to which a text reaches."""
    if parts := _BETWEEN.search(text):
        low, high = text[: parts.start()], text[parts.end() :]
        if low or high:
            return _range(field, low, high)
    if decade := _DECADE.fullmatch(text):
        return _decade(decade["years"], decade["era"])
    if century := _CENTURY.fullmatch(text):
        return years_of_century(int(century["century"]), bc=is_bc(century["era"]))
    value = _parse(field, Kind.NUMBER, text)
    assert isinstance(value, int | float)
    return value, value


def _range(field: str, low: str, high: str) -> Span:
    if _BETWEEN.search(high):
        raise ValueError(sentences.query.two_ends(field))
    least = read_span(field, low)[0] if low else None
    most = read_span(field, high)[1] if high else None
    if least is not None and most is not None and least > most:
        instead = [f"{field}:{high}..{low}"]
        if low.isdigit() and high.isdigit() and len(high) < len(low):
            instead = [f"{field}:{low}..{low[: len(low) - len(high)]}{high}"]
        elif most < 0 < least and -least <= most and field in (*BASE_SCHEMA, "lived"):
            instead.append(f"{field}:{low} BC..{high}")
        raise ValueError(sentences.query.wrong_order(low, high, instead))
    return least, most


def _decade(years: str, era: str | None) -> Span:
    first = int(years)
    if 0 < first < 100 and not era:
        raise ValueError(sentences.query.of_any_century(years))
    if not first:
        raise ValueError(sentences.query.NO_YEAR_0)
    length = 100 if first % 100 == 0 else 10
    if length == 100 and first >= 1900 and not is_bc(era):
        raise ValueError(sentences.query.ten_years_or_hundred(first))
    last = first + length - 1
    return (-last, -first) if is_bc(era) else (first, last)


def years_of_century(century: int, *, bc: bool) -> Span:
    """1801 to 1900 for the 19th; 500 BC to 401 BC for the fifth before Christ."""
    if not century:
        raise ValueError(sentences.query.NO_CENTURY_0)
    first, last = 100 * century - 99, 100 * century
    return (-last, -first) if bc else (first, last)


def _parse(field: str, kind: Kind, text: str) -> Value:
    try:
        return parse_value(kind, text)
    except ValueError as error:
        expected = sentences.values.NUMBER_OR_SPAN if kind is Kind.NUMBER else str(error)
        raise ValueError(sentences.values.takes(field, expected, text[:60])) from None


def alive(year: int) -> Filter:
    """Who is not known to have died, and was born less than LIFE_MAX years before ``year``."""
    born_lately = number("born", ">", year - LIFE_MAX)
    return Named("is:alive", every([Not(Known("died")), born_lately]))


def dead(year: int) -> Filter:
    """Who is known to have died, or was born LIFE_MAX years before ``year`` or earlier."""
    return Named("is:dead", either([Known("died"), number("born", "<=", year - LIFE_MAX)]))


def lived(span: Span, year: int) -> Filter:
    """Whose life, as far as it is known, overlaps the span, which has both its ends."""
    least, most = span
    assert least is not None and most is not None
    until = number("born", "<=", most)
    could_be_alive = number("born", ">=", min(least, year - LIFE_MAX + 1))
    years = format_year(least) if least == most else f"{format_year(least)}..{format_year(most)}"
    return Named(
        f"lived:{years}",
        either(
            [
                every([until, number("died", ">=", least)]),
                every([Not(Known("died")), could_be_alive, until]),
                every([Not(Known("born")), between("died", "=", span)]),
            ]
        ),
    )

"""Times in plain English: ``before 2000``, ``in the 19th century``, ``between 1900 and 1950``."""

import re
from dataclasses import dataclass

from bot.person import ERA_PATTERN
from bot.query.english.phrase import Phrase
from bot.query.english.vocabulary import ORDINALS
from bot.query.filters import all_of, any_of
from bot.query.values import Span, compare_span, parse_span

YEAR_MAX = 2100  # a greater number isn't a year in which someone was born or died


@dataclass(frozen=True)
class NamedYears:
    """The years that a query names up to ``end``."""

    end: int
    span: Span


_RELATIONS = {
    "in or before": "<=", "in or after": ">=", "before": "<", "prior to": "<", "after": ">",
    "since": ">=", "until": "<=", "till": "<=", "by": "<=", "in": "=", "during": "=",
    "within": "=",
}  # fmt: skip
_RELATION = re.compile(
    rf"(?P<relation>{'|'.join(name.replace(' ', '[ ]') for name in _RELATIONS)})\s+", re.IGNORECASE
)
_FROM = re.compile(r"(?:between|from)\s+", re.IGNORECASE)
_TO = re.compile(
    r"\s*(?:-|–|&|\.{2,3}|\band\b|\bto\b|\buntil\b|\btill\b|\bthrough\b)\s*", re.IGNORECASE
)
_ON = re.compile(r"\s+(?:on|onwards?)\b", re.IGNORECASE)
_JOINED = re.compile(r"\s*,?\s*\b(?P<conjunction>and|but|or)\s+", re.IGNORECASE)

_NEXT_PHRASE = re.compile(
    r"\b(?:born|died|dead|lived|passed|who|whose|from|still|alive)\b|[<>=:≤≥≠]", re.IGNORECASE
)
_MORE_TIMES = re.compile(r"\b\d{3,4}s?\b|\b(?:not|except|maybe|century)\b", re.IGNORECASE)

NUMBER_END = r"(?![\w%+*~$€£°]|[.,:/]\d|[-–—][^\W\d])"
_YEAR = re.compile(
    r"(?i:(?:the\s+)?year\s+)?(?P<year>\d{1,4})"
    rf"(?P<era>\s*(?:{ERA_PATTERN}|ad|ce))?{NUMBER_END}"
)
_DECADE = re.compile(rf"(?i:the\s+)?(?P<decade>\d{{2,3}}0)['’]?s(?P<era>\s*{ERA_PATTERN})?(?!\w)")
_ORDINAL = rf"\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(sorted(ORDINALS, key=len, reverse=True))}"
_CENTURY = re.compile(
    rf"(?i:(?:the\s+)?(?P<ordinal>{_ORDINAL})[\s-]+century)(?P<era>\s*{ERA_PATTERN})?(?![-\w])"
)
_DIGITS = re.compile(r"\d+")
_IN = re.compile(r"in\s+", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—]|\.{2,3}|to\b)\s*(?=\d{3,4}(?!\d))", re.IGNORECASE)
_RANGE_START = re.compile(r"\s*(?:[-–—]|to\b)\s*\d", re.IGNORECASE)


def read_times(field: str, query: str, position: int, *, is_single: bool) -> Phrase | None:
    """Read the times that begin here as a filter on ``field``. None if there are none, if there are
    several and ``is_single``, or if what follows may be part of them."""
    first = _read_range(field, query, position) or _read_relation(field, query, position)
    bare = None if first else read_years(query, position)
    if bare:
        first = Phrase(bare.end, compare_span(field, "=", bare.span))
    if first is None:
        return None
    if joined := _read_joined(field, query, first, is_bare=bool(bare)):
        first = None if is_single else joined
    return None if first is None or _times_go_on(field, query, first.end) else first


def _read_range(field: str, query: str, position: int) -> Phrase | None:
    """Read ``1930-1940`` or ``in 1930 to 1940``."""
    start = _IN.match(query, position)
    first = read_years(query, start.end() if start else position)
    range_ = first and _RANGE.match(query, first.end)
    last = range_ and _read_year(query, range_.end())
    span = _join_spans(first.span, last.span) if first and last else None
    return Phrase(last.end, compare_span(field, "=", span)) if last and span else None


def _read_joined(field: str, query: str, first: Phrase, *, is_bare: bool) -> Phrase | None:
    """Read the times that ``and``, ``but`` or ``or`` joins to the first, and return both. None if
    there are none."""
    joined = _JOINED.match(query, first.end)
    if joined is None:
        return None
    is_or = joined["conjunction"].lower() == "or"
    second = _read_relation(field, query, joined.end())
    if second is None and is_or and not is_bare and (named := read_years(query, joined.end())):
        second = Phrase(named.end, compare_span(field, "=", named.span))
    combine = any_of if is_or else all_of
    return second and Phrase(second.end, combine([first.filter, second.filter]))


def _times_go_on(field: str, query: str, position: int) -> bool:
    """Whether more times may follow before the next phrase."""
    joined = _JOINED.match(query, position)
    if joined and _read_relation(field, query, joined.end()):
        return True
    next_phrase = _NEXT_PHRASE.search(query, position)
    rest = query[position : next_phrase.start() if next_phrase else len(query)]
    return bool(_RANGE_START.match(rest) or _MORE_TIMES.search(rest))


def _read_relation(field: str, query: str, position: int) -> Phrase | None:
    """Read ``before 2000``, ``in the 19th century`` or ``between 1900 and 1950``."""
    if match := _RELATION.match(query, position):
        symbol = _RELATIONS[" ".join(match["relation"].lower().split())]
        if named := read_years(query, match.end()):
            return Phrase(named.end, compare_span(field, symbol, named.span))
    if match := _FROM.match(query, position):
        first = read_years(query, match.end())
        to = first and _TO.match(query, first.end)
        last = to and read_years(query, to.end())
        if first and last:
            span = _join_spans(first.span, last.span)
            return span and Phrase(last.end, compare_span(field, "=", span))
        if first and (on := _ON.match(query, first.end)):
            return Phrase(on.end(), compare_span(field, ">=", first.span))
    return None


def read_years(query: str, position: int) -> NamedYears | None:
    """Read the century, decade or year that begins here."""
    if century := _CENTURY.match(query, position):
        ordinal = century["ordinal"].lower()
        digits = _DIGITS.match(ordinal)
        return _parse_years(f"{int(digits[0]) if digits else ORDINALS[ordinal]}c", century)
    if decade := _DECADE.match(query, position):
        return _parse_years(f"{decade['decade']}s", decade)
    return _read_year(query, position)


def _read_year(query: str, position: int) -> NamedYears | None:
    year = _YEAR.match(query, position)
    if not year:
        return None
    if not year["era"] and (len(year["year"]) < 3 or int(year["year"]) > YEAR_MAX):
        return None
    return _parse_years(year["year"], year)


def _parse_years(text: str, match: re.Match[str]) -> NamedYears | None:
    """Parse years as the query language writes them, with the era of a match."""
    try:
        return NamedYears(match.end(), parse_span("born", f"{text} {match['era'] or ''}".strip()))
    except ValueError:  # the 1900s, say: a decade or a century?
        return None


def _join_spans(first: Span, last: Span) -> Span | None:
    """Return the span from the start of one to the end of the other, or None if it is empty. In
    ``between 100 and 44 BC``, both years are BC."""
    least, greatest = first[0], last[1]
    assert least is not None and greatest is not None
    if greatest < 0 < least and first[0] == first[1]:
        least = -least
    return (least, greatest) if least <= greatest else None

"""Times in plain English: ``before 2000``, ``in the 19th century``, ``between 1900 and 1950``."""

import re
from dataclasses import dataclass

from bot.person import ERA_PATTERN
from bot.query.english.words import ORDINALS
from bot.query.filters import Filter, either, every
from bot.query.values import Span, between, read_span

YEAR_MAX = 2100  # a greater number is no year that somebody was born or died in


@dataclass(frozen=True)
class Phrase:
    """What a query says up to ``end``."""

    end: int
    filter: Filter


@dataclass(frozen=True)
class Years:
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
_ALSO = re.compile(r"\s*,?\s*\b(?P<also>and|but|or)\s+", re.IGNORECASE)

_SAID = re.compile(
    r"\b(?:born|died|dead|lived|passed|who|whose|from|still|alive)\b|[<>=:≤≥≠]", re.IGNORECASE
)
_MORE_TIMES = re.compile(r"\b\d{3,4}s?\b|\b(?:not|except|maybe|century)\b", re.IGNORECASE)

NUMBER_GOES_ON = r"(?![\w%+*~$€£°]|[.,:/]\d|[-–—][^\W\d])"
_YEAR = re.compile(
    rf"(?i:(?:the\s+)?year\s+)?(?P<year>\d{{1,4}})(?P<era>\s*(?:{ERA_PATTERN}|ad|ce))?{NUMBER_GOES_ON}"
)
_DECADE = re.compile(rf"(?i:the\s+)?(?P<decade>\d{{2,3}}0)['’]?s(?P<era>\s*{ERA_PATTERN})?(?!\w)")
_ORDINAL = rf"\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(sorted(ORDINALS, key=len, reverse=True))}"
_CENTURY = re.compile(
    rf"(?i:(?:the\s+)?(?P<ordinal>{_ORDINAL})[\s-]+century)(?P<era>\s*{ERA_PATTERN})?(?![-\w])"
)
_IN = re.compile(r"in\s+", re.IGNORECASE)
_UNTIL = re.compile(r"\s*(?:[-–—]|\.{2,3}|to\b)\s*(?=\d{3,4}(?!\d))", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:[-–—]|to\b)\s*\d", re.IGNORECASE)


def relation(field: str, query: str, position: int, *, single: bool) -> Phrase | None:
    """What the times that stand there say of a field; None if there are none, if they are not a
    ``single`` one but must be, or if they go on in a way that is not understood."""
    first = _span_of_years(field, query, position) or _relation(field, query, position)
    bare = None if first else years(query, position)
    if bare:
        first = Phrase(bare.end, between(field, "=", bare.span))
    if first is None:
        return None
    if second := _second(field, query, first, bare=bool(bare)):
        first = None if single else second
    return None if first is None or _goes_on(field, query, first.end) else first


def _span_of_years(field: str, query: str, position: int) -> Phrase | None:
    """``1930-1940``, ``in 1930 to 1940``."""
    start = _IN.match(query, position)
    first = years(query, start.end() if start else position)
    until = first and _UNTIL.match(query, first.end)
    last = until and _year(query, until.end())
    span = _joined(first.span, last.span) if first and last else None
    return Phrase(last.end, between(field, "=", span)) if last and span else None


def _second(field: str, query: str, first: Phrase, *, bare: bool) -> Phrase | None:
    """The times with those that ``and``, ``but`` or ``or`` adds to them, if there are such."""
    also = _ALSO.match(query, first.end)
    if also is None:
        return None
    either_of = also["also"].lower() == "or"
    second = _relation(field, query, also.end())
    if second is None and either_of and not bare and (named := years(query, also.end())):
        second = Phrase(named.end, between(field, "=", named.span))
    combine = either if either_of else every
    return second and Phrase(second.end, combine([first.filter, second.filter]))


def _goes_on(field: str, query: str, position: int) -> bool:
    """Whether more times may follow there, before something else is said."""
    also = _ALSO.match(query, position)
    if also and _relation(field, query, also.end()):
        return True
    said = _SAID.search(query, position)
    rest = query[position : said.start() if said else len(query)]
    return bool(_RANGE.match(rest) or _MORE_TIMES.search(rest))


def _relation(field: str, query: str, position: int) -> Phrase | None:
    """``before 2000``, ``in the 19th century``, ``between 1900 and 1950``."""
    if match := _RELATION.match(query, position):
        symbol = _RELATIONS[" ".join(match["relation"].lower().split())]
        if named := years(query, match.end()):
            return Phrase(named.end, between(field, symbol, named.span))
    if match := _FROM.match(query, position):
        first = years(query, match.end())
        to = first and _TO.match(query, first.end)
        last = to and years(query, to.end())
        if first and last:
            span = _joined(first.span, last.span)
            return span and Phrase(last.end, between(field, "=", span))
        if first and (on := _ON.match(query, first.end)):
            return Phrase(on.end(), between(field, ">=", first.span))
    return None


def years(query: str, position: int) -> Years | None:
    """The century, decade or year that stands there."""
    if century := _CENTURY.match(query, position):
        ordinal = century["ordinal"].lower()
        digits = re.match(r"\d+", ordinal)
        return _span(f"{int(digits[0]) if digits else ORDINALS[ordinal]}c", century)
    if decade := _DECADE.match(query, position):
        return _span(f"{decade['decade']}s", decade)
    return _year(query, position)


def _year(query: str, position: int) -> Years | None:
    year = _YEAR.match(query, position)
    if not year:
        return None
    if not year["era"] and (len(year["year"]) < 3 or int(year["year"]) > YEAR_MAX):
        return None
    return _span(year["year"], year)


def _span(text: str, match: re.Match[str]) -> Years | None:
    try:
        return Years(match.end(), read_span("born", f"{text} {match['era'] or ''}".strip()))
    except ValueError:  # the 1900s, say
        return None


def _joined(first: Span, last: Span) -> Span | None:
    """From the start of one to the end of the other: ``between 100 and 44 BC`` is before Christ."""
    least, most = first[0], last[1]
    assert least is not None and most is not None
    if most < 0 < least and first[0] == first[1]:
        least = -least
    return (least, most) if least <= most else None

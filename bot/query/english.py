"""Plain English that filters: ``who died before 2000``, ``still alive``, ``French`` chemists.

Each phrase is read where nothing else can be meant; in doubt it stays words. So a number before
several things counts them (``1000 ways``) and one before a capital letter names something
(``1600 Pennsylvania Avenue``); an adjective is read before a word for people only (``French horn``
is none), and a value only if the directory has it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice

from bot.filters import Compare, Filter, either, every, negate
from bot.person import ERA, Kind, Schema, fold
from bot.query.english_words import (
    ADJECTIVES,
    GENERIC,
    ORDINALS,
    PEOPLE_NOUNS,
    PRAISE,
    PREPOSITIONS,
)
from bot.query.values import LIFE_MAX, Span, alive, between, dead, lived, number, read_span

YEAR_MAX = 2100  # a greater number is no year that somebody was born or died in
PHRASE_WORDS = 5  # of a value
PREFERRED = ("country", "nationality")  # of several fields that have a value

KnownValues = Mapping[str, Mapping[str, str]]
"""Values somebody in the directory has, folded: in which fields, and as it was typed there."""


@dataclass(frozen=True)
class Phrase:
    """What the query says up to ``end``."""

    end: int
    filter: Filter


@dataclass(frozen=True)
class _Years:
    span: Span
    end: int


_LEAD = r"(?:(?:who|that|which)\s+)?(?:(?:was|were|is|are|had|has|have)\s+)?(?P<not>not\s+)?"
_DENIED = re.compile(r"(?:n['’]t|\bnever|\bnor|\bneither|\bnearly|\balmost)\s+$", re.IGNORECASE)
_EVENT = re.compile(rf"{_LEAD}(?P<event>born|died|dead|passed\s+away)\s+", re.IGNORECASE)
_LIVED = re.compile(rf"{_LEAD}(?:lived|living|alive)\s+(?:in|during|throughout)\s+", re.IGNORECASE)
_RELATIONS = {
    "in or before": "<=", "in or after": ">=", "before": "<", "prior to": "<", "after": ">",
    "since": ">=", "until": "<=", "till": "<=", "by": "<=", "in": "=", "during": "=",
    "within": "=",
}  # fmt: skip
_RELATION = re.compile(
    rf"(?P<relation>{'|'.join(name.replace(' ', '[ ]') for name in _RELATIONS)})\s+", re.IGNORECASE
)
_FROM = re.compile(r"(?:between|from)\s+", re.IGNORECASE)
_TO = re.compile(r"\s*(?:-|–|\band\b|\bto\b|\buntil\b|\btill\b|\bthrough\b)\s*", re.IGNORECASE)
_ON = re.compile(r"\s+(?:on|onwards?)\b", re.IGNORECASE)
_NEXT = re.compile(r"\s*,?\s*\b(?P<also>and|but|or)\s+", re.IGNORECASE)

_YEAR = re.compile(rf"(?i:the\s+year\s+)?(?P<year>\d{{1,4}})(?P<era>\s*{ERA})?(?![\w%]|[.,:/-]\d)")
_DECADE = re.compile(rf"(?i:the\s+)?(?P<decade>\d{{2,3}}0)['’]?s(?P<era>\s*{ERA})?(?!\w)")
_ORDINAL = rf"\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(sorted(ORDINALS, key=len, reverse=True))}"
_CENTURY = re.compile(
    rf"(?i:(?:the\s+)?(?P<ordinal>{_ORDINAL})[\s-]+century)(?P<era>\s*{ERA})?(?![-\w])"
)
_SINGULARS = "was|is|as|has|his|its|this|whose|plus|across|unless|always|perhaps|onwards"
_NO_YEAR = re.compile(  # after it, a number counts something or names it
    rf"\s+(?!(?:{_SINGULARS})\b)(?:\w+s|people|men|women|children)\b|\s+(?!(?:AND|OR|BUT|NOT)\b)[A-Z]"
)

_AGE = re.compile(
    rf"{_LEAD}(?:(?P<than>older|younger)\s+than\s+(?P<age>\d{{1,3}})(?:\s+years?(?:\s+old|\s+of\s+age)?)?"
    r"|(?P<limit>over|under)\s+(?P<years>\d{1,3})\s+years?\s+(?:old|of\s+age)"
    r"|aged\s+(?P<aged>over|under)\s+(?P<number>\d{1,3}))(?![\w%]|[.,:/-]\d)",
    re.IGNORECASE,
)
_HERE = rf"(?![-'’\w])(?!\s+(?:{'|'.join(sorted(PREPOSITIONS))})\b)"  # not alive in, living with
_STATES = [
    re.compile(rf"(?i:{_LEAD}(?:still|currently)\s+)(?P<alive>alive|living){_HERE}"),
    re.compile(
        r"(?i:(?:who|that)\s+(?:is|are)\s+(?P<not>not\s+)?(?:now\s+)?)"
        rf"(?:(?P<alive>alive|living)|dead|deceased)(?:\s+today\b)?{_HERE}"
    ),
    re.compile(r"(?i:(?P<alive>alive))\s+today\b"),
    re.compile(rf"(?i:{_LEAD}(?:no\s+longer\s+(?:alive|living)|now\s+deceased)){_HERE}"),
    re.compile(r"(?i:(?P<adjective>(?P<alive>living)|deceased|late))(?=\s)"),
]
_WORD = re.compile(r"[^\s,;:()\"“”?!]+")
_JOINED = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
_LIST = re.compile(r"(?:\b(?:and|or)\s+|[,/-]\s*)$", re.IGNORECASE)
_LED = re.compile(_LEAD, re.IGNORECASE)
_ORIGIN = re.compile(
    r"(?P<who>(?:who|that)\s+(?:was|were|is|are|came|comes?)\s+)?(?P<not>not\s+)?from\s+",
    re.IGNORECASE,
)


class English:
    """Reads phrases of plain English about people with the fields of a schema, in ``year``."""

    def __init__(self, schema: Schema, year: int, known: KnownValues) -> None:
        self._schema = schema
        self._year = year
        self._known = known
        self._valued = _valued(schema)
        self._readers: tuple[Callable[[str, int], Phrase | None], ...] = (
            self._event,
            self._lifetime,
            self._age,
            self._state,
            self._origin,
            self._nationality,
            self._value,
        )

    def phrase(self, query: str, position: int) -> Phrase | None:
        """The phrase that begins there, at the start of a word."""
        if _DENIED.search(query, 0, position):
            return None
        return next(filter(None, (read(query, position) for read in self._readers)), None)

    def _event(self, query: str, position: int) -> Phrase | None:
        """``who died before 2000``, ``born after 1900 but before 1910``."""
        match = _EVENT.match(query, position)
        if not match:
            return None
        field = "born" if match["event"].lower() == "born" else "died"
        first = self._relation(field, query, match.end())
        bare = None if first else _year(query, match.end())
        if bare and match["event"].lower() in ("born", "died"):
            first = Phrase(bare.end, between(field, "=", bare.span))
        if first is None:
            return None
        also = _NEXT.match(query, first.end)
        second = also and self._relation(field, query, also.end())
        if also and not second and not bare and also["also"].lower() == "or":
            year = _year(query, also.end())
            second = year and Phrase(year.end, between(field, "=", year.span))
        if also and second:
            combine = either if also["also"].lower() == "or" else every
            first = Phrase(second.end, combine([first.filter, second.filter]))
        return _phrase(match, first.end, first.filter)

    def _relation(self, field: str, query: str, position: int) -> Phrase | None:
        """``before 2000``, ``in the 19th century``, ``between 1900 and 1950``."""
        if match := _RELATION.match(query, position):
            relation = _RELATIONS[" ".join(match["relation"].lower().split())]
            if years := _years(query, match.end()):
                return Phrase(years.end, between(field, relation, years.span))
        if match := _FROM.match(query, position):
            first = _years(query, match.end())
            to = first and _TO.match(query, first.end)
            last = to and _years(query, to.end())
            if first and last:
                span = _joined(first.span, last.span)
                return span and Phrase(last.end, between(field, "=", span))
            if first and (on := _ON.match(query, first.end)):
                return Phrase(on.end(), between(field, ">=", first.span))
        return None

    def _lifetime(self, query: str, position: int) -> Phrase | None:
        """``who lived in the 18th century``."""
        match = _LIVED.match(query, position)
        years = match and _years(query, match.end())
        return match and years and _phrase(match, years.end, lived(years.span, self._year))

    def _age(self, query: str, position: int) -> Phrase | None:
        """``older than 80``: alive, and born in time."""
        match = _AGE.match(query, position)
        if not match or _NO_YEAR.match(query, match.end()):
            return None
        age = int(match["age"] or match["years"] or match["number"])
        more = (match["than"] or match["limit"] or match["aged"]).lower() in ("older", "over")
        if not 0 < age < LIFE_MAX:
            return None
        born = number("born", "<" if more else ">", self._year - age)
        return _phrase(match, match.end(), every([alive(self._year), born]))

    def _state(self, query: str, position: int) -> Phrase | None:
        """``still alive``, ``living`` composers, the ``late`` actor."""
        for state in _STATES:
            if match := state.match(query, position):
                groups = match.groupdict()
                if groups.get("adjective") and not _is_of_people(query, match):
                    return None
                node = (alive if groups.get("alive") else dead)(self._year)
                return _phrase(match, match.end(), node)
        return None

    def _origin(self, query: str, position: int) -> Phrase | None:
        """Poets ``from France``."""
        match = _ORIGIN.match(query, position)
        if not match:
            return None
        before = query[:position].split()
        of_people = not before or fold(before[-1].strip(",;")) in PEOPLE_NOUNS | GENERIC
        if not (match["who"] or of_people):
            return None
        article = re.compile(r"the\s+", re.IGNORECASE).match(query, match.end())
        starts = [match.end(), article.end()] if article else [match.end()]
        found = [self._named(query, start, self._text) for start in starts]
        value = next(filter(None, found), None)
        if value is None or re.compile(r"\s+[A-Z]").match(query, value.end):
            return None
        return _phrase(match, value.end, value.filter)

    def _nationality(self, query: str, position: int) -> Phrase | None:
        """``French`` chemists, ``German or Austrian`` composers."""
        if _LIST.search(query, 0, position):
            return None  # of something before it that was not read
        match = _LED.match(query, position)
        assert match is not None
        adjectives: list[str] = []
        end = position = match.end()
        while read := _adjective(query, position):
            adjectives.append(read[0])
            end = read[1]
            joined = _JOINED.match(query, end)
            if joined is None:
                break
            position = joined.end()
        if not adjectives or position > end or not _names_people(query, end):
            return None
        values = [[self._text(name) for name in ADJECTIVES[word]] for word in adjectives]
        known = [[node for node in nodes if node] for nodes in values]
        if not all(known):
            return None
        return _phrase(match, end, either(node for nodes in known for node in nodes))

    def _value(self, query: str, position: int) -> Phrase | None:
        """``whose country is France``, ``with field physics``."""
        match = self._valued and self._valued.match(query, position)
        if not match or not (match["lead"] or match["verb"]):
            return None
        field = re.sub(r"\s", "_", match["field"]).lower()

        def equal(text: str) -> Filter | None:
            return self._equal(field, text)

        value = self._named(query, match.end(), equal)
        return value and _phrase(match, value.end, value.filter)

    def _named(
        self, query: str, position: int, read: Callable[[str], Filter | None]
    ) -> Phrase | None:
        """The longest value that stands there."""
        found: Phrase | None = None
        for word in islice(_WORD.finditer(query, position), PHRASE_WORDS):
            if query[position : word.start()].count(",") or "(" in query[position : word.start()]:
                break
            if node := read(query[position : word.end()]):
                found = Phrase(word.end(), node)
        return found

    def _text(self, text: str) -> Filter | None:
        """That a text field has this value: a usual one, or the only one that ever has it."""
        known = self._known.get(fold(text), {})
        fields = [field for field in known if self._schema.get(field) is Kind.TEXT]
        usual = [field for field in PREFERRED if field in fields]
        chosen = usual[:1] or fields
        return self._equal(chosen[0], text) if len(chosen) == 1 else None

    def _equal(self, field: str, text: str) -> Filter | None:
        value = self._known.get(fold(text), {}).get(field)
        return None if value is None else Compare(field, self._schema[field], "=", value)


def _phrase(match: re.Match[str], end: int, node: Filter) -> Phrase:
    return Phrase(end, negate(node) if match.groupdict().get("not") else node)


def _years(query: str, position: int) -> _Years | None:
    """The century, decade or year that stands there."""
    if century := _CENTURY.match(query, position):
        ordinal = century["ordinal"].lower()
        digits = re.match(r"\d+", ordinal)
        return _span(f"{int(digits[0]) if digits else ORDINALS[ordinal]}c", century)
    if decade := _DECADE.match(query, position):
        return _span(f"{decade['decade']}s", decade)
    return _year(query, position)


def _year(query: str, position: int) -> _Years | None:
    year = _YEAR.match(query, position)
    if not year or _NO_YEAR.match(query, year.end()):
        return None
    if not year["era"] and (len(year["year"]) < 3 or int(year["year"]) > YEAR_MAX):
        return None
    return _span(year["year"], year)


def _span(text: str, match: re.Match[str]) -> _Years | None:
    try:
        return _Years(read_span("born", f"{text} {match['era'] or ''}".strip()), match.end())
    except ValueError:  # the 1900s, say
        return None


def _joined(first: Span, last: Span) -> Span | None:
    """From the start of one to the end of the other: ``between 100 and 44 BC`` is before Christ."""
    least, most = first[0], last[1]
    assert least is not None and most is not None
    if most < 0 < least and first[0] == first[1]:
        least = -least
    return (least, most) if least <= most else None


def _adjective(query: str, position: int) -> tuple[str, int] | None:
    """The longest of ADJECTIVES that stands there, and its end."""
    words = list(islice(_WORD.finditer(query, position), 2))
    for count in (2, 1):
        if len(words) >= count and words[0].start() == position:
            text = fold(query[position : words[count - 1].end()])
            if text in ADJECTIVES:
                return text, words[count - 1].end()
    return None


def _names_people(query: str, position: int) -> bool:
    """Whether the next word is one for people, but for adjectives before it."""
    space = re.compile(r"\s+")
    while (gap := space.match(query, position)) and (also := _adjective(query, gap.end())):
        position = also[1]
    following = re.compile(r"\s+([^\W\d_]+)(?![-'’\w])").match(query, position)
    return bool(following) and fold(following[1]) in PEOPLE_NOUNS


def _is_of_people(query: str, adjective: re.Match[str]) -> bool:
    """Whether ``late``, ``living`` or ``deceased`` begins the question, but for words that ask,
    and is said of people: not ``the late Middle Ages``, ``living room designers``."""
    before = query[: adjective.start()].lower().split()
    if not all(word in GENERIC | PRAISE for word in before):
        return False
    end = adjective.end()
    following = _WORD.search(query, end)
    if following and adjective["alive"] and _is_adjective(following[0]):
        end = following.end()  # living French composers
    return _names_people(query, end)


def _is_adjective(word: str) -> bool:
    return word[0].isupper() or fold(word) in ADJECTIVES


def _valued(schema: Schema) -> re.Pattern[str] | None:
    """Of a text or tags field, up to where its value stands; None if there is no such field."""
    fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
    if not fields:
        return None
    names = "|".join(name.replace("_", r"[\s_]") for name in fields)
    return re.compile(
        rf"(?P<lead>(?:with|whose|where)\s+(?:(?:a|an|the|their)\s+)?)?(?P<field>{names})"
        r"(?:\s+(?P<verb>is|are|was|were))?\s+(?P<not>not\s+)?",
        re.IGNORECASE,
    )

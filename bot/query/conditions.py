"""One condition in symbols: a field, an operator and values, like ``died<2000`` or ``is:alive``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from bot import sentences
from bot.errors import QueryError, UnknownField
from bot.person import ERA_PATTERN, Kind, Schema, similarly_spelt
from bot.query.filters import Filter, HasValue, Not, any_of, negate
from bot.query.lifetimes import alive_filter, dead_filter, lived_filter
from bot.query.query_printer import THOUSANDS
from bot.query.values import compare_text, parse_span

OPERATOR = "<=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞]"
QUOTED = '["“”][^"“”]*["“”]'
SINGLE_QUOTED = "'[^']*'|‘[^’]*’"  # around values only; elsewhere it is an apostrophe
MENTION = r"<(?:a?:\w+:|[@\#][!&]?|/[^<>]*:|t:|id:|https?:)[^<>\s]*>"  # as Discord writes one

# How conditions begin, in verbose syntax. ConditionParser reads the named groups.
HEAD = rf"""
    \.? (?P<field> [^\W\d]\w* )
    (?: \s* (?!{MENTION}) (?P<operator> {OPERATOR} ) | (?P<colon> \s*[:：](?!:|//) ) )
"""
REDIS_MEMBER = rf"(?P<member_value> {QUOTED} | {SINGLE_QUOTED} ) \s+ in \s+ \.(?P<member_field>\w+)"
REDIS_CHOICE = r"\.(?P<choice_field>\w+) \s+ in \s+ \[(?P<choice_values>[^\[\]]*)\]"

_OPERATOR_SPELLINGS = {
    "==": "=",
    "=<": "<=",
    "=>": ">=",
    ":": "=",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "＝": "=",
    "＜": "<",
    "＞": ">",
}
_TURNED_OPERATORS = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": ":"}

_CHARACTER = rf"(?!{OPERATOR}|&&|\|\|)[^\s,\"“”()]"
_RANGE = r"\s*(?:\.{2,3}|…|[-–—](?=\s)|to\b)\s*(?=[-−]?\d)"
_TEXT = rf"{QUOTED}|{SINGLE_QUOTED}|(?:{_CHARACTER})+"
_NUMBER = (
    rf"{QUOTED}|{SINGLE_QUOTED}"
    rf"|(?:(?<=[\w.]){_RANGE}|(?<=[\dcCs])\s*{ERA_PATTERN}|{_CHARACTER})+"
)
_VALUE = {kind: re.compile(_NUMBER if kind is Kind.NUMBER else _TEXT) for kind in Kind}
_VALUES = {
    kind: re.compile(rf"(?:{one.pattern})(?:,(?:{one.pattern}))*") for kind, one in _VALUE.items()
}
_SPACE = re.compile(r"\s+")
_VALUE_START = re.compile(r"[\w\"'“”]|[-−.]+\d")
_LEFT_OUT = re.compile(r",(?=,)")
_GLUED = re.compile(r"(?<=\W)(?P<field>[^\W\d]\w*)[:：]")
_GLUED_BEFORE = re.compile(r"(?<=[^\s\w.])(?P<field>[^\W\d]\w*)\s*$")
_FIELD_AFTER = re.compile(r"\s*([^\W\d]\w*)")
_VALUE_BEFORE = re.compile(r"\S+\s*$")
_VALUE_SEPARATOR = re.compile("[;|]")
_OPENING_QUOTES = tuple("\"“”'‘")
_DOUBLE_QUOTES = re.compile('["“”]')

_KEYWORDS = ("is", "has", "no")
_KEYWORD_NEGATED = re.compile(r"[-!−]\w")  # is:-alive
_KEYWORD_VALUE = re.compile(r"\s*(\w+)")
_KEYWORD_LIST = re.compile(r"[/:|-]|,\s*\w")
_LIVES = {
    "alive": alive_filter,
    "dead": dead_filter,
    "living": alive_filter,
    "deceased": dead_filter,
}

_MEANT_FIELDS = {
    "birth": "born",
    "birthday": "born",
    "dob": "born",
    "death": "died",
    "dod": "died",
}
_UNKNOWN_FIELD_HINTS = {
    "name": sentences.query.FOR_A_NAME,
    "description": sentences.query.FOR_A_DESCRIPTION,
    "age": sentences.query.FOR_AN_AGE,
}
_VALUE_MISSING_HINTS = {  # by the character after the colon
    "(": sentences.query.SEVERAL_WITH_COMMAS,
    "<": sentences.query.LEAVE_OUT_THE_COLON,
    ">": sentences.query.LEAVE_OUT_THE_COLON,
}


@dataclass(frozen=True)
class Condition:
    """A condition up to ``end``. If it ends with a list of values, ``list_kind`` is their kind and
    ``last_value`` the last of them, as typed."""

    end: int
    filter: Filter
    list_kind: Kind | None = None
    last_value: str = ""


class _TypedValue(NamedTuple):
    """A value with its quotes, and where it begins."""

    text: str
    start: int

    @property
    def is_quoted(self) -> bool:
        return self.text[:1] in _OPENING_QUOTES

    @property
    def content(self) -> str:
        """The text inside the quotes, without double quotes that could not be printed again."""
        if self.is_quoted and len(self.text) > 1:
            return _DOUBLE_QUOTES.sub("", self.text[1:-1])
        return self.text


class ConditionParser:
    """Parses the conditions of one query by the fields of ``schema``, in ``year``. All methods
    raise QueryError."""

    def __init__(self, query: str, schema: Schema, year: int) -> None:
        self._query = query
        self._schema = schema
        self._year = year

    def parse(self, head: re.Match[str]) -> Condition | None:
        """Parse the condition that begins with a match of HEAD. None if it is words."""
        field, written = head["field"].lower(), head["operator"] or ":"
        operator = _OPERATOR_SPELLINGS.get(written, written)
        if field in _KEYWORDS and operator in ("=", "!="):
            return self._parse_keyword(head, field, operator)
        if head["colon"] and self._is_colon_of_words(head, field):
            return None
        kind = self._find_kind(field, head.start("field"))
        space = _SPACE.match(self._query, head.end())
        start = space.end() if space else head.end()
        found = _VALUES[kind].match(self._query, start)
        end = start + len(without_punctuation(found[0])) if found else start
        values = self._find_values(kind, start, end)
        self._check_values(head[0].strip(), kind, values, start, end)
        node = self._build_filter(field, kind, operator, values)
        return Condition(end, node, kind if operator == "=" else None, values[-1].text)

    def parse_member(self, match: re.Match[str]) -> Condition:
        """Parse a match of REDIS_MEMBER: ``"physics" in .field``."""
        value = _TypedValue(match["member_value"], match.start())
        field = match["member_field"].lower()
        kind = self._find_kind(field, match.start("member_field"))
        return Condition(match.end(), self._build_filter(field, kind, "=", [value]))

    def parse_choice(self, match: re.Match[str]) -> Condition:
        """Parse a match of REDIS_CHOICE: ``.country in ["france", "italy"]``."""
        values = self._find_values(Kind.TEXT, *match.span("choice_values"))
        if not values:
            raise self._error(sentences.query.IN_WHAT, match.start("choice_values"))
        field = match["choice_field"].lower()
        kind = self._find_kind(field, match.start("choice_field"))
        return Condition(match.end(), self._build_filter(field, kind, "=", values))

    def refuse_glued(self, start: int, end: int) -> None:
        """Refuse a condition that stands right behind anything but a space."""
        for glued in _GLUED.finditer(self._query, start, end):
            self._refuse_glued_field(glued)

    def refuse_stray_operator(self, stray: re.Match[str]) -> NoReturn:
        """Refuse an operator without a field before it."""
        if glued := _GLUED_BEFORE.search(self._query, 0, stray.start()):
            self._refuse_glued_field(glued)
        sentence = sentences.query.attribute_missing(stray[0], self._turn_round(stray))
        raise self._error(sentence, stray.start())

    def refuse_bare_field(self, word: re.Match[str]) -> None:
        """Refuse Redis's ``.field`` without an operator."""
        if word[0][0] == "." and word[0][1:].lower() in self._schema:
            raise self._error(sentences.query.operator_missing(word[0][1:]), word.end())

    def _refuse_glued_field(self, glued: re.Match[str]) -> None:
        if self._begins_condition(glued["field"]):
            sentence = sentences.query.space_before(glued["field"])
            raise self._error(sentence, glued.start("field"))

    def _begins_condition(self, name: str) -> bool:
        return name.lower() in (*self._schema, *_KEYWORDS, "lived")

    def _is_colon_of_words(self, head: re.Match[str], field: str) -> bool:
        """Whether the name before a colon is no field, and no value is attached to the colon."""
        if field in self._schema or field == "lived":
            return False
        return head["colon"][0].isspace() or not _VALUE_START.match(self._query, head.end())

    def _turn_round(self, stray: re.Match[str]) -> str:
        """Return ``born>1900`` for the operator of ``1900<born``, or an empty text."""
        field = _FIELD_AFTER.match(self._query, stray.end())
        value = _VALUE_BEFORE.search(self._query[: stray.start()])
        operator = _TURNED_OPERATORS.get(stray[0])
        if field and value and operator and self._begins_condition(field[1]):
            return f"{field[1]}{operator}{value[0].strip()}"
        return ""

    def _parse_keyword(self, head: re.Match[str], keyword: str, operator: str) -> Condition | None:
        """Parse ``is:alive``, ``has:country`` or ``no:country``. None if it is words."""
        if _KEYWORD_NEGATED.match(self._query, head.end()):
            raise self._error(sentences.query.minus_before(keyword), head.end())
        known = _LIVES if keyword == "is" else self._schema
        value = _KEYWORD_VALUE.match(self._query, head.end())
        if value is None or (value[0][0].isspace() and value[1].lower() not in known):
            return None
        name, end = value[1].lower(), value.end()
        if keyword == "is" and name not in _LIVES:
            raise self._error(sentences.query.alive_or_dead(value[1]), value.start(1))
        if name not in known:
            raise self._unknown_field(name, value.start(1))
        if more := _KEYWORD_LIST.match(self._query, end):
            raise self._error(sentences.query.one_word(keyword), more.start())
        node = _LIVES[name](self._year) if keyword == "is" else HasValue(name)
        is_negated = (keyword == "no") != (operator == "!=")
        return Condition(end, Not(node) if is_negated else node)

    def _find_values(self, kind: Kind, start: int, end: int) -> list[_TypedValue]:
        found = _VALUE[kind].finditer(self._query, start, end)
        return [_TypedValue(value[0].strip(), value.start()) for value in found]

    def _check_values(
        self, head: str, kind: Kind, values: Sequence[_TypedValue], start: int, end: int
    ) -> None:
        """Refuse missing values, and text after the values that may be more of them."""
        missing = _LEFT_OUT.match(self._query, end)
        if missing or not values or not all(value.content.strip() for value in values):
            has_colon = head[-1] in ":："
            hint = _VALUE_MISSING_HINTS.get(self._query[start : start + 1], "") if has_colon else ""
            place = missing.end() if missing else len(self._query[:start].rstrip())
            raise self._error(sentences.query.value_missing(head, hint), place)
        for value in values:
            self._check_value(head, kind, value)
        if values[-1].is_quoted and self._query[end : end + 1].strip(" ,;.?!)"):
            raise self._error(sentences.query.SPACE_AFTER_QUOTE, end)
        if kind is Kind.NUMBER and (thousands := THOUSANDS.fullmatch(self._query, start, end)):
            number = thousands[0].replace(",", "")
            raise self._error(sentences.query.without_comma(number), start)

    def _check_value(self, head: str, kind: Kind, value: _TypedValue) -> None:
        """Refuse a value that is surely not meant as it stands."""
        text, start = value
        if text[0] in "'‘" and (len(text) == 1 or text[-1] not in "'’"):
            raise self._error(sentences.query.QUOTE_NEVER_CLOSED, start)
        if not value.is_quoted:
            self.refuse_glued(start, start + len(text))
            if _VALUE_SEPARATOR.search(text):
                raise self._error(sentences.query.COMMAS_BETWEEN_VALUES, start)
        if text[0] in ":~[{":
            raise self._error(sentences.query.leave_out(text[0]), start)
        if text.lower() == "not" or (text[0] in "-!−" and kind is not Kind.NUMBER):
            raise self._error(sentences.query.minus_before(head.rstrip(":=! ")), start)

    def _build_filter(
        self, field: str, kind: Kind, operator: str, values: Sequence[_TypedValue]
    ) -> Filter:
        """Return the filter that matches any of the values, or none of them for ``!=``."""
        is_negated = operator == "!="
        operator = "=" if is_negated else operator
        if operator != "=" and len(values) > 1:
            raise self._error(sentences.query.one_value(field, operator), values[0].start)
        nodes: list[Filter] = []
        for value in values:
            try:
                nodes.append(self._compare(field, kind, operator, value))
            except ValueError as error:
                raise self._error(str(error), value.start) from None
        node = any_of(nodes)
        return negate(node) if is_negated else node

    def _compare(self, field: str, kind: Kind, operator: str, value: _TypedValue) -> Filter:
        if field in self._schema:
            return compare_text(field, kind, operator, value.content, is_quoted=value.is_quoted)
        span = parse_span(field, value.content)
        if operator != "=" or None in span:
            raise ValueError(sentences.query.LIVED_TAKES_YEARS)
        return lived_filter(span, self._year)

    def _find_kind(self, field: str, position: int) -> Kind:
        if field in self._schema:
            return self._schema[field]
        if field == "lived":
            return Kind.NUMBER
        raise self._unknown_field(field, position)

    def _unknown_field(self, field: str, position: int) -> UnknownField:
        if field in _MEANT_FIELDS:
            near = [_MEANT_FIELDS[field]]
        else:
            near = similarly_spelt(field, self._schema, limit=2, min_similarity=0.5)
        if near:
            hint = sentences.hints.did_you_mean(near)
        else:
            listed = sentences.query.you_can_ask_by(self._schema)
            hint = _UNKNOWN_FIELD_HINTS.get(field, listed)
        return UnknownField(sentences.query.unknown_field(field, hint), self._query, position)

    def _error(self, sentence: str, position: int) -> QueryError:
        return QueryError(sentence, self._query, position)


def without_punctuation(values: str) -> str:
    """Return values without the punctuation that ends a sentence. The points of ``U.S.`` and
    ``1900..`` stay."""
    values = re.sub(r"[?!;]$", "", values)
    ends_sentence = values.endswith(".") and values.rpartition(",")[2].count(".") == 1
    return values[:-1] if ends_sentence else values

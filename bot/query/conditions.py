"""One condition in symbols: a field, an operator and values, like ``died<2000`` or ``is:alive``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from bot.errors import QueryError, UnknownField
from bot.language import _, format_list
from bot.person import ERA_PATTERN, Kind, Schema, similarly_spelt
from bot.query.filters import Filter, HasValue, Not, any_of, negate
from bot.query.lifetimes import alive_filter, dead_filter, lived_filter
from bot.query.query_printer import THOUSANDS
from bot.query.values import compare_text, parse_span

OPERATOR = "<=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞]"
QUOTED = '["“”][^"“”]*["“”]'
DOUBLE_QUOTE = re.compile('["“”]')
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
            return DOUBLE_QUOTE.sub("", self.text[1:-1])
        return self.text


class ConditionParser:
    """Parses the conditions of one query for the fields of ``schema``, in ``year``. All methods
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
        filter = self._build_filter(field, kind, operator, values)
        return Condition(end, filter, kind if operator == "=" else None, values[-1].text)

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
            message = _("A value is missing between the brackets.")
            raise self._error(message, match.start("choice_values"))
        field = match["choice_field"].lower()
        kind = self._find_kind(field, match.start("choice_field"))
        return Condition(match.end(), self._build_filter(field, kind, "=", values))

    def refuse_glued(self, start: int, end: int) -> None:
        """Refuse a condition without a space before it."""
        for glued in _GLUED.finditer(self._query, start, end):
            self._refuse_glued_field(glued)

    def refuse_stray_operator(self, stray: re.Match[str]) -> NoReturn:
        """Refuse an operator without a field before it."""
        if glued := _GLUED_BEFORE.search(self._query, 0, stray.start()):
            self._refuse_glued_field(glued)
        if condition := self._turn_round(stray):
            message = _(
                "{operator} needs an attribute before it. Write {condition}.",
                operator=stray[0],
                condition=condition,
            )
        else:
            message = _(
                "{operator} needs an attribute right before it, as in born{operator}1900.",
                operator=stray[0],
            )
        raise self._error(message, stray.start())

    def refuse_bare_field(self, word: re.Match[str]) -> None:
        """Refuse Redis's ``.field`` without an operator."""
        if word[0][0] == "." and word[0][1:].lower() in self._schema:
            message = _(
                "Add an operator (=, !=, < or >) and a value after {attribute}.",
                attribute=word[0][1:],
            )
            raise self._error(message, word.end())

    def _refuse_glued_field(self, glued: re.Match[str]) -> None:
        if self._begins_condition(glued["field"]):
            message = _("Put a space before {attribute}.", attribute=glued["field"])
            raise self._error(message, glued.start("field"))

    def _begins_condition(self, name: str) -> bool:
        return name.lower() in (*self._schema, *_KEYWORDS, "lived")

    def _is_colon_of_words(self, head: re.Match[str], field: str) -> bool:
        """Whether a colon is punctuation: the name before it isn't a field, and no value is
        attached to it."""
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
            raise self._error(_minus_misplaced(keyword), head.end())
        known = _LIVES if keyword == "is" else self._schema
        value = _KEYWORD_VALUE.match(self._query, head.end())
        if value is None or (value[0][0].isspace() and value[1].lower() not in known):
            return None
        name, end = value[1].lower(), value.end()
        if keyword == "is" and name not in _LIVES:
            message = _('"is:" works only with alive or dead, not with "{value}".', value=value[1])
            raise self._error(message, value.start(1))
        if name not in known:
            raise self._unknown_field(name, value.start(1))
        if more := _KEYWORD_LIST.match(self._query, end):
            message = _(
                '"{keyword}:" takes one word. For more, write "{keyword}:" again.', keyword=keyword
            )
            raise self._error(message, more.start())
        filter = _LIVES[name](self._year) if keyword == "is" else HasValue(name)
        is_negated = (keyword == "no") != (operator == "!=")
        return Condition(end, Not(filter) if is_negated else filter)

    def _find_values(self, kind: Kind, start: int, end: int) -> list[_TypedValue]:
        found = _VALUE[kind].finditer(self._query, start, end)
        return [_TypedValue(value[0].strip(), value.start()) for value in found]

    def _check_values(
        self, head: str, kind: Kind, values: Sequence[_TypedValue], start: int, end: int
    ) -> None:
        """Refuse missing values, and text after the values that may be more of them."""
        missing = _LEFT_OUT.match(self._query, end)
        if missing or not values or not all(value.content.strip() for value in values):
            next_character = self._query[start : start + 1] if head[-1] in ":：" else ""
            place = missing.end() if missing else len(self._query[:start].rstrip())
            raise self._error(_value_missing(head, next_character), place)
        for value in values:
            self._check_value(head, kind, value)
        if values[-1].is_quoted and self._query[end : end + 1].strip(" ,;.?!)"):
            raise self._error(_("Put a space after the closing quote."), end)
        if kind is Kind.NUMBER and (thousands := THOUSANDS.fullmatch(self._query, start, end)):
            number = thousands[0].replace(",", "")
            raise self._error(_("Write {number} without the comma.", number=number), start)

    def _check_value(self, head: str, kind: Kind, value: _TypedValue) -> None:
        """Refuse a value that is surely a mistake."""
        text, start = value
        if text[0] in "'‘" and (len(text) == 1 or text[-1] not in "'’"):
            raise self._error(quote_never_closed(), start)
        if not value.is_quoted:
            self.refuse_glued(start, start + len(text))
            if _VALUE_SEPARATOR.search(text):
                raise self._error(_("Separate values with commas: france,italy."), start)
        if text[0] in ":~[{":
            raise self._error(_("Remove the {character} here.", character=text[0]), start)
        if text.lower() == "not" or (text[0] in "-!−" and kind is not Kind.NUMBER):
            raise self._error(_minus_misplaced(head.rstrip(":=! ")), start)

    def _build_filter(
        self, field: str, kind: Kind, operator: str, values: Sequence[_TypedValue]
    ) -> Filter:
        """Return the filter that matches any of the values, or none of them for ``!=``."""
        if operator not in ("=", "!=") and len(values) > 1:
            message = _(
                "Give only one value after {attribute}{operator}.",
                attribute=field,
                operator=operator,
            )
            raise self._error(message, values[0].start)
        comparison = "=" if operator == "!=" else operator
        filters: list[Filter] = []
        for value in values:
            try:
                filters.append(self._compare(field, kind, comparison, value))
            except ValueError as error:
                raise self._error(str(error), value.start) from None
        return negate(any_of(filters)) if operator == "!=" else any_of(filters)

    def _compare(self, field: str, kind: Kind, operator: str, value: _TypedValue) -> Filter:
        if field in self._schema:
            return compare_text(field, kind, operator, value.content, is_quoted=value.is_quoted)
        span = parse_span(field, value.content)
        if operator != "=" or None in span:
            raise ValueError(
                _("After lived, write = and the years, as in lived=1701..1800 or lived=18c.")
            )
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
        message = _unknown_field_message(field, near, self._schema)
        return UnknownField(message, self._query, position)

    def _error(self, message: str, position: int) -> QueryError:
        return QueryError(message, self._query, position)


def without_punctuation(values: str) -> str:
    """Return values without the punctuation that ends a sentence. The dots of ``U.S.`` and
    ``1900..`` are kept."""
    values = re.sub(r"[?!;]$", "", values)
    ends_sentence = values.endswith(".") and values.rpartition(",")[2].count(".") == 1
    return values[:-1] if ends_sentence else values


def quote_never_closed() -> str:
    return _("This quote is never closed. Add a closing quote.")


def _minus_misplaced(name: str) -> str:
    return _("To exclude a value, put a - before {name}, not before the value.", name=name)


def _value_missing(condition: str, next_character: str) -> str:
    """``condition`` ends where its value is missing, before ``next_character``."""
    if next_character == "(":
        return _(
            'A value is missing after "{condition}". '
            "To give several values, use commas: country=france,italy.",
            condition=condition,
        )
    if next_character in ("<", ">"):
        return _('A value is missing after "{condition}". Remove the colon.', condition=condition)
    return _('A value is missing after "{condition}".', condition=condition)


def _unknown_field_message(field: str, near: Sequence[str], schema: Schema) -> str:
    if near:
        return _(
            'There\'s no attribute "{attribute}". Did you mean {names}?',
            attribute=field,
            names=format_list(near, "or"),
        )
    if field == "name":
        return _('There\'s no attribute "name". To find someone by name, use /whois.')
    if field == "description":
        return _('There\'s no attribute "description". To search by what people did, just say it.')
    if field == "age":
        return _(
            'There\'s no attribute "age". '
            'To search by age, write "older than 80" or "younger than 30".'
        )
    return _(
        'There\'s no attribute "{attribute}". '
        "Use {names}, or put it in quotes to search for words.",
        attribute=field,
        names=format_list(schema, "or"),
    )

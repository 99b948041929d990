"""A query cut into items: the terms, operators and brackets that may filter, and the words."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import QueryError, UnknownField
from bot.filters import Filter, Known, Not, either, negate
from bot.person import ERA, Kind, Schema
from bot.query.english import English
from bot.query.values import alive, dead, lived, read_span, read_value

_OPERATOR = "<=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞]"
_SPELLINGS = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≠": "!=", ":": "="}
_SPELLINGS |= {"＝": "=", "＜": "<", "＞": ">"}

_MENTION = r"<(?:a?:\w+:|[@\#][!&]?|/[^<>]*:|t:)[^<>\s]*>"  # as Discord writes one
_QUOTED = '["“”][^"“”]*["“”]'
_TOKEN = re.compile(
    rf"""
      (?P<mention> {_MENTION} )
    | (?P<member> (?P<tag> {_QUOTED} | '[^']*' ) \s+ in \s+ \.(?P<tags>\w+) )
    | (?P<quoted> {_QUOTED} )
    | (?P<choice> \.(?P<text>\w+) \s+ in \s+ \[(?P<values>[^\[\]]*)\] )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<and> (?:and|but)\b(?![-'’]) | &&? )
    | (?P<or> or\b(?![-'’]) | \|\|? )
    | (?P<not> not\b(?![-'’]) | [-!−](?=[\w.(]) )
    | (?P<term> \.? (?P<field> [^\W\d]\w* )
        (?: \s* (?!{_MENTION}) (?P<operator> {_OPERATOR} ) | :(?!:|//) ) )
    | (?P<stray> {_OPERATOR} )
    | (?P<word> (?: (?!{_OPERATOR}|&&|\|\|) [^\s"“”()] )+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_CHARACTER = rf"(?!{_OPERATOR}|&&|\|\|)[^\s,\"“”()]"
_RANGE = r"\s*(?:\.{2,3}|…)\s*(?=[-−]?\d)"
_TEXT = rf"{_QUOTED}|'[^']*'|(?:{_CHARACTER})+"
_NUMBER = rf"{_QUOTED}|'[^']*'|(?:{_RANGE}|(?<=[\dcCs])\s*{ERA}|{_CHARACTER})+"
_VALUE = {kind: re.compile(_NUMBER if kind is Kind.NUMBER else _TEXT) for kind in Kind}
_VALUES = {
    kind: re.compile(rf"(?:{one.pattern})(?:,(?:{one.pattern}))*") for kind, one in _VALUE.items()
}
_ATTACHED = re.compile(r"[\w\"'“”]|[-−.]+\d")  # to the colon of a field that is not there
_MORE = re.compile(r",\s+(?P<word>[^\s,]+)")


class Token(Enum):
    """What an item is. Operators and brackets are such only if there are terms beside them."""

    WORD = auto()
    TERM = auto()
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


_WORDS = (Token.WORD, Token.AND, Token.OR, Token.NOT)


@dataclass(frozen=True)
class Item:
    """``query[start:end]``; with its ``filter`` if it is a term, in plain English or not."""

    token: Token
    start: int
    end: int
    filter: Filter | None = None
    english: bool = False


def read_items(query: str, schema: Schema, year: int, english: English | None) -> list[Item]:
    """The items of a query whose quotes are closed, in order, without the space between them.
    Phrases that ``english`` knows are terms. Raises QueryError for a term that is wrong."""
    return list(_Reader(query, schema, year, english).items())


class _Reader:
    def __init__(self, query: str, schema: Schema, year: int, english: English | None) -> None:
        self._query = query
        self._schema = schema
        self._year = year
        self._english = english

    def items(self) -> Iterator[Item]:
        position = since = 0
        while match := _TOKEN.search(self._query, position):
            item = self._phrase(match, since) or self._item(match)
            yield item
            position = item.end
            since = since if item.token in _WORDS else position

    def _phrase(self, match: re.Match[str], since: int) -> Item | None:
        if self._english is None or match.lastgroup != "word":
            return None
        phrase = self._english.phrase(self._query, match.start(), since)
        return phrase and Item(Token.TERM, match.start(), phrase.end, phrase.filter, english=True)

    def _item(self, match: re.Match[str]) -> Item:
        start, end = match.span()
        match match.lastgroup:
            case "term":
                return self._term(match)
            case "member":  # Redis's "physics" in .field
                value = (match["tag"][1:-1], start)
                return Item(Token.TERM, start, end, self._filter(match, "tags", "=", [value]))
            case "choice":  # Redis's .country in ["france", "italy"]
                values = self._values(Kind.TEXT, *match.span("values"))
                return Item(Token.TERM, start, end, self._filter(match, "text", "=", values))
            case "stray":
                sentence = f"What should be {match[0]} here?"
                raise self._error(
                    f"{sentence} Put the name of an attribute right before it.", start
                )
            case "word" if match[0][0] == "." and match[0][1:].lower() in self._schema:
                raise self._error(f"What should {match[0][1:]} be? An operator is missing.", end)
            case "open" | "close" | "and" | "or" | "not" as name:
                return Item(Token[name.upper()], start, end)
            case _:
                return Item(Token.WORD, start, end)

    def _term(self, match: re.Match[str]) -> Item:
        field, written = match["field"].lower(), match["operator"]
        known = field in self._schema or field == "lived"
        if written is None and field in ("is", "has", "no"):
            value = re.compile(r"\w*").match(self._query, match.end())
            assert value is not None
            if not value[0]:
                return Item(Token.WORD, *match.span())
            node = self._about(field, value)
            return Item(Token.TERM, match.start(), value.end(), node)
        if written is None and not known and not _ATTACHED.match(self._query, match.end()):
            return Item(Token.WORD, *match.span())
        kind = Kind.NUMBER if field == "lived" else self._kind(field, match.start("field"))
        start = match.end() + len(_leading_space(self._query[match.end() :]))
        found = _VALUES[kind].match(self._query, start)
        end = start + len(_without_punctuation(found[0])) if found else start
        values = self._values(kind, start, end)
        if not values or not all(text for text, _ in values):
            raise self._error(f"{match[0].strip()} what? A value is missing.", match.end())
        more = _MORE.match(self._query, end)
        if more and kind in (Kind.TEXT, Kind.TAGS):
            self._ask_about_comma(match[0], values, more)
        operator = _SPELLINGS.get(written or ":", written or ":")
        return Item(Token.TERM, match.start(), end, self._filter(match, "field", operator, values))

    def _about(self, field: str, value: re.Match[str]) -> Filter:
        """``is:alive``, ``has:country``, ``no:country``."""
        name = value[0].lower()
        if field != "is":
            self._kind(name, value.start())
            return Known(name) if field == "has" else Not(Known(name))
        if name not in _LIVES:
            raise self._error(f"is: takes alive or dead, not {value[0]}.", value.start())
        return _LIVES[name](self._year)

    def _values(self, kind: Kind, start: int, end: int) -> list[tuple[str, int]]:
        """The values that stand there, without their quotes, and where each begins."""
        found = _VALUE[kind].finditer(self._query, start, end)
        return [(_unquoted(value[0]).strip(), value.start()) for value in found]

    def _filter(
        self, match: re.Match[str], group: str, written: str, values: list[tuple[str, int]]
    ) -> Filter:
        """The filter for the field that is the match's ``group``, and any of the values."""
        field = match[group].lower()
        operator = written.replace("!=", "=")
        if operator != "=" and len(values) > 1:
            raise self._error(f"{field}{operator} takes one value, not several.", values[0][1])
        nodes: list[Filter] = []
        for text, position in values:
            try:
                nodes.append(self._compare(field, match.start(group), operator, text))
            except ValueError as error:
                raise self._error(str(error), position) from None
        node = either(nodes)
        return negate(node) if written == "!=" else node

    def _compare(self, field: str, position: int, operator: str, text: str) -> Filter:
        if field != "lived":
            return read_value(field, self._kind(field, position), operator, text)
        span = read_span(field, text)
        if operator != "=" or None in span:
            raise ValueError(
                "lived takes : and a span of years, like lived:1701..1800 or lived:18c."
            )
        return lived(span, self._year)

    def _kind(self, field: str, position: int) -> Kind:
        if field in self._schema:
            return self._schema[field]
        near = difflib.get_close_matches(field, self._schema, n=2, cutoff=0.5)
        there = f"There are {', '.join(self._schema)}."
        hint = f"Did you mean {' or '.join(near)}?" if near else there
        sentence = f'Nobody here has an attribute {field}. {hint} (Words in "quotes" never filter.)'
        raise UnknownField(sentence, self._query, position)

    def _ask_about_comma(
        self, head: str, values: list[tuple[str, int]], more: re.Match[str]
    ) -> None:
        """Raises QueryError where it cannot be told whether a list goes on."""
        following = _TOKEN.match(self._query, more.start("word"))
        if following and following.lastgroup == "word" and not self._phrase(following, more.end()):
            value, word = values[-1][0], more["word"]
            raise self._error(
                f"Is {word} another value? Write {head.strip()}{value},{word} without the space; "
                f"or, as a word to search by, {head.strip()}{value} {word} without the comma.",
                more.start(),
            )

    def _error(self, sentence: str, position: int) -> QueryError:
        return QueryError(sentence, self._query, position)


_LIVES = {"alive": alive, "dead": dead}


def _leading_space(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _without_punctuation(values: str) -> str:
    """``values`` without what ends a sentence; the points of ``U.S.`` and ``1900..`` stay."""
    values = values.rstrip("?!;")
    single = values.endswith(".") and values.rpartition(",")[2].count(".") == 1
    return values[:-1] if single else values


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in "\"“”'" and len(text) > 1 else text

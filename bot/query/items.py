"""A query cut into items: the terms, operators and brackets that may filter, and the words."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import QueryError, UnknownField
from bot.filters import THOUSANDS, Filter, Known, Not, either, negate
from bot.person import ERA, Kind, Schema
from bot.query.english import English
from bot.query.values import alive, dead, lived, read_span, read_value

_OPERATOR = "<=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞]"
_SPELLINGS = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≠": "!=", ":": "="}
_SPELLINGS |= {"＝": "=", "＜": "<", "＞": ">"}

_MENTION = r"<(?:a?:\w+:|[@\#][!&]?|/[^<>]*:|t:|id:|https?:)[^<>\s]*>"  # as Discord writes one
_QUOTED = '["“”][^"“”]*["“”]'
_SINGLE = "'[^']*'|‘[^’]*’"  # around values only, for elsewhere it is an apostrophe
_TOKEN = re.compile(
    rf"""
      (?P<mention> {_MENTION} | https?://\S+ )
    | (?P<member> (?P<tag> {_QUOTED} | {_SINGLE} ) \s+ in \s+ \.(?P<tags>\w+) )
    | (?P<quoted> {_QUOTED} )
    | (?P<choice> \.(?P<text>\w+) \s+ in \s+ \[(?P<values>[^\[\]]*)\] )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<and> (?:and|but)\b(?![-'’]) | &&? )
    | (?P<or> or\b(?![-'’]) | \|\|? )
    | (?P<not> not\b(?![-'’]) | [-!−–—](?=[\w.(]) )
    | (?P<term> \.? (?P<field> [^\W\d]\w* )
        (?: \s* (?!{_MENTION}) (?P<operator> {_OPERATOR} ) | (?P<colon> \s*[:：](?!:|//) ) ) )
    | (?P<stray> {_OPERATOR} )
    | (?P<word> (?: (?!{_OPERATOR}|&&|\|\|) [^\s"“”()] )+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_CHARACTER = rf"(?!{_OPERATOR}|&&|\|\|)[^\s,\"“”()]"
_RANGE = r"\s*(?:\.{2,3}|…|[-–—](?=\s)|to\b)\s*(?=[-−]?\d)"
_TEXT = rf"{_QUOTED}|{_SINGLE}|(?:{_CHARACTER})+"
_NUMBER = rf"{_QUOTED}|{_SINGLE}|(?:(?<=[\w.]){_RANGE}|(?<=[\dcCs])\s*{ERA}|{_CHARACTER})+"
_VALUE = {kind: re.compile(_NUMBER if kind is Kind.NUMBER else _TEXT) for kind in Kind}
_VALUES = {
    kind: re.compile(rf"(?:{one.pattern})(?:,(?:{one.pattern}))*") for kind, one in _VALUE.items()
}
_ATTACHED = re.compile(r"[\w\"'“”]|[-−.]+\d")  # to the colon of a field that is not there
_MORE = re.compile(r"[,;]\s+(?:(?:and|or)\s+)?(?P<word>[^\s,;]+)", re.IGNORECASE)
_LEFT_OUT = re.compile(r",(?=,)")
_NEGATIVE = re.compile(r"(?:not\s+|[-!−](?!\d))(?P<value>[^\s,;]+)", re.IGNORECASE)
_GLUED = re.compile(r"(?<=\W)(?P<field>[^\W\d]\w*)[:：]")
_BEFORE = re.compile(r"(?<=[^\s\w.])(?P<field>[^\W\d]\w*)\s*$")
_NAME = re.compile(r"\w+")
_ABOUT = ("is", "has", "no")
_LIVES = {"alive": alive, "dead": dead}
_MEANT = {"birth": "born", "birthday": "born", "dob": "born", "death": "died", "dod": "died"}
_QUOTES = tuple("\"“”'‘")
_HINTS = {  # after "a value is missing", by what stands there
    "(": " Several are written with commas: country:france,italy.",
    "<": " Leave out the colon.",
    ">": " Leave out the colon.",
}


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
                value = (match["tag"], start)
                return Item(Token.TERM, start, end, self._filter(match, "tags", "=", [value]))
            case "choice":  # Redis's .country in ["france", "italy"]
                values = self._values(Kind.TEXT, *match.span("values"))
                if not values:
                    raise self._error("In what? A value is missing.", match.start("values"))
                return Item(Token.TERM, start, end, self._filter(match, "text", "=", values))
            case "stray":
                self._refuse_glued(_BEFORE.search(self._query, 0, start))
                hint = "Put the name of an attribute right before it."
                raise self._error(f"What should be {match[0]} here? {hint}", start)
            case "word" if match[0][0] == "." and match[0][1:].lower() in self._schema:
                raise self._error(f"What should {match[0][1:]} be? An operator is missing.", end)
            case "open" | "close" | "and" | "or" | "not" as name:
                return Item(Token[name.upper()], start, end)
            case _:
                for glued in _GLUED.finditer(self._query, start, end):
                    self._refuse_glued(glued)
                return Item(Token.WORD, start, end)

    def _refuse_glued(self, glued: re.Match[str] | None) -> None:
        """Raises QueryError where a term stands right behind something else than space."""
        if glued and self._is_head(glued["field"]):
            raise self._error(f"Put a space before {glued['field']}.", glued.start("field"))

    def _is_head(self, name: str) -> bool:
        """Whether a term may begin with this name."""
        return name.lower() in (*self._schema, *_ABOUT, "lived")

    def _term(self, match: re.Match[str]) -> Item:
        field, written = match["field"].lower(), match["operator"] or ":"
        if field in _ABOUT and written in (":", "="):
            return self._about(match, field)
        known = field in self._schema or field == "lived"
        spaced = bool(match["colon"]) and match["colon"][0].isspace()
        attached = _ATTACHED.match(self._query, match.end()) and not spaced
        if match["colon"] and not known and not attached:
            return Item(Token.WORD, *match.span())
        kind = self._kind(field, match.start("field"))
        start = _skip_space(self._query, match.end())
        found = _VALUES[kind].match(self._query, start)
        end = start + len(_without_punctuation(found[0])) if found else start
        values = self._values(kind, start, end)
        self._check_values(match[0].strip(), kind, values, start, end)
        operator = _SPELLINGS.get(written, written)
        return Item(Token.TERM, match.start(), end, self._filter(match, "field", operator, values))

    def _check_values(
        self, head: str, kind: Kind, values: Sequence[tuple[str, int]], start: int, end: int
    ) -> None:
        """Raises QueryError where values are missing, or some may be meant that are not read."""
        missing = _LEFT_OUT.match(self._query, end)
        if missing or not values or not all(_unquoted(text).strip() for text, _ in values):
            hint = _HINTS.get(self._query[start : start + 1], "")
            place = missing.end() if missing else len(self._query[:start].rstrip())
            raise self._error(f"{head} what? A value is missing.{hint}", place)
        last, position = values[-1]
        if last[0] in "'‘" and (len(last) == 1 or last[-1] not in "'’"):
            raise self._error("This quote is never closed.", position)
        if last[0] in _QUOTES and self._query[end : end + 1].strip(" ,;.?!)"):
            raise self._error("Put a space after the quote.", end)
        if kind is Kind.NUMBER:
            if thousands := THOUSANDS.fullmatch(self._query, start, end):
                plain = thousands[0].replace(",", "")
                raise self._error(f"Write {plain}, without the comma.", start)
        elif negative := _NEGATIVE.match(self._query, start):
            value = negative["value"]
            raise self._error(f"Put the not first: -{head}{value}.", start)
        self._ask_about_more(head, kind, last, end)

    def _ask_about_more(self, head: str, kind: Kind, last: str, end: int) -> None:
        """Raises QueryError where it cannot be told whether a list goes on."""
        more = _MORE.match(self._query, end)
        following = more and _TOKEN.match(self._query, more.start("word"))
        if not more or not following or following.lastgroup not in ("word", "quoted"):
            return
        word = _without_punctuation(following[0])
        if self._phrase(following, more.end()) or (kind is Kind.NUMBER and not word[:1].isdigit()):
            return
        if word:
            raise self._error(
                f"Is {word} one more value? Write {head}{last},{word} without a space; "
                f"or, if it is a word to search by, {head}{last} {word} without the comma.",
                end,
            )

    def _about(self, match: re.Match[str], field: str) -> Item:
        """``is:alive``, ``has:country``, ``no:country``; else a word."""
        value = _NAME.match(self._query, match.end())
        if value is None:
            return Item(Token.WORD, *match.span())
        name, start, end = value[0].lower(), value.start(), value.end()
        if self._query[end : end + 1] == "," and self._query[end + 1 : end + 2].strip():
            raise self._error(f"{field}: takes one at a time: {field}:{name} {field}:…", end)
        if field == "is" and name not in _LIVES:
            raise self._error(f"is: takes alive or dead, not {value[0]}.", start)
        if field != "is" and name not in self._schema:
            raise self._unknown(name, start)
        node = _LIVES[name](self._year) if field == "is" else Known(name)
        return Item(Token.TERM, match.start(), end, Not(node) if field == "no" else node)

    def _values(self, kind: Kind, start: int, end: int) -> list[tuple[str, int]]:
        """The values that stand there, with their quotes, and where each begins."""
        return [(v[0].strip(), v.start()) for v in _VALUE[kind].finditer(self._query, start, end)]

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
        kind = self._kind(field, position)
        if field in self._schema:
            return read_value(field, kind, operator, _unquoted(text), quoted=text[0] in _QUOTES)
        span = read_span(field, text)
        if operator != "=" or None in span:
            raise ValueError("lived takes : and a span of years, like lived:1701..1800, lived:18c.")
        return lived(span, self._year)

    def _kind(self, field: str, position: int) -> Kind:
        if field in self._schema:
            return self._schema[field]
        if field == "lived":
            return Kind.NUMBER
        raise self._unknown(field, position)

    def _unknown(self, field: str, position: int) -> UnknownField:
        near = difflib.get_close_matches(field, self._schema, n=2, cutoff=0.5)
        near = [_MEANT[field]] if field in _MEANT else near
        there = f"There are {', '.join(self._schema)}."
        hint = f"Did you mean {' or '.join(near)}?" if near else there
        sentence = f'Nobody here has an attribute {field}. {hint} (Words in "quotes" never filter.)'
        return UnknownField(sentence, self._query, position)

    def _error(self, sentence: str, position: int) -> QueryError:
        return QueryError(sentence, self._query, position)


def _skip_space(text: str, position: int) -> int:
    return position + len(text[position:]) - len(text[position:].lstrip())


def _without_punctuation(values: str) -> str:
    """``values`` without what ends a sentence; the points of ``U.S.`` and ``1900..`` stay."""
    values = values.rstrip("?!;")
    single = values.endswith(".") and values.rpartition(",")[2].count(".") == 1
    return values[:-1] if single else values


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in _QUOTES and len(text) > 1 else text

"""A query cut into items: the terms, operators and brackets that may filter, and the words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bot import sentences
from bot.errors import QueryError
from bot.person import Kind, Schema
from bot.query.english import English
from bot.query.filters import Filter
from bot.query.terms import OPERATOR, QUOTED, SINGLE, Term, Terms, without_punctuation

_MENTION = r"<(?:a?:\w+:|[@\#][!&]?|/[^<>]*:|t:|id:|https?:)[^<>\s]*>"  # as Discord writes one
_TOKEN = re.compile(
    rf"""
      (?P<mention> {_MENTION} | https?://\S+ )
    | (?P<member> (?P<tag> {QUOTED} | {SINGLE} ) \s+ in \s+ \.(?P<tags>\w+) )
    | (?P<quoted> {QUOTED} )
    | (?P<choice> \.(?P<text>\w+) \s+ in \s+ \[(?P<values>[^\[\]]*)\] )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<and> (?:and|but)\b(?![-'’]) | &&? )
    | (?P<or> or\b(?![-'’]) | \|\|? )
    | (?P<not> not\b(?![-'’]) | [-!−–—](?=[\w.(]) )
    | (?P<term> \.? (?P<field> [^\W\d]\w* )
        (?: \s* (?!{_MENTION}) (?P<operator> {OPERATOR} ) | (?P<colon> \s*[:：](?!:|//) ) ) )
    | (?P<stray> {OPERATOR} )
    | (?P<word> (?: (?!{OPERATOR}|&&|\|\|) [^\s"“”()] )+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_MORE = re.compile(r"\s*[,;]\s*(?:(?:and|or)\s+)?(?P<word>[^\s,;]+)", re.IGNORECASE)
_MINUS = re.compile(rf"\s+[-!−–](?P<word>[^\W\d]\w*)(?!\w|\s*(?:{OPERATOR}|[:：]))")


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
        self._terms = Terms(query, schema, year)
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
        word = Item(Token.WORD, *match.span())
        match match.lastgroup:
            case "term":
                term = self._terms.term(match)
                if term:
                    self._ask_about_more(term)
                return _term(match, term) if term else word
            case "member":
                return _term(match, self._terms.member(match))
            case "choice":
                return _term(match, self._terms.choice(match))
            case "stray":
                self._terms.refuse_stray(match)
            case "open" | "close" | "and" | "or" | "not" as name:
                return Item(Token[name.upper()], *match.span())
            case "word":
                self._terms.refuse_bare(match)
                self._terms.refuse_glued(*match.span())
        return word

    def _ask_about_more(self, term: Term) -> None:
        """Raises QueryError where it cannot be told whether a list of values goes on."""
        if term.kind in (Kind.TEXT, Kind.TAGS) and (minus := _MINUS.match(self._query, term.end)):
            sentence = sentences.query.minus_before_value(minus["word"])
            raise QueryError(sentence, self._query, minus.start("word") - 1)
        more = _MORE.match(self._query, term.end)
        following = more and _TOKEN.match(self._query, more.start("word"))
        if term.kind is None or not more or not following:
            return
        if following.lastgroup not in ("word", "quoted") or self._phrase(following, more.end()):
            return
        word = without_punctuation(following[0])
        if not word or (term.kind is Kind.NUMBER and not word[0].isdigit()):
            return
        raise QueryError(sentences.query.one_more_value(word, term.last), self._query, term.end)


def _term(match: re.Match[str], term: Term) -> Item:
    return Item(Token.TERM, match.start(), term.end, term.filter)

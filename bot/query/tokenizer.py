"""A query cut into tokens: conditions, operators, brackets and words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from bot.errors import QueryError
from bot.language import _
from bot.person import Kind, Schema
from bot.query.conditions import (
    HEAD,
    MENTION,
    OPERATOR,
    QUOTED,
    REDIS_CHOICE,
    REDIS_MEMBER,
    Condition,
    ConditionParser,
    without_punctuation,
)
from bot.query.english import EnglishReader
from bot.query.filters import Filter

_TOKEN = re.compile(
    rf"""
      (?P<mention> {MENTION} | https?://\S+ )
    | (?P<member> {REDIS_MEMBER} )
    | (?P<quoted> {QUOTED} )
    | (?P<choice> {REDIS_CHOICE} )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<and> (?:and|but)\b(?![-'’]) | &&? )
    | (?P<or> or\b(?![-'’]) | \|\|? )
    | (?P<not> not\b(?![-'’]) | [-!−–—](?=[\w.(]) )
    | (?P<condition> {HEAD} )
    | (?P<stray_operator> {OPERATOR} )
    | (?P<word> (?: (?!{OPERATOR}|&&|\|\|) [^\s"“”()] )+ )
    """,
    re.VERBOSE | re.IGNORECASE,
)

_LIST_ITEM = re.compile(r"\s*[,;]\s*(?:(?:and|or)\s+)?(?P<word>[^\s,;]+)", re.IGNORECASE)
_NEGATED_WORD = re.compile(rf"\s+[-!−–](?P<word>[^\W\d]\w*)(?!\w|\s*(?:{OPERATOR}|[:：]))")


class TokenKind(Enum):
    """What a token is. Operators and brackets away from conditions turn out to be words: see
    operators.py."""

    WORD = auto()
    CONDITION = auto()
    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()


_MAY_BE_WORDS = (TokenKind.WORD, TokenKind.AND, TokenKind.OR, TokenKind.NOT)


@dataclass(frozen=True)
class Token:
    """``query[start:end]``. A condition has its ``filter``; ``is_english`` says whether it is in
    plain English."""

    kind: TokenKind
    start: int
    end: int
    filter: Filter | None = None
    is_english: bool = False


def tokenize(query: str, schema: Schema, year: int, english: EnglishReader | None) -> list[Token]:
    """Return the tokens of a query whose quotes are closed, in order, without the space between
    them. Phrases that ``english`` understands are conditions. Raises QueryError for a condition
    that is wrong."""
    return list(_Tokenizer(query, schema, year, english).tokens())


class _Tokenizer:
    def __init__(
        self, query: str, schema: Schema, year: int, english: EnglishReader | None
    ) -> None:
        self._query = query
        self._conditions = ConditionParser(query, schema, year)
        self._english = english

    def tokens(self) -> Iterator[Token]:
        position = words_start = 0
        while match := _TOKEN.search(self._query, position):
            token = self._read_phrase(match, words_start) or self._read(match)
            yield token
            position = token.end
            words_start = words_start if token.kind in _MAY_BE_WORDS else position

    def _read_phrase(self, match: re.Match[str], words_start: int) -> Token | None:
        """Return the phrase in plain English that begins with a word, if there is one."""
        if self._english is None or match.lastgroup != "word":
            return None
        phrase = self._english.read(self._query, match.start(), words_start)
        if phrase is None:
            return None
        return Token(TokenKind.CONDITION, match.start(), phrase.end, phrase.filter, is_english=True)

    def _read(self, match: re.Match[str]) -> Token:
        condition = None
        match match.lastgroup:
            case "condition":
                condition = self._conditions.parse(match)
                if condition:
                    self._check_end_of_list(condition)
            case "member":
                condition = self._conditions.parse_member(match)
            case "choice":
                condition = self._conditions.parse_choice(match)
            case "stray_operator":
                self._conditions.refuse_stray_operator(match)
            case "open" | "close" | "and" | "or" | "not" as name:
                return Token(TokenKind[name.upper()], *match.span())
            case "word":
                self._conditions.refuse_bare_field(match)
                self._conditions.refuse_glued(*match.span())
            case _:  # a mention, or words in quotes
                pass
        if condition is None:
            return Token(TokenKind.WORD, *match.span())
        return Token(TokenKind.CONDITION, match.start(), condition.end, condition.filter)

    def _check_end_of_list(self, condition: Condition) -> None:
        """Raise QueryError where nobody can tell whether a list of values goes on."""
        kind, end = condition.list_kind, condition.end
        if kind is None:
            return
        negated = _NEGATED_WORD.match(self._query, end)
        if negated and kind in (Kind.TEXT, Kind.TAGS):
            message = _(
                "To exclude {value}, repeat the attribute with a - before it: -…={value}.",
                value=negated["word"],
            )
            raise QueryError(message, self._query, negated.start("word") - 1)
        item = _LIST_ITEM.match(self._query, end)
        following = item and _TOKEN.match(self._query, item.start("word"))
        if not item or not following or following.lastgroup not in ("word", "quoted"):
            return
        if self._read_phrase(following, item.end()):
            return
        word = without_punctuation(following[0])
        if word and (kind is not Kind.NUMBER or word[0].isdigit()):
            message = _(
                "If {word} is another value, write {last_value},{word} without a space. "
                "If it's a word to search for, remove the comma.",
                word=word,
                last_value=condition.last_value,
            )
            raise QueryError(message, self._query, end)

"""A query cut into tokens: conditions, operators, brackets and words."""

import re
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
    """What a token is. operators.py turns operators and brackets that don't join conditions into
    words."""

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
    them. Phrases that ``english`` understands are conditions. Raises QueryError for an invalid
    condition."""
    conditions = ConditionParser(query, schema, year)
    tokens: list[Token] = []
    position = words_start = 0
    while match := _TOKEN.search(query, position):
        token = _read_phrase(query, match, words_start, english)
        token = token or _read_token(query, match, conditions, english)
        tokens.append(token)
        position = token.end
        words_start = words_start if token.kind in _MAY_BE_WORDS else position
    return tokens


def _read_phrase(
    query: str, match: re.Match[str], words_start: int, english: EnglishReader | None
) -> Token | None:
    """Return the phrase in plain English that begins with a word, if there is one."""
    if english is None or match.lastgroup != "word":
        return None
    phrase = english.read(query, match.start(), words_start)
    if phrase is None:
        return None
    return Token(TokenKind.CONDITION, match.start(), phrase.end, phrase.filter, is_english=True)


def _read_token(
    query: str, match: re.Match[str], conditions: ConditionParser, english: EnglishReader | None
) -> Token:
    condition = None
    match match.lastgroup:
        case "condition":
            condition = conditions.parse(match)
            if condition:
                _check_end_of_list(query, condition, english)
        case "member":
            condition = conditions.parse_member(match)
        case "choice":
            condition = conditions.parse_choice(match)
        case "stray_operator":
            conditions.refuse_stray_operator(match)
        case "open" | "close" | "and" | "or" | "not" as name:
            return Token(TokenKind[name.upper()], *match.span())
        case "word":
            conditions.refuse_bare_field(match)
            conditions.refuse_glued(*match.span())
        case _:  # a mention, or words in quotes
            pass
    if condition is None:
        return Token(TokenKind.WORD, *match.span())
    return Token(TokenKind.CONDITION, match.start(), condition.end, condition.filter)


def _check_end_of_list(query: str, condition: Condition, english: EnglishReader | None) -> None:
    """Raise QueryError if what follows a list of values may be meant to be part of it."""
    kind, end = condition.list_kind, condition.end
    if kind is None:
        return
    negated = _NEGATED_WORD.match(query, end)
    if negated and kind in (Kind.TEXT, Kind.TAGS):
        message = _(
            "To exclude {value}, repeat the attribute with a - before it: -…={value}.",
            value=negated["word"],
        )
        raise QueryError(message, query, negated.start("word") - 1)
    item = _LIST_ITEM.match(query, end)
    following = item and _TOKEN.match(query, item.start("word"))
    if not item or not following or following.lastgroup not in ("word", "quoted"):
        return
    if _read_phrase(query, following, item.end(), english):
        return
    word = without_punctuation(following[0])
    if word and (kind is not Kind.NUMBER or word[0].isdigit()):
        message = _(
            "If {word} is another value, write {last_value},{word} without a space. "
            "If it's a word to search for, remove the comma.",
            word=word,
            last_value=condition.last_value,
        )
        raise QueryError(message, query, end)

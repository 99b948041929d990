"""Which brackets and operators join conditions, and which are words."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from bot.errors import QueryError
from bot.language import _
from bot.person import fold
from bot.query.tokenizer import Token, TokenKind

CONDITION_STARTS = (TokenKind.CONDITION, TokenKind.OPEN, TokenKind.NOT)
_CONDITION_ENDS = (TokenKind.CONDITION, TokenKind.CLOSE)
_JOINING = (TokenKind.AND, TokenKind.OR)
_OPERATORS = (*_JOINING, TokenKind.NOT)

_MINUS_SIGNS = frozenset("-!−–—")
_NEGATING_WORDS = frozenset(
    {"except", "excluding", "without", "no", "non", "none", "nobody", "not"}
    | {"neither", "nor", "never", "isnt", "arent", "wasnt", "werent"}
)
_EVERYONE_WORDS = frozenset({"all", "anybody", "anyone", "every", "everybody", "everyone"})


def resolve_operators(query: str, tokens: Sequence[Token]) -> list[Token]:
    """Turn brackets and operators that have no condition next to them into words, and leave out an
    ``and`` with a condition on one side only, because adjacent conditions must all match anyway.
    Raises QueryError for those that would be lost or misread."""
    tokens = _resolve_brackets(query, tokens)
    resolved: list[Token] = []
    following: Token | None = None
    for place in reversed(range(len(tokens))):
        token = tokens[place]
        condition_starts = following is not None and following.kind in CONDITION_STARTS
        condition_ends = place > 0 and tokens[place - 1].kind in _CONDITION_ENDS
        _check_token(query, tokens, place, following, condition_starts, condition_ends)
        if token.kind is TokenKind.NOT and not condition_starts:
            token = _as_word(token)
        elif token.kind in _JOINING and not (condition_starts and condition_ends):
            if condition_starts or condition_ends:
                continue
            token = _as_word(token)
        following = token
        resolved.append(token)
    return resolved[::-1]


def _resolve_brackets(query: str, tokens: Sequence[Token]) -> list[Token]:
    """Turn brackets without a condition between them into words. Raises QueryError for an unmatched
    bracket that may be meant for conditions."""
    resolved = list(tokens)
    opened: list[int] = []
    conditions = (token.kind is TokenKind.CONDITION for token in tokens)
    conditions_before = [0, *itertools.accumulate(conditions)]
    for place, token in enumerate(tokens):
        if token.kind is TokenKind.OPEN:
            opened.append(place)
        elif token.kind is TokenKind.CLOSE and opened:
            start = opened.pop()
            if conditions_before[start] == conditions_before[place]:
                resolved[start], resolved[place] = _as_word(tokens[start]), _as_word(token)
        elif token.kind is TokenKind.CLOSE:
            if place and resolved[place - 1].kind in _CONDITION_ENDS:
                message = _("This bracket was never opened. Add a ( before it.")
                raise QueryError(message, query, token.start)
            resolved[place] = _as_word(token)
    for place in opened:
        if conditions_before[place] < conditions_before[-1]:
            message = _("This bracket is never closed. Add a ) after it.")
            raise QueryError(message, query, tokens[place].start)
        resolved[place] = _as_word(tokens[place])
    return resolved


def _as_word(token: Token) -> Token:
    return replace(token, kind=TokenKind.WORD)


def _check_token(
    query: str,
    tokens: Sequence[Token],
    place: int,
    following: Token | None,
    condition_starts: bool,
    condition_ends: bool,
) -> None:
    """Raise QueryError if the token at ``place`` is an operator, or a word like one, that would be
    lost or misread between the condition that ends before it and the one that starts after it."""
    token = tokens[place]
    text = query[token.start : token.end]
    follows_negated_english = (
        place > 1 and tokens[place - 1].is_english and tokens[place - 2].kind is TokenKind.NOT
    )
    message = ""
    if token.kind is TokenKind.OR and follows_negated_english:
        message = _(
            'It\'s unclear what "not" applies to here. '
            "Put a - before each condition instead, as in -country=france -country=italy."
        )
    elif token.kind is TokenKind.WORD and condition_starts and text in _MINUS_SIGNS:
        message = _("Remove the space after {minus}, or remove the {minus}.", minus=text)
    elif _is_negating_word(query, tokens, place, following):
        message = _("To exclude people, put a - right before the condition: -country=france.")
    elif token.kind in _JOINING and condition_starts != condition_ends:
        if place and tokens[place - 1].kind in _OPERATORS:
            message = _("There are two operators in a row here. Remove one of them.")
        elif token.kind is TokenKind.OR:
            message = _(
                '"or" joins two conditions, as in died<1900 or born>1990. For several values, use '
                'commas (country=france,italy); to search for the word "or", put it in quotes.'
            )
    if message:
        raise QueryError(message, query, token.start)


def _is_negating_word(
    query: str, tokens: Sequence[Token], place: int, following: Token | None
) -> bool:
    """Whether a word such as ``except``, or the ``but`` of ``everyone but``, is meant to negate the
    condition in symbols after it."""
    if following is None or following.kind is not TokenKind.CONDITION or following.is_english:
        return False
    word, previous = (
        fold(query[token.start : token.end].rstrip(",:"))
        for token in (tokens[place], tokens[max(0, place - 1)])
    )
    if tokens[place].kind is TokenKind.AND:
        return word == "but" and previous in _EVERYONE_WORDS
    return tokens[place].kind is TokenKind.WORD and word in _NEGATING_WORDS

"""Which brackets and operators among the items filter, and which are words."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from bot import sentences
from bot.errors import QueryError
from bot.person import fold
from bot.query.items import Item, Token

_MINUSES = frozenset("-!−–—")
_DENIALS = frozenset({"except", "excluding", "without", "no", "non", "none", "nobody", "not"})
_DENIALS |= {"neither", "nor", "never"}
_DENIALS |= {f"{verb}nt" for verb in ("is", "are", "was", "were")}
_EVERYBODY = frozenset({"all", "anybody", "anyone", "every", "everybody", "everyone"})
_OPERATORS = (Token.AND, Token.OR, Token.NOT)
STARTS = (Token.TERM, Token.OPEN, Token.NOT)
_ENDS = (Token.TERM, Token.CLOSE)


def structure(query: str, items: Sequence[Item]) -> list[Item]:
    """The items, where brackets and operators that stand by no term are words. Raises QueryError
    for those that would be lost or misread."""
    return _operators(query, _brackets(query, items))


def _brackets(query: str, items: Sequence[Item]) -> list[Item]:
    """The items, where brackets without a term between them are words. Raises QueryError for one
    without its partner that could be meant to hold terms."""
    read = list(items)
    opened: list[int] = []
    before = [0, *itertools.accumulate(item.token is Token.TERM for item in items)]
    for place, item in enumerate(items):
        if item.token is Token.OPEN:
            opened.append(place)
        elif item.token is Token.CLOSE and opened:
            start = opened.pop()
            if before[start] == before[place]:
                read[start], read[place] = _word(items[start]), _word(item)
        elif item.token is Token.CLOSE:
            if place and read[place - 1].token in (Token.TERM, Token.CLOSE):
                raise QueryError(sentences.query.BRACKET_NEVER_OPENED, query, item.start)
            read[place] = _word(item)
    for place in opened:
        if before[place] < before[-1]:
            raise QueryError(sentences.query.BRACKET_NEVER_CLOSED, query, items[place].start)
        read[place] = _word(items[place])
    return read


def _word(item: Item) -> Item:
    return replace(item, token=Token.WORD)


def _operators(query: str, items: list[Item]) -> list[Item]:
    """The items, where operators that stand by no term are words, and an ``and`` that stands by
    one only is left out, for all must match anyway. Raises QueryError for what would be lost."""
    read: list[Item] = []
    after: Item | None = None
    for place in reversed(range(len(items))):
        item = items[place]
        starts = after is not None and after.token in STARTS
        ends = place > 0 and items[place - 1].token in _ENDS
        _refuse(query, items, place, after, starts=starts, ends=ends)
        joins = item.token in (Token.AND, Token.OR)
        if (joins and not starts and not ends) or (item.token is Token.NOT and not starts):
            item = _word(item)
        elif joins and not (starts and ends):
            continue
        after = item
        read.append(item)
    return read[::-1]


def _refuse(
    query: str, items: Sequence[Item], place: int, after: Item | None, *, starts: bool, ends: bool
) -> None:
    """Raises QueryError for an operator, or a word like one, that would be lost or misread between
    what stands before ``place`` and ``after``; where before it a run of terms ``ends``, and after
    it one ``starts``."""
    item = items[place]
    denied = place > 1 and items[place - 1].english and items[place - 2].token is Token.NOT
    text = query[item.start : item.end]
    sentence = ""
    if item.token is Token.OR and denied:
        sentence = sentences.query.UNCLEAR_NOT
    elif item.token is Token.WORD and starts and text in _MINUSES:
        sentence = sentences.query.no_space_after(text)
    elif _denies(query, items, place, after):
        sentence = sentences.query.MINUS_BEFORE_CONDITION
    elif item.token in (Token.AND, Token.OR) and starts != ends:
        if place and items[place - 1].token in _OPERATORS:
            sentence = sentences.query.TWO_OPERATORS
        elif item.token is Token.OR:
            sentence = sentences.query.OR_JOINS
    if sentence:
        raise QueryError(sentence, query, item.start)


def _denies(query: str, items: Sequence[Item], place: int, after: Item | None) -> bool:
    """Whether a word before a condition in symbols would turn it round, if it were understood:
    ``except``, or the ``but`` of ``everyone but``."""
    if after is None or after.token is not Token.TERM or after.english:
        return False
    word, before = (
        fold(query[item.start : item.end].rstrip(",:"))
        for item in (items[place], items[max(0, place - 1)])
    )
    if items[place].token is Token.AND:
        return word == "but" and before in _EVERYBODY
    return items[place].token is Token.WORD and word in _DENIALS

"""Items to a Query: which operators and brackets filter, what is left as words, and the tree."""

import itertools
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.errors import QueryError
from bot.filters import Filter, Named, either, every, negate, terms
from bot.person import Schema, fold
from bot.query.english import GENERIC, POLITE, English
from bot.query.items import Item, Token, read_items

QUERY_MAX = 500
NESTING_MAX = 20

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_QUOTES = re.compile('["“”]')
_UNSEEN = str.maketrans(dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", " "))


KnownValues = Mapping[str, Mapping[str, str]]
"""Values that somebody in the directory has, folded: in which fields, and as typed there."""


@dataclass(frozen=True)
class Query:
    """What was asked: the words to embed, in order, and the filter to match; one may be absent.
    ``english`` says that part of the filter was read from plain words."""

    text: str
    filter: Filter | None = None
    english: bool = False

    @property
    def terms(self) -> list[str]:
        """The conditions, as the asker may type them: ``died<2000``."""
        return terms(self.filter) if self.filter else []

    @property
    def understood(self) -> str:
        """``science · died<2000``, for the asker to check."""
        return " · ".join([self.text, *self.terms] if self.text else self.terms)


def parse(
    query: str,
    schema: Schema,
    year: int,
    known: KnownValues = MappingProxyType({}),
    *,
    literal: bool = False,
) -> Query:
    """Read a query in ``year``, which decides who may be alive. Text in quotes is words, whatever
    is in it. Plain English is read too, with the values in ``known``, unless ``literal``; where
    that leaves something that cannot be understood, it is words. Raises QueryError."""
    query = query.translate(_UNSEEN)
    _check(query)
    if not literal:
        english = English(schema, year, lambda value: known.get(value, {}))
        try:
            return _parse(query, read_items(query, schema, year, english))
        except QueryError:
            pass  # to be raised again, unless it was the English
    return _parse(query, read_items(query, schema, year, None))


def values_named(query: str, schema: Schema, year: int, known: KnownValues) -> set[str]:
    """The values, folded, that plain English in the query names, as far as that can be told with
    ``known``: where a list goes on depends on whether its first value is one."""
    asked: set[str] = set()

    def ask(value: str) -> Mapping[str, str]:
        asked.add(value)
        return known.get(value, {})

    if len(query) <= QUERY_MAX:
        with suppress(QueryError):
            read_items(query.translate(_UNSEEN), schema, year, English(schema, year, ask))
    return asked


def _check(query: str) -> None:
    if len(query) > QUERY_MAX:
        sentence = f"A query has at most {QUERY_MAX} characters; this one has {len(query):,}."
        raise QueryError(sentence, query, QUERY_MAX)
    if control := _CONTROL.search(query):
        sentence = f"There is a control character (U+{ord(control[0]):04X}) in the query."
        raise QueryError(sentence, query, control.start())
    quotes = list(_QUOTES.finditer(query))
    if len(quotes) % 2:
        raise QueryError("This quote is never closed.", query, quotes[-1].start())


def _parse(query: str, items: list[Item]) -> Query:
    items = _operators(query, _brackets(query, items))
    tree = _Tree(query, items)
    filters: list[Filter] = []
    words: list[str] = []
    while token := tree.next():
        if token is Token.WORD:
            words.append(tree.take_words())
        else:
            filters.append(tree.juxtaposed())
    english = any(item.english for item in items)
    lives = {item.filter.term for item in items if isinstance(item.filter, Named) and item.english}
    if lives >= {"is:alive", "is:dead"}:
        raise QueryError("Nobody is both alive and dead.", query, 0)
    text = " ".join(" ".join(words).split())
    asks = all(fold(word.strip(",.?!")) in GENERIC | _WHOSE for word in text.split())
    if english or (filters and asks):
        text = _without_asking(text)
    if not _says(text):
        if not filters:
            raise QueryError(
                "There are no words in that to search by. Say what somebody did or was, "
                "like lead singer, or give a condition, like died<2000.",
                query,
                0,
            )
        text = ""
    return Query(text, every(filters) if filters else None, english)


_WHOSE = frozenset({"whose", "with", *POLITE})


def _without_asking(text: str) -> str:
    """The words but for those at their beginning that only ask, like ``show me the``, and at their
    end that say no more, like ``please``."""
    words = text.split()
    while words and (fold(words[0].strip(",.?!")) in GENERIC or not _says(words[0])):
        words.pop(0)
    while words and (fold(words[-1].strip(",.?!")) in POLITE or not _says(words[-1])):
        words.pop()
        words = words[: -1 if words[-1:] == ["in"] else None]  # in here
    return " ".join(words).rstrip(",;.?!")


def _says(word: str) -> bool:
    return any(character.isalnum() for character in word)


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
                raise QueryError(
                    "This bracket was never opened: a ( is missing.", query, item.start
                )
            read[place] = _word(item)
    for place in opened:
        if before[place] < before[-1]:
            raise QueryError(
                "This bracket is never closed: a ) is missing.", query, items[place].start
            )
        read[place] = _word(items[place])
    return read


def _word(item: Item) -> Item:
    return replace(item, token=Token.WORD)


_MINUSES = frozenset("-!−–—")
_DENIALS = frozenset({"except", "excluding", "without", "no", "non", "none", "nobody", "not"})
_DENIALS |= {"neither", "nor", "never"}
_DENIALS |= {f"{verb}nt" for verb in ("is", "are", "was", "were")}
_EVERYBODY = frozenset({"all", "anybody", "anyone", "every", "everybody", "everyone"})
_OPERATORS = (Token.AND, Token.OR, Token.NOT)
_STARTS = (Token.TERM, Token.OPEN, Token.NOT)
_ENDS = (Token.TERM, Token.CLOSE)


def _operators(query: str, items: list[Item]) -> list[Item]:
    """The items, where operators that stand by no term are words, and an ``and`` that stands by
    one only is left out, for all must match anyway. Raises QueryError for what would be lost."""
    read: list[Item] = []
    after: Item | None = None
    for place in reversed(range(len(items))):
        item = items[place]
        starts = after is not None and after.token in _STARTS
        ends = place > 0 and items[place - 1].token in _ENDS
        _refuse(query, items, place, after)
        joins = item.token in (Token.AND, Token.OR)
        if (joins and not starts and not ends) or (item.token is Token.NOT and not starts):
            item = _word(item)
        elif joins and not (starts and ends):
            continue
        after = item
        read.append(item)
    return read[::-1]


def _refuse(query: str, items: Sequence[Item], place: int, after: Item | None) -> None:
    """Raises QueryError for an operator, or a word like one, that would be lost or misread between
    what stands before ``place`` and ``after``."""
    item = items[place]
    starts = after is not None and after.token in _STARTS
    ends = place > 0 and items[place - 1].token in _ENDS
    denied = place > 1 and items[place - 1].english and items[place - 2].token is Token.NOT
    text = query[item.start : item.end]
    sentence = ""
    if item.token is Token.OR and denied:
        sentence = "It is not clear what is not meant."
    elif item.token is Token.WORD and starts and text in _MINUSES:
        sentence = f"Leave no space after {text}, or leave it out."
    elif _denies(query, items, place, after):
        sentence = "To mean not, write - right before the condition."
    elif item.token in (Token.AND, Token.OR) and starts != ends:
        if place and items[place - 1].token in _OPERATORS:
            sentence = "Two operators stand side by side."
        elif item.token is Token.OR:
            sentence = (
                'An "or" joins two conditions, like died<1900 or born>1990, or values, like '
                "country:france,italy. To search by it as a word, put it in quotes."
            )
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


class _Tree:
    """Recursive descent: what stands side by side must all hold and binds loosest, as words and
    terms do; then or, and, not."""

    def __init__(self, query: str, items: Sequence[Item]) -> None:
        self._query = query
        self._items = items
        self._place = 0

    def next(self) -> Token | None:
        return self._items[self._place].token if self._place < len(self._items) else None

    def take_words(self) -> str:
        """The words up to the next term, without their quotes and what set them off from terms."""
        first = self._place
        while self.next() is Token.WORD:
            self._place += 1
        if first == self._place:
            return ""
        text = self._query[self._items[first].start : self._items[self._place - 1].end]
        text = _QUOTES.sub("", text)
        text = text.lstrip(" ,;:.?!") if first else text
        return text.rstrip(" ,;") if self.next() else text

    def juxtaposed(self, depth: int = 0) -> Filter:
        parts = [self._either(depth)]
        while self.next() in _STARTS:
            parts.append(self._either(depth))
        return every(parts)

    def _either(self, depth: int) -> Filter:
        parts = [self._every(depth)]
        while self._take(Token.OR):
            parts.append(self._every(depth))
        return either(parts)

    def _every(self, depth: int) -> Filter:
        parts = [self._one(depth)]
        while self._take(Token.AND):
            parts.append(self._one(depth))
        return every(parts)

    def _one(self, depth: int) -> Filter:
        item = self._items[self._place]
        if depth > NESTING_MAX:
            sentence = f"Brackets and not may be nested {NESTING_MAX} deep; this is more."
            raise QueryError(sentence, self._query, item.start)
        if self._take(Token.NOT):
            return negate(self._one(depth + 1))
        if self._take(Token.OPEN):
            self._no_word()
            node = self.juxtaposed(depth + 1)
            self._no_word()
            self._place += 1
            return node
        self._place += 1
        assert item.filter is not None
        return item.filter

    def _take(self, token: Token) -> bool:
        taken = self.next() is token
        self._place += taken
        return taken

    def _no_word(self) -> None:
        if self.next() is Token.WORD:
            item = self._items[self._place]
            raise QueryError(
                f"{self._query[item.start : item.end][:60]} stands in brackets with a condition, "
                "where only conditions can stand. Put words before the brackets.",
                self._query,
                item.start,
            )

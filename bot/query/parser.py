"""Items to a Query: which operators and brackets filter, what is left as words, and the tree."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from bot import sentences
from bot.errors import QueryError
from bot.person import Schema, has_alphanumeric
from bot.query.english import English, only_asks, without_asking
from bot.query.filters import Filter, Named, either, every, negate, terms, write
from bot.query.items import Item, Token, read_items
from bot.query.structure import STARTS, structure

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
    def written(self) -> str:
        """The conditions as one query; empty if there are none."""
        return write(self.filter) if self.filter else ""

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
        raise QueryError(sentences.query.too_long(len(query), QUERY_MAX), query, QUERY_MAX)
    if control := _CONTROL.search(query):
        sentence = sentences.query.control_character(control[0])
        raise QueryError(sentence, query, control.start())
    quotes = list(_QUOTES.finditer(query))
    if len(quotes) % 2:
        raise QueryError(sentences.query.QUOTE_NEVER_CLOSED, query, quotes[-1].start())


def _parse(query: str, items: list[Item]) -> Query:
    items = structure(query, items)
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
        raise QueryError(sentences.query.ALIVE_AND_DEAD, query, 0)
    text = " ".join(" ".join(words).split())
    if english or (filters and only_asks(text)):
        text = without_asking(text)
    if not has_alphanumeric(text):
        if not filters:
            raise QueryError(sentences.query.NO_WORDS, query, 0)
        text = ""
    return Query(text, every(filters) if filters else None, english)


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
        while self.next() in STARTS:
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
            sentence = sentences.query.nested_too_deep(NESTING_MAX)
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
            words = self._query[item.start : item.end][:60]
            sentence = sentences.query.words_in_brackets(words)
            raise QueryError(sentence, self._query, item.start)

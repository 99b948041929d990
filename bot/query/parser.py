"""Parse a query: its words, and the filter tree of its conditions."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType

from bot.errors import QueryError
from bot.language import _
from bot.person import Schema, has_alphanumeric
from bot.query.conditions import DOUBLE_QUOTE, quote_never_closed
from bot.query.english import EnglishReader, only_asks, strip_asking_words
from bot.query.filters import Filter, NamedFilter, all_of, any_of, negate
from bot.query.operators import CONDITION_STARTS, resolve_operators
from bot.query.query import KnownValues, Query
from bot.query.tokenizer import Token, TokenKind, tokenize
from bot.query.values import SHOWN_MAX

QUERY_MAX = 500
NESTING_MAX = 20

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE_TO_SPACE = str.maketrans(dict.fromkeys("\u200b\u200e\u200f\u2060\ufeff", " "))


def parse(
    query: str,
    schema: Schema,
    year: int,
    known: KnownValues = MappingProxyType({}),
    *,
    literal: bool = False,
) -> Query:
    """Parse a query in ``year``, which decides who may be alive.

    Text in quotes is always words. Unless ``literal``, phrases in plain English are conditions if
    ``known`` has their values, and words if that leads to an error. Raises QueryError.
    """
    query = query.translate(_INVISIBLE_TO_SPACE)
    _check(query)
    if not literal:
        english = EnglishReader(schema, year, lambda value: known.get(value, {}))
        with suppress(QueryError):  # if it isn't the English, it is raised again below
            return _parse_tokens(query, tokenize(query, schema, year, english))
    return _parse_tokens(query, tokenize(query, schema, year, None))


def find_named_values(query: str, schema: Schema, year: int, known: KnownValues) -> set[str]:
    """Return the folded values that plain English in a query may name. With more values in
    ``known`` there may be more of them: whether a list goes on depends on its first value."""
    named: set[str] = set()

    def look_up(value: str) -> Mapping[str, str]:
        named.add(value)
        return known.get(value, {})

    if len(query) <= QUERY_MAX:
        query = query.translate(_INVISIBLE_TO_SPACE)
        with suppress(QueryError):
            tokenize(query, schema, year, EnglishReader(schema, year, look_up))
    return named


def _check(query: str) -> None:
    """Raise QueryError for a query that is too long, has control characters or an open quote."""
    if len(query) > QUERY_MAX:
        message = _(
            "A query can have at most {limit} characters. This one has {count}.",
            limit=QUERY_MAX,
            count=len(query),
        )
        raise QueryError(message, query, QUERY_MAX)
    if control := _CONTROL.search(query):
        code = f"U+{ord(control[0]):04X}"
        message = _(
            "The query contains a control character ({code}). Remove it and try again.", code=code
        )
        raise QueryError(message, query, control.start())
    quotes = list(DOUBLE_QUOTE.finditer(query))
    if len(quotes) % 2:
        raise QueryError(quote_never_closed(), query, quotes[-1].start())


def _parse_tokens(query: str, tokens: list[Token]) -> Query:
    tokens = resolve_operators(query, tokens)
    parser = _TokenParser(query, tokens)
    filters: list[Filter] = []
    words: list[str] = []
    while kind := parser.next_kind():
        if kind is TokenKind.WORD:
            words.append(parser.take_words())
        else:
            filters.append(parser.parse_filter())
    _check_lives(query, tokens)
    has_english = any(token.is_english for token in tokens)
    text = " ".join(" ".join(words).split())
    if has_english or (filters and only_asks(text)):
        text = strip_asking_words(text)
    if not has_alphanumeric(text):
        if not filters:
            message = _(
                'There are no words to search for. Say what people did or were, such as "lead '
                'singer", or give a condition, such as died<2000.'
            )
            raise QueryError(message, query, 0)
        text = ""
    return Query(text, all_of(filters) if filters else None, has_english)


def _check_lives(query: str, tokens: Sequence[Token]) -> None:
    """Raise QueryError if plain English asks for people both alive and dead."""
    conditions = {
        token.filter.condition
        for token in tokens
        if token.is_english and isinstance(token.filter, NamedFilter)
    }
    if conditions >= {"is:alive", "is:dead"}:
        raise QueryError(_("Nobody is both alive and dead."), query, 0)


class _TokenParser:
    """A recursive-descent parser. ``not`` binds closest, then ``and``, then ``or``. Conditions side
    by side must all match, and bind loosest."""

    def __init__(self, query: str, tokens: Sequence[Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._place = 0

    def next_kind(self) -> TokenKind | None:
        return self._tokens[self._place].kind if self._place < len(self._tokens) else None

    def take_words(self) -> str:
        """Take the words up to the next condition, without quotes and without the punctuation that
        sets them off from conditions."""
        first = self._place
        while self.next_kind() is TokenKind.WORD:
            self._place += 1
        text = self._query[self._tokens[first].start : self._tokens[self._place - 1].end]
        text = DOUBLE_QUOTE.sub("", text)
        text = text.lstrip(" ,;:.?!") if first else text
        return text.rstrip(" ,;") if self.next_kind() else text

    def parse_filter(self, depth: int = 0) -> Filter:
        """Parse the conditions that stand side by side."""
        parts = [self._parse_or(depth)]
        while self.next_kind() in CONDITION_STARTS:
            parts.append(self._parse_or(depth))
        return all_of(parts)

    def _parse_or(self, depth: int) -> Filter:
        parts = [self._parse_and(depth)]
        while self._take(TokenKind.OR):
            parts.append(self._parse_and(depth))
        return any_of(parts)

    def _parse_and(self, depth: int) -> Filter:
        parts = [self._parse_one(depth)]
        while self._take(TokenKind.AND):
            parts.append(self._parse_one(depth))
        return all_of(parts)

    def _parse_one(self, depth: int) -> Filter:
        token = self._tokens[self._place]
        if depth > NESTING_MAX:
            message = _(
                'Brackets and "not" can be nested at most {limit} deep. Simplify the query.',
                limit=NESTING_MAX,
            )
            raise QueryError(message, self._query, token.start)
        if self._take(TokenKind.NOT):
            return negate(self._parse_one(depth + 1))
        if self._take(TokenKind.OPEN):
            self._refuse_words()
            filter = self.parse_filter(depth + 1)
            self._refuse_words()
            self._place += 1
            return filter
        self._place += 1
        assert token.filter is not None
        return token.filter

    def _take(self, kind: TokenKind) -> bool:
        is_next = self.next_kind() is kind
        self._place += is_next
        return is_next

    def _refuse_words(self) -> None:
        """Raise QueryError for words in the brackets of conditions."""
        if self.next_kind() is TokenKind.WORD:
            token = self._tokens[self._place]
            words = self._query[token.start : token.end][:SHOWN_MAX]
            message = _(
                "Brackets can't hold both words and conditions. "
                'Put "{words}" before the brackets.',
                words=words,
            )
            raise QueryError(message, self._query, token.start)

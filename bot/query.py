"""The query language: words to embed, and terms like ``died<2000`` to filter by, in one line."""

import difflib
import re
from dataclasses import dataclass

from bot.errors import QueryError, UnknownField
from bot.filters import And, Compare, Filter, Known, Not, Or, describe
from bot.person import ERA, Kind, Schema, fold, parse_value

QUERY_MAX = 500

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_QUOTED = '["“”][^"“”]*["“”]'
_TERM = re.compile(
    rf"""
    (?P<quoted> {_QUOTED} )
    | (?: (?<![\w.]) (?P<field> [^\W\d]\w* ) \s* )?
      (?P<operator> <=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞] ) \s*
      (?P<value> {_QUOTED} | '[^']*' | [^\s"“”<>=!≤≥≠＝＜＞()]+ (?: (?<=\d) \s+ {ERA} )? )?
    """,
    re.VERBOSE,
)
_OPERATORS = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≠": "!="}
_OPERATORS |= {"＝": "=", "＜": "<", "＞": ">"}

# What beside a term would change it, and is not understood yet.
_BEFORE = re.compile(r"(?:(?:^|(?<=\s))[-!~+]|\(|\b(?:not|or)\b)\s*$", re.IGNORECASE)
_AFTER = re.compile(r"\s*(?:\)|\bor\b)", re.IGNORECASE)
_AND_BEFORE = re.compile(r"(?:^|\s)(?:and|&&?)\s*$", re.IGNORECASE)
_AND_AFTER = re.compile(r"\s*(?:\band\b|&&?)", re.IGNORECASE)


@dataclass(frozen=True)
class Query:
    """What was asked: the words to embed, in order, and the filter to hold; one may be absent."""

    text: str
    filter: Filter | None = None

    @property
    def understood(self) -> str:
        """``science · died < 2000``, for the asker to check."""
        terms = describe(self.filter) if self.filter else ""
        return " · ".join(part for part in (self.text, terms) if part)


def parse(query: str, schema: Schema) -> Query:
    """Read a query. Text in quotes is words, whatever is in it. Raises QueryError."""
    if len(query) > QUERY_MAX:
        sentence = f"A query has at most {QUERY_MAX} characters; this one has {len(query):,}."
        raise QueryError(sentence, query, QUERY_MAX)
    if control := _CONTROL.search(query):
        sentence = f"There is a control character (U+{ord(control[0]):04X}) in the query."
        raise QueryError(sentence, query, control.start())
    if len(re.findall('["“”]', query)) % 2:
        position = max(map(query.rfind, '"“”'))
        raise QueryError("This quote is never closed.", query, position)
    words: list[str] = []
    terms: list[Filter] = []
    end = 0
    for match in _TERM.finditer(query):
        start, before, end = end, query[end : match.start()], match.end()
        if match["quoted"]:
            words += [before, match["quoted"][1:-1]]
            continue
        terms.append(_term(match, query, schema))
        if misplaced := _BEFORE.search(before):
            raise _not_yet(query, start + misplaced.start(), misplaced[0].strip())
        if misplaced := _AFTER.match(query, end):
            raise _not_yet(query, misplaced.start(), misplaced[0].strip())
        words.append(_AND_BEFORE.sub("", before))
        if following := _AND_AFTER.match(query, end):
            end = following.end()
    words.append(query[end:])
    text = " ".join(" ".join(words).split())
    if not any(character.isalnum() for character in text):
        if not terms:
            raise QueryError(
                "There are no words in that to search by. Say what somebody did or was, "
                "like lead singer, or what must hold, like died<2000.",
                query,
                0,
            )
        text = ""
    return Query(text, None if not terms else terms[0] if len(terms) == 1 else And(tuple(terms)))


def _not_yet(query: str, position: int, what: str) -> QueryError:
    return QueryError(
        f"{what} beside a condition is not understood: all conditions must hold, and != means not. "
        'Put it in "quotes" to search by it as a word.',
        query,
        position,
    )


def _term(match: re.Match[str], query: str, schema: Schema) -> Filter:
    written = match["operator"]
    if not match["field"]:
        sentence = f"What should be {written} here? Put the name of an attribute right before it."
        raise QueryError(sentence, query, match.start("operator"))
    field = match["field"].lower()
    if field not in schema:
        near = difflib.get_close_matches(field, schema, n=2, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(schema)}."
        raise UnknownField(
            f'Nobody here has an attribute {field}. {hint} (Words in "quotes" are not filters.)',
            query,
            match.start("field"),
        )
    kind, symbol = schema[field], _OPERATORS.get(written, written)
    value = match["value"] or ""
    quoted = value[:1] in ('"', "“", "”", "'")
    values = [value[1:-1]] if quoted else [part.strip() for part in value.strip(",;").split(",")]
    if not all(values):
        sentence = f"{field} {written} what? A value is missing."
        raise QueryError(sentence, query, match.end("operator"))
    if symbol not in ("=", "!=") and (kind is not Kind.NUMBER or "none" in values):
        what = "none" if "none" in values else f"{field} ({kind})"
        sentence = f"{what} can be = or != only, not {written}."
        raise QueryError(sentence, query, match.start("operator"))
    if symbol not in ("=", "!=") and len(values) > 1:
        sentence = f"{field} {written} takes one value, not several."
        raise QueryError(sentence, query, match.start("value"))
    try:
        parts = [_compare(field, kind, symbol.replace("!=", "="), part) for part in values]
    except ValueError as error:
        sentence = f"{field} takes {error}, not {value[:60]}."
        raise QueryError(sentence, query, match.start("value")) from None
    node = parts[0] if len(parts) == 1 else Or(tuple(parts))
    return Not(node) if symbol == "!=" else node


def _compare(field: str, kind: Kind, symbol: str, text: str) -> Filter:
    if fold(text) == "none":
        return Not(Known(field))
    value = text if kind is Kind.TAGS else parse_value(kind, text)
    if isinstance(value, str) and not fold(value):
        raise ValueError("a value with letters or digits in it")
    assert not isinstance(value, tuple)
    return Compare(field, kind, symbol, value)

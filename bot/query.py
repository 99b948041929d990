"""The query language: words to embed, and terms like ``died<2000`` to filter by, in one line."""

import difflib
import re
from dataclasses import dataclass

from bot.errors import QueryError, UnknownField
from bot.filters import And, Compare, Filter, Known, Not, describe
from bot.person import Kind, Schema, fold, parse_value

QUERY_MAX = 500

_TERM = re.compile(
    r"""
    (?P<quoted> "[^"]*" )
    | (?: (?P<field> [^\W\d]\w* ) \s* )?
      (?P<operator> <=|>=|!=|==|=|<|> ) \s*
      (?P<value> "[^"]*" | [^\s"<>=!]+ (?: (?<=\d) \s+ bce? \b )? )?
    """,
    re.VERBOSE | re.IGNORECASE,
)


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
    for position, character in enumerate(query):
        if not character.isprintable() and not character.isspace():
            sentence = f"There is a control character (U+{ord(character):04X}) in the query."
            raise QueryError(sentence, query, position)
    if query.count('"') % 2:
        raise QueryError("This quote is never closed.", query, query.rindex('"'))
    words: list[str] = []
    terms: list[Filter] = []
    end = 0
    for match in _TERM.finditer(query):
        words.append(query[end : match.start()])
        end = match.end()
        if match["quoted"]:
            words.append(match["quoted"].strip('"'))
        else:
            terms.append(_term(match, query, schema))
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


def _term(match: re.Match[str], query: str, schema: Schema) -> Filter:
    if not match["field"]:
        sentence = (
            f"What should be {match['operator']} here? Put the name of an attribute before it."
        )
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
    if not match["value"] or match["value"] == '""':
        sentence = f"{field} {match['operator']} what? A value is missing."
        raise QueryError(sentence, query, match.end("operator"))
    kind, symbol = schema[field], match["operator"].replace("==", "=")
    value = match["value"].strip('"').rstrip(",;")
    node = Known(field) if fold(value) == "none" else None
    if symbol not in ("=", "!=") and (node or kind is not Kind.NUMBER):
        what = "none" if node else f"{field} ({kind})"
        sentence = f"{what} can be = or != only, not {symbol}."
        raise QueryError(sentence, query, match.start("operator"))
    if node:
        return Not(node) if symbol == "=" else node
    try:
        parsed = value if kind is Kind.TAGS else parse_value(kind, value)
        if isinstance(parsed, str) and not fold(parsed):
            raise ValueError("a value with letters or digits in it")
    except ValueError as error:
        sentence = f"{field} takes {error}, not {value[:60]}."
        raise QueryError(sentence, query, match.start("value")) from None
    assert not isinstance(parsed, tuple)
    compare = Compare(field, kind, symbol.replace("!=", "="), parsed)
    return Not(compare) if symbol == "!=" else compare

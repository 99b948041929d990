"""Print a filter in the query language, from which ``parse`` reads the same filter again."""

import itertools
import re
from collections.abc import Iterator, Sequence

from bot.person import UNKNOWN_WORDS, Kind, fold, format_value
from bot.query.filters import And, Comparison, Filter, HasValue, NamedFilter, Not, Or

THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
"""One number with commas, which the parser refuses to read as a list."""

_BARE = re.compile(r"\w+(?:[.'’-]\w+)*")


def print_query(node: Filter) -> str:
    """Return a filter as one query."""
    return " ".join(print_conditions(node))


def print_conditions(node: Filter) -> list[str]:
    """Return the conditions of a filter that must all hold: ``born:1801..1900``,
    ``-country:France,Italy``, ``(died<1900 or is:alive)``."""
    match node:
        case And(parts):
            return list(_print_all(parts))
        case Or(parts):
            return [_in_brackets(list(_print_any(parts)), " or ")]
        case _:
            return [_print_one(node)]


def quote_value(text: str) -> str:
    """Return a text or tag as it is typed after an operator: in quotes if it needs them."""
    is_bare = _BARE.fullmatch(text) and fold(text) not in UNKNOWN_WORDS
    return text if is_bare else f'"{text}"'


def _print_one(node: Filter) -> str:
    match node:
        case HasValue(field):
            return f"has:{field}"
        case Not(HasValue(field)):
            return f"no:{field}"
        case NamedFilter(condition, _):
            return condition
        case Not(part):
            return f"-{_print_one(part)}"
        case Comparison(field, _, symbol, _):
            return f"{field}{':' if symbol == '=' else symbol}{_print_value(node)}"
        case And() | Or():
            return _in_brackets(print_conditions(node), " ")


def _in_brackets(conditions: Sequence[str], separator: str) -> str:
    return conditions[0] if len(conditions) == 1 else f"({separator.join(conditions)})"


def _print_all(parts: Sequence[Filter]) -> Iterator[str]:
    """Yield the conditions of an And. A least and a greatest value side by side are a span."""
    place = 0
    while place < len(parts):
        if span := _print_span(parts[place : place + 2]):
            yield f"{span[0]}:{span[1]}"
            place += 2
        else:
            part = parts[place]
            yield print_conditions(part)[0] if isinstance(part, Or) else _print_one(part)
            place += 1


def _print_span(parts: Sequence[Filter]) -> tuple[str, str] | None:
    """Return the field and the span whose two ends the parts are, or None if they aren't."""
    match parts:
        case [
            Comparison(field, Kind.NUMBER, ">=", float() | int() as least) as first,
            Comparison(other, Kind.NUMBER, "<=", float() | int() as greatest) as last,
        ] if field == other and least < greatest:
            return field, f"{_print_value(first)}..{_print_value(last)}"
        case _:
            return None


def _print_any(parts: Sequence[Filter]) -> Iterator[str]:
    """Yield the conditions of an Or. Values and spans of one field side by side are a list."""
    items = [_print_list_item(part) or (None, _print_one(part)) for part in parts]
    for field, group in itertools.groupby(items, lambda item: item[0]):
        values = [value for _, value in group]
        if field is None:
            yield from values
        elif THOUSANDS.fullmatch(",".join(values)):
            yield from (f"{field}:{value}" for value in values)
        else:
            yield f"{field}:{','.join(values)}"


def _print_list_item(part: Filter) -> tuple[str, str] | None:
    """Return the field and the value or span, or None if the part can't be in a list."""
    if isinstance(part, Comparison) and part.operator == "=":
        return part.field, _print_value(part)
    return _print_span(part.parts) if isinstance(part, And) else None


def _print_value(node: Comparison) -> str:
    text = format_value(node.field, node.value)
    return quote_value(text) if isinstance(node.value, str) else text

"""The filter tree: what a person must be; evaluated in Python, printed as Redis's FILTER, and
written in the query language.

Two-valued logic: a comparison with an unknown value is false, and ``Not`` flips it. Redis orders
null as 0 (though null equals nothing else), has no way back from a field it misses, and fails on
null right before a parenthesis (all seen in 8.2.3), so negations are pushed down to the comparisons
and those by order say what null means for them. This holds where every person has every field, null
if unknown.
"""

import itertools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.person import UNKNOWN_WORDS, Kind, Value, fold, format_number, format_value

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITE = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True)
class Compare:
    """A known value of ``field`` compares to ``value`` as ``operator`` (a key of COMPARISONS) says.

    ``value`` is a number, a text or one tag, or a bool, as ``kind`` says. All but numbers know
    ``=`` alone, which is membership for tags.
    """

    field: str
    kind: Kind
    operator: str
    value: float | str | bool


@dataclass(frozen=True)
class Known:
    """The field has a value."""

    field: str


@dataclass(frozen=True)
class Not:
    part: "Filter"


@dataclass(frozen=True)
class And:
    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Named:
    """A filter that the query language has a term of its own for, like ``is:alive``."""

    term: str
    meaning: "Filter"


Filter = Compare | Known | Not | And | Or | Named


def every(parts: Iterable[Filter]) -> Filter:
    """All of one or more filters, in their simplest form."""
    return _combine(And, parts)


def either(parts: Iterable[Filter]) -> Filter:
    """Any of one or more filters, in their simplest form."""
    return _combine(Or, parts)


def _combine(kind: type[And] | type[Or], parts: Iterable[Filter]) -> Filter:
    flat: list[Filter] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def negate(node: Filter) -> Filter:
    """The opposite, in its simplest form."""
    return node.part if isinstance(node, Not) else Not(node)


def leaves(node: Filter) -> Iterator[Compare | Known]:
    """All that are in the tree and have nothing below them."""
    match node:
        case Compare() | Known():
            yield node
        case Not(part) | Named(_, part):
            yield from leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)


def comparisons(node: Filter) -> Iterator[Compare]:
    """All that are in the tree."""
    return (leaf for leaf in leaves(node) if isinstance(leaf, Compare))


def matches(node: Filter, attributes: Mapping[str, Value]) -> bool:
    """Whether a person with these known attributes, as displayed, is what ``node`` says."""
    match node:
        case Known(field):
            return field in attributes
        case Named(_, meaning):
            return matches(meaning, attributes)
        case Not(part):
            return not matches(part, attributes)
        case And(parts):
            return all(matches(part, attributes) for part in parts)
        case Or(parts):
            return any(matches(part, attributes) for part in parts)
        case Compare(field, kind, symbol, value):
            actual = attributes.get(field)
            mistyped = kind is Kind.NUMBER and not isinstance(actual, int | float)
            if actual is None or mistyped:  # by another program
                return False
            if isinstance(actual, tuple):
                return fold(str(value)) in map(fold, actual)
            if kind is Kind.TEXT:
                return fold(str(actual)) == fold(str(value))
            return COMPARISONS[symbol](actual, value)


def print_redis(node: Filter, negated: bool = False, known: frozenset[str] = frozenset()) -> str:
    """``node`` as an expression for VSIM's FILTER. Where a field in ``known`` is null it does not
    matter what the expression says. Every read of a field costs, so none is guarded in vain."""
    match node:
        case Not(part):
            return print_redis(part, not negated, known)
        case Named(_, meaning):
            return print_redis(meaning, negated, known)
        case And(parts) | Or(parts):
            both = isinstance(node, And) != negated
            printed = []
            for part in parts:
                printed.append(print_redis(part, negated, known))
                if both and not negated and isinstance(part, Compare | Known):
                    known |= {part.field}  # where it is null the whole is false already
            return f"({(' and ' if both else ' or ').join(printed)})"
        case Known(field):
            return f"(.{field} {'==' if negated else '!='} null )"
        case Compare(field, Kind.TAGS, _, value):
            member = f'("{fold(str(value))}" in .{field})'
            return f"(not {member})" if negated else member
        case Compare(field, kind, symbol, value):
            written = _OPPOSITE[symbol] if negated else "==" if symbol == "=" else symbol
            comparison = f".{field} {written} {_literal(kind, value)}"
            if symbol == "=" or field in known:
                return comparison
            if negated:
                return f"(.{field} == null or {comparison})"
            if COMPARISONS[symbol](0, value):
                return f"(.{field} != null and {comparison})"
            return comparison


def _literal(kind: Kind, value: float | str | bool) -> str:
    if kind is Kind.TEXT:
        return f'"{fold(str(value))}"'
    if kind is Kind.FLAG:
        return "1" if value else "0"
    return format_number(float(value))


def write(node: Filter) -> str:
    """``node`` in the query language, from which the same tree is read again."""
    return " ".join(terms(node))


def terms(node: Filter) -> list[str]:
    """The parts of ``node`` that must all hold, each in the query language: ``born:1801..1900``,
    ``-country:France,Italy``, ``(died<1900 or is:alive)``."""
    if isinstance(node, And):
        return list(_ranges(node.parts))
    return [_in_brackets(list(_lists(node.parts)), " or ") if isinstance(node, Or) else _one(node)]


def _in_brackets(terms: Sequence[str], between: str) -> str:
    return terms[0] if len(terms) == 1 else f"({between.join(terms)})"


def _one(node: Filter) -> str:
    match node:
        case Known(field):
            return f"has:{field}"
        case Not(Known(field)):
            return f"no:{field}"
        case Named(term, _):
            return term
        case Not(part):
            return f"-{_one(part)}"
        case Compare(field, _, symbol, _):
            return f"{field}{':' if symbol == '=' else symbol}{_value(node)}"
        case _:
            return _in_brackets(terms(node), " ")


def _ranges(parts: Sequence[Filter]) -> Iterator[str]:
    """The terms of an And; a least and a greatest value next to each other are a span."""
    place = 0
    while place < len(parts):
        if span := _span(parts[place : place + 2]):
            yield f"{span[0]}:{span[1]}"
            place += 2
        else:
            part = parts[place]
            yield terms(part)[0] if isinstance(part, Or) else _one(part)
            place += 1


def _span(parts: Sequence[Filter]) -> tuple[str, str] | None:
    """The field and the span, if the parts are its ends."""
    match parts:
        case [
            Compare(field, Kind.NUMBER, ">=", float() | int() as least) as first,
            Compare(other, Kind.NUMBER, "<=", float() | int() as most) as last,
        ] if field == other and least < most:
            return field, f"{_value(first)}..{_value(last)}"
    return None


def _lists(parts: Sequence[Filter]) -> Iterator[str]:
    """The terms of an Or; values and spans of one field next to each other are a list."""
    listed = [_listed(part) or (None, _one(part)) for part in parts]
    for field, group in itertools.groupby(listed, lambda pair: pair[0]):
        values = [value for _, value in group]
        if field is None:
            yield from values
        elif THOUSANDS.fullmatch(",".join(values)):
            yield from (f"{field}:{value}" for value in values)
        else:
            yield f"{field}:{','.join(values)}"


THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
"""What may be one number with commas in it, and is not read as a list."""


def _listed(part: Filter) -> tuple[str, str] | None:
    """The field and what stands after its colon, if that may stand in a list."""
    if isinstance(part, Compare) and part.operator == "=":
        return part.field, _value(part)
    return _span(part.parts) if isinstance(part, And) else None


def _value(node: Compare) -> str:
    text = format_value(node.field, node.value)
    return quote(text) if isinstance(node.value, str) else text


_BARE = re.compile(r"\w+(?:[.'’-]\w+)*")


def quote(text: str) -> str:
    """A text or tag as it is typed after an operator."""
    bare = _BARE.fullmatch(text) and fold(text) not in UNKNOWN_WORDS
    return text if bare else f'"{text}"'

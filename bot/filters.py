"""The filter tree: what a person must be, evaluated in Python and printed as Redis's FILTER.

Two-valued logic: a comparison with an unknown value is false, and ``Not`` flips it. Redis compares
null as 0, has no way back from a field it misses, and fails on null right before a parenthesis
(all seen in 8.2.3), so negations are pushed down to the comparisons and each of these says what
null means for it. This holds where every person has every field, null if unknown.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.person import Kind, Value, fold, format_number, format_value

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


Filter = Compare | Known | Not | And | Or


def matches(node: Filter, attributes: Mapping[str, Value]) -> bool:
    """Whether a person with these known attributes, as displayed, is what ``node`` says."""
    match node:
        case Known(field):
            return field in attributes
        case Not(part):
            return not matches(part, attributes)
        case And(parts):
            return all(matches(part, attributes) for part in parts)
        case Or(parts):
            return any(matches(part, attributes) for part in parts)
        case Compare(field, kind, symbol, value):
            actual = attributes.get(field)
            if actual is None:
                return False
            if isinstance(actual, tuple):
                return fold(str(value)) in map(fold, actual)
            if kind is Kind.TEXT:
                return fold(str(actual)) == fold(str(value))
            return COMPARISONS[symbol](actual, value)


def print_redis(node: Filter, negated: bool = False) -> str:
    """``node`` as an expression for VSIM's FILTER."""
    match node:
        case Not(part):
            return print_redis(part, not negated)
        case And(parts) | Or(parts):
            both = isinstance(node, And) != negated
            if not parts:
                return "(1 == 1)" if both else "(1 == 0)"
            printed = (print_redis(part, negated) for part in parts)
            return f"({(' and ' if both else ' or ').join(printed)})"
        case Known(field):
            return f"(.{field} {'==' if negated else '!='} null )"
        case Compare(field, kind, symbol, value):
            if kind is Kind.TAGS:
                member = f'("{fold(str(value))}" in .{field})'
                comparison = f"not {member}" if negated else member
            else:
                symbol = _OPPOSITE[symbol] if negated else symbol
                symbol = "==" if symbol == "=" else symbol
                comparison = f".{field} {symbol} {_literal(kind, value)}"
            if negated:
                return f"(.{field} == null or {comparison})"
            return f"(.{field} != null and {comparison})"


def _literal(kind: Kind, value: float | str | bool) -> str:
    if kind is Kind.TEXT:
        return f'"{fold(str(value))}"'
    if kind is Kind.FLAG:
        return "1" if value else "0"
    return format_number(float(value))


def describe(node: Filter, negated: bool = False) -> str:
    """``node`` as its asker reads it: ``died < 2000 · country != France``."""
    match node:
        case Not(part):
            return describe(part, not negated)
        case And(parts) | Or(parts):
            both = isinstance(node, And) != negated
            described = [
                f"({describe(part, negated)})"
                if isinstance(part, And | Or)
                else describe(part, negated)
                for part in parts
            ]
            return (" · " if both else " or ").join(described)
        case Known(field):
            return f"{field} = none" if negated else f"{field} != none"
        case Compare(field, kind, symbol, value):
            if negated and kind is Kind.NUMBER and symbol != "=":
                return f"not {field} {symbol} {format_value(field, value)}"  # keeps the unknown
            return f"{field} {'!=' if negated else symbol} {format_value(field, value)}"

"""Evaluate a filter in Python: does a person match?"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from bot.person import Kind, Value, fold
from bot.query.filters import And, Comparison, Filter, HasValue, NamedFilter, Not, Or

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matches(node: Filter, attributes: Mapping[str, Value]) -> bool:
    """Whether a person with these known attributes, as displayed, matches a filter."""
    match node:
        case HasValue(field):
            return field in attributes
        case NamedFilter(_, meaning):
            return matches(meaning, attributes)
        case Not(part):
            return not matches(part, attributes)
        case And(parts):
            return all(matches(part, attributes) for part in parts)
        case Or(parts):
            return any(matches(part, attributes) for part in parts)
        case Comparison(field, kind, symbol, value):
            actual = attributes.get(field)
            is_mistyped = kind is Kind.NUMBER and not isinstance(actual, int | float)
            if actual is None or is_mistyped:  # another program may store any type
                return False
            if isinstance(actual, tuple):
                return fold(str(value)) in map(fold, actual)
            if kind is Kind.TEXT:
                return fold(str(actual)) == fold(str(value))
            return OPERATORS[symbol](actual, value)

"""Print a filter for Redis, as an expression for VSIM's FILTER.

What Redis 8.2.3 does with null decides the form (tests/test_filters.py shows all of it): it orders
null as 0, although null equals nothing else; a field that is missing makes the whole expression
false, whatever surrounds it; and null right before a bracket is a syntax error. So every person has
every field, null if unknown, negations are pushed down to the comparisons, and comparisons by order
say what null means for them.
"""

from bot.person import Kind, fold, format_number
from bot.query.evaluator import OPERATORS
from bot.query.filters import And, Comparison, Filter, HasValue, NamedFilter, Not, Or

_REDIS_OPERATORS = {"=": "=="}
_OPPOSITES = {"=": "!=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def print_redis_filter(
    node: Filter, is_negated: bool = False, known: frozenset[str] = frozenset()
) -> str:
    """Return a filter, or its negation, as an expression for FILTER.

    The fields in ``known`` need no comparison with null, which costs time: where one is null, the
    result of the expression doesn't matter.
    """
    match node:
        case Not(part):
            return print_redis_filter(part, not is_negated, known)
        case NamedFilter(_, meaning):
            return print_redis_filter(meaning, is_negated, known)
        case And(parts) | Or(parts):
            return _print_parts(parts, isinstance(node, And) != is_negated, is_negated, known)
        case HasValue(field):
            return f"(.{field} {'==' if is_negated else '!='} null )"
        case Comparison(field, Kind.TAGS, _, value):
            member = f'("{fold(str(value))}" in .{field})'
            return f"(not {member})" if is_negated else member
        case Comparison():
            return _print_comparison(node, is_negated, known)


def _print_parts(
    parts: tuple[Filter, ...], is_and: bool, is_negated: bool, known: frozenset[str]
) -> str:
    printed: list[str] = []
    for part in parts:
        printed.append(print_redis_filter(part, is_negated, known))
        if is_and and not is_negated and isinstance(part, Comparison | HasValue):
            known |= {part.field}  # where it is null, the whole expression is false already
    return f"({(' and ' if is_and else ' or ').join(printed)})"


def _print_comparison(node: Comparison, is_negated: bool, known: frozenset[str]) -> str:
    field, symbol = node.field, node.operator
    redis_symbol = _OPPOSITES[symbol] if is_negated else _REDIS_OPERATORS.get(symbol, symbol)
    comparison = f".{field} {redis_symbol} {_print_value(node)}"
    if symbol == "=" or field in known:
        return comparison
    if is_negated:
        return f"(.{field} == null or {comparison})"
    null_matches = OPERATORS[symbol](0, node.value)  # Redis orders null as 0
    return f"(.{field} != null and {comparison})" if null_matches else comparison


def _print_value(node: Comparison) -> str:
    if node.kind is Kind.TEXT:
        return f'"{fold(str(node.value))}"'
    if node.kind is Kind.FLAG:
        return "1" if node.value else "0"
    return format_number(float(node.value))

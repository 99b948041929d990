"""The filter tree: which people match.

Two-valued logic: a comparison with an unknown value is false, and ``Not`` flips that.

evaluator.py evaluates a tree in Python, redis_printer.py prints it for Redis, and query_printer.py
prints it in the query language.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from bot.person import Kind


@dataclass(frozen=True)
class Comparison:
    """The field has a known value, and the value compares to ``value`` as ``operator`` says.

    ``operator`` is a key of evaluator.OPERATORS. Depending on ``kind``, ``value`` is a number, a
    text, a single tag or a bool. Only numbers take operators other than ``=``. For tags ``=`` means
    that one of them is ``value``.
    """

    field: str
    kind: Kind
    operator: str
    value: float | str | bool


@dataclass(frozen=True)
class HasValue:
    """The field has a known value."""

    field: str


@dataclass(frozen=True)
class Not:
    """The part doesn't match."""

    part: "Filter"


@dataclass(frozen=True)
class And:
    """All parts match."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class Or:
    """At least one part matches."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True)
class NamedFilter:
    """A filter for which the query language has a condition of its own, like ``is:alive``."""

    condition: str
    meaning: "Filter"


Filter = Comparison | HasValue | Not | And | Or | NamedFilter


def _join(kind: type[And] | type[Or], parts: Iterable[Filter]) -> Filter:
    """Join one or more filters, in the simplest form."""
    flat: list[Filter] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


all_of = partial(_join, And)
any_of = partial(_join, Or)


def negate(node: Filter) -> Filter:
    """Return the opposite of a filter, in the simplest form."""
    return node.part if isinstance(node, Not) else Not(node)


def iterate_leaves(node: Filter) -> Iterator[Comparison | HasValue]:
    """Yield the nodes of a tree that have no parts, from left to right."""
    match node:
        case Comparison() | HasValue():
            yield node
        case Not(part) | NamedFilter(_, part):
            yield from iterate_leaves(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from iterate_leaves(part)

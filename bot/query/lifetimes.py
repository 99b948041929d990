"""Filters on a whole life: ``is:alive``, ``is:dead`` and ``lived:1701..1800``."""

from bot.person import Kind, format_year
from bot.query.filters import Comparison, Filter, HasValue, NamedFilter, Not, all_of, any_of
from bot.query.values import Span, compare_span

LIFE_MAX = 120
"""Someone born this many years ago, or more, is considered dead even without a known death."""


def alive_filter(year: int) -> Filter:
    """Match people who aren't known to have died, and were born less than LIFE_MAX years before
    ``year``."""
    born_late = Comparison("born", Kind.NUMBER, ">", year - LIFE_MAX)
    return NamedFilter("is:alive", all_of([Not(HasValue("died")), born_late]))


def dead_filter(year: int) -> Filter:
    """Match people who are known to have died, or were born LIFE_MAX years or more before
    ``year``."""
    born_early = Comparison("born", Kind.NUMBER, "<=", year - LIFE_MAX)
    return NamedFilter("is:dead", any_of([HasValue("died"), born_early]))


def lived_filter(span: Span, year: int) -> Filter:
    """Match people whose life, as far as it is known in ``year``, overlaps a span, which must have
    both ends."""
    least, greatest = span
    assert least is not None and greatest is not None
    born_in_time = Comparison("born", Kind.NUMBER, "<=", greatest)
    died_late = Comparison("died", Kind.NUMBER, ">=", least)
    could_be_alive = Comparison("born", Kind.NUMBER, ">=", min(least, year - LIFE_MAX + 1))
    years = format_year(least)
    if least != greatest:
        years += f"..{format_year(greatest)}"
    return NamedFilter(
        f"lived:{years}",
        any_of(
            [
                all_of([born_in_time, died_late]),
                all_of([Not(HasValue("died")), could_be_alive, born_in_time]),
                all_of([Not(HasValue("born")), compare_span("died", "=", span)]),
            ]
        ),
    )

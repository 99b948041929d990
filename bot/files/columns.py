"""What a table's column holds: the kind of its values, and what separates its tags."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from bot.files.cells import COMMA, SEPARATORS, find_separators, split_tags
from bot.files.records import TableColumn
from bot.person import Kind, can_parse, fold, is_unknown

TAG_MAX = 40  # characters of a tag in a column that isn't declared as one of tags
LISTS_MIN = 0.25  # the share of a column's cells that hold several tags
REPEATED_MIN = 1 / 3  # the share of a column's tags that occur more than once
_CODE = re.compile("0[0-9]")
"""The beginning of a code such as 007, which isn't a number: it would lose its zeros."""


def infer_column(cells: Sequence[str], kind: Kind | None) -> TableColumn:
    """Infer what a column holds from its cells that aren't empty. ``kind`` is the one that its
    header declares, if any."""
    known = [cell for cell in cells if not is_unknown(cell)]
    separator = _infer_separator(known)
    return TableColumn(kind or _infer_kind(known, separator), separator)


def _infer_separator(cells: Sequence[str]) -> str:
    """Return the separator that occurs in the most cells."""
    counts = Counter(chain.from_iterable(map(find_separators, cells)))
    best = max(SEPARATORS, key=lambda separator: counts[separator])
    return best if counts[best] else COMMA


def _infer_kind(cells: Sequence[str], separator: str) -> Kind:
    if cells and all(can_parse(Kind.NUMBER, cell) and not _CODE.match(cell) for cell in cells):
        return Kind.NUMBER
    if cells and all(can_parse(Kind.FLAG, cell) for cell in cells):
        return Kind.FLAG
    return Kind.TAGS if _are_tags(cells, separator) else Kind.TEXT


def _are_tags(cells: Sequence[str], separator: str) -> bool:
    """Whether many cells are lists of short pieces, many of which are repeated."""
    lists = [split_tags(cell, separator) for cell in cells]
    long_lists = sum(len(tags) > 1 for tags in lists)
    if long_lists < 2 or long_lists < LISTS_MIN * len(cells):
        return False
    counts = Counter(fold(tag) for tag in chain.from_iterable(lists))
    if any(len(tag) > TAG_MAX or can_parse(Kind.NUMBER, tag) for tag in counts):
        return False  # "1,75" is a number elsewhere
    return sum(n for n in counts.values() if n > 1) >= REPEATED_MIN * counts.total()

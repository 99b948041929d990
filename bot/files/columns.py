"""What stands in a column of a table: the kind of its values, and what parts its tags."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain

from bot.files.cells import COMMA, SEPARATORS, find_separators, split_tags
from bot.files.contents import TableColumn
from bot.person import Kind, can_parse, fold, is_unknown

TAG_MAX = 40  # characters of what is taken for a tag without being told
LISTS = 0.25  # the share of the cells that hold several pieces, where a column is one of tags
REPEATED = 1 / 3  # the share of the pieces that stand in the column more than once
_CODE = re.compile("0[0-9]")
"""A number that begins so would not be read back as it was: it is a code, text."""


def infer_column(cells: Sequence[str], kind: Kind | None) -> TableColumn:
    """What a column is whose cells with something in them are ``cells``. Its kind is the one that
    its header gives, or else what all the cells are."""
    known = [cell for cell in cells if not is_unknown(cell)]
    separator = _separator(known)
    return TableColumn(kind or _kind(known, separator), separator)


def _separator(cells: Sequence[str]) -> str:
    """What parts the most cells in several pieces."""
    counts = Counter(chain.from_iterable(map(find_separators, cells)))
    best = max(SEPARATORS, key=lambda separator: counts[separator])
    return best if counts[best] else COMMA


def _kind(cells: Sequence[str], separator: str) -> Kind:
    if cells and all(can_parse(Kind.NUMBER, cell) and not _CODE.match(cell) for cell in cells):
        return Kind.NUMBER
    if cells and all(can_parse(Kind.FLAG, cell) for cell in cells):
        return Kind.FLAG
    return Kind.TAGS if _are_tags(cells, separator) else Kind.TEXT


def _are_tags(cells: Sequence[str], separator: str) -> bool:
    """Whether many cells are lists of short pieces, of which many are repeated."""
    pieces = [split_tags(cell, separator) for cell in cells]
    several = sum(len(tags) > 1 for tags in pieces)
    if several < 2 or several < LISTS * len(cells):
        return False
    counts = Counter(fold(tag) for tag in chain.from_iterable(pieces))
    if any(len(tag) > TAG_MAX or can_parse(Kind.NUMBER, tag) for tag in counts):
        return False  # "1,75" is a number elsewhere
    return sum(n for n in counts.values() if n > 1) >= REPEATED * counts.total()

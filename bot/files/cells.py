"""One cell of a table: tags, numbers, and what a spreadsheet would run."""

import re
from collections.abc import Sequence

from bot.person import Value, format_number, is_unknown

COMMA = ","
SEPARATORS = (";", "|", COMMA)
"""What may stand between two tags. That a comma does is the least certain, hence last."""

_RUN = re.compile(r"'*[=+\-@\t\r]")
_KEPT_FROM_RUNNING = re.compile(r"'+[=+\-@\t\r]")
_TO_BE_QUOTED = re.compile(r"""^[\s"\ufeff]|[",;|\t\r\n]|\s$""")
_QUOTED_TAG = re.compile(r'\s*"((?:[^"]|"")*+)"\s*')
_TAG = {
    separator: re.compile(rf'\s*"(?:[^"]|"")*+"\s*(?=\{separator}|\Z)|[^{separator}]+')
    for separator in SEPARATORS
}

_ANY = "".join(SEPARATORS)
_QUOTED_PIECE = re.compile(rf'(?<![^{_ANY}])\s*"(?:[^"]|"")*+"\s*(?=[{_ANY}]|\Z)')


def escape_formula(text: str) -> str:
    """``text`` as a cell that no spreadsheet takes for a formula: one apostrophe before it."""
    return f"'{text}" if _RUN.match(text) else text


def unescape_formula(cell: str) -> str:
    """The text of which ``escape_formula`` made a cell, or a spreadsheet's user."""
    return cell[1:] if _KEPT_FROM_RUNNING.match(cell) else cell


def quote(text: str) -> str:
    """``text`` as it stands in a line of CSV, whatever separates its cells."""
    return '"' + text.replace('"', '""') + '"' if _TO_BE_QUOTED.search(text) else text


def split_tags(cell: str, separator: str) -> list[str]:
    """The tags of a cell, a line of CSV of its own: ``physics, "a, b"``."""
    return [tag for piece in _TAG[separator].findall(cell) if (tag := _tag(piece))]


def find_separators(cell: str) -> set[str]:
    """What may part the tags of a cell: what of it is not in quotes."""
    return {*SEPARATORS}.intersection(_QUOTED_PIECE.sub("", cell))


def _tag(piece: str) -> str:
    quoted = _QUOTED_TAG.fullmatch(piece)
    return quoted[1].replace('""', '"') if quoted else piece.strip()


def join_tags(tags: Sequence[str]) -> str:
    """Tags as ``split_tags`` parts them at commas; one that is the word none is quoted."""
    return ", ".join(f'"{tag}"' if is_unknown(tag) else quote(tag) for tag in tags)


def format_cell(value: Value | None) -> str:
    """An attribute as it stands in a line of CSV. Numbers run nothing, and stay numbers."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return format_number(value)
        case tuple():
            return quote(escape_formula(join_tags(value)))
        case str():
            return quote(escape_formula(value))

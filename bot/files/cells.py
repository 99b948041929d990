"""Single cells of a table: tags, numbers, quotes, and texts that a spreadsheet would run."""

import re
from collections.abc import Sequence

from bot.person import Value, format_number, is_unknown

COMMA = ","
SEPARATORS = (";", "|", COMMA)
"""What may separate tags. A comma is the least certain, so it comes last."""

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED_FORMULA = re.compile(r"'+[=+\-@\t\r]")
_NEEDS_QUOTES = re.compile(r"""^[\s"\ufeff]|[",;|\t\r\n]|\s$""")
_QUOTED_TAG = re.compile(r'\s*"((?:[^"]|"")*+)"\s*')
_TAG = {
    separator: re.compile(rf'\s*"(?:[^"]|"")*+"\s*(?=\{separator}|\Z)|[^{separator}]+')
    for separator in SEPARATORS
}
_ANY = "".join(SEPARATORS)
_QUOTED_PIECE = re.compile(rf'(?<![^{_ANY}])\s*"(?:[^"]|"")*+"\s*(?=[{_ANY}]|\Z)')


def escape_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would run as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(cell: str) -> str:
    """Undo ``escape_formula``, or what a spreadsheet's user did to the same end."""
    return cell[1:] if _ESCAPED_FORMULA.match(cell) else cell


def quote(text: str) -> str:
    """Quote a cell if it needs it, whatever the delimiter."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def split_tags(cell: str, separator: str) -> list[str]:
    """Split a cell of tags, which may be quoted: ``physics, "a, b"``."""
    return [tag for piece in _TAG[separator].findall(cell) if (tag := _unquote(piece))]


def find_separators(cell: str) -> set[str]:
    """Return the possible separators of a cell's tags: those outside quotes."""
    return {*SEPARATORS}.intersection(_QUOTED_PIECE.sub("", cell))


def _unquote(piece: str) -> str:
    quoted = _QUOTED_TAG.fullmatch(piece)
    return quoted[1].replace('""', '"') if quoted else piece.strip()


def join_tags(tags: Sequence[str]) -> str:
    """Join tags so that ``split_tags`` splits them at commas. A tag that is a word for unknown is
    quoted."""
    return ", ".join(f'"{tag}"' if is_unknown(tag) else quote(tag) for tag in tags)


def format_cell(value: Value | None) -> str:
    """Format an attribute as a cell. Numbers aren't escaped, so that they stay numbers."""
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

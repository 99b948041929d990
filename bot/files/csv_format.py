"""People as CSV: rows with the lines they stand in, and the header over them."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import sentences
from bot.errors import InvalidPerson
from bot.files.cells import unescape_formula
from bot.files.columns import infer_column
from bot.files.contents import (
    FileContents,
    FileRecord,
    RefusedRow,
    limit_people,
    parse_field_name,
    shown,
)
from bot.files.decoding import iterate_lines, line_number_at
from bot.person import BASE_SCHEMA, Kind

DELIMITERS = (",", ";", "\t", "|")
COLUMNS_MAX = 200  # a directory has at most 40 attributes, but a file may have empty columns
NAME, DESCRIPTION = "name", "description"
HEADERS = {
    **dict.fromkeys(("name", "fullname", "person"), NAME),
    **dict.fromkeys(("description", "about", "bio", "biography"), DESCRIPTION),
    **dict.fromkeys(("born", "birth", "birthyear", "yearofbirth"), "born"),
    **dict.fromkeys(("died", "death", "deathyear", "yearofdeath"), "died"),
}
"""What the header of a column may be, without case, spaces and underscores, and what it means."""

_SEPARATOR_LINE = re.compile(r"\s*sep=(.)[\r\n]+", re.IGNORECASE)
"""The first line of a file that tells Excel what separates the cells."""

_TOLD = re.compile(rf"(.*?)\s*:\s*({'|'.join(Kind)})", re.IGNORECASE | re.DOTALL)
"""A header that says the kind of its values."""

_QUOTED = re.compile('"(?:[^"]++|"")*+"')
_CELL = rf' *+{_QUOTED.pattern}|(?! *")[^{{delimiter}}\r\n]*+'
"""A cell whose quotes fit."""


@dataclass(frozen=True)
class TableRow:
    """The cells of a row without white space around them, and the line in which it begins."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class TableHeader:
    """What each column is, None where it has no label, and the kinds that are known from it."""

    fields: Sequence[str | None]
    kinds: Mapping[str, Kind]


def detect_delimiter(text: str) -> str:
    """What separates the cells, by the first line with something in it."""
    if told := _SEPARATOR_LINE.match(text):
        return told[1]
    first = next((line for line in iterate_lines(text) if line.strip()), "")

    def certainty(delimiter: str) -> tuple[bool, int]:
        return is_header(first, delimiter), first.count(delimiter)

    return max(DELIMITERS, key=certainty)


def is_header(line: str, delimiter: str) -> bool:
    """Whether a line is a header that has, among others, a column of names."""
    labels = [label.strip(' "\r\n') for label in line.split(delimiter, COLUMNS_MAX)]
    return len(labels) > 1 and any(HEADERS.get(_plain(label)) == NAME for label in labels)


def parse_csv(text: str, delimiter: str) -> FileContents:
    """The people of a table. Rows that are none are refused one by one. Raises ValueError if the
    table as a whole is none, which says why."""
    rows = _rows(text, delimiter)
    first = next(rows, None)
    if first is None:
        raise ValueError(sentences.files.EMPTY)
    if isinstance(first, RefusedRow):
        raise ValueError(sentences.files.unusable_header(first.where, first.reason))
    header = _header(first)
    kept: list[TableRow] = []
    refused: list[RefusedRow] = []
    for row in limit_people(_fitting(rows, header)):
        if isinstance(row, RefusedRow):
            refused.append(row)
        else:
            kept.append(row)
    if not kept and not refused:
        raise ValueError(sentences.files.HEADER_ONLY)
    return FileContents(_records(kept, header), refused)


def _rows(text: str, delimiter: str) -> Iterator[TableRow | RefusedRow]:
    """The rows with something in them, but for those whose quotes do not fit. Raises ValueError
    for a quote that stays open."""
    start = told.end() if (told := _SEPARATOR_LINE.match(text)) else 0
    offset = line_number_at(text, start) - 1
    taken: list[str] = []  # the lines of the row being read

    def lines() -> Iterator[str]:
        for line in iterate_lines(text, start):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        line = offset + reader.line_num + 1
        taken.clear()
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            place = sentences.files.lines(line, offset + reader.line_num)
            yield RefusedRow(place, _why(error, "".join(taken), line, delimiter))
            continue
        if any(cells):
            yield TableRow(line, cells)


def _why(error: csv.Error, row: str, line: int, delimiter: str) -> str:
    """What is wrong with a row that begins in ``line``. Raises ValueError if a quote stays open:
    then nobody knows where the row ends."""
    cell = _CELL.format(delimiter=re.escape(delimiter))
    fine = re.match(rf"(?:(?:{cell}){re.escape(delimiter)})*+ *", row)
    start = fine.end() if fine else 0
    closed = _QUOTED.match(row, start)
    if "limit" in str(error) and (closed or row[start : start + 1] != '"'):
        return sentences.files.long_cell(csv.field_size_limit())
    reason = sentences.files.open_quote(line + line_number_at(row, start) - 1)
    if not closed:
        raise ValueError(reason)
    return sentences.files.unusable(reason)


def _header(row: TableRow) -> TableHeader:
    """Raises ValueError for columns that cannot be told apart, or that nobody's name is in."""
    if len(row.cells) > COLUMNS_MAX:
        raise ValueError(sentences.files.too_many_columns(len(row.cells), COLUMNS_MAX))
    fields: list[str | None] = []
    kinds: dict[str, Kind] = {}
    for number, label in enumerate(row.cells, 1):
        try:
            field, kind = _meant(label) if label else (None, None)
        except InvalidPerson as error:
            raise ValueError(sentences.files.unusable_column(number, str(error))) from error
        if field and field in fields:
            first = fields.index(field) + 1
            raise ValueError(sentences.files.same_column(first, number, field))
        if BASE_SCHEMA.get(field or "", kind) != (kind or BASE_SCHEMA.get(field or "")):
            raise ValueError(sentences.files.column_of_years(field or ""))
        fields.append(field)
        if field and kind:
            kinds[field] = kind
    if NAME not in fields:
        labels = [shown(label) for label in row.cells if label]
        raise ValueError(sentences.files.no_name_column(row.line, labels))
    return TableHeader(fields, {**kinds, **BASE_SCHEMA})


def _meant(label: str) -> tuple[str, Kind | None]:
    """The field of a column and the kind its label says, if any: ``height:number``. Raises
    InvalidPerson."""
    if told := _TOLD.fullmatch(label):
        label, kind = told[1], Kind(told[2].lower())
        return (label if label in (NAME, DESCRIPTION) else parse_field_name(label)), kind
    return HEADERS.get(_plain(label)) or parse_field_name(label), None


def _plain(label: str) -> str:
    return re.sub(r"[\s_]+", "", label).lower()


def _fitting(
    rows: Iterable[TableRow | RefusedRow], header: TableHeader
) -> Iterator[TableRow | RefusedRow]:
    """The rows, but for those with more cells than the header. Raises ValueError for a column
    without a label that has something in it."""
    width = len(header.fields)
    for row in rows:
        if isinstance(row, RefusedRow):
            yield row
        elif any(row.cells[width:]):
            reason = sentences.files.too_many_cells(len(row.cells), width)
            yield RefusedRow(sentences.files.line(row.line), reason)
        else:
            for number, (field, cell) in enumerate(zip(header.fields, row.cells, strict=False), 1):
                if cell and field is None:
                    raise ValueError(sentences.files.unnamed_column(number, row.line))
            yield row


def _records(rows: Sequence[TableRow], header: TableHeader) -> list[FileRecord]:
    values = [
        {
            field: unescape_formula(cell)
            for field, cell in zip(header.fields, row.cells, strict=False)
            if field and cell
        }
        for row in rows
    ]
    columns = {
        field: infer_column([row[field] for row in values if field in row], header.kinds.get(field))
        for field in header.fields
        if field and field not in (NAME, DESCRIPTION)
    }
    return [
        FileRecord(
            sentences.files.line(row.line),
            attributes.pop(NAME, None),
            attributes.pop(DESCRIPTION, None),
            attributes,
            columns,
        )
        for row, attributes in zip(rows, values, strict=True)
    ]

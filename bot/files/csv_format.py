"""Parsing people from CSV: the delimiter, the header, and the rows with their line numbers."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.errors import InvalidPerson
from bot.files.cells import unescape_formula
from bot.files.columns import infer_column
from bot.files.decoding import iterate_lines, line_number_at
from bot.files.records import (
    FileContents,
    FileRecord,
    Place,
    RefusedRow,
    excerpt,
    limit_people,
    line_label,
    parse_field_name,
)
from bot.language import _
from bot.person import BASE_SCHEMA, Kind

LABELS_SHOWN_MAX = 10  # of a header that can't be used
DELIMITERS = (",", ";", "\t", "|")
COLUMNS_MAX = 200  # a directory has at most 40 attributes, but a file may have empty columns
NAME, DESCRIPTION = "name", "description"
COMMON_LABELS = {
    **dict.fromkeys(("name", "fullname", "person"), NAME),
    **dict.fromkeys(("description", "about", "bio", "biography"), DESCRIPTION),
    **dict.fromkeys(("born", "birth", "birthyear", "yearofbirth"), "born"),
    **dict.fromkeys(("died", "death", "deathyear", "yearofdeath"), "died"),
}
"""Labels of columns, without case, spaces and underscores, and the fields that they mean."""

_SEPARATOR_LINE = re.compile(r"\s*sep=(.)[\r\n]+", re.IGNORECASE)
"""The first line of a file that tells Excel its delimiter."""

_LABEL_WITH_KIND = re.compile(
    rf"(.*?)\s*:\s*({'|'.join(Kind)})", re.IGNORECASE | re.DOTALL
)  # height:number

_QUOTED = re.compile('"(?:[^"]++|"")*+"')
_CELL = rf' *+{_QUOTED.pattern}|(?! *")[^{{delimiter}}\r\n]*+'
"""A cell whose quotes are balanced."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of a row, stripped of white space, and the place where the row begins."""

    place: Place
    cells: Sequence[str]


@dataclass(frozen=True)
class TableHeader:
    """The field of each column, None for one without a label, and the kinds of fields."""

    fields: Sequence[str | None]
    kinds: Mapping[str, Kind]


def detect_delimiter(text: str) -> str:
    """Return what separates the cells, judging by the first line that isn't blank."""
    if separator := _SEPARATOR_LINE.match(text):
        return separator[1]
    first = next((line for line in iterate_lines(text) if line.strip()), "")

    def likelihood(delimiter: str) -> tuple[bool, int]:
        return is_header(first, delimiter), first.count(delimiter)

    return max(DELIMITERS, key=likelihood)


def is_header(line: str, delimiter: str) -> bool:
    """Whether a line is a header with several columns, one of them for names."""
    labels = [label.strip(' "\r\n') for label in line.split(delimiter, COLUMNS_MAX)]
    return len(labels) > 1 and any(COMMON_LABELS.get(_simplify(label)) == NAME for label in labels)


def parse_csv(text: str, delimiter: str) -> FileContents:
    """Parse a table. Rows that can't be imported are refused one by one. Raises ValueError if the
    whole table can't be used."""
    rows = _read_rows(text, delimiter)
    first = next(rows, None)
    if first is None:
        raise ValueError(_("The file is empty."))
    if isinstance(first, RefusedRow):
        # Translators: {place} is "line 1", for example; {reason} is a sentence.
        message = _(
            "Can't read the header ({place}). {reason}", place=first.where, reason=first.reason
        )
        raise ValueError(message)
    header = _read_header(first)
    usable: list[TableRow] = []
    refused: list[RefusedRow] = []
    for row in limit_people(_check_width(rows, header)):
        if isinstance(row, RefusedRow):
            refused.append(row)
        else:
            usable.append(row)
    if not usable and not refused:
        raise ValueError(_("The file has a header, but nobody below it."))
    notes = [] if delimiter == "," else [_describe_delimiter(delimiter)]
    return FileContents(_make_records(usable, header), refused, notes)


def _describe_delimiter(delimiter: str) -> str:
    match delimiter:
        case ";":
            return _("The columns are separated by semicolons.")
        case "\t":
            return _("The columns are separated by tabs.")
        case "|":
            return _("The columns are separated by vertical bars.")
        case separator:
            # Translators: {separator} is a character.
            return _("The columns are separated by {separator}", separator=separator)


def _read_rows(text: str, delimiter: str) -> Iterator[TableRow | RefusedRow]:
    """Yield the rows that aren't blank; those with unbalanced quotes are refused. Raises ValueError
    for a quote that stays open."""
    start = separator.end() if (separator := _SEPARATOR_LINE.match(text)) else 0
    offset = line_number_at(text, start) - 1
    row_lines: list[str] = []  # of the row being read

    def lines() -> Iterator[str]:
        for line in iterate_lines(text, start):
            row_lines.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        line = offset + reader.line_num + 1
        row_lines.clear()
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            last = offset + reader.line_num
            reason = _explain_error(error, "".join(row_lines), line, delimiter)
            yield RefusedRow(Place(line, line_label(line, last)), reason)
            continue
        if any(cells):
            yield TableRow(Place(line, line_label(line)), cells)


def _explain_error(error: csv.Error, row: str, line: int, delimiter: str) -> str:
    """Return what is wrong with a row that begins in ``line``. Raises ValueError if a quote stays
    open, because then nobody knows where the row ends."""
    cell = _CELL.format(delimiter=re.escape(delimiter))
    intact = re.match(rf"(?:(?:{cell}){re.escape(delimiter)})*+ *", row)
    start = intact.end() if intact else 0
    closed = _QUOTED.match(row, start)
    if "limit" in str(error) and (closed or row[start : start + 1] != '"'):
        return _("A cell is longer than {limit} characters.", limit=csv.field_size_limit())
    reason = _(
        "The quote that opens in line {line} doesn't close at the end of its cell. "
        "Write a quote inside a cell twice.",
        line=str(line + line_number_at(row, start) - 1),
    )
    if not closed:
        raise ValueError(reason)
    return reason


def _read_header(row: TableRow) -> TableHeader:
    """Raises ValueError if two columns are the same field, or none has names."""
    if len(row.cells) > COLUMNS_MAX:
        raise ValueError(_too_many_columns_text(len(row.cells)))
    fields: list[str | None] = []
    kinds: dict[str, Kind] = {}
    for number, label in enumerate(row.cells, 1):
        try:
            field, kind = _read_label(label) if label else (None, None)
        except InvalidPerson as error:
            # Translators: {reason} is a sentence.
            message = _("Column {column}: {reason}", column=str(number), reason=error)
            raise ValueError(message) from error
        if field and field in fields:
            raise ValueError(_same_columns_text(fields.index(field) + 1, number, field))
        if field and kind and BASE_SCHEMA.get(field, kind) is not kind:
            raise ValueError(_years_column_text(field))
        fields.append(field)
        if field and kind:
            kinds[field] = kind
    if NAME not in fields:
        raise ValueError(_no_name_text(row))
    return TableHeader(fields, {**kinds, **BASE_SCHEMA})


def _too_many_columns_text(count: int) -> str:
    return _(
        "The file has {count} columns, and the limit is {limit}; remove some.",
        count=count,
        limit=COLUMNS_MAX,
    )


def _same_columns_text(first: int, second: int, field: str) -> str:
    # Translators: {attribute} may also be "name" or "description".
    return _(
        "Columns {first} and {second} both mean {attribute}; rename or remove one.",
        first=str(first),
        second=str(second),
        attribute=field,
    )


def _years_column_text(field: str) -> str:
    # Translators: {attribute} is "born" or "died", the header of a column.
    return _(
        "The column {attribute} always holds years; use just {attribute} as the header.",
        attribute=field,
    )


def _no_name_text(header: TableRow) -> str:
    labels = [excerpt(label) for label in header.cells if label]
    shown = [*labels[:LABELS_SHOWN_MAX], *(["…"] if len(labels) > LABELS_SHOWN_MAX else [])]
    # Translators: {header} are the names of columns.
    return _(
        "No column is called name. Line {line} should be a header such as "
        "name,description,born, but it is: {header}",
        line=str(header.place.number),
        header=", ".join(shown),
    )


def _read_label(label: str) -> tuple[str, Kind | None]:
    """Return the field of a column, and the kind if the label has one (``height:number``). Raises
    InvalidPerson."""
    if with_kind := _LABEL_WITH_KIND.fullmatch(label):
        label, kind = with_kind[1], Kind(with_kind[2].lower())
        return (label if label in (NAME, DESCRIPTION) else parse_field_name(label)), kind
    return COMMON_LABELS.get(_simplify(label)) or parse_field_name(label), None


def _simplify(label: str) -> str:
    return re.sub(r"[\s_]+", "", label).lower()


def _check_width(
    rows: Iterable[TableRow | RefusedRow], header: TableHeader
) -> Iterator[TableRow | RefusedRow]:
    """Yield the rows; those with more cells than the header are refused. Raises ValueError for a
    column without a label that isn't empty."""
    width = len(header.fields)
    for row in rows:
        if isinstance(row, RefusedRow):
            yield row
        elif any(row.cells[width:]):
            yield RefusedRow(row.place, _too_many_cells_text(len(row.cells), width))
        else:
            for number, (field, cell) in enumerate(zip(header.fields, row.cells, strict=False), 1):
                if cell and field is None:
                    raise ValueError(_unnamed_column_text(number, row.place.number))
            yield row


def _too_many_cells_text(count: int, width: int) -> str:
    return _(
        "The row has {count} cells, but the header has {columns}. "
        "Put cells that contain the separator in quotes.",
        count=count,
        columns=width,
    )


def _unnamed_column_text(column: int, line: int) -> str:
    return _(
        "Column {column} has no header, but line {line} has something in it; "
        "add a header or remove the column.",
        column=str(column),
        line=str(line),
    )


def _make_records(rows: Sequence[TableRow], header: TableHeader) -> list[FileRecord]:
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
            row.place,
            attributes.pop(NAME, None),
            attributes.pop(DESCRIPTION, None),
            attributes,
            columns,
        )
        for row, attributes in zip(rows, values, strict=True)
    ]

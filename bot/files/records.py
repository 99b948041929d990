"""What reading a file gives: a record for each person, the refused rows, and the fields."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot.files.cells import COMMA, split_tags
from bot.language import _
from bot.person import (
    BASE_SCHEMA,
    Kind,
    Person,
    Schema,
    clean_field_name,
    fold,
    infer_kind,
    is_unknown,
)

T = TypeVar("T")

PEOPLE_MAX = 500_000
EXCERPT_MAX = 60  # characters of a file's text in a message


@dataclass(frozen=True, slots=True)
class TableColumn:
    """The kind of a table column's values, and what separates the tags in one of its cells."""

    kind: Kind
    separator: str = COMMA


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is in its file: the number of its line, or of its person in a JSON document, and
    how messages name it (``line 2``)."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that can't be imported, and why. ``name`` is the person's, as the file has it, unless
    the row is refused before its name is read."""

    place: Place
    reason: str
    name: str | None = None

    @property
    def where(self) -> str:
        """``line 2 (Ada)``."""
        return self.place.label + (f" ({excerpt(self.name)})" if self.name is not None else "")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One person of a file, not yet checked.

    If an attribute is missing or None, the file says nothing about it; the text ``none`` means that
    its value is unknown. The values in a table are text, which ``columns``, shared by all rows,
    says how to read.
    """

    place: Place
    name: Any
    description: Any
    attributes: Mapping[str, Any]
    columns: Mapping[str, TableColumn] = field(default_factory=dict)

    def values(self, schema: Schema) -> dict[str, Any]:
        """Return the values of the schema's fields that the file says something about, with texts
        of several tags split."""
        return {
            name: self._split(name, value) if schema[name] is Kind.TAGS else value
            for name, value in self.attributes.items()
            if name in schema and not _is_blank(value)
        }

    def _split(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or is_unknown(value):
            return value
        column = self.columns.get(name)
        return split_tags(value, column.separator if column else COMMA)

    def refuse(self, reason: str) -> RefusedRow:
        return RefusedRow(self.place, reason, self.name if isinstance(self.name, str) else None)


@dataclass(frozen=True)
class FileContents:
    """The people of a file, its refused rows, and notes about how the file was read."""

    records: Sequence[FileRecord]
    refused: Sequence[RefusedRow]
    notes: Sequence[str] = ()


def parse_field_name(label: str) -> str:
    """Return the name of the field that a JSON key or a column header means. Raises
    InvalidPerson."""
    label = label.strip().lower()
    if not re.fullmatch(r"\w+", label, re.ASCII):
        label = re.sub(r"\W+", "_", fold(label)).strip("_")
    return clean_field_name(label)


def line_label(first: int, last: int = 0) -> str:
    """Return how messages name a line, or several lines up to *last*."""
    if first >= last:
        return _("line {line}", line=str(first))
    return _("lines {first}–{last}", first=str(first), last=str(last))


def limit_people(rows: Iterable[T]) -> Iterator[T]:
    """Yield the rows of a file. Raises ValueError after PEOPLE_MAX, before they fill the memory."""
    for count, row in enumerate(rows):
        if count == PEOPLE_MAX:
            raise ValueError(
                _(
                    "The file has more than {limit} people; split it into several files.",
                    limit=PEOPLE_MAX,
                )
            )
        yield row


def excerpt(text: str) -> str:
    """Return the beginning of a file's text, safe in a message: one line, without characters that
    change the text's direction."""
    short = text if len(text) <= EXCERPT_MAX else f"{text[:EXCERPT_MAX]}…"
    return "".join(c if c.isprintable() else "\ufffd" for c in short)


def infer_schema(records: Iterable[FileRecord]) -> Schema:
    """Return the fields of the records in order of appearance, with the kinds of their columns or,
    outside a table, the kinds inferred from their values."""
    values: dict[str, list[Any]] = defaultdict(list)
    kinds: dict[str, Kind] = {}
    columns: Mapping[str, TableColumn] = {}
    for record in records:
        if record.columns is not columns:
            columns = record.columns
            kinds |= {name: column.kind for name, column in columns.items() if name not in kinds}
        for name, value in record.attributes.items():
            if name not in kinds:
                values[name].append(None if is_unknown(value) else value)
    kinds |= {name: infer_kind(given) for name, given in values.items()}
    return {**BASE_SCHEMA, **{n: kind for n, kind in kinds.items() if n not in BASE_SCHEMA}}


def used_schema(people: Iterable[Person], schema: Schema) -> Schema:
    """Return the base fields and the fields that have a value for someone, in schema order."""
    used = {name for person in people for name in person.attributes}
    return {name: kind for name, kind in schema.items() if name in BASE_SCHEMA or name in used}


def _is_blank(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())

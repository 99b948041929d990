"""What a file holds: records, who of it is refused, and what was made out of it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bot import sentences
from bot.errors import InvalidPerson
from bot.files.cells import COMMA, split_tags
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
EXCERPT_MAX = 60  # characters of a name or the like in a message


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: the kind of its values, and what stands between two tags."""

    kind: Kind
    separator: str = COMMA


@dataclass(frozen=True)
class FileRecord:
    """One person of a file, not yet looked at: ``where`` says which, for messages. Of an attribute
    that is None or not there the file says nothing; the text ``none`` is unknown on purpose. A
    row of a table has its values as text, and the ``columns`` that all its rows share."""

    where: str
    name: Any
    description: Any
    attributes: Mapping[str, Any]
    columns: Mapping[str, TableColumn] = field(default_factory=dict)


@dataclass(frozen=True)
class RefusedRow:
    where: str
    reason: str


@dataclass(frozen=True)
class FileContents:
    """What a file holds: its records, what in it is none, and sentences on how it was read."""

    records: Sequence[FileRecord]
    refused: Sequence[RefusedRow]
    notes: Sequence[str] = ()


def parse_field_name(label: str) -> str:
    """The field that a key or a header names. Raises InvalidPerson."""
    label = label.strip().lower()
    if not re.fullmatch(r"\w+", label, re.ASCII):
        label = re.sub(r"\W+", "_", fold(label)).strip("_")
    return clean_field_name(label)


def limit_people(items: Iterable[T]) -> Iterator[T]:
    """The people of a file as they come. Raises ValueError after PEOPLE_MAX, before they fill the
    memory."""
    for number, item in enumerate(items):
        if number == PEOPLE_MAX:
            raise ValueError(sentences.files.too_many_people(PEOPLE_MAX))
        yield item


def shown(text: str) -> str:
    """The beginning of a text of a file, as a message may hold it: on one line, in its order."""
    short = text if len(text) <= EXCERPT_MAX else f"{text[:EXCERPT_MAX]}…"
    return "".join(c if c.isprintable() else "\ufffd" for c in short)


def infer_schema(records: Iterable[FileRecord]) -> Schema:
    """The fields of the records in the order in which they appear, with the kinds that the columns
    have or the values show."""
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
    kinds |= {name: infer_kind(shows) for name, shows in values.items()}
    return {**BASE_SCHEMA, **{n: kind for n, kind in kinds.items() if n not in BASE_SCHEMA}}


def used_schema(people: Iterable[Person], schema: Schema) -> Schema:
    """The fields in which somebody has a value, in the order of ``schema``."""
    used = {name for person in people for name in person.attributes}
    return {name: kind for name, kind in schema.items() if name in BASE_SCHEMA or name in used}


def to_people(
    records: Iterable[FileRecord], schema: Schema
) -> tuple[list[Person], list[RefusedRow]]:
    """The people the records describe, and why some do not."""
    people: list[Person] = []
    refused: list[RefusedRow] = []
    for record in records:
        try:
            if not isinstance(record.name, str) or not isinstance(record.description, str | None):
                raise InvalidPerson(sentences.files.NO_TEXT)
            values = values_of(record, schema)
            people.append(Person.create(record.name, record.description or "", values, schema))
        except InvalidPerson as error:
            name = f" ({shown(record.name)})" if isinstance(record.name, str) else ""
            refused.append(RefusedRow(record.where + name, str(error)))
    return people, refused


def values_of(record: FileRecord, schema: Schema) -> dict[str, Any]:
    """The attributes of a record as ``Person.create`` and ``with_changes`` take them: a text with
    several tags is parted as its column is."""
    return {name: _value(record, name, schema[name]) for name in record.attributes}


def _value(record: FileRecord, name: str, kind: Kind) -> Any:
    value = record.attributes[name]
    if kind is not Kind.TAGS or not isinstance(value, str) or is_unknown(value):
        return value
    column = record.columns.get(name)
    return split_tags(value, column.separator if column else COMMA)

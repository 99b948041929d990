"""What a file says of a person, and what becomes of whom it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot import sentences
from bot.errors import InvalidPerson
from bot.files.contents import FileRecord, RefusedRow, shown, values_of
from bot.files.namesakes import are_different_people
from bot.person import Person, Schema, clean_name


class ImportMode(StrEnum):
    """What an import does with whom it finds there: nothing; what the file says of them; or
    whatever makes the directory hold the people of the file and nobody else."""

    ADD = "add"
    UPDATE = "update"
    REPLACE = "replace"


@dataclass(frozen=True)
class ImportRow:
    """What a file says of somebody: as it stands there, and as a person, who has the name that
    tells them apart, and no description where the file gives none. ``corrects``: who is there is
    the same person, although born in another year."""

    record: FileRecord
    person: Person
    corrects: bool = False

    @property
    def name(self) -> str:
        return self.person.name

    def made(self, old: Person | None, schema: Schema, mode: ImportMode) -> Person:
        """The person that is there afterwards: the one of the file, or who was there with what the
        file says of them. Raises InvalidPerson."""
        values = _values(self.record, schema)
        if old is None or mode is ImportMode.REPLACE:
            return Person.create(self.name, self.person.description, values, schema)
        return old.with_changes(self.person.description or None, values, schema)

    def is_another(self, old: Person) -> bool:
        """Whether it is plainly of somebody else than who is there."""
        return are_different_people(self.person, old) and not self.corrects

    def refused(self, reason: str) -> RefusedRow:
        return _refused(self.record, reason)


def read_records(
    records: Iterable[FileRecord], schema: Schema
) -> tuple[list[ImportRow], list[RefusedRow], list[str]]:
    """What records say; why some say nothing that can be stored, and the names in those."""
    read: list[ImportRow] = []
    refused: list[RefusedRow] = []
    names: list[str] = []
    for record in records:
        try:
            read.append(ImportRow(record, _person(record, schema)))
        except InvalidPerson as error:
            refused.append(_refused(record, str(error)))
            names += [record.name] if isinstance(record.name, str) else []
    return read, refused, names


def _person(record: FileRecord, schema: Schema) -> Person:
    if not isinstance(record.name, str) or not isinstance(record.description, str | None):
        raise InvalidPerson(sentences.files.NO_TEXT)
    description = (record.description or "").strip() or None
    person = Person(clean_name(record.name))
    return person.with_changes(description, _values(record, schema), schema)


def _values(record: FileRecord, schema: Schema) -> Mapping[str, Any]:
    """The attributes of which the file says something; what is empty says nothing."""
    said = {
        name: value
        for name, value in record.attributes.items()
        if name in schema and not _is_empty(value)
    }
    return values_of(FileRecord(record.where, None, None, said, record.columns), schema)


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _refused(record: FileRecord, reason: str) -> RefusedRow:
    name = f" ({shown(record.name)})" if isinstance(record.name, str) else ""
    return RefusedRow(record.where + name, reason)

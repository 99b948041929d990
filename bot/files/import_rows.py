"""The rows of an import: what a file says about each person, and what that does to a directory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from bot.errors import InvalidPerson
from bot.files.disambiguation import are_different_people
from bot.files.records import FileRecord, RefusedRow
from bot.language import _
from bot.person import Person, Schema, clean_name

T = TypeVar("T")


class ImportMode(StrEnum):
    """What an import does with the people who are in the directory already."""

    ADD = "add"
    """Leave them as they are."""
    UPDATE = "update"
    """Change what the file says about them."""
    REPLACE = "replace"
    """Make the directory hold the people of the file and nobody else."""


class RowOutcome(StrEnum):
    """What an import does with a row."""

    ADD = "add"
    UPDATE = "update"
    SAME = "same"
    """The file says what the directory says."""
    CONFLICT = "conflict"
    """The file says something else, but the mode leaves the people in the directory alone."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What a file says about one person.

    ``person`` has no description if the file gives none. Its name is the one in the file, or one
    that distinguishes namesakes. A different birth year means a different person, unless the row
    ``corrects_birth``.
    """

    record: FileRecord
    person: Person
    corrects_birth: bool = False

    @classmethod
    def read(cls, record: FileRecord, schema: Schema) -> Self:
        """Check what a record says. Raises InvalidPerson."""
        name, description = record.name, record.description
        if not isinstance(name, str) or not isinstance(description, str | None):
            raise InvalidPerson(
                _("A person needs a name and a description, and both must be text.")
            )
        person = Person(clean_name(name))
        text = (description or "").strip() or None
        return cls(record, person.with_changes(text, record.values(schema), schema))

    @property
    def name(self) -> str:
        return self.person.name

    def apply(self, existing: Person | None, schema: Schema, mode: ImportMode) -> Person:
        """Return the person after the import: the existing one with what the file says, or a new
        one. Raises InvalidPerson."""
        values = self.record.values(schema)
        if existing is None or mode is ImportMode.REPLACE:
            return Person.create(self.name, self.person.description, values, schema)
        return existing.with_changes(self.person.description or None, values, schema)

    def classify(
        self, existing: Person | None, schema: Schema, mode: ImportMode
    ) -> "ClassifiedRow":
        """Decide what becomes of the row, given the person of this name in the directory."""
        try:
            person = self.apply(existing, schema, mode)
        except InvalidPerson as error:
            return ClassifiedRow(self, RowOutcome.REFUSED, existing, self.person, str(error))
        if existing is None:
            return ClassifiedRow(self, RowOutcome.ADD, existing, person)
        if person == existing:
            return ClassifiedRow(self, RowOutcome.SAME, existing, person)
        if mode is ImportMode.REPLACE:
            return ClassifiedRow(self, RowOutcome.UPDATE, existing, person)
        if are_different_people(self.person, existing) and not self.corrects_birth:
            reason = _(
                "The directory has a different {name}, born in another year. "
                "Give this person another name.",
                name=existing.name,
            )
            return ClassifiedRow(self, RowOutcome.REFUSED, existing, person, reason)
        outcome = RowOutcome.CONFLICT if mode is ImportMode.ADD else RowOutcome.UPDATE
        return ClassifiedRow(self, outcome, existing, person)


@dataclass(frozen=True, slots=True)
class ClassifiedRow:
    """What becomes of a row: ``existing`` is in the directory, and ``person`` is there after an add
    or an update. ``reason`` says why a row is refused."""

    row: ImportRow
    outcome: RowOutcome
    existing: Person | None
    person: Person
    reason: str = ""

    @property
    def is_redescribed(self) -> bool:
        """Whether the description changes, so that the person needs a new vector."""
        return not self.existing or self.existing.description != self.person.description


def read_rows(
    records: Iterable[FileRecord], schema: Schema
) -> tuple[list[ImportRow], list[RefusedRow]]:
    """Check what records say. Returns the rows, and the refused ones."""
    return _read_each(records, lambda record: ImportRow.read(record, schema))


def to_people(
    records: Iterable[FileRecord], schema: Schema
) -> tuple[list[Person], list[RefusedRow]]:
    """Return the people of a new directory, and the refused rows."""
    return _read_each(
        records, lambda record: ImportRow.read(record, schema).apply(None, schema, ImportMode.ADD)
    )


def _read_each(
    records: Iterable[FileRecord], read: Callable[[FileRecord], T]
) -> tuple[list[T], list[RefusedRow]]:
    results: list[T] = []
    refused: list[RefusedRow] = []
    for record in records:
        try:
            results.append(read(record))
        except InvalidPerson as error:
            refused.append(record.refuse(str(error)))
    return results, refused

"""Following fields through renames: from the time of a history entry until today."""

from collections.abc import Iterable
from dataclasses import replace

from bot.person import Person, Schema

SchemaChange = tuple[Schema, Schema]
"""The schemas before and after a change to the fields."""


class FieldRenames:
    """Maps the names of fields at an earlier time to today's names. It starts today, and goes back
    over ``schema_changes``, newest first."""

    def __init__(self, schema_changes: Iterable[SchemaChange] = ()) -> None:
        self._current_names: dict[str, str] = {}
        for before, after in schema_changes:
            self.step_back(before, after)

    def step_back(self, before: Schema, after: Schema) -> None:
        """Go back to the time before one more schema change."""
        if rename := find_rename(before, after):
            old, new = rename
            self._current_names[old] = self._current_names.pop(new, new)

    def current_name(self, name: str) -> str:
        """Return today's name of a field that was called ``name`` then."""
        return self._current_names.get(name, name)

    def update(self, person: Person, schema: Schema) -> Person:
        """Return a person of that time with the fields of ``schema``, by today's names. Values of
        other fields are dropped."""
        values = {self.current_name(name): value for name, value in person.attributes.items()}
        attributes = {name: values[name] for name in schema if name in values}
        return replace(person, attributes=attributes)


def find_rename(before: Schema, after: Schema) -> tuple[str, str] | None:
    """Return the old and the new name of the field that was renamed between two schemas, if any."""
    removed = [name for name in before if name not in after]
    added = [name for name in after if name not in before]
    return (removed[0], added[0]) if removed and added else None

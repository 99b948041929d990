"""Which later operations changed what an undo would have restored."""

from collections.abc import Collection, Mapping

from bot.directory.history.entries import Change, HistoryEntry
from bot.directory.history.field_renames import FieldRenames
from bot.directory.history.history import History
from bot.directory.history.operations import Operation
from bot.person import Person, changed_fields

DESCRIPTION = "description"
"""Stands for a person's description among the names of attributes, none of which has this name."""

PRESENCE = ""
"""Stands for whether a person exists, among the names of attributes."""


async def find_later_changes(
    history: History,
    attributes: Mapping[str, Collection[str]],
    operation: Operation,
    undo_number: int | None,
) -> dict[str, dict[str, int]]:
    """Find, for some people's attributes, the last operation after ``operation`` that changed each.

    ``attributes`` and the result are by person, and attributes have today's names. Undone
    operations and their undos don't count, nor does the undo of ``operation`` itself, which has
    ``undo_number``. Attributes for which the history has no such operation are left out."""
    search = _Search(attributes, operation.number)
    renames = FieldRenames()
    async for later, entry in history.entries_since(operation.first_entry):
        if entry.schemas:
            renames.step_back(*entry.schemas)
        if later.number not in (operation.number, undo_number):
            search.visit(later, entry, renames)
        if not search.missing:
            break
    return search.found


class _Search:
    """Collects the operations while visiting the entries of the history, latest first. ``missing``
    are the attributes whose operations haven't been found yet, by person."""

    def __init__(self, attributes: Mapping[str, Collection[str]], since: int) -> None:
        self.found: dict[str, dict[str, int]] = {name: {} for name in attributes}
        self.missing = {name: set(names) for name, names in attributes.items() if names}
        self._since = since  # the number of the operation that is undone
        # All operations from this number on were undone, by person and attribute.
        self._undone_from: dict[tuple[str, str], int] = {}

    def visit(self, operation: Operation, entry: HistoryEntry, renames: FieldRenames) -> None:
        for change in reversed(entry.changes):
            if missing := self.missing.get(change.name):
                for attribute in missing & _changed_today(change, renames):
                    self._record(operation, change.name, attribute)
                if not missing:
                    del self.missing[change.name]

    def _record(self, operation: Operation, name: str, attribute: str) -> None:
        undone_from = self._undone_from.get((name, attribute))
        if undone_from is not None and operation.number >= undone_from:
            return
        if operation.undoes and operation.undoes > self._since:
            self._undone_from[name, attribute] = operation.undoes
            return
        self.found[name][attribute] = operation.number
        self.missing[name].remove(attribute)


def changed_attributes(old: Person, new: Person) -> list[str]:
    """Return the names of the attributes that differ between two versions of a person, among them
    DESCRIPTION."""
    changed = list(changed_fields(old, new))
    return [*changed, DESCRIPTION] if new.description != old.description else changed


def _changed_today(change: Change, renames: FieldRenames) -> set[str]:
    """Return what a change changed, by today's names."""
    old, new = change.old or Person(""), change.new or Person("")
    changed = {renames.current_name(name) for name in changed_attributes(old, new)}
    if bool(change.before) != bool(change.after):
        changed.add(PRESENCE)
    return changed

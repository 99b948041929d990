"""Which operations changed what an undo finds changed, and so leaves as it is."""

from collections.abc import Collection, Mapping

from bot import sentences
from bot.directory.history import History
from bot.directory.history_entries import Change, HistoryEntry
from bot.directory.operations import Operation
from bot.directory.people import changed_fields
from bot.person import Person, Schema

PRESENCE = ""
"""Stands for whether somebody is there, where attributes are named."""


async def changed_by(
    history: History,
    what: Mapping[str, Collection[str]],
    operation: Operation,
    undo: int | None,
) -> dict[str, dict[str, int]]:
    """By person, and attribute as it is called today, the last operation that changed it since
    ``operation``: not that one, nor the ``undo`` of it, nor others that were undone, nor what undid
    them. What the history does not know is left out. It is read back only until all is found."""
    looking = _Looking(what, operation.number)
    names: dict[str, str] = {}  # today's, by those at the step
    async for by, step in history.entries_since(operation.first_entry):
        if step.schemas and (pair := renamed(*step.schemas)):
            old, new = pair
            names[old] = names.pop(new, new)
        if by.number not in (operation.number, undo):
            looking.at(by, step, names)
        if not looking.missing:
            break
    return looking.found


class _Looking:
    def __init__(self, what: Mapping[str, Collection[str]], since: int) -> None:
        self.found: dict[str, dict[str, int]] = {name: {} for name in what}
        self.missing = {name: set(attributes) for name, attributes in what.items()}
        self._since = since
        self._undone: dict[tuple[str, str], int] = {}  # from which operation on all is undone

    def at(self, by: Operation, step: HistoryEntry, names: Mapping[str, str]) -> None:
        for change in reversed(step.changes):
            if missing := self.missing.get(change.name):
                for attribute in missing & _changed(change, names):
                    self._hear(by, change.name, attribute)
                if not missing:
                    del self.missing[change.name]

    def _hear(self, by: Operation, name: str, attribute: str) -> None:
        if by.number >= self._undone.get((name, attribute), by.number + 1):
            return
        if by.undoes and by.undoes > self._since:
            self._undone[name, attribute] = by.undoes
            return
        self.found[name][attribute] = by.number
        self.missing[name].remove(attribute)


def _changed(change: Change, names: Mapping[str, str]) -> set[str]:
    old, new = change.old or Person(""), change.new or Person("")
    changed = {names.get(name, name) for name in changed_fields(old, new)}
    if old.description != new.description:
        changed.add(sentences.history.DESCRIPTION)
    if bool(change.before) != bool(change.after):
        changed.add(PRESENCE)
    return changed


def renamed(before: Schema, after: Schema) -> tuple[str, str] | None:
    """The old and the new name, if a field was renamed between two schemas."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    return (gone[0], new[0]) if gone and new else None

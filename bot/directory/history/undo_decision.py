"""Deciding what undoing one change does to a person, who may have been changed again.

A value is restored only if nobody has edited it since the change. Later edits are kept, and
reported as a conflict.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.directory.history.blame import DESCRIPTION, PRESENCE, changed_attributes
from bot.language import _, format_list
from bot.person import Person, Value, changed_fields


class ConflictKind(Enum):
    """What happened to a person after the change that is undone."""

    VALUES_CHANGED = auto()  # these values are kept, and the others restored
    ADDED_PERSON_CHANGED = auto()  # the person isn't removed
    EXISTS_AGAIN = auto()  # the removed person isn't restored
    REMOVED = auto()  # nobody is changed


@dataclass(frozen=True)
class UndoConflict:
    """What isn't restored because it was changed again: a person's attributes by name, DESCRIPTION,
    or PRESENCE."""

    kind: ConflictKind
    attributes: Collection[str]

    def describe(self, name: str, operations: Mapping[str, int]) -> str:
        """Return a sentence about the person ``name``. ``operations`` are the numbers of the
        operations that made the later changes, by attribute, as far as they are known."""
        numbers = sorted({*operations.values()})
        changes = format_list(f"#{number}" for number in numbers)
        match self.kind:
            case ConflictKind.ADDED_PERSON_CHANGED if numbers:
                return _("Kept {name}: edited later in {changes}.", name=name, changes=changes)
            case ConflictKind.ADDED_PERSON_CHANGED:
                return _("Kept {name}: edited later.", name=name)
            case ConflictKind.EXISTS_AGAIN if numbers:
                return _("Kept {name}: added again in {changes}.", name=name, changes=changes)
            case ConflictKind.EXISTS_AGAIN:
                return _("Kept {name}: added again.", name=name)
            case ConflictKind.REMOVED if numbers:
                return _("Didn't restore {name}: removed in {changes}.", name=name, changes=changes)
            case ConflictKind.REMOVED:
                return _("Didn't restore {name}: removed later.", name=name)
            case ConflictKind.VALUES_CHANGED:
                return self._describe_values(name, operations)

    def _describe_values(self, name: str, operations: Mapping[str, int]) -> str:
        labels = {
            attribute: _("description") if attribute == DESCRIPTION else attribute
            for attribute in self.attributes
        }
        numbers = {operations.get(attribute) for attribute in self.attributes}
        if len(numbers) == 1 and (number := numbers.pop()):
            # Translators: "Kept Ada's born and description: edited later in #12."
            return _(
                "Kept {name}'s {attributes}: edited later in #{number}.",
                name=name,
                attributes=format_list(labels.values()),
                number=str(number),
            )
        each = [
            f"{label} (#{operations[attribute]})" if attribute in operations else label
            for attribute, label in labels.items()
        ]
        return _(
            "Kept {name}'s {attributes}: edited later.", name=name, attributes=format_list(each)
        )


@dataclass(frozen=True)
class Decision:
    """The person after the undo (None if removed), and what can't be restored. If nothing is to be
    done, ``target`` is the person as they are now."""

    target: Person | None
    conflict: UndoConflict | None = None


def decide(
    old: Person | None, new: Person | None, now: Person | None, previous: UndoConflict | None
) -> Decision:
    """Decide how to undo the change of a person from ``old`` to ``new``. ``now`` is the current
    person. None means that the person doesn't exist. All three have today's fields.

    An operation may have changed a person more than once, and is undone from its last change to its
    first: ``previous`` is the conflict found with its later changes."""
    if now == old:
        return Decision(now)
    if old is None:
        return _decide_to_remove(new, now)
    if new is None:
        return (
            Decision(now, UndoConflict(ConflictKind.EXISTS_AGAIN, [PRESENCE]))
            if now
            else Decision(old)
        )
    if now is None:
        return Decision(None, UndoConflict(ConflictKind.REMOVED, [PRESENCE]))
    return _decide_values(old, new, now, previous)


def _decide_to_remove(new: Person | None, now: Person | None) -> Decision:
    """Decide about a person whom the operation added."""
    if now == new:
        return Decision(None)
    changed = changed_attributes(new, now) if new and now else []
    return Decision(now, UndoConflict(ConflictKind.ADDED_PERSON_CHANGED, changed))


def _decide_values(
    old: Person, new: Person, now: Person, previous: UndoConflict | None
) -> Decision:
    """Decide about a person whom the operation changed, value by value."""
    values: dict[str, Value | None] = dict(now.attributes)
    description = now.description
    conflicts: dict[str, None] = {}
    if previous and previous.kind is ConflictKind.VALUES_CHANGED:
        conflicts = dict.fromkeys(previous.attributes)
    for name, (before, after) in changed_fields(old, new).items():
        conflicts.pop(name, None)  # a later change of the operation made it, not someone else
        if now.attributes.get(name) == after:
            values[name] = before
        elif now.attributes.get(name) != before:
            conflicts[name] = None
    if old.description != new.description:
        conflicts.pop(DESCRIPTION, None)
        if now.description == new.description:
            description = old.description
        elif now.description != old.description:
            conflicts[DESCRIPTION] = None
    known = {name: value for name, value in values.items() if value is not None}
    target = replace(now, description=description, attributes=known)
    if not conflicts:
        return Decision(target)
    return Decision(target, UndoConflict(ConflictKind.VALUES_CHANGED, list(conflicts)))

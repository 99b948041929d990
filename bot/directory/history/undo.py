"""Undoing operations, except for what was changed again.

undo_decision.py decides about each person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.directory.bulk import Progress, no_progress
from bot.directory.fields import Attempts, Fields
from bot.directory.history.blame import PRESENCE, find_later_changes
from bot.directory.history.entries import Change
from bot.directory.history.field_renames import FieldRenames, SchemaChange, find_rename
from bot.directory.history.history import History
from bot.directory.history.operations import (
    UNKNOWN_AUTHOR,
    Author,
    Operation,
    OperationKind,
    OperationRequest,
)
from bot.directory.history.undo_decision import ConflictKind, UndoConflict, decide
from bot.directory.people import Edit, People
from bot.directory.storage import Storage
from bot.directory.vectors import unpack_vector
from bot.embedding import TextEmbedder, Vectors
from bot.errors import NotUndone
from bot.language import _
from bot.person import Person, Schema, changed_fields, foreign_json

PAGE = 64  # operations read at once


@dataclass
class UndoReport:
    """What an undo did: its number in the history, how many people and fields it restored, and a
    sentence about each later edit that it kept."""

    number: int = 0
    people_count: int = 0
    field_count: int = 0
    conflicts: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Undo:
    """Undoes operations of one directory, except for what was changed again."""

    storage: Storage
    embedder: TextEmbedder
    fields: Fields
    people: People
    history: History

    async def run(
        self, number: int, *, by: Author = UNKNOWN_AUTHOR, progress: Progress = no_progress
    ) -> UndoReport:
        """Undo an operation, or continue an undo that was interrupted. The undo is an operation,
        which can be undone. Later edits are kept. Raises ChangeNotFound or NotUndone if nothing was
        changed."""
        operation = await self.history.get(number)
        if reason := await self.find_obstacle(operation):
            raise NotUndone(reason)
        await self.fields.refresh()
        request = OperationRequest(
            OperationKind.UNDO,
            by,
            is_open=True,
            source=f"undo {number}",
            undoes=number,
            number=operation.undone_by,  # set if an undo was interrupted
        )
        report = await _UndoRun(self, operation, request).run(progress)
        await self.history.finish(request)
        if not (report.people_count or report.field_count or operation.undone_by):
            if undone_meanwhile := await self.find_obstacle(await self.history.get(number)):
                raise NotUndone(undone_meanwhile)
            conflicts = report.conflicts or [_("There's nothing left to undo.")]
            message = _("Change #{number} can't be undone.", number=str(number))
            raise NotUndone(" ".join([message, *conflicts]))
        return report

    async def find_obstacle(self, operation: Operation) -> str:
        """Return why an operation can't be undone, if that is known without trying; otherwise
        ''."""
        if operation.is_truncated:
            return _(
                "Change #{number} can't be undone, because the history no longer has all of it.",
                number=str(operation.number),
            )
        if operation.undone_by and await self._numbers_undone([operation]):
            return _(
                "Change #{number} was already undone by #{undo}. To bring it back, undo #{undo}.",
                number=str(operation.number),
                undo=str(operation.undone_by),
            )
        return ""

    async def last_undoable(self, author: Author) -> int | None:
        """Return the number of an author's last operation that is neither undone nor an undo."""
        start = 0
        while page := await self.history.page(start, PAGE, author_id=author.id):
            undone = await self._numbers_undone(page)
            for operation in page:
                if operation.kind is not OperationKind.UNDO and operation.number not in undone:
                    return operation.number
            start += PAGE
        return None

    async def _numbers_undone(self, operations: Sequence[Operation]) -> set[int]:
        """Return the numbers of the operations that were undone. An interrupted undo doesn't count,
        because it can be continued."""
        undos = {each.number: each.undone_by for each in operations if each.undone_by}
        found = await self.history.find_many([*undos.values()])
        interrupted = {undo.number for undo in found if undo.is_open}
        return {number for number, undo in undos.items() if undo not in interrupted}


class _UndoRun:
    """Undoes the entries of an operation, latest first, as an operation of its own."""

    def __init__(self, undo: Undo, operation: Operation, request: OperationRequest) -> None:
        self._storage = undo.storage
        self._embedder = undo.embedder
        self._fields = undo.fields
        self._people = undo.people
        self._history = undo.history
        self._operation = operation
        self._request = request
        self._report = UndoReport()
        self._conflicts: dict[str, UndoConflict] = {}  # by person
        self._lost_fields: set[str] = set()  # those whose values can't be restored

    async def run(self, progress: Progress) -> UndoReport:
        """Undo the operation. If it got more entries before it was marked as undone, start over to
        undo them too."""
        while True:
            await self._undo_entries(progress)
            latest = await self._history.find(self._operation.number)
            if latest is None or latest.last_entry == self._operation.last_entry:
                break
            self._operation = latest
            self._report.conflicts.clear()
            self._conflicts.clear()
        self._report.conflicts += await self._describe_conflicts()
        self._report.conflicts += [
            _(
                "Didn't restore the values of {attribute}: "
                "the attribute was removed, or is now of a different kind.",
                attribute=name,
            )
            for name in sorted(self._lost_fields)
        ]
        self._report.number = self._request.number or 0
        return self._report

    async def _undo_entries(self, progress: Progress) -> None:
        total = self._operation.people_count
        async for entry in self._history.entries(self._operation):
            renames = FieldRenames(await self._history.schema_changes_since(entry.id))
            if entry.schemas:
                await self._undo_schema_change(entry.schemas, renames)
            else:
                await self._undo_changes(entry.changes, renames)
            progress(min(self._report.people_count + len(self._conflicts), total), total)

    async def _describe_conflicts(self) -> list[str]:
        if not self._conflicts:
            return []
        later = await find_later_changes(
            self._history,
            {name: conflict.attributes for name, conflict in self._conflicts.items()},
            self._operation,
            self._request.number,
        )
        return [conflict.describe(name, later[name]) for name, conflict in self._conflicts.items()]

    # Fields

    async def _undo_schema_change(self, change: SchemaChange, renames: FieldRenames) -> None:
        before, after = change
        if rename := find_rename(before, after):
            old, new = rename
            await self._rename_field(renames.current_name(new), old)
            return
        removed = {name: kind for name, kind in before.items() if name not in after}
        if removed:
            defined = await self._fields.define(removed, self._request, list(before))
            self._report.field_count += len(defined)
        for name in reversed([name for name in after if name not in before]):
            await self._drop_field(renames.current_name(name))

    async def _rename_field(self, name: str, new_name: str) -> None:
        if name == new_name:  # an undo that was interrupted has renamed it
            return
        async for _attempt in Attempts(self._fields):
            schema = self._fields.schema
            if new_name in schema or name not in schema:
                message = _(
                    "Didn't rename {attribute} back to {old_name}: "
                    "{attribute} was removed, or {old_name} is in use.",
                    attribute=name,
                    old_name=new_name,
                )
                self._report.conflicts.append(message)
                return
            if await self._fields.try_rename(name, new_name, self._request):
                self._report.field_count += 1
                return

    async def _drop_field(self, name: str) -> None:
        async for _attempt in Attempts(self._fields):
            if name not in self._fields.schema:
                return
            is_dropped = await self._fields.try_remove(name, self._request)
            if is_dropped is None:
                message = _(
                    "Kept the attribute {attribute}: someone has a value for it.", attribute=name
                )
                self._report.conflicts.append(message)
                return
            if is_dropped:
                self._report.field_count += 1
                return

    # People

    async def _undo_changes(self, changes: Sequence[Change], renames: FieldRenames) -> None:
        remaining = list(reversed(changes))
        async for _attempt in Attempts(self._fields):
            schema = self._restorable_fields(renames)
            for change in remaining:
                self._lost_fields |= _fields_to_restore(change, renames) - schema.keys()
            stored = await self._storage.read_attributes([change.name for change in remaining])
            edits = [
                edit
                for change, attributes in zip(remaining, stored, strict=True)
                if (edit := await self._undo_change(change, attributes, renames, schema))
            ]
            refused = await self._people.apply(edits, self._request) if edits else {}
            self._report.people_count += len(edits) - len(refused)
            remaining = [change for change in remaining if change.name in refused]
            if not remaining:
                return
        for change in remaining:
            self._conflicts[change.name] = UndoConflict(ConflictKind.EXISTS_AGAIN, [PRESENCE])

    async def _undo_change(
        self, change: Change, stored: str | None, renames: FieldRenames, schema: Schema
    ) -> Edit | None:
        """Return the edit that undoes a change, or None if there is nothing to do, and record any
        conflict. ``stored`` are the person's attributes now, and ``schema`` the fields that can be
        restored."""
        old = renames.update(change.old, schema) if change.old else None
        new = renames.update(change.new, schema) if change.new else None
        now = Person.load(change.name, stored) if stored else None
        decision = decide(old, new, now, self._conflicts.get(change.name))
        if decision.conflict:
            self._conflicts[change.name] = decision.conflict
        else:
            self._conflicts.pop(change.name, None)
        target = decision.target
        if target == now:
            return None
        if target is None:
            return Edit(change.name, stored or "", None)
        if now is None:
            vector = await self._vector_before(change, target)
            return Edit(change.name, "", target, vector, foreign=foreign_json(change.before))
        is_vector_restored = bool(change.vector) and target == old
        needs_vector = is_vector_restored or target.description != now.description
        vector = await self._vector_before(change, target) if needs_vector else None
        return Edit(change.name, stored or "", target, vector)

    def _restorable_fields(self, renames: FieldRenames) -> Schema:
        """Return today's fields, except those that had a different kind before the operation."""
        kinds = {renames.current_name(name): kind for name, kind in self._operation.schema.items()}
        schema = self._fields.schema
        return {name: kind for name, kind in schema.items() if kinds.get(name, kind) is kind}

    async def _vector_before(self, change: Change, person: Person) -> Vectors:
        """Return the person's vector from before the change, or embed the description if it isn't
        in the history or was made by a different model."""
        if change.vector and self._operation.model == self._embedder.name:
            return unpack_vector(change.vector)
        return await self._embedder.embed(person.description)


def _fields_to_restore(change: Change, renames: FieldRenames) -> set[str]:
    """Return the fields, by today's names, whose values a change removed or replaced."""
    if change.old is None:
        return set()
    changed = changed_fields(change.old, change.new or Person(""))
    return {
        renames.current_name(name)
        for name, (before, _after) in changed.items()
        if before is not None
    }

"""Taking an operation back, as far as nothing was built on it since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import sentences
from bot.directory.blame import PRESENCE, changed_by, renamed
from bot.directory.bulk import Progress, no_progress
from bot.directory.fields import Fields
from bot.directory.history import History
from bot.directory.history_entries import Change, HistoryEntry
from bot.directory.operations import (
    UNKNOWN_AUTHOR,
    Author,
    Operation,
    OperationKind,
    OperationRequest,
)
from bot.directory.people import Edit, People, changed_fields
from bot.directory.storage import Storage
from bot.directory.vectors import unpack_vector
from bot.embedding import Embeds, Vectors
from bot.errors import NotUndone
from bot.person import Person, Schema, foreign_json

PAGE = 64  # operations read at once

Why = Callable[[str, Sequence[int]], str]
"""Says of a person, and the operations that did it as far as they are known, why they stay."""


@dataclass
class UndoConflict:
    """Somebody who was changed again: the attributes that were, and why they stay as a whole, if
    they do."""

    changed: dict[str, None]
    why: Why | None = None


@dataclass
class UndoReport:
    """What an undo did: its number; how many people it put back, and how many fields; and sentences
    on what stays as it is, for it was changed again since."""

    number: int = 0
    done: int = 0
    fields: int = 0
    left: list[str] = field(default_factory=list)


class Undo:
    """Undoes operations of one directory, as far as nothing was built on them since."""

    def __init__(
        self,
        storage: Storage,
        embedder: Embeds,
        fields: Fields,
        people: People,
        history: History,
    ) -> None:
        self._storage = storage
        self._embedder = embedder
        self._fields = fields
        self._people = people
        self._history = history

    async def run(
        self, number: int, *, by: Author = UNKNOWN_AUTHOR, progress: Progress = no_progress
    ) -> UndoReport:
        """Undo an operation, as an operation that can be undone in turn; continue an undo that was
        interrupted. What was changed again since is kept. Raises ChangeNotFound or NotUndone, and
        then has changed nothing."""
        operation = await self._history.get(number)
        if reason := await self.why_not(operation):
            raise NotUndone(reason)
        await self._fields.refresh()
        request = OperationRequest(
            OperationKind.UNDO,
            by,
            is_open=True,
            source=f"undo {number}",
            undoes=number,
            number=operation.undone_by,  # set if an undo was interrupted
        )
        run = UndoRun(
            self._storage,
            self._embedder,
            self._fields,
            self._people,
            self._history,
            operation,
            request,
        )
        report = await run.run(progress)
        await self._history.finish(request)
        if not (report.done or report.fields or operation.undone_by):
            kept = report.left or [sentences.history.AS_BEFORE]
            undone_meanwhile = await self.why_not(await self._history.get(number))
            raise NotUndone(undone_meanwhile or sentences.history.nothing_to_undo(number, kept))
        return report

    async def why_not(self, operation: Operation) -> str:
        """Return why an operation can't be undone, as far as that is known without trying; '' if
        it can."""
        if operation.is_truncated:
            return sentences.history.forgotten_in_part(operation.number)
        if operation.undone_by and await self._numbers_undone([operation]):
            return sentences.history.undone_already(operation.number, operation.undone_by)
        return ""

    async def last_undoable(self, author: Author) -> int | None:
        """Return the number of an author's last operation that is neither undone nor an undo."""
        start = 0
        while page := await self._history.page(start, PAGE, author_id=author.id):
            undone = await self._numbers_undone(page)
            for operation in page:
                if operation.kind is not OperationKind.UNDO and operation.number not in undone:
                    return operation.number
            start += PAGE
        return None

    async def _numbers_undone(self, operations: Sequence[Operation]) -> set[int]:
        """Return the numbers of those that were undone. An undo that was interrupted doesn't count:
        it can be continued."""
        undos = {each.number: each.undone_by for each in operations if each.undone_by}
        found = await self._history.find_many([*undos.values()])
        interrupted = {undo.number for undo in found if undo.is_open}
        return {number for number, undo in undos.items() if undo not in interrupted}


class UndoRun:
    """Takes the steps of an operation back, the latest first. A value goes back only if it is still
    what the operation made it; a field that was renamed since goes by its new name."""

    def __init__(
        self,
        storage: Storage,
        embedder: Embeds,
        fields: Fields,
        people: People,
        history: History,
        operation: Operation,
        asked: OperationRequest,
    ) -> None:
        self._storage = storage
        self._embedder = embedder
        self._fields = fields
        self._people = people
        self._history = history
        self._operation = operation
        self._asked = asked
        self._undone = UndoReport()
        self._lost: set[str] = set()  # fields that values cannot go back to
        self._left: dict[str, UndoConflict] = {}  # by person

    async def run(self, progress: Progress) -> UndoReport:
        while True:
            await self._take_back(progress)
            now = await self._history.find(self._operation.number)
            if now is None or now.last_entry == self._operation.last_entry:
                break
            self._operation = now  # it went on before it was marked as undone
            self._undone.left.clear()
            self._left.clear()
        self._undone.left += await self._why_left()
        self._undone.left += map(sentences.history.field_lost, sorted(self._lost))
        self._undone.number = self._asked.number or 0
        return self._undone

    async def _take_back(self, progress: Progress) -> None:
        async for step in self._history.entries(self._operation):
            names = await self._names_since(step)
            if step.schemas:
                await self._take_fields_back(*step.schemas, names)
            else:
                await self._take_people_back(step.changes, names)
            handled = self._undone.done + len(self._left)
            progress(min(handled, self._operation.people_count), self._operation.people_count)

    async def _names_since(self, step: HistoryEntry) -> Mapping[str, str]:
        """What the fields that were renamed after a step are called now."""
        names: dict[str, str] = {}
        for before, after in await self._history.schema_changes_since(step.id):
            if pair := renamed(before, after):
                old, new = pair
                first = next((name for name, now in names.items() if now == old), old)
                names[first] = new
        return names

    # Fields

    async def _take_fields_back(
        self, before: Schema, after: Schema, names: Mapping[str, str]
    ) -> None:
        if pair := renamed(before, after):
            old, new = pair
            await self._rename(names.get(new, new), old)
            return
        gone = {name: kind for name, kind in before.items() if name not in after}
        if gone:
            made = await self._fields.define(gone, self._asked, list(before))
            self._undone.fields += len(made)
        for name in reversed([name for name in after if name not in before]):
            await self._drop(names.get(name, name))

    async def _rename(self, now: str, old: str) -> None:
        if now == old:  # as an undo left it that was interrupted
            return
        async for _ in self._fields.attempts():
            schema = self._fields.schema
            if old in schema or now not in schema:
                self._undone.left.append(sentences.history.field_not_renamed(now, old))
                return
            if await self._fields.try_rename(now, old, self._asked):
                self._undone.fields += 1
                return

    async def _drop(self, name: str) -> None:
        async for _ in self._fields.attempts():
            if name not in self._fields.schema:
                return
            dropped = await self._fields.try_drop(name, self._asked)
            if dropped is None:
                self._undone.left.append(sentences.history.field_in_use(name))
                return
            if dropped:
                self._undone.fields += 1
                return

    # People

    async def _take_people_back(self, changes: Sequence[Change], names: Mapping[str, str]) -> None:
        rest = list(reversed(changes))
        async for _ in self._fields.attempts():
            schema = self._fitting(names)
            self._lost |= {
                field for change in rest for field in _put_back(change, names) - schema.keys()
            }
            stored = await self._storage.read_attributes([change.name for change in rest])
            edits: dict[str, Edit] = {}
            for change, attributes in zip(rest, stored, strict=True):
                edit = await self._edit(change, attributes, names, schema)
                if edit:
                    edits[change.name] = edit
            refused = await self._people.apply(list(edits.values()), self._asked) if edits else {}
            self._undone.done += len(edits) - len(refused)
            rest = [change for change in rest if change.name in refused]
            if not rest:
                return
        for change in rest:
            self._leave(change.name, sentences.history.there_again)

    def _fitting(self, names: Mapping[str, str]) -> Schema:
        """Today's fields, but for those that came in the place of one of another kind."""
        then = {names.get(name, name): kind for name, kind in self._operation.schema.items()}
        now = self._fields.schema
        return {name: kind for name, kind in now.items() if then.get(name, kind) is kind}

    async def _edit(
        self, change: Change, stored: str | None, names: Mapping[str, str], schema: Schema
    ) -> Edit | None:
        """What takes a change back; None if there is nothing to do, or it was changed again."""
        old = change.old and carried(change.old, names, schema)
        new = change.new and carried(change.new, names, schema)
        now = Person.load(change.name, stored) if stored else None
        if now == old:  # also what later steps seemed to leave
            self._left.pop(change.name, None)
            return None
        if old is None:
            return self._unadd(change.name, new, now, stored or "")
        if new is None:
            if now is not None:
                self._leave(change.name, sentences.history.there_again)
                return None
            vector = await self._vector(change, old)
            return Edit(change.name, "", old, vector, kept=foreign_json(change.before))
        if now is None:
            self._leave(change.name, sentences.history.gone_since)
            return None
        target = self._merged(old, new, now)
        vector = None
        if target.description != now.description or (change.vector and target == old != now):
            vector = await self._vector(change, target)
        return Edit(change.name, stored or "", target, vector) if target != now else None

    def _unadd(self, name: str, new: Person | None, now: Person | None, stored: str) -> Edit | None:
        if now is None:
            return None
        if now == new:
            return Edit(name, stored, None)
        changed = [*changed_fields(new, now)] if new else []
        if new and new.description != now.description:
            changed.append(sentences.history.DESCRIPTION)
        self._leave(name, sentences.history.stays_here, changed)
        return None

    def _leave(self, name: str, why: Why, changed: Sequence[str] = (PRESENCE,)) -> None:
        """Somebody is left as a whole, for so much of them was changed again."""
        self._left[name] = UndoConflict(dict.fromkeys(changed), why)

    def _merged(self, old: Person, new: Person, now: Person) -> Person:
        """``now`` with what became ``new`` as in ``old``, but for what is another again."""
        values = dict(now.attributes)
        left = self._left.pop(now.name, None)  # a later step may have taken for another's
        changed = left.changed if left and not left.why else {}
        for name, (before, after) in changed_fields(old, new).items():
            changed.pop(name, None)
            if now.attributes.get(name) == after:
                values[name] = before
            elif now.attributes.get(name) != before:
                changed[name] = None
        description = now.description
        if old.description != new.description:
            changed.pop(sentences.history.DESCRIPTION, None)
            if now.description == new.description:
                description = old.description
            elif now.description != old.description:
                changed[sentences.history.DESCRIPTION] = None
        if changed:
            self._left[now.name] = UndoConflict(changed)
        known = {name: value for name, value in values.items() if value is not None}
        return replace(now, description=description, attributes=known)

    async def _vector(self, change: Change, person: Person) -> Vectors:
        if change.vector and self._operation.model == self._embedder.name:
            return unpack_vector(change.vector)
        return await self._embedder.embed(person.description)

    async def _why_left(self) -> list[str]:
        what = {name: left.changed for name, left in self._left.items()}
        history, undo = self._history, self._asked.number
        by = await changed_by(history, what, self._operation, undo) if what else {}
        return [_why(name, left, by[name]) for name, left in self._left.items()]


def _why(name: str, left: UndoConflict, by: Mapping[str, int]) -> str:
    """Why somebody stays, and which operations changed what of them."""
    if left.why:
        return left.why(name, sorted({*by.values()}))
    return sentences.history.changed_since(name, {what: by.get(what) for what in left.changed})


def carried(person: Person, names: Mapping[str, str], schema: Schema) -> Person:
    """A person of the history, in today's fields; ``names`` are those of renamed ones since."""
    values = {names.get(name, name): value for name, value in person.attributes.items()}
    known = {name: values[name] for name in schema if name in values}
    return replace(person, attributes=known)


def _put_back(change: Change, names: Mapping[str, str]) -> set[str]:
    """The fields, by today's names, whose values from before a change are to be there again."""
    if change.old is None:
        return set()
    changed = changed_fields(change.old, change.new or Person(""))
    return {names.get(name, name) for name, (before, _) in changed.items() if before is not None}

"""One directory of people, over one vector set and its companion keys: what changes it."""

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot import sentences
from bot.directory.finding import ATTEMPTS
from bot.directory.keeping import Edit, Keeper, Progress, unheard
from bot.directory.listing import BATCH
from bot.directory.operations import (
    UNKNOWN_AUTHOR,
    Author,
    Operation,
    OperationKind,
    OperationRequest,
)
from bot.directory.undo import Undoing, UndoReport
from bot.errors import (
    DirectoryUnavailable,
    FieldsChanged,
    InvalidPerson,
    NotUndone,
    PersonChanged,
    PersonExists,
    PersonNotFound,
    UnknownField,
)
from bot.person import UNKNOWN_WORDS, Person, Schema, clean_field_name, infer_kind
from bot.query import Query
from bot.query.filters import matches

SET_BATCH = 256  # people in a transaction that changes attributes alone


@dataclass
class BulkReport:
    """What a change of many people did: its number, how many it changed, how many had the value
    already, and why others stay as they are."""

    number: int = 0
    changed: int = 0
    same: int = 0
    refused: list[str] = field(default_factory=list)


class Directory(Keeper):
    """The people under ``key``, to find and to keep. Made by Directories; raises DirectoryError
    throughout. ``by`` is who changes something, for the history."""

    async def add(
        self, name: str, description: str, values: Mapping[str, Any], *, by: Author = UNKNOWN_AUTHOR
    ) -> Person:
        """Add one person; returns them as saved. Values of fields that nobody has yet make the
        field. Raises PersonExists or InvalidPerson, and then has changed nothing."""
        asked = OperationRequest(OperationKind.ADD, by)
        while True:
            new_fields = self._new_fields(values)
            schema = {**self.schema, **new_fields}
            person = Person.create(name, description, _cleaned(values), schema)
            there = await self.find(person.name)
            if there is not None:
                raise PersonExists(there.name)
            if not new_fields:
                break
            await self.define(new_fields, asked)  # and read the values again, by others' kinds
        holders = await self.add_all([person], asked)
        if holders:
            raise PersonExists(holders[person.name])
        return person

    async def add_all(
        self, people: Sequence[Person], asked: OperationRequest | None = None
    ) -> dict[str, str]:
        """Add people, each whole or not at all; returns the names that were there already, case
        and accents aside, and who has them: these stay as they are. The schema must have the
        people's fields: see ``define``."""
        asked = asked or OperationRequest(OperationKind.IMPORT)
        holders: dict[str, str] = {}
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            vectors = await self._embedder.embed_all([person.description for person in batch])
            edits = [
                Edit(person.name, "", person, vector)
                for person, vector in zip(batch, vectors, strict=True)
            ]
            holders |= await self.apply(edits, asked)
        return holders

    async def update(
        self,
        name: str,
        description: str | None,
        values: Mapping[str, Any],
        *,
        by: Author = UNKNOWN_AUTHOR,
        seen: Person | None = None,
    ) -> Person:
        """Change a person's description (None: as it is) and some attributes; returns the person
        as saved. The text is embedded again only if it changed. Raises PersonNotFound,
        InvalidPerson or, if the person is not as ``seen`` any more, PersonChanged, and then has
        changed nothing."""
        name = (await self.get(name)).name
        asked = OperationRequest(OperationKind.EDIT, by)
        old = None
        for _ in range(ATTEMPTS):
            before = await self._stored(name)
            old = Person.load(name, before)
            if seen is not None and old != seen:
                break
            new_fields = self._new_fields(values)
            new = old.with_changes(description, _cleaned(values), {**self.schema, **new_fields})
            if new_fields:
                await self.define(new_fields, asked)
                continue  # everybody's attributes are others now, and the kind may be another's
            changed = new.description != old.description
            vector = await self._embedder.embed(new.description) if changed else None
            if not await self.apply([Edit(name, before, new, vector)], asked):
                return new
            await self.refresh()
        raise PersonChanged(name, old)

    async def remove(
        self, name: str, *, by: Author = UNKNOWN_AUTHOR, seen: Person | None = None
    ) -> None:
        """Remove the person of exactly this name. Raises PersonNotFound or, if the person is not as
        ``seen`` any more, PersonChanged."""
        asked = OperationRequest(OperationKind.REMOVE, by)
        for _ in range(ATTEMPTS):
            (before,) = await self.stored([name])
            if before is None:
                raise PersonNotFound(name, await self._names.near(name))
            now = Person.load(name, before)
            if seen is not None and now != seen:
                raise PersonChanged(name, now)
            if not await self.apply([Edit(name, before, None)], asked):
                return
        raise PersonChanged(name, None)

    async def update_where(
        self,
        query: Query,
        values: Mapping[str, Any],
        *,
        by: Author = UNKNOWN_AUTHOR,
        progress: Progress = unheard,
    ) -> BulkReport:
        """Change some attributes of all who match a query's conditions, as one operation. Whoever
        cannot have a value stays as they are. Raises InvalidPerson for a value that nobody can
        have."""
        asked = OperationRequest(OperationKind.BULK, by, note=query.written, is_open=True)
        self.check(values)
        report = BulkReport()
        try:
            await self._update_where(query, _cleaned(values), asked, report, progress)
        finally:
            with suppress(DirectoryUnavailable):
                await self.finish(asked)
        report.number = asked.number or 0
        return report

    async def remove_field(
        self,
        name: str,
        *,
        by: Author = UNKNOWN_AUTHOR,
        progress: Progress = unheard,
    ) -> str:
        """Remove all values of a field, and then the field, as one operation, which goes on if it
        was interrupted; returns its name. Raises InvalidPerson, also where another renames the
        field meanwhile; what was done by then is in the history."""
        name = await self.own_field(name)
        asked = OperationRequest(
            OperationKind.FIELD_REMOVE, by, note=name, is_open=True, source=f"remove {name}"
        )
        try:
            return await self._remove_field(name, asked, progress)
        except InvalidPerson as error:
            await self.finish(asked)
            if asked.number is None:
                raise
            raise InvalidPerson(sentences.people.attribute_gone(name, asked.number)) from error

    async def _remove_field(self, name: str, asked: OperationRequest, progress: Progress) -> str:
        for _ in range(ATTEMPTS):
            with suppress(UnknownField, FieldsChanged):  # renamed or removed meanwhile
                having = await self.understand(f"has:{name}")
                await self._update_where(having, {name: None}, asked, BulkReport(), progress)
                if await self.try_drop(name, asked):
                    return name
            name = await self.own_field(name)
        raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)

    async def _update_where(
        self,
        query: Query,
        values: Mapping[str, Any],
        asked: OperationRequest,
        report: BulkReport,
        progress: Progress,
    ) -> None:
        names = await self.all_names(query)
        for start in range(0, len(names), SET_BATCH):
            progress(start, len(names))
            await self._update_all(names[start : start + SET_BATCH], query, values, asked, report)
        progress(len(names), len(names))

    def check(self, values: Mapping[str, Any]) -> Schema:
        """The fields that these values would make. Raises InvalidPerson for a value that nobody
        can have."""
        new_fields = self._new_fields(values)
        Person("").with_changes(None, _cleaned(values), {**self.schema, **new_fields})
        return new_fields

    async def _update_all(
        self,
        names: Sequence[str],
        query: Query,
        values: Mapping[str, Any],
        asked: OperationRequest,
        report: BulkReport,
    ) -> None:
        rest = list(names)
        for _ in range(ATTEMPTS):
            await self.define(self._new_fields(values), asked)  # others may have removed it again
            edits: list[Edit] = []
            for name, before in zip(rest, await self.stored(rest), strict=True):
                old = Person.load(name, before)
                if before is None or not _fits(old, query):
                    continue  # removed or changed meanwhile
                try:
                    new = old.with_changes(None, values, self.schema)
                except InvalidPerson as error:
                    report.refused.append(str(error))
                    continue
                if new == old:
                    report.same += 1
                else:
                    edits.append(Edit(name, before, new))
            refused = await self.apply(edits, asked) if edits else {}
            report.changed += len(edits) - len(refused)
            rest = list(refused)
            if not rest:
                return
        report.refused += [sentences.people.changed_by_another(name) for name in rest]

    async def undo(
        self,
        number: int,
        *,
        by: Author = UNKNOWN_AUTHOR,
        progress: Progress = unheard,
    ) -> UndoReport:
        """Take an operation back, as an operation of its own, which can be undone in turn; one that
        was interrupted goes on. What was changed again since stays. Raises ChangeNotFound, or
        NotUndone, and then has changed nothing."""
        operation = await self.history.get(number)
        if reason := await self.why_not_undone(operation):
            raise NotUndone(reason)
        await self.refresh()
        source = f"undo {number}"
        going_on = operation.undone_by  # the number of an undo that was interrupted
        asked = OperationRequest(
            OperationKind.UNDO, by, is_open=True, source=source, undoes=number, number=going_on
        )
        undone = await Undoing(self, operation, asked).run(progress)
        await self.finish(asked)
        if not (undone.done or undone.fields or operation.undone_by):
            left = undone.left or [sentences.history.AS_BEFORE]
            by_another = await self.why_not_undone(await self.history.get(number))
            raise NotUndone(by_another or sentences.history.nothing_to_undo(number, left))
        return undone

    async def why_not_undone(self, operation: Operation) -> str:
        """Why an operation cannot be taken back, as far as that is known without trying; '' if it
        can."""
        if operation.is_truncated:
            return sentences.history.forgotten_in_part(operation.number)
        if operation.undone_by and await self._undone_among([operation]):
            return sentences.history.undone_already(operation.number, operation.undone_by)
        return ""

    async def _undone_among(self, operations: Sequence[Operation]) -> set[int]:
        """The numbers of those that were taken back; an undo that was interrupted can go on."""
        by = {
            operation.number: operation.undone_by for operation in operations if operation.undone_by
        }
        going_on = {
            undo.number for undo in await self.history.find_many([*by.values()]) if undo.is_open
        }
        return {number for number, undo in by.items() if undo not in going_on}

    async def last_of(self, author: Author) -> int | None:
        """The number of an author's last operation that is neither undone nor an undo."""
        start = 0
        while page := await self.history.page(start, BATCH, author_id=author.id):
            undone = await self._undone_among(page)
            for operation in page:
                if operation.kind is not OperationKind.UNDO and operation.number not in undone:
                    return operation.number
            start += BATCH
        return None

    async def _stored(self, name: str) -> str:
        (stored,) = await self.stored([name])
        if stored is None:
            raise PersonNotFound(name)
        return stored

    def _new_fields(self, values: Mapping[str, Any]) -> Schema:
        """The fields that nobody has yet, of the kinds their values show. Raises InvalidPerson
        for one that looks like a slip."""
        new = {name: v for name, v in _cleaned(values).items() if name not in self.schema}
        for name, value in new.items():
            near = difflib.get_close_matches(name, self.schema, n=1, cutoff=0.85)
            if near or value is None or value in UNKNOWN_WORDS:
                raise InvalidPerson(sentences.people.no_attribute(name, near, list(self.schema)))
        return {name: infer_kind([value]) for name, value in new.items()}


def _fits(person: Person, query: Query) -> bool:
    return query.filter is None or matches(query.filter, person.attributes)


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    return {clean_field_name(name): value for name, value in values.items()}

"""Changes of many people as one operation of the history."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bot.directory.fields import Attempts, Fields, clean_names, fields_busy
from bot.directory.history.history import History
from bot.directory.history.operations import (
    UNKNOWN_AUTHOR,
    Author,
    OperationKind,
    OperationRequest,
)
from bot.directory.people import Edit, People
from bot.directory.storage import Storage
from bot.errors import DirectoryUnavailable, FieldsChanged, InvalidPerson, PersonChanged
from bot.language import _
from bot.person import Person
from bot.query import Filter, HasValue, Query, matches

BATCH = 256  # people in a transaction that changes only attributes

Progress = Callable[[int, int], None]
"""Receives how many of how many are done."""


def no_progress(done: int, total: int) -> None:
    """Ignore the progress."""


@dataclass
class BulkReport:
    """What a bulk edit did: its number in the history, how many people it changed, how many already
    had the values, and for each person who can't have them a sentence that says why."""

    number: int = 0
    changed: int = 0
    same: int = 0
    refused: list[str] = field(default_factory=list[str])


class BulkEdits:
    """Changes to everyone in one directory who matches some conditions."""

    def __init__(self, storage: Storage, fields: Fields, people: People, history: History) -> None:
        self._storage = storage
        self._fields = fields
        self._people = people
        self._history = history

    async def update_where(
        self,
        query: Query,
        values: Mapping[str, Any],
        *,
        by: Author = UNKNOWN_AUTHOR,
        progress: Progress = no_progress,
    ) -> BulkReport:
        """Change some attributes of everyone who matches a query's conditions. People who can't
        have a value are not changed. Raises InvalidPerson for a value that nobody can have."""
        request = OperationRequest(OperationKind.BULK, by, note=query.filter_text, is_open=True)
        self._fields.check(values)
        report = BulkReport()
        try:
            await self._update(query, clean_names(values), request, report, progress)
        finally:
            with suppress(DirectoryUnavailable):
                await self._history.finish(request)
        report.number = request.number or 0
        return report

    async def remove_field(
        self, name: str, *, by: Author = UNKNOWN_AUTHOR, progress: Progress = no_progress
    ) -> str:
        """Remove all values of a field, and then the field; return its name. If this is
        interrupted, the next call continues the same operation. Raises InvalidPerson, also if
        someone renames the field meanwhile: the values removed by then are in the history."""
        await self._fields.refresh()
        name = self._fields.get_changeable(name)
        request = OperationRequest(
            OperationKind.FIELD_REMOVE, by, note=name, is_open=True, source=f"remove {name}"
        )
        try:
            return await self._remove_field(name, request, progress)
        except InvalidPerson as error:
            await self._history.finish(request)
            if request.number is None:
                raise
            message = _(
                "Someone else renamed or removed {attribute} at the same time. Some of its values "
                "may be gone: that's change #{number}, and /undo {number} restores them.",
                attribute=name,
                number=str(request.number),
            )
            raise InvalidPerson(message) from error

    async def _remove_field(self, name: str, request: OperationRequest, progress: Progress) -> str:
        query = Query("", HasValue(name))
        async for _attempt in Attempts(self._fields):
            name = self._fields.get_changeable(name)
            with suppress(FieldsChanged):  # someone renamed or removed it meanwhile
                await self._update(query, {name: None}, request, BulkReport(), progress)
                if await self._fields.try_remove(name, request):
                    return name
        raise fields_busy()

    async def _update(
        self,
        query: Query,
        values: Mapping[str, Any],
        request: OperationRequest,
        report: BulkReport,
        progress: Progress,
    ) -> None:
        names = await self._people.list_names(query)
        for start in range(0, len(names), BATCH):
            progress(start, len(names))
            batch = names[start : start + BATCH]
            await self._update_batch(batch, query.filter, values, request, report)
        progress(len(names), len(names))

    async def _update_batch(
        self,
        names: Sequence[str],
        filter: Filter | None,
        values: Mapping[str, Any],
        request: OperationRequest,
        report: BulkReport,
    ) -> None:
        async for _attempt in Attempts(self._fields):
            # Only the first batch adds them, unless someone removes them meanwhile.
            await self._fields.define(self._fields.infer_new(values), request)
            edits: list[Edit] = []
            for name, before in zip(names, await self._storage.read_attributes(names), strict=True):
                old = Person.load(name, before)
                if before is None or not (filter is None or matches(filter, old.attributes)):
                    continue  # removed or changed meanwhile
                try:
                    new = old.with_changes(None, values, self._fields.schema)
                except InvalidPerson as error:
                    report.refused.append(str(error))
                    continue
                if new == old:
                    report.same += 1
                else:
                    edits.append(Edit(name, before, new))
            conflicts = await self._people.apply(edits, request) if edits else {}
            report.changed += len(edits) - len(conflicts)
            names = list(conflicts)
            if not names:
                return
        report.refused += [str(PersonChanged(name, None)) for name in names]

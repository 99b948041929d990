"""Undoing operations, except for what was changed again since.

undo_decision.py decides about each person; undo_run.py carries it out.
"""

from collections.abc import Sequence

from bot.directory.bulk import Progress, no_progress
from bot.directory.fields import Fields
from bot.directory.history.history import History
from bot.directory.history.operations import (
    UNKNOWN_AUTHOR,
    Author,
    Operation,
    OperationKind,
    OperationRequest,
)
from bot.directory.history.undo_run import UndoReport, UndoRun
from bot.directory.people import People
from bot.directory.storage import Storage
from bot.embedding import Embeds
from bot.errors import NotUndone
from bot.language import _

PAGE = 64  # operations read at once


class Undo:
    """Undoes operations of one directory, and keeps what was changed again since."""

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
        if reason := await self.find_obstacle(operation):
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
        if not (report.people_count or report.field_count or operation.undone_by):
            if undone_meanwhile := await self.find_obstacle(await self._history.get(number)):
                raise NotUndone(undone_meanwhile)
            conflicts = report.conflicts or [_("There's nothing left to undo.")]
            message = _("Change #{number} can't be undone.", number=str(number))
            raise NotUndone(" ".join([message, *conflicts]))
        return report

    async def find_obstacle(self, operation: Operation) -> str:
        """Return why an operation can't be undone, as far as that is known without trying, or '' if
        nothing is known against it."""
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

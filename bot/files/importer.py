"""Carrying out the plan of an import, which can be stopped anywhere and continued."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from bot.directory import Directory, OperationRequest, Progress, no_progress
from bot.directory.fields import Attempts
from bot.directory.people import Edit
from bot.embedding import Vectors
from bot.errors import DirectoryError, DirectoryUnavailable, PersonChanged, PersonExists
from bot.files.import_plan import ImportPlan
from bot.files.import_rows import ClassifiedRow, ImportRow, RowOutcome
from bot.files.records import Place, RefusedRow
from bot.language import ngettext
from bot.person import Person, fold

BATCH = 64  # people in a transaction: short enough not to hold up other clients

T = TypeVar("T")


def stopped_text(done: int, total: int) -> str:
    """Return how far an import came that ended early."""
    return ngettext(
        "Stopped after {done} of {count} person. To continue, import the same file again.",
        "Stopped after {done} of {count} people. To continue, import the same file again.",
        total,
        done=done,
    )


@dataclass
class ImportReport:
    """What an import did: the number of its operation in the history (0: it changed nothing), how
    many people it added, updated and removed, the rows it refused, the fields it added, and how
    many of the planned people it has done."""

    number: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether the import was stopped before its end."""
        return self.done < self.total


@dataclass(frozen=True, slots=True)
class _RowWrite:
    """A row to store, and the name and attributes of the person in Redis that it changes; both are
    '' if there is none."""

    classified: ClassifiedRow
    stored_name: str
    stored: str

    @property
    def person(self) -> Person:
        return self.classified.person

    @property
    def needs_vector(self) -> bool:
        return self.classified.is_redescribed or self.stored_name != self.person.name


class Importer:
    """Carries out a plan as one operation, in transactions of whole people.

    After each transaction, ``progress`` receives how many people are done, and ``should_stop`` says
    whether to stop. Importing the same people again continues an import that ended early.
    """

    def __init__(
        self,
        directory: Directory,
        plan: ImportPlan,
        request: OperationRequest,
        progress: Progress = no_progress,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._directory = directory
        self._plan = plan
        self._request = request
        self._progress = progress
        self._should_stop = should_stop
        self._report = ImportReport(total=plan.total)

    async def run(self) -> ImportReport:
        """Import. People who were changed since the plan was made are classified again. Raises
        DirectoryUnavailable, which says how many people are done."""
        report = self._report
        try:
            async with aclosing(self._run_batches()) as batches:
                async for count in batches:
                    report.done += count
                    self._progress(report.done, report.total)
                    if report.is_partial and self._should_stop():
                        break
                else:
                    await self._directory.history.finish(self._request)
        except DirectoryError as error:
            message = f"{error} {stopped_text(report.done, report.total)}"
            raise DirectoryUnavailable(message) from error
        finally:
            report.number = self._request.number or 0
            if report.done:
                await self._directory.storage.compact()
        return report

    async def _run_batches(self) -> AsyncGenerator[int, None]:
        """Store and remove people in transactions; yields 0 at first, and then the number of people
        in each transaction. While one batch is stored, the next is embedded."""
        yield 0
        batches = [*_split(await self._order_rows()), ()]
        embedding = asyncio.create_task(self._embed_batch(batches[0]))
        try:
            for batch, following in pairwise(batches):
                vectors = await embedding
                embedding = asyncio.create_task(self._embed_batch(following))
                await self._store([row for row, _person in batch], vectors)
                yield len(batch)
        finally:
            embedding.cancel()
            await asyncio.gather(embedding, return_exceptions=True)
        for names in _split(self._plan.removed):
            await self._remove(names)
            yield len(names)

    async def _order_rows(self) -> list[tuple[ImportRow, Person | None]]:
        """Return the rows to store, each with the person to embed, if any, sorted by the length of
        the descriptions: embedding a batch takes as long as its longest one."""
        rows: list[tuple[ImportRow, Person | None]] = [
            *((row, row.person) for row in self._plan.added),
            *((u.row, u.person if u.is_redescribed else None) for u in self._plan.updated),
        ]
        people = [person for _row, person in rows if person]
        costs = iter(await self._directory.people.embedding_costs(people))
        keyed = [(next(costs) if person else 0, row, person) for row, person in rows]
        return [(row, person) for _cost, row, person in sorted(keyed, key=lambda item: item[0])]

    async def _embed_batch(
        self, batch: Sequence[tuple[ImportRow, Person | None]]
    ) -> dict[str, Vectors]:
        return await self._embed([person for _row, person in batch if person])

    async def _embed(self, people: Sequence[Person]) -> dict[str, Vectors]:
        """Return the vectors of people by their descriptions."""
        vectors = await self._directory.people.embed(people)
        return {person.description: row for person, row in zip(people, vectors, strict=True)}

    async def _store(self, rows: Sequence[ImportRow], vectors: Mapping[str, Vectors]) -> None:
        """Add and update people in one transaction. Tries again with people whom someone else
        changed meanwhile."""
        async for _attempt in Attempts(self._directory.fields):
            # No round trip to Redis, unless a field is missing or was removed meanwhile.
            new_fields = await self._directory.fields.define(self._plan.new_fields, self._request)
            self._report.new_fields += new_fields
            writes = await self._classify(rows)
            edits = await self._edits(writes, vectors)
            refused = await self._directory.people.apply(edits, self._request) if edits else {}
            failed = [w for w in writes if {w.person.name, w.stored_name} & refused.keys()]
            outcomes = [w.classified.outcome for w in writes if w not in failed]
            self._report.added += outcomes.count(RowOutcome.ADD)
            self._report.updated += outcomes.count(RowOutcome.UPDATE)
            if not failed:
                return
            rows = [write.classified.row for write in failed]
        for row in rows:
            self._refuse(row, str(PersonChanged(row.name, None)))

    async def _remove(self, names: Sequence[str]) -> None:
        """Remove people in one transaction, and try again as ``_store`` does."""
        async for _attempt in Attempts(self._directory.fields):
            stored = zip(names, await self._directory.storage.read_attributes(names), strict=True)
            edits = [Edit(name, before, None) for name, before in stored if before is not None]
            refused = await self._directory.people.apply(edits, self._request) if edits else {}
            self._report.removed += len(edits) - len(refused)
            names = list(refused)
            if not names:
                return
        for name in names:
            reason = str(PersonChanged(name, None))
            self._report.refused.append(RefusedRow(Place(0, name), reason))

    async def _classify(self, rows: Sequence[ImportRow]) -> list[_RowWrite]:
        """Return the rows to write, as the directory is now."""
        existing = await self._directory.people.find_stored([row.name for row in rows])
        schema, mode = self._directory.fields.schema, self._plan.mode
        writes: list[_RowWrite] = []
        for row in rows:
            name, stored = existing.get(fold(row.name), ("", ""))
            person = Person.load(name, stored) if stored else None
            classified = row.classify(person, schema, mode)
            match classified.outcome:
                case RowOutcome.ADD | RowOutcome.UPDATE:
                    writes.append(_RowWrite(classified, name, stored))
                case RowOutcome.CONFLICT:
                    self._refuse(row, str(PersonExists(name)))
                case RowOutcome.REFUSED:
                    self._refuse(row, classified.reason)
                case RowOutcome.SAME:
                    pass
        return writes

    async def _edits(
        self, writes: Sequence[_RowWrite], vectors: Mapping[str, Vectors]
    ) -> list[Edit]:
        people = [write.person for write in writes if write.needs_vector]
        unembedded = [person for person in people if person.description not in vectors]
        vectors = {**vectors, **await self._embed(unembedded)} if unembedded else vectors
        edits: list[Edit] = []
        for write in writes:
            person, before = write.person, write.stored
            vector = vectors[person.description] if write.needs_vector else None
            if write.stored_name not in ("", person.name):  # the same name, spelt differently
                edits.append(Edit(write.stored_name, before, None))
                before = ""
            edits.append(Edit(person.name, before, person, vector, foreign=write.stored))
        return edits

    def _refuse(self, row: ImportRow, reason: str) -> None:
        self._report.refused.append(row.record.refuse(reason))


def _split(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))

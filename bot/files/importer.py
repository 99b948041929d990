"""Doing what was planned, in whole people, so that it can be stopped and gone on with."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from bot import sentences
from bot.directory import Author, Directory, OperationKind, OperationRequest, Progress, no_progress
from bot.directory.people import Edit
from bot.embedding import Vectors
from bot.errors import DirectoryError, DirectoryUnavailable, InvalidPerson
from bot.files.contents import RefusedRow
from bot.files.import_plan import ImportPlan
from bot.files.import_rows import ImportMode, ImportRow
from bot.person import Person, fold

BATCH = 64  # people in a transaction: short enough not to hold up other clients

T = TypeVar("T")


@dataclass
class ImportReport:
    """What an import did: the number of the change it is in the history (0: it changed nothing),
    how many people it added, changed and removed, whom it could not, the attributes that are new,
    and how many people it saw to, of all it was to; fewer if it was stopped."""

    number: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0

    @property
    def stopped(self) -> bool:
        return self.done < self.total


def import_request(plan: ImportPlan, author: Author, name: str) -> OperationRequest:
    """The operation that an import of the file ``name`` is. The same plan asked for once more goes
    on with it, if it was interrupted."""
    text = name.encode("utf-8", "replace").decode()  # a file's name need not be any
    return OperationRequest(
        OperationKind.IMPORT, author, f"{text} ({plan.mode})", is_open=True, source=plan.source
    )


async def carry_out(
    directory: Directory,
    plan: ImportPlan,
    asked: OperationRequest,
    progress: Progress = no_progress,
    stop: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Do what was planned, as one operation, until ``stop`` says so between two batches. Whoever
    was changed since the plan was made is looked at again. Raises DirectoryUnavailable, which says
    how far it came: the same import goes on from there."""
    carrying = Importer(directory, plan, asked)
    report = carrying.report
    try:
        async with aclosing(carrying.steps()) as steps:
            async for seen_to in steps:
                report.done += seen_to
                progress(report.done, report.total)
                if report.stopped and stop():
                    break
            else:
                await directory.history.finish(asked)
    except DirectoryError as error:
        sentence = sentences.transfer.interrupted(str(error), report.done, report.total)
        raise DirectoryUnavailable(sentence) from error
    finally:
        report.number = asked.number or 0
        if report.done:
            await directory.storage.compact()
    return report


class Importer:
    def __init__(self, directory: Directory, plan: ImportPlan, asked: OperationRequest) -> None:
        self._directory = directory
        self._plan = plan
        self._asked = asked
        self.report = ImportReport(total=plan.total)

    async def steps(self) -> AsyncGenerator[int, None]:
        """Do it in transactions; yields before the first, and after each, how many people it saw
        to. Whoever comes next is embedded meanwhile."""
        yield 0
        batches = [*_batches(await self._by_length()), ()]
        embedding = asyncio.create_task(self._embed(batches[0]))
        try:
            for batch, following in pairwise(batches):
                vectors = await embedding
                embedding = asyncio.create_task(self._embed(following))
                await self._store([said for said, _ in batch], vectors)
                yield len(batch)
        finally:
            embedding.cancel()
            await asyncio.gather(embedding, return_exceptions=True)
        for removed in _batches(self._plan.removed):
            await self._remove(removed)
            yield len(removed)

    async def _by_length(self) -> list[tuple[ImportRow, Person | None]]:
        """Whom to store, and as whom they are to be embedded, if at all; those of like length
        stand together, for a batch takes as long as its longest."""
        people = self._plan.embedded
        embedded = [person for _, person in people if person]
        costs = iter(await self._directory.people.embedding_costs(embedded))
        keyed = [(next(costs) if person else 0, said, person) for said, person in people]
        return [(said, person) for _, said, person in sorted(keyed, key=lambda one: one[0])]

    async def _embed(self, people: Sequence[tuple[ImportRow, Person | None]]) -> dict[str, Vectors]:
        """The vectors of whoever needs one, by the description."""
        return await self._vectors([person for _, person in people if person])

    async def _vectors(self, people: Sequence[Person]) -> dict[str, Vectors]:
        vectors = await self._directory.people.embed(people)
        return {person.description: row for person, row in zip(people, vectors, strict=True)}

    async def _store(self, batch: Sequence[ImportRow], vectors: Mapping[str, Vectors]) -> None:
        """Add and change these people, in one transaction."""
        rest = batch
        async for _ in self._directory.fields.attempts():
            # This asks nothing of Redis, unless the attributes are not there yet, or gone again.
            self.report.fields += await self._directory.fields.define(
                self._plan.fields, self._asked
            )
            changes = await self._changes(rest)
            edits = await self._edits(changes, vectors)
            refused = await self._directory.people.apply(edits, self._asked) if edits else {}
            left = [change for change in changes if {change.new.name, change.there} & {*refused}]
            self.report.added += sum(not c.before for c in changes if c not in left)
            self.report.changed += sum(bool(c.before) for c in changes if c not in left)
            if not left:
                return
            rest = [change.said for change in left]
        self._refuse(*((said, sentences.people.changed_by_another(said.name)) for said in rest))

    async def _remove(self, batch: Sequence[str]) -> None:
        """Remove these people, in one transaction."""
        rest = batch
        async for _ in self._directory.fields.attempts():
            stored = zip(rest, await self._directory.storage.read_attributes(rest), strict=True)
            edits = [Edit(name, before, None) for name, before in stored if before is not None]
            refused = await self._directory.people.apply(edits, self._asked) if edits else {}
            self.report.removed += len(edits) - len(refused)
            rest = list(refused)
            if not rest:
                return
        self.report.refused += [
            RefusedRow(name, sentences.people.changed_by_another(name)) for name in rest
        ]

    async def _changes(self, batch: Sequence[ImportRow]) -> list["_Change"]:
        """What becomes of people, by who is there just now; whoever needs no change is left out."""
        held = await self._directory.people.find_stored([said.name for said in batch])
        changes: list[_Change] = []
        for said in batch:
            there, before = held.get(fold(said.name), ("", ""))
            old = Person.load(there, before) if before else None
            try:
                new = said.made(old, self._directory.fields.schema, self._plan.mode)
            except InvalidPerson as error:
                self._refuse((said, str(error)))
                continue
            if old is None or new == old or self._plan.mode is ImportMode.REPLACE:
                changes += [] if new == old else [_Change(said, there, before, old, new)]
            elif self._plan.mode is ImportMode.ADD:
                self._refuse((said, sentences.people.already_here(there)))
            elif said.is_another(old):
                self._refuse((said, sentences.transfer.somebody_else(there)))
            else:
                changes.append(_Change(said, there, before, old, new))
        return changes

    async def _edits(
        self, changes: Sequence["_Change"], vectors: Mapping[str, Vectors]
    ) -> list[Edit]:
        people = [change.new for change in changes if change.needs_vector]
        lacking = [person for person in people if person.description not in vectors]
        vectors = {**vectors, **await self._vectors(lacking)} if lacking else vectors
        edits: list[Edit] = []
        for change in changes:
            vector = vectors[change.new.description] if change.needs_vector else None
            before = change.before
            if change.there not in ("", change.new.name):  # the same name, written otherwise
                edits.append(Edit(change.there, before, None))
                before = ""
            edits.append(Edit(change.new.name, before, change.new, vector, kept=change.before))
        return edits

    def _refuse(self, *pairs: tuple[ImportRow, str]) -> None:
        self.report.refused += [said.refused(reason) for said, reason in pairs]


@dataclass(frozen=True)
class _Change:
    """What becomes of somebody: ``there`` and ``before`` are the name and the attributes as Redis
    has them, '' if nobody is there."""

    said: ImportRow
    there: str
    before: str
    old: Person | None
    new: Person

    @property
    def needs_vector(self) -> bool:
        same = self.old and self.old.description == self.new.description
        return not same or self.there != self.new.name


def _batches(people: Sequence[T]) -> Iterator[Sequence[T]]:
    return (people[start : start + BATCH] for start in range(0, len(people), BATCH))

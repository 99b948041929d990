"""The plan of an import: what it would do to a directory. Making it changes nothing."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.directory import Author, Directory, OperationKind, OperationRequest
from bot.errors import DirectoryError, InvalidPerson
from bot.files.disambiguation import are_different_people, disambiguate, match_namesakes
from bot.files.import_rows import ClassifiedRow, ImportMode, ImportRow, RowOutcome, read_rows
from bot.files.records import FileContents, FileRecord, RefusedRow, infer_schema, used_schema
from bot.language import _
from bot.person import BASE_SCHEMA, FIELDS_MAX, Person, Schema, changed_fields, fold

BATCH = 128  # people looked up or classified at once: the event loop waits a few milliseconds


@dataclass
class ImportPlan:
    """What an import would do.

    ``source`` identifies the people of the file and the mode: an import with the same source
    continues one that was interrupted.
    """

    mode: ImportMode
    source: str
    new_fields: Schema = field(default_factory=dict)
    added: list[ImportRow] = field(default_factory=list)
    updated: list[ClassifiedRow] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    """Names of people who are in the directory as the file has them."""
    conflicts: list[str] = field(default_factory=list)
    """Names of people in the directory who are left alone although the file differs."""
    removed: list[str] = field(default_factory=list)
    retained: list[str] = field(default_factory=list)
    """Names of people who aren't removed, because their rows are in the file, but refused."""
    refused: list[RefusedRow] = field(default_factory=list)
    renamed: Mapping[str, list[str]] = field(default_factory=dict)
    """Names that several people share, and the distinct names of the people in the file."""
    repeated: int = 0
    """How many rows repeat an earlier one."""
    notes: Sequence[str] = ()

    @property
    def rows_to_store(self) -> list[ImportRow]:
        """The rows that would be added or updated."""
        return [*self.added, *(update.row for update in self.updated)]

    @property
    def total(self) -> int:
        """How many people would be added, updated or removed."""
        return len(self.added) + len(self.updated) + len(self.removed)

    def has_same_effect(self, other: "ImportPlan") -> bool:
        """Whether both plans make the same changes."""
        return self._effects() == other._effects()

    def _effects(self) -> tuple[Any, ...]:
        return self.new_fields, self.added, [*map(_difference, self.updated)], self.removed

    def request(self, author: Author, file_name: str) -> OperationRequest:
        """Return the operation that carries out the plan. If it is interrupted, importing the same
        people again continues it, even from a different file."""
        name = file_name.encode("utf-8", "replace").decode()  # it may hold lone surrogates
        note = f"{name} ({self.mode})"
        return OperationRequest(
            OperationKind.IMPORT, author, note, is_open=True, source=self.source
        )


def outdated_plan_text() -> str:
    """Return the note on a new plan that replaces one that was shown."""
    return _("People changed in the meantime, so nothing was imported. Check this new plan.")


async def make_plan(
    directory: Directory | None, contents: FileContents, mode: ImportMode
) -> ImportPlan:
    """Plan an import into a directory (None: one that doesn't exist yet). Raises DirectoryError if
    the import is impossible as a whole."""
    if directory:
        await directory.fields.refresh()
    existing_fields = directory.fields.schema if directory else BASE_SCHEMA
    schema = {**await asyncio.to_thread(infer_schema, contents.records), **existing_fields}
    rows, unreadable = await asyncio.to_thread(read_rows, contents.records, schema)
    source = await asyncio.to_thread(_source, contents.records, mode)
    plan = ImportPlan(mode, source, refused=[*contents.refused, *unreadable], notes=contents.notes)
    rows, existing = await _disambiguate(directory, rows, schema, plan)
    for start in range(0, len(rows), BATCH):
        for row in rows[start : start + BATCH]:
            _add_row(plan, row.classify(existing.get(fold(row.name)), schema, mode))
        await asyncio.sleep(0)
    plan.refused.sort(key=lambda row: row.place.number)
    if mode is ImportMode.REPLACE:
        if not (plan.rows_to_store or plan.same):
            raise DirectoryError(
                _(
                    "Nobody in this file can be stored, so replacing everyone would leave the "
                    "directory empty. Nothing changed."
                )
            )
        names = await directory.people.list_names() if directory else []
        await asyncio.to_thread(_add_removals, plan, names, rows, unreadable)
    used = await asyncio.to_thread(used_schema, [row.person for row in plan.rows_to_store], schema)
    plan.new_fields = {name: kind for name, kind in used.items() if name not in existing_fields}
    if len(existing_fields) + len(plan.new_fields) > FIELDS_MAX:
        raise InvalidPerson(_("A directory can have at most {limit} attributes.", limit=FIELDS_MAX))
    return plan


async def _disambiguate(
    directory: Directory | None, rows: Sequence[ImportRow], schema: Schema, plan: ImportPlan
) -> tuple[list[ImportRow], Mapping[str, Person]]:
    """Return the rows with distinct names and without repeats, and the people in the directory who
    have these names, by folded name. A replacement ignores namesakes in the directory."""
    names = list({fold(row.name): row.name for row in rows}.values())
    existing = await _find_people(directory, names)
    namesakes: dict[str, Person] = {}
    if plan.mode is not ImportMode.REPLACE:
        namesakes = await _find_people(directory, names, disambiguated=True) | existing
    corrected: dict[str, Person] = {}
    if plan.mode is ImportMode.UPDATE:
        corrected = await asyncio.to_thread(_find_corrections, rows, namesakes, schema)
    people = [row.person for row in rows]
    result = await asyncio.to_thread(disambiguate, people, namesakes | corrected)
    plan.renamed, plan.repeated = result.renamed, result.repeated
    new_names = [name for names in result.renamed.values() for name in names]
    existing |= await _find_people(directory, new_names)
    distinct = [
        replace(rows[index], person=person, corrects_birth=fold(person.name) in corrected)
        for index, person in zip(result.indices, result.people, strict=True)
    ]
    return distinct, existing


async def _find_people(
    directory: Directory | None, names: Sequence[str], *, disambiguated: bool = False
) -> dict[str, Person]:
    """Return the people of the directory who have one of these names (``disambiguated``: followed
    by something in brackets), by folded name."""
    if directory is None:
        return {}
    found: dict[str, Person] = {}
    find = directory.people.find_disambiguated if disambiguated else directory.people.find_stored
    for start in range(0, len(names), BATCH):
        stored = await find(names[start : start + BATCH])
        found |= {folded: Person.load(name, text) for folded, (name, text) in stored.items()}
    return found


def _find_corrections(
    rows: Sequence[ImportRow], existing: Mapping[str, Person], schema: Schema
) -> dict[str, Person]:
    """Return the people whose birth the file corrects, as they would be, by folded name."""
    matches = match_namesakes([row.person for row in rows], existing)
    corrected = [(old, _corrected(rows[index], old, schema)) for index, old in matches]
    return {fold(old.name): person for old, person in corrected if person}


def _corrected(row: ImportRow, old: Person, schema: Schema) -> Person | None:
    """Return the person as the file has them if it says more than a birth and only the birth
    differs. If not, return None."""
    says_more = row.person.description or row.person.attributes.keys() - {"born"}
    if not (says_more and are_different_people(row.person, old)):
        return None
    try:
        new = row.apply(old, schema, ImportMode.UPDATE)
    except InvalidPerson:
        return None
    same = new.description == old.description and changed_fields(old, new).keys() == {"born"}
    return new if same else None


def _add_row(plan: ImportPlan, classified: ClassifiedRow) -> None:
    row, name = classified.row, classified.person.name
    match classified.outcome:
        case RowOutcome.ADD:
            plan.added.append(row)
        case RowOutcome.UPDATE:
            plan.updated.append(classified)
        case RowOutcome.SAME:
            plan.same.append(name)
        case RowOutcome.CONFLICT:
            plan.conflicts.append(name)
        case RowOutcome.REFUSED:
            plan.refused.append(row.record.refuse(classified.reason))


def _add_removals(
    plan: ImportPlan,
    names: Sequence[str],
    rows: Sequence[ImportRow],
    unreadable: Sequence[RefusedRow],
) -> None:
    """Plan to remove the people of the directory who aren't in the file."""
    imported = {*(fold(row.name) for row in plan.rows_to_store), *map(fold, plan.same)}
    in_file = {fold(row.name) for row in rows}
    in_file |= {fold(row.name) for row in unreadable if row.name is not None}
    for name in names:
        if fold(name) not in imported:
            (plan.retained if fold(name) in in_file else plan.removed).append(name)


def _difference(update: ClassifiedRow) -> tuple[Any, ...]:
    """Return what an update changes: the name, the description and the attributes."""
    old, new = update.existing, update.person
    assert old
    described = (old.description, new.description) if update.is_redescribed else ()
    return old.name, new.name, described, changed_fields(old, new)


def _source(records: Sequence[FileRecord], mode: ImportMode) -> str:
    digest = hashlib.sha256()
    for record in records:
        content = (record.name, record.description, sorted(record.attributes.items()))
        digest.update(repr(content).encode())
    return f"import {mode} {digest.hexdigest()}"

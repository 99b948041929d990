"""What an import would do, which is shown before it is done. Nothing here changes anything."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot import sentences
from bot.directory import Directory
from bot.directory.people import changed_fields
from bot.errors import DirectoryError, InvalidPerson
from bot.files.contents import FileContents, FileRecord, RefusedRow, infer_schema, used_schema
from bot.files.import_rows import ImportMode, ImportRow, read_records
from bot.files.namesakes import Disambiguation, are_different_people, disambiguate, namesakes
from bot.person import BASE_SCHEMA, FIELDS_MAX, Person, Schema, fold

BATCH = 128  # people looked up at once: some milliseconds, for which the event loop waits


@dataclass
class ImportPlan:
    """What an import would do. ``source`` is the same text for the same people and mode, wherever
    they are read from, so that what was interrupted can be gone on with."""

    mode: ImportMode
    source: str
    fields: Schema = field(default_factory=dict)
    """The attributes that the directory does not have yet, with the kinds their values show."""
    new: list[ImportRow] = field(default_factory=list)
    changed: list[tuple[ImportRow, Person, Person]] = field(default_factory=list)
    """What is said of people who are there, who they are, and who they would be."""
    same: list[str] = field(default_factory=list)
    """Names of people who are there, and of whom the file says nothing else."""
    different: list[str] = field(default_factory=list)
    """Names of people who are there, and stay, although the file says something else."""
    removed: list[str] = field(default_factory=list)
    staying: list[str] = field(default_factory=list)
    """Names of people who would be removed, had what the file says of them not been refused."""
    refused: list[RefusedRow] = field(default_factory=list)
    renamed: Mapping[str, list[str]] = field(default_factory=dict)
    """Names that several people share, and what those of the file are called instead."""
    repeated: int = 0
    """People whom the file holds once more."""
    notes: Sequence[str] = ()

    @property
    def stored(self) -> list[ImportRow]:
        """Whom it would add or change."""
        return [said for said, _ in self.embedded]

    @property
    def embedded(self) -> list[tuple[ImportRow, Person | None]]:
        """Whom it would add or change, and whose description is to be embedded for that."""
        return [
            *((said, said.person) for said in self.new),
            *(
                (said, new if new.description != old.description else None)
                for said, old, new in self.changed
            ),
        ]

    @property
    def total(self) -> int:
        """How many people it would add, change or remove."""
        return len(self.new) + len(self.changed) + len(self.removed)

    def has_same_effect(self, shown: "ImportPlan") -> bool:
        """Whether it would do what that one says: to the same people, from what to what."""
        return self._effects() == shown._effects()

    def _effects(self) -> tuple[Any, ...]:
        changed = [_difference(old, new) for _, old, new in self.changed]
        return self.fields, self.new, changed, self.removed


async def make_plan(
    directory: Directory | None, content: FileContents, mode: ImportMode
) -> ImportPlan:
    """What an import would do to a directory (None: to one that is not there yet). Raises
    DirectoryError if there is nothing that it could do."""
    if directory:
        await directory.fields.refresh()
    there = directory.fields.schema if directory else BASE_SCHEMA
    schema = {**await asyncio.to_thread(infer_schema, content.records), **there}
    said, refused, unusable = await asyncio.to_thread(read_records, content.records, schema)
    source = await asyncio.to_thread(_source, content.records, mode)
    made = ImportPlan(mode, source, refused=[*content.refused, *refused], notes=content.notes)
    names = list({fold(one.name): one.name for one in said}.values())
    held = await _held(directory, names)
    others = {} if mode is ImportMode.REPLACE else await _held(directory, names, apart=True) | held
    update = mode is ImportMode.UPDATE
    corrected = await asyncio.to_thread(_corrected, said, others, schema) if update else {}
    people = [one.person for one in said]
    apart = await asyncio.to_thread(disambiguate, people, others | corrected)
    made.renamed, made.repeated = apart.renamed, apart.repeated
    held |= await _held(directory, [name for new in apart.renamed.values() for name in new])
    said = await asyncio.to_thread(_named, said, apart, corrected)
    for start in range(0, len(said), BATCH):
        for one in said[start : start + BATCH]:
            _sort(one, held.get(fold(one.name)), schema, made)
        await asyncio.sleep(0)
    made.refused.sort(key=_place)
    if mode is ImportMode.REPLACE and not (made.stored or made.same):
        raise DirectoryError(sentences.transfer.NOBODY_TO_REPLACE_BY)
    if mode is ImportMode.REPLACE and directory:
        there_now = await directory.people.list_names()
        await asyncio.to_thread(_sort_others, there_now, said, unusable, made)
    used = await asyncio.to_thread(used_schema, [one.person for one in made.stored], schema)
    made.fields = {name: kind for name, kind in used.items() if name not in there}
    if len(there) + len(made.fields) > FIELDS_MAX:
        raise InvalidPerson(sentences.people.too_many_attributes(FIELDS_MAX))
    return made


async def _held(
    directory: Directory | None, names: Sequence[str], *, apart: bool = False
) -> dict[str, Person]:
    """Who has these names, or was told apart from others of them, by the folded name."""
    held: dict[str, Person] = {}
    for start in range(0, len(names) if directory else 0, BATCH):
        assert directory
        look_up = directory.people.find_disambiguated if apart else directory.people.find_stored
        found = await look_up(names[start : start + BATCH])
        held |= {folded: Person.load(name, stored) for folded, (name, stored) in found.items()}
    return held


def _corrected(
    said: Sequence[ImportRow], there: Mapping[str, Person], schema: Schema
) -> dict[str, Person]:
    """Those who are there whose birth the file corrects, as they would be, by the folded name."""
    pairs = namesakes([one.person for one in said], there)
    made = [(old, _correction(said[place], old, schema)) for place, old in pairs]
    return {fold(old.name): new for old, new in made if new}


def _correction(one: ImportRow, old: Person, schema: Schema) -> Person | None:
    """Who somebody would be if what the file says of them is as it is here, but for the birth;
    None if it is not, or says nothing else."""
    says_more = one.person.description or one.person.attributes.keys() - {"born"}
    if not (says_more and are_different_people(one.person, old)):
        return None
    try:
        new = one.made(old, schema, ImportMode.UPDATE)
    except InvalidPerson:
        return None
    same = new.description == old.description and changed_fields(old, new).keys() == {"born"}
    return new if same else None


def _named(
    said: Sequence[ImportRow], apart: Disambiguation, corrected: Mapping[str, Person]
) -> list[ImportRow]:
    """Those who are left, by the names that tell them apart."""
    return [
        replace(said[place], person=person, corrects=fold(person.name) in corrected)
        for place, person in zip(apart.places, apart.people, strict=True)
    ]


def _sort(one: ImportRow, old: Person | None, schema: Schema, made: ImportPlan) -> None:
    """Put what is said of somebody where it belongs in the plan."""
    try:
        new = one.made(old, schema, made.mode)
    except InvalidPerson as error:
        made.refused.append(one.refused(str(error)))
        return
    if old is None:
        made.new.append(one)
    elif new == old:
        made.same.append(new.name)
    elif made.mode is not ImportMode.REPLACE and one.is_another(old):
        made.refused.append(one.refused(sentences.transfer.somebody_else(old.name)))
    elif made.mode is ImportMode.ADD:
        made.different.append(old.name)
    else:
        made.changed.append((one, old, new))


def _difference(old: Person, new: Person) -> tuple[Any, ...]:
    described = (old.description, new.description) if old.description != new.description else ()
    return old.name, new.name, described, changed_fields(old, new)


def _place(refused: RefusedRow) -> int:
    """Which line or person of the file is refused."""
    number = re.search(r"\d+", refused.where)
    return int(number[0]) if number else 0


def _sort_others(
    names: Sequence[str], said: Sequence[ImportRow], unusable: Sequence[str], made: ImportPlan
) -> None:
    """Put those who are there, and of whom the file says nothing, where they belong."""
    kept = {*(fold(one.name) for one in made.stored), *map(fold, made.same)}
    refused = {*(fold(one.name) for one in said), *map(fold, unusable)} - kept
    for name in names:
        if fold(name) not in kept:
            (made.staying if fold(name) in refused else made.removed).append(name)


def _source(records: Sequence[FileRecord], mode: ImportMode) -> str:
    digest = hashlib.sha256()
    for record in records:
        said = (record.name, record.description, sorted(record.attributes.items()))
        digest.update(repr(said).encode())
    return f"import {mode} {digest.hexdigest()}"

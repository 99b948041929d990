"""People from files into a directory, and back."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot import people_file
from bot.directory import Directory
from bot.people_file import Content, Refused
from bot.person import BASE_SCHEMA, Person, Schema
from bot.shared_names import tell_apart

log = logging.getLogger(__name__)

CHUNK = 512  # people between two steps of the progress bar


@dataclass
class Report:
    """What an import did, person by person."""

    added: int = 0
    same: list[str] = field(default_factory=list)
    """Names that were there already, with the same facts."""
    different: list[str] = field(default_factory=list)
    """Names that were there already, with other facts, which stay."""
    repeated: int = 0
    """People the file holds more than once."""
    renamed: dict[str, list[str]] = field(default_factory=dict)
    """Names that several people of the file share, and what these are called instead."""
    refused: list[Refused] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    """Attributes that the directory did not have before."""


def read_starter(path: Path | None) -> tuple[Schema, Sequence[Person]]:
    """The people a new directory begins with, and their schema: those of a file, or nobody.
    Raises DirectoryError."""
    if path is None:
        return BASE_SCHEMA, ()
    content = people_file.read(path)
    schema = people_file.schema_of(content.records)
    people, invalid = people_file.to_people(content.records, schema)
    for row in [*content.refused, *invalid]:
        log.warning("STARTER_SET: %s: %s", row.where, row.reason)
    return people_file.used_schema(people, schema), tell_apart(people).people


async def import_people(
    directory: Directory, content: Content, progress: Callable[[int, int], None]
) -> Report:
    """Add the people of a file. Nobody who is there is changed, and nobody of the file is dropped
    without a word. ``progress`` hears of how many of how many are done."""
    schema = {**people_file.schema_of(content.records), **directory.schema}
    people, invalid = people_file.to_people(content.records, schema)
    used = people_file.used_schema(people, schema)
    fields = await directory.define(used)
    if not used.items() <= directory.schema.items():  # another process was first, with other kinds
        people, invalid = people_file.to_people(content.records, {**schema, **directory.schema})
    apart = tell_apart(people)
    report = Report(
        repeated=apart.repeated,
        renamed=apart.renamed,
        refused=[*content.refused, *invalid],
        fields=fields,
    )
    for start in range(0, len(apart.people), CHUNK):
        progress(start, len(apart.people))
        chunk = apart.people[start : start + CHUNK]
        there = await directory.add_all(chunk)
        report.added += len(chunk) - len(there)
        for person in chunk:
            if person.name not in there:
                continue
            stored = await directory.find(person.name)
            (report.same if stored == person else report.different).append(person.name)
    progress(len(apart.people), len(apart.people))
    if report.added:
        await directory.compact()
    return report


async def export_people(directory: Directory, path: Path) -> int:
    """Write everybody to a file; returns how many."""
    people = [person async for person in directory.everybody()]
    people_file.write(path, people, directory.schema)
    return len(people)

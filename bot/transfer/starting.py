"""The people a new directory begins with."""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot import people_file
from bot.person import BASE_SCHEMA, Person, Schema
from bot.shared_names import tell_apart

log = logging.getLogger(__name__)


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

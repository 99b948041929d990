"""The people a new directory begins with."""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot import files
from bot.files.namesakes import disambiguate
from bot.person import BASE_SCHEMA, Person, Schema

log = logging.getLogger(__name__)


def read_starter_set(path: Path | None) -> tuple[Schema, Sequence[Person]]:
    """The people a new directory begins with, and their schema: those of a file, or nobody.
    Raises DirectoryError."""
    if path is None:
        return BASE_SCHEMA, ()
    content = files.read_file(path)
    schema = files.infer_schema(content.records)
    people, invalid = files.to_people(content.records, schema)
    for row in [*content.refused, *invalid]:
        log.warning("STARTER_SET: %s: %s", row.where, row.reason)
    return files.used_schema(people, schema), disambiguate(people).people

"""The starter set: the people a new directory begins with."""

import logging
from collections.abc import Sequence
from pathlib import Path

from bot.files.disambiguation import disambiguate
from bot.files.import_rows import to_people
from bot.files.reader import read_file
from bot.files.records import infer_schema, used_schema
from bot.person import BASE_SCHEMA, Person, Schema

log = logging.getLogger(__name__)


def read_starter_set(path: Path | None) -> tuple[Schema, Sequence[Person]]:
    """Read the people a new directory begins with, and their schema; nobody without a file. Raises
    DirectoryError."""
    if path is None:
        return BASE_SCHEMA, ()
    contents = read_file(path)
    schema = infer_schema(contents.records)
    people, invalid = to_people(contents.records, schema)
    for row in [*contents.refused, *invalid]:
        log.warning("STARTER_SET: %s: %s", row.where, row.reason)
    return used_schema(people, schema), disambiguate(people).people

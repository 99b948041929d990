"""People as a file."""

import asyncio
from pathlib import Path

from bot.directory import Directory
from bot.files.writer import FileFormat, dump_people, write_file
from bot.person import Person
from bot.query import Query

EVERYBODY = Query("")


async def export_file(directory: Directory, path: Path, query: Query = EVERYBODY) -> int:
    """Write those who match a query's conditions, or everybody, to a file in the format that its
    ending says; returns how many. Raises DirectoryError if it cannot be written; then the file is
    as it was."""
    people = await _people(directory, query)
    await asyncio.to_thread(write_file, path, people, directory.fields.schema)
    return len(people)


async def export_bytes(
    directory: Directory, format: FileFormat, query: Query = EVERYBODY
) -> tuple[int, bytes]:
    """As ``export``, as bytes."""
    people = await _people(directory, query)
    return len(people), await asyncio.to_thread(
        dump_people, format, people, directory.fields.schema
    )


async def _people(directory: Directory, query: Query) -> list[Person]:
    await directory.fields.refresh()
    return [person async for person in directory.people.iterate(query)]

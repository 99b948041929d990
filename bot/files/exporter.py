"""Exporting the people of a directory, or some of them."""

import asyncio
from pathlib import Path

from bot.directory import Directory
from bot.files.writer import FileFormat, dump_people, write_file
from bot.person import Person
from bot.query import Query

EVERYONE = Query("")


async def export_file(directory: Directory, path: Path, query: Query = EVERYONE) -> int:
    """Write the people who match a query's conditions to a file, in the format of its ending;
    returns their count. Raises DirectoryError if that fails; then the file is unchanged."""
    people = await _matching_people(directory, query)
    await asyncio.to_thread(write_file, path, people, directory.fields.schema)
    return len(people)


async def export_bytes(
    directory: Directory, format: FileFormat, query: Query = EVERYONE
) -> tuple[int, bytes]:
    """Return the count of the people who match a query's conditions, and the content of their
    file."""
    people = await _matching_people(directory, query)
    content = await asyncio.to_thread(dump_people, format, people, directory.fields.schema)
    return len(people), content


async def _matching_people(directory: Directory, query: Query) -> list[Person]:
    await directory.fields.refresh()
    return [person async for person in directory.people.iterate(query)]

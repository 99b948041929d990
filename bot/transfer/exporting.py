"""People as a file."""

import asyncio
from pathlib import Path

from bot.directory import Directory
from bot.people_file import Format, dump, write
from bot.person import Person


async def export(directory: Directory, path: Path, conditions: str = "") -> int:
    """Write those who match the conditions, or everybody, to a file in the format that its ending
    says; returns how many. Raises QueryError, and DirectoryError if it cannot be written; then the
    file is as it was."""
    people = await _people(directory, conditions)
    await asyncio.to_thread(write, path, people, directory.schema)
    return len(people)


async def exported(directory: Directory, format: Format, conditions: str = "") -> tuple[int, bytes]:
    """As ``export``, as bytes."""
    people = await _people(directory, conditions)
    return len(people), await asyncio.to_thread(dump, format, people, directory.schema)


async def _people(directory: Directory, conditions: str) -> list[Person]:
    query = await directory.conditions(conditions)
    await directory.refresh()
    return [person async for person in directory.everybody(query)]

"""Importing as the command line and Discord do: plan, then carry out the plan."""

import json
from typing import Any

from bot.directory import Author, Directory
from bot.files import (
    FileContents,
    Importer,
    ImportMode,
    ImportPlan,
    ImportReport,
    make_plan,
    read_bytes,
)
from bot.person import Person

ADA = Author("1", "Ada")
CROWD = 300


def json_contents(*people: dict[str, Any]) -> FileContents:
    """Return the contents of a JSON file of people."""
    return read_bytes("people.json", json.dumps(people, ensure_ascii=False).encode())


def crowd(count: int = CROWD) -> list[dict[str, Any]]:
    """Return people as JSON objects, for several transactions."""
    return [
        {"name": f"P {n:03}", "description": f"singer number {n}", "born": 1500 + n, "prize": n}
        for n in range(count)
    ]


async def import_people(
    directory: Directory,
    contents: FileContents,
    mode: ImportMode = ImportMode.ADD,
    author: Author = ADA,
    **options: Any,
) -> tuple[ImportPlan, ImportReport]:
    """Import into a directory; *options* are the importer's."""
    plan = await make_plan(directory, contents, mode)
    request = plan.request(author, "people.json")
    return plan, await Importer(directory, plan, request, **options).run()


async def list_people(directory: Directory) -> list[Person]:
    return [person async for person in directory.people.iterate()]

"""Importing as the command line and Discord do: plan, then carry out the plan."""

from typing import Any

from bot.directory import Author, Directory
from bot.files import FileContents, Importer, ImportMode, ImportPlan, ImportReport, make_plan

ADA = Author("1", "Ada")


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

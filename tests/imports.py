"""An import as the command line and Discord do it: planned, then carried out."""

from typing import Any

from bot.directory import Author, Directory
from bot.files import (
    FileContents,
    ImportMode,
    ImportPlan,
    ImportReport,
    carry_out,
    import_request,
    make_plan,
)

ADA = Author("1", "Ada")


async def import_people(
    directory: Directory,
    content: FileContents,
    mode: ImportMode = ImportMode.ADD,
    by: Author = ADA,
    **how: Any,
) -> tuple[ImportPlan, ImportReport]:
    planned = await make_plan(directory, content, mode)
    asked = import_request(planned, by, "people.json")
    return planned, await carry_out(directory, planned, asked, **how)

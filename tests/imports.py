"""An import as the command line and Discord do it: planned, then carried out."""

from typing import Any

from bot.directory import Author, Directory
from bot.files import Content, Mode, Plan, Report, asked_for, carry_out, plan

ADA = Author("1", "Ada")


async def import_people(
    directory: Directory, content: Content, mode: Mode = Mode.ADD, by: Author = ADA, **how: Any
) -> tuple[Plan, Report]:
    planned = await plan(directory, content, mode)
    asked = asked_for(planned, by, "people.json")
    return planned, await carry_out(directory, planned, asked, **how)

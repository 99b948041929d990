"""Editors who add people while something happens to Redis."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.directory import Directory
from bot.errors import DirectoryUnavailable


@dataclass
class AddReport:
    """The names of the people who were added, in the order of the replies; and of those who were
    refused, by the message."""

    added: list[str] = field(default_factory=list)
    refused: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@asynccontextmanager
async def concurrent_adds(directory: Directory, editors: int) -> AsyncIterator[AddReport]:
    """Have each editor add one person after another, with different names, until the context
    ends."""
    report = AddReport()
    is_over = False

    async def keep_adding(editor: int) -> None:
        number = 0
        while not is_over:
            name = f"Person {editor} {number}"
            number += 1
            try:
                await directory.people.add(name, "mathematician", {})
            except DirectoryUnavailable as error:
                report.refused[str(error)].append(name)
            else:
                report.added.append(name)

    tasks = [asyncio.create_task(keep_adding(editor)) for editor in range(editors)]
    try:
        yield report
    finally:
        is_over = True
        await asyncio.gather(*tasks)

"""People who are added while something happens to Redis."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.directory import Directory
from bot.errors import DirectoryUnavailable


@dataclass
class Added:
    """Who was ``made``, in the order in which that was acknowledged; and who was refused, by what
    was said."""

    made: list[str] = field(default_factory=list)
    refused: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@asynccontextmanager
async def adding(directory: Directory, editors: int) -> AsyncIterator[Added]:
    """So many editors add one after the other, each a person of another name, until it ends."""
    added = Added()
    over = False

    async def keep(editor: int) -> None:
        number = 0
        while not over:
            name = f"Person {editor} {number}"
            number += 1
            try:
                await directory.people.add(name, "mathematician", {})
            except DirectoryUnavailable as error:
                added.refused[str(error)].append(name)
            else:
                added.made.append(name)

    tasks = [asyncio.create_task(keep(editor)) for editor in range(editors)]
    try:
        yield added
    finally:
        over = True
        await asyncio.gather(*tasks)

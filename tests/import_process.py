"""Import a file in a separate process, which a test can kill. Prints the progress.

python -m tests.import_process REDIS_URL DIRECTORY_KEY FILE
"""

import asyncio
import sys
from pathlib import Path

from bot import files
from bot.directory import Author, Directories, connect
from bot.errors import DirectoryUnavailable
from bot.files import ImportMode
from bot.person import BASE_SCHEMA
from tests.embedders import WordEmbedder


async def main(url: str, key: str, file: Path) -> None:
    async with connect(url) as redis:
        directory = await Directories(
            redis, WordEmbedder(), key, lambda: (BASE_SCHEMA, ())
        ).get_or_create("all")
        plan = await files.make_plan(directory, files.read_file(file), ImportMode.UPDATE)
        request = plan.request(Author("1", "importer"), file.name)
        if plan.total:
            await files.Importer(directory, plan, request, report).run()
        else:  # it was interrupted after its last person
            await directory.history.finish(request)


def report(done: int, total: int) -> None:
    print(done, total, flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
    except DirectoryUnavailable as error:
        sys.exit(str(error))

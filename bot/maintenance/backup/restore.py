"""A backup into directories."""

from collections.abc import Collection
from itertools import chain

from bot import sentences
from bot.directory import BackupRecord, Directories, Progress
from bot.errors import DirectoryError
from bot.maintenance.backup.reader import Backup

BATCH = 128  # records that are loaded at once


async def restore(
    backup: Backup,
    directories: Directories,
    names: Collection[str],
    progress: Progress,
    *,
    replace: bool = False,
) -> None:
    """Load the directories of these names from a backup that was verified, each beside what is
    there, whose place it takes at once when it is whole. Raises DirectoryError; for one that is
    there and is not to be replaced, too."""
    name, copy, batch = "", None, list[BackupRecord]()
    end: BackupRecord = {"directory": None}
    try:
        for record in chain(backup.records(progress), [end]):
            if copy and ("directory" in record or len(batch) == BATCH):
                await copy.add(batch)
                batch = []
            if "directory" in record:
                if copy and not await copy.put_in_place(replace=replace):
                    raise DirectoryError(sentences.upkeep.there_already(name))
                name = record["directory"]
                copy = directories.copy_of(name) if name in names else None
                if copy:
                    await copy.begin(record)
            elif copy:
                batch.append(record)
    except BaseException:
        if copy:
            await copy.drop()
        raise

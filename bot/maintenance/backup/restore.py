"""Restores directories from a file."""

from collections.abc import Collection
from itertools import chain

from bot import sentences
from bot.directory import BackupRecord, Directories, Progress
from bot.errors import DirectoryError
from bot.maintenance.backup.reader import BackupFile

BATCH = 128  # records loaded at once


async def restore_backup(
    file: BackupFile,
    directories: Directories,
    names: Collection[str],
    progress: Progress,
    *,
    replace: bool = False,
) -> None:
    """Restore the directories of these names from a file that was verified.

    Each is loaded under temporary keys, and takes the place of an existing one in a single
    transaction when it is complete. Raises DirectoryError, also if a directory exists and isn't to
    be replaced.
    """
    name, staged, batch = "", None, list[BackupRecord]()
    end: BackupRecord = {"directory": None}
    try:
        for record in chain(file.records(progress), [end]):
            if staged and ("directory" in record or len(batch) == BATCH):
                await staged.add(batch)
                batch = []
            if "directory" in record:
                if staged and not await staged.put_in_place(replace=replace):
                    raise DirectoryError(sentences.upkeep.there_already(name))
                name = record["directory"]
                staged = directories.stage(name) if name in names else None
                if staged:
                    await staged.begin(record)
            elif staged:
                batch.append(record)
    except BaseException:
        if staged:
            await staged.drop()
        raise

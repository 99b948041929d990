"""Restores directories from a file."""

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, islice

from bot.directory import Directories, Progress
from bot.errors import DirectoryError
from bot.language import _
from bot.maintenance.backup.format import BackupRecord
from bot.maintenance.backup.reader import BackupFile
from bot.maintenance.backup.staging import StagedDirectory

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
    name, staged = "", None
    try:
        for batch in _batches(file.records(progress)):
            if "directory" in batch[0]:
                if staged:
                    await _put_in_place(staged, name, replace=replace)
                name = batch[0]["directory"]
                staged = StagedDirectory(directories.storage(name)) if name in names else None
                if staged:
                    await staged.begin(batch[0])
            elif staged:
                await staged.add(batch)
        if staged:
            await _put_in_place(staged, name, replace=replace)
    except BaseException:
        if staged:
            await staged.delete()
        raise


def _batches(records: Iterable[BackupRecord]) -> Iterator[list[BackupRecord]]:
    """Group records into batches; the record that a directory begins with is alone in one."""
    for is_directory, group in groupby(records, lambda record: "directory" in record):
        while batch := list(islice(group, 1 if is_directory else BATCH)):
            yield batch


async def _put_in_place(staged: StagedDirectory, name: str, *, replace: bool) -> None:
    if not await staged.put_in_place(replace=replace):
        raise DirectoryError(
            _(
                "The directory {directory} already exists. Nothing was changed. To replace "
                "it, add --replace.",
                directory=name,
            )
        )

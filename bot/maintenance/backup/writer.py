"""Writes directories to a file."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from bot.directory import Progress
from bot.directory.storage import Storage
from bot.errors import DirectoryError, DirectoryKeepsChanging
from bot.files.atomic_write import atomic_write
from bot.files.file_errors import write_error
from bot.language import _
from bot.maintenance.backup.format import FORMAT, RECORD_KINDS, VERSION
from bot.maintenance.backup.records import read_records

ATTEMPTS = 5


async def write_backup(path: Path, directories: Mapping[str, Storage], progress: Progress) -> int:
    """Write directories, given by name, to a file that only its owner may read. Returns how many
    people they have.

    Each directory is written as it is at one moment, even if the bot is running. If anything fails,
    an existing file is unchanged. Raises DirectoryError.
    """
    _check_path(path)
    try:
        with atomic_write(path, private=True) as file:
            return await _write(file, directories, progress)
    except OSError as error:
        raise write_error(path, error) from error


def _check_path(path: Path) -> None:
    if path.exists() and not path.is_file():  # such as a pipe, which can't be rolled back
        raise DirectoryError(_("Can't write {file}: it isn't a regular file.", file=path))


async def _write(file: BinaryIO, directories: Mapping[str, Storage], progress: Progress) -> int:
    writer = _MemberWriter(file)
    writer.write_member([_header(list(directories))])
    for name, storage in directories.items():
        await _write_directory(writer, name, storage, progress)
    writer.write_member([{"end": writer.counts, "sha256": writer.digest.hexdigest()}])
    return writer.counts["person"]


def _header(names: Sequence[str]) -> dict[str, Any]:
    try:
        bot_version = version("whos-who")
    except PackageNotFoundError:  # run from a checkout
        bot_version = ""
    return {
        "format": FORMAT,
        "version": VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "bot": bot_version,
        "directories": names,
    }


async def _write_directory(
    writer: "_MemberWriter", name: str, storage: Storage, progress: Progress
) -> None:
    """Write a directory, again if it changes meanwhile. Raises DirectoryKeepsChanging."""
    for _attempt in range(ATTEMPTS):
        version_before = await storage.version()
        checkpoint = writer.begin_member()
        async for record in read_records(storage, name):
            writer.write(record)
            if "person" in record:
                progress(writer.counts["person"], version_before[1])
        writer.end_member()
        if await storage.version() == version_before:
            return
        writer.roll_back(checkpoint)
    raise DirectoryKeepsChanging


class _Checkpoint(NamedTuple):
    """The state of a writer at the beginning of a member."""

    position: int
    digest: Any
    counts: dict[str, int]


class _MemberWriter:
    """Writes JSON lines as members of a gzip file. The last member can be rolled back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()  # of all lines
        self.counts = dict.fromkeys(RECORD_KINDS, 0)

    def write_member(self, lines: Sequence[Mapping[str, Any]]) -> None:
        self.begin_member()
        for line in lines:
            self.write(line)
        self.end_member()

    def begin_member(self) -> _Checkpoint:
        """Begin a member. Returns the checkpoint that it can be rolled back to."""
        checkpoint = _Checkpoint(self._file.tell(), self.digest.copy(), dict(self.counts))
        self._member = gzip.GzipFile(fileobj=self._file, mode="wb", filename="", mtime=0)
        return checkpoint

    def write(self, line: Mapping[str, Any]) -> None:
        encoded = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._member.write(encoded)
        self.digest.update(encoded)
        kind = next(iter(line))
        if kind in self.counts:
            self.counts[kind] += 1

    def end_member(self) -> None:
        self._member.close()

    def roll_back(self, checkpoint: _Checkpoint) -> None:
        """Remove everything written since a checkpoint."""
        self.digest, self.counts = checkpoint.digest, checkpoint.counts
        self._file.seek(checkpoint.position)
        self._file.truncate()

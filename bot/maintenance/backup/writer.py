"""Directories into a file."""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from bot import sentences
from bot.directory import Directory, Progress, read_records
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.files.atomic_write import atomic_write
from bot.maintenance.backup.format import COUNTED, FORMAT, VERSION

ATTEMPTS = 5


async def write(path: Path, directories: Mapping[str, Directory], progress: Progress) -> int:
    """Write directories to a file, each as it is at one moment, also while the bot runs; returns
    how many people they have. The file is there whole or not at all, and its owner alone may read
    it. Raises DirectoryError."""
    _check_place(path)
    try:
        with atomic_write(path, private=True) as file:
            return await _write(file, directories, progress)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error


def _check_place(path: Path) -> None:
    if path.exists() and not path.is_file():  # a pipe, say, in which nothing can be taken back
        raise DirectoryError(sentences.files.cannot_be_written(path, sentences.upkeep.NO_FILE))


async def _write(file: BinaryIO, directories: Mapping[str, Directory], progress: Progress) -> int:
    writer = _Writer(file)
    writer.part([_header(list(directories))])
    for name, directory in directories.items():
        await _write_directory(writer, name, directory, progress)
    counts = {kind: writer.counts[kind] for kind in COUNTED}
    writer.part([{"end": counts, "sha256": writer.digest.hexdigest()}])
    return counts["person"]


def _header(names: Sequence[str]) -> dict[str, Any]:
    try:
        bot = version("whos-who")
    except PackageNotFoundError:  # run from a checkout
        bot = ""
    created = datetime.now(UTC).isoformat(timespec="seconds")
    head = {"format": FORMAT, "version": VERSION, "created": created}
    return {**head, "bot": bot, "directories": names}


async def _write_directory(
    writer: "_Writer", name: str, directory: Directory, progress: Progress
) -> None:
    for _ in range(ATTEMPTS):
        before = await directory.version()
        start = writer.begin()
        async for record in read_records(directory, name):
            writer.write(record)
            if "person" in record:
                progress(writer.counts["person"], before[1])
        writer.finish()
        if await directory.version() == before:
            return
        writer.back_to(start)
    raise DirectoryUnavailable(sentences.upkeep.NEVER_STILL)


class _Writer:
    """Writes lines as members of a gzip file, of which the last can be taken back."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.counts = dict.fromkeys(COUNTED, 0)

    def part(self, lines: Sequence[Mapping[str, Any]]) -> None:
        """A member of its own with these lines."""
        self.begin()
        for line in lines:
            self.write(line)
        self.finish()

    def begin(self) -> tuple[int, Any, dict[str, int]]:
        """Begin a member; returns what takes it back."""
        start = (self._file.tell(), self.digest.copy(), dict(self.counts))
        self._member = gzip.GzipFile(fileobj=self._file, mode="wb", filename="", mtime=0)
        return start

    def write(self, line: Mapping[str, Any]) -> None:
        written = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._member.write(written)
        self.digest.update(written)
        kind = next(iter(line))
        if kind in self.counts:
            self.counts[kind] += 1

    def finish(self) -> None:
        self._member.close()

    def back_to(self, start: tuple[int, Any, dict[str, int]]) -> None:
        place, self.digest, self.counts = start
        self._file.seek(place)
        self._file.truncate()

"""Reads a backup's file."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from bot.directory import Progress
from bot.errors import DirectoryError
from bot.files.file_errors import read_error
from bot.language import _
from bot.maintenance.backup.format import FORMAT, VERSION, BackupRecord
from bot.maintenance.backup.validation import RecordValidator, is_number

LINE_MAX = 64 * 1024 * 1024  # bytes; an entry of 256 people can be some megabytes


class BackupFile:
    """A backup, which can be read several times. Every method raises DirectoryError if the file
    isn't as the bot writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = path.open("rb")
            self._size = path.stat().st_size
        except OSError as error:
            raise read_error(path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def verify(self, progress: Progress) -> dict[str, int]:
        """Read the whole file. Returns its directories, each with its number of people."""
        people: dict[str, int] = {}
        name = ""
        for record in self.records(progress):
            if "directory" in record:
                name = record["directory"]
                people[name] = 0
            people[name] += "person" in record
        return people

    def records(self, progress: Progress) -> Iterator[BackupRecord]:
        """Yield all records, each of them validated."""
        validator = RecordValidator()
        digest = hashlib.sha256()
        lines = self._lines()
        for number, line in enumerate(lines, 1):
            record = self._parse(number, line)
            if number == 1:
                self._check_header(record)
            elif "end" in record:
                rest = next(lines, b"")
                if rest or record != {"end": validator.counts, "sha256": digest.hexdigest()}:
                    raise DirectoryError(
                        _(
                            "{file} is damaged: its checksum doesn't match. Nothing was changed.",
                            file=self.path,
                        )
                    )
                return
            else:
                try:
                    validator.check(record)
                except (LookupError, TypeError, ValueError, RecursionError) as error:
                    raise self._line_error(number) from error
                yield record
            digest.update(line)
            progress(self._file.tell(), self._size)
        raise DirectoryError(
            _("{file} is damaged: its end is missing. Nothing was changed.", file=self.path)
        )

    def _lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        try:
            with gzip.GzipFile(fileobj=self._file) as lines:
                while line := lines.readline(LINE_MAX):
                    yield line
        except EOFError as error:
            raise DirectoryError(
                _("{file} is damaged: its end is missing. Nothing was changed.", file=self.path)
            ) from error
        except (OSError, zlib.error) as error:
            raise DirectoryError(
                _("{file} isn't a backup of this bot. Nothing was changed.", file=self.path)
            ) from error

    def _parse(self, number: int, line: bytes) -> BackupRecord:
        try:
            if not line.endswith(b"\n"):
                raise ValueError(len(line))
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._line_error(number) from error
        if not isinstance(record, dict) or not record:
            raise self._line_error(number)
        return record

    def _check_header(self, header: BackupRecord) -> None:
        version = header.get("version")
        if header.get("format") != FORMAT or not is_number(version):
            raise DirectoryError(
                _("{file} isn't a backup of this bot. Nothing was changed.", file=self.path)
            )
        if version != VERSION:
            raise DirectoryError(
                _(
                    "{file} is a backup in format {version}, but this bot reads format "
                    "{own_version}. Restore it with the version of the bot that wrote it. "
                    "Nothing was changed.",
                    file=self.path,
                    version=str(version),
                    own_version=str(VERSION),
                )
            )

    def _line_error(self, number: int) -> DirectoryError:
        """Return the error for a line that isn't as the bot writes it."""
        if number == 1:
            return DirectoryError(
                _("{file} isn't a backup of this bot. Nothing was changed.", file=self.path)
            )
        return DirectoryError(
            _("{file} is damaged at line {line}. Nothing was changed.", file=self.path, line=number)
        )

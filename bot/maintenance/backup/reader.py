"""A backup, looked at whole before anything is done with it."""

import gzip
import hashlib
import json
import re
import zlib
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot import sentences
from bot.directory import BackupRecord, Progress, read_vector
from bot.directory.lua import RESTORED, load_schema
from bot.directory.operations import parse_operation
from bot.errors import DirectoryError
from bot.maintenance.backup.format import COUNTED, FORMAT, VERSION
from bot.person import BASE_SCHEMA

LINE_MAX = 64 * 1024 * 1024  # bytes; a step of 256 people takes some
FORMS = ("Q8", "BIN", "NOQUANT")
LINKS = range(4, 4097)  # hnsw-m, as VADD takes it
NUMBERS = ("operations", "authors", "held", "changes")  # of meta
MOST = 2**48  # as a number or a time, after which there are enough
STEP = re.compile(r"(\d{1,15})-(\d{1,15})", re.ASCII)


class Backup:
    """A backup's file, which can be read several times. Raises DirectoryError, which says what is
    wrong with it, at any step."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = path.open("rb")
            self._size = path.stat().st_size
        except OSError as error:
            reason = error.strerror or str(error)
            raise DirectoryError(sentences.files.cannot_be_read(str(path), reason)) from error

    def __enter__(self) -> "Backup":
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def verify(self, progress: Progress) -> dict[str, int]:
        """Read the whole file; returns how many people each directory in it has."""
        people: dict[str, int] = {}
        name = ""
        for record in self.records(progress):
            if "directory" in record:
                name = record["directory"]
                people[name] = 0
            people[name] += "person" in record
        return people

    def records(self, progress: Progress) -> Iterator[BackupRecord]:
        """All records, each of them checked by itself and against those before."""
        checked = _Checked()
        digest = hashlib.sha256()
        lines = self._lines()
        for number, line in enumerate(lines, 1):
            record = self._parse(number, line)
            if number == 1:
                self._check_header(record)
            elif "end" in record:
                counts = {kind: checked.counts[kind] for kind in COUNTED}
                more = next(lines, b"")
                if more or record != {"end": counts, "sha256": digest.hexdigest()}:
                    raise DirectoryError(sentences.upkeep.checksum_wrong(self._path))
                return
            else:
                try:
                    checked.check(record)
                except (LookupError, TypeError, ValueError, RecursionError) as error:
                    raise self._broken(number) from error
                yield record
            digest.update(line)
            progress(self._file.tell(), self._size)
        raise DirectoryError(sentences.upkeep.cut_short(self._path))

    def _lines(self) -> Iterator[bytes]:
        self._file.seek(0)
        try:
            with gzip.GzipFile(fileobj=self._file) as lines:
                while line := lines.readline(LINE_MAX):
                    yield line
        except EOFError as error:
            raise DirectoryError(sentences.upkeep.cut_short(self._path)) from error
        except (OSError, zlib.error) as error:
            raise DirectoryError(sentences.upkeep.no_backup(self._path)) from error

    def _parse(self, number: int, line: bytes) -> BackupRecord:
        try:
            if not line.endswith(b"\n"):
                raise ValueError(len(line))
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise self._broken(number) from error
        if not isinstance(record, dict) or not record:
            raise self._broken(number)
        return record

    def _check_header(self, header: BackupRecord) -> None:
        version = header.get("version")
        if header.get("format") != FORMAT or not _is_number(version):
            raise DirectoryError(sentences.upkeep.no_backup(self._path))
        if version != VERSION:
            raise DirectoryError(sentences.upkeep.other_version(self._path, version, VERSION))

    def _broken(self, number: int) -> DirectoryError:
        if number == 1:
            return DirectoryError(sentences.upkeep.no_backup(self._path))
        return DirectoryError(sentences.upkeep.broken(self._path, number))


class _Checked:
    """Raises LookupError, TypeError, ValueError or RecursionError for a record that the bot would
    not write after those before it."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(COUNTED, 0)
        self._directories: set[str] = set()
        self._names: set[str] = set()
        self._operations: set[int] = set()
        self._last = (-1, -1)
        self._dimension = 0

    def check(self, record: BackupRecord) -> None:
        kind = next(iter(record))
        _need(kind == "directory" or bool(self._directories))
        self.counts[kind] += 1
        getattr(self, f"_{kind}")(**record)

    def _directory(
        self, directory: str, meta: dict[str, str], form: list[Any], dimension: int, people: int
    ) -> None:
        _need(_is_text(directory) and directory.isprintable())
        _need(directory not in self._directories)
        self._directories.add(directory)
        self._names, self._operations, self._last = set(), set(), (-1, -1)
        _need(isinstance(meta, dict) and all(map(_is_text, (*meta, *meta.values()))))
        _need(BASE_SCHEMA.items() <= load_schema(meta["schema"]).items() and bool(meta["model"]))
        _need(meta["format"] in RESTORED)
        _need(all(0 <= int(meta.get(field, 0)) < MOST for field in NUMBERS))
        kind, links = form
        _need(kind in FORMS and _is_number(links) and links in LINKS)
        _need(_is_number(dimension) and dimension in range(2**15) and _is_number(people))
        self._dimension = dimension

    def _person(self, person: str, attributes: str | None, vector: str) -> None:
        _need(_is_text(person) and person not in self._names)
        _need(attributes is None or _is_text(attributes))
        self._names.add(person)
        read_vector(vector, self._dimension)

    def _operation(self, operation: int, header: str) -> None:
        _need(_is_number(operation) and operation not in self._operations and _is_text(header))
        self._operations.add(operation)
        read = json.loads(header)
        _need(isinstance(read, dict) and _is_text(read["by"]))
        parse_operation(operation, read, None)

    def _author(self, author: str, value: str) -> None:
        _need(_is_text(author) and author.startswith(("id:", "author:")) and _is_text(value))

    def _step(self, step: str, operation: int, **rest: Any) -> None:
        found = STEP.fullmatch(step)
        _need(found is not None and _is_number(operation))
        place = tuple(map(int, found.groups())) if found else ()
        _need(place > self._last)
        self._last = place
        if "schema" in rest:
            for schema in (rest["schema"], rest["before"]):
                load_schema(schema)
            return
        _need(bool(rest["changes"]))
        for name, before, after, vector in rest["changes"]:
            _need(all(map(_is_text, (name, before, after))))
            b64decode(vector, validate=True)


def _is_text(value: Any) -> bool:
    """Raises ValueError for a text that cannot be stored."""
    return isinstance(value, str) and value.encode() is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST


def _need(condition: bool) -> None:
    if not condition:
        raise ValueError

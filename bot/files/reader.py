"""A file, or the bytes of one, as people: its size, and which format it has."""

import re
from dataclasses import replace
from pathlib import Path, PurePath

from bot import sentences
from bot.errors import DirectoryError
from bot.files import csv_format, json_format
from bot.files.contents import FileContents
from bot.files.decoding import LEGACY, decode, iterate_lines
from bot.files.writer import ENDINGS, FileFormat

FILE_MAX = 64 * 2**20  # bytes; what becomes of them takes several times that
UPLOAD_MAX = 16 * 2**20  # bytes, of a file that the bot reads beside its other work
VALUES_MAX = 4_000_000  # a file of nothing but commas would fill the memory otherwise
TABLES = {".csv", ".tsv", ".tab", ".txt"}

_JSON = re.compile(r'\s*(?:\[\s*[\[{"\]]|\{\s*["}])')
_BEGINNING_ALONE = re.compile(r"\s*\{[ \t]*[\r\n]")


def read_file(path: Path) -> FileContents:
    """The people of a file of CSV, JSON or JSON lines, whichever it holds. What in it is nobody is
    refused one by one. Raises DirectoryError if the file as a whole is none, or is larger than
    FILE_MAX bytes."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            content = file.read(FILE_MAX + 1) if size <= FILE_MAX else b""
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryError(sentences.files.cannot_be_read(str(path), reason)) from error
    if max(size, len(content)) > FILE_MAX:
        raise DirectoryError(sentences.files.too_large(str(path), FILE_MAX))
    return _read(str(path), content)


def read_bytes(name: str, content: bytes) -> FileContents:
    """The people of a file that was sent, of the name ``name``; as ``read`` otherwise, but of
    UPLOAD_MAX bytes at most."""
    if len(content) > UPLOAD_MAX:
        raise DirectoryError(sentences.files.too_large_to_send(name, UPLOAD_MAX, FILE_MAX))
    return _read(name, content)


def _read(name: str, content: bytes) -> FileContents:
    try:
        text, encoding = decode(content)
        if not text.strip():
            raise ValueError(sentences.files.EMPTY)
        format = detect_format(name, text)
        read, notes = _as(format, text)
    except ValueError as error:
        raise DirectoryError(sentences.files.cannot_be_used(name, str(error))) from error
    if encoding != "utf-8":
        say = sentences.files.guessed if encoding in LEGACY else sentences.files.read_in
        notes.insert(0, say(sentences.files.ENCODINGS[encoding]))
    if format is not _by_ending(name):
        notes.insert(0, sentences.files.read_as(sentences.files.FORMATS[format]))
    return replace(read, notes=notes)


def _as(format: FileFormat, text: str) -> tuple[FileContents, list[str]]:
    if format is FileFormat.CSV:
        delimiter = csv_format.detect_delimiter(text)
        _check_size(text, delimiter)
        notes = [] if delimiter == "," else [sentences.files.separated_by(delimiter)]
        return csv_format.parse_csv(text, delimiter), notes
    _check_size(text, ",")
    _check_size(text, "[")
    _check_size(text, "{")
    return (json_format.parse_json if format is FileFormat.JSON else json_format.parse_json_lines)(
        text
    ), []


def _check_size(text: str, mark: str) -> None:
    """Raises ValueError for more values than fit the memory, by what stands between them."""
    if text.count(mark) > VALUES_MAX:
        raise ValueError(sentences.files.too_many_values(VALUES_MAX))


def _by_ending(name: str) -> FileFormat | None:
    ending = PurePath(name).suffix.lower()
    return FileFormat.CSV if ending in TABLES else ENDINGS.get(ending)


def detect_format(name: str, text: str) -> FileFormat:
    """What a text is: what its name's ending says, unless it is plainly something else."""
    told = _by_ending(name)
    if _JSON.match(text):
        one = (
            told is not FileFormat.JSONL or _BEGINNING_ALONE.match(text) or text.lstrip()[0] == "["
        )
        return FileFormat.JSON if one and not _is_lines(text) else FileFormat.JSONL
    if told is FileFormat.JSON or told is FileFormat.JSONL:
        first = next(line for line in iterate_lines(text) if line.strip())
        if not any(csv_format.is_header(first, delimiter) for delimiter in csv_format.DELIMITERS):
            return told
    return FileFormat.CSV


def _is_lines(text: str) -> bool:
    """Whether the first two lines are objects, each by itself."""
    lines = (line.strip() for line in iterate_lines(text) if line.strip())
    first, second = next(lines, ""), next(lines, "")
    return first[:1] + first[-1:] == second[:1] + second[-1:] == "{}"

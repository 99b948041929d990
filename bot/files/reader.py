"""Reading people from a file or an upload: size limits and formats."""

import re
from dataclasses import replace
from pathlib import Path, PurePath

from bot.errors import DirectoryError
from bot.files.csv_format import DELIMITERS, detect_delimiter, is_header, parse_csv
from bot.files.decoding import ENCODING_NAMES, LEGACY_ENCODINGS, decode, iterate_lines
from bot.files.file_errors import read_error
from bot.files.json_format import parse_json, parse_json_lines
from bot.files.records import FileContents
from bot.files.writer import FORMATS_BY_ENDING, FileFormat, format_name
from bot.language import _

FILE_MAX = 64 * 2**20  # bytes; reading them takes several times as much memory
UPLOAD_MAX = 16 * 2**20  # bytes of a file that the bot reads during its other work
VALUES_MAX = 4_000_000  # a file of nothing but commas would fill the memory otherwise
TABLE_ENDINGS = {".csv", ".tsv", ".tab", ".txt"}

_JSON_START = re.compile(r'\s*(?:\[\s*[\[{"\]]|\{\s*["}])')
_OBJECT_OVER_LINES = re.compile(r"\s*\{[ \t]*[\r\n]")


def read_file(path: Path) -> FileContents:
    """Read the people of a CSV, JSON or JSON Lines file. Rows that can't be imported are refused
    one by one. Raises DirectoryError if the whole file can't be used or exceeds FILE_MAX."""
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            content = file.read(FILE_MAX + 1) if size <= FILE_MAX else b""
    except OSError as error:
        raise read_error(path, error) from error
    if max(size, len(content)) > FILE_MAX:
        raise DirectoryError(
            _(
                "{file} is larger than {limit} MB. Split it into several files.",
                file=path,
                limit=FILE_MAX // 2**20,
            )
        )
    return _read(str(path), content)


def read_bytes(name: str, content: bytes) -> FileContents:
    """Read the people of an upload as ``read_file`` does, up to UPLOAD_MAX."""
    if len(content) > UPLOAD_MAX:
        raise upload_too_large(name)
    return _read(name, content)


def upload_too_large(name: str) -> DirectoryError:
    """Return the error for an upload larger than UPLOAD_MAX."""
    return DirectoryError(
        _(
            "{file} is larger than {limit} MB. Split it into several files, "
            "or import it on the command line (up to {terminal_limit} MB).",
            file=name,
            limit=UPLOAD_MAX // 2**20,
            terminal_limit=FILE_MAX // 2**20,
        )
    )


def _read(name: str, content: bytes) -> FileContents:
    try:
        text, encoding = decode(content)
        if not text.strip():
            raise ValueError(_("The file is empty."))
        format = detect_format(name, text)
        contents = _parse(format, text)
    except ValueError as error:
        # Translators: {reason} is a sentence.
        message = _("Can't import {file}. {reason}", file=name, reason=error)
        raise DirectoryError(message) from error
    notes: list[str] = []
    if format is not _format_by_ending(name):
        # Translators: {format} is JSON, for example; the file's name suggests another format.
        notes.append(_("Read as {format}, detected from the content.", format=format_name(format)))
    if encoding in LEGACY_ENCODINGS:
        notes.append(
            _(
                "Read as {encoding}. If letters look wrong, save the file as UTF-8 and try again.",
                encoding=ENCODING_NAMES[encoding],
            )
        )
    elif encoding != "utf-8":
        # Translators: {encoding} is UTF-16, for example.
        notes.append(_("Read as {encoding}.", encoding=ENCODING_NAMES[encoding]))
    return replace(contents, notes=[*notes, *contents.notes])


def _parse(format: FileFormat, text: str) -> FileContents:
    """Parse a text. Raises ValueError if the whole text can't be used."""
    separators = detect_delimiter(text) if format is FileFormat.CSV else ",[{"
    if any(text.count(separator) > VALUES_MAX for separator in separators):
        raise ValueError(
            _(
                "The file has more than {limit} values; split it into several files.",
                limit=VALUES_MAX,
            )
        )
    match format:
        case FileFormat.CSV:
            return parse_csv(text, separators)
        case FileFormat.JSON:
            return parse_json(text)
        case FileFormat.JSONL:
            return parse_json_lines(text)


def detect_format(name: str, text: str) -> FileFormat:
    """Return the format of the name's ending, unless the text clearly has a different one."""
    by_ending = _format_by_ending(name)
    if _JSON_START.match(text):
        is_document = (
            by_ending is not FileFormat.JSONL
            or _OBJECT_OVER_LINES.match(text)
            or text.lstrip()[0] == "["
        )
        return FileFormat.JSON if is_document and not _is_lines(text) else FileFormat.JSONL
    if by_ending is FileFormat.JSON or by_ending is FileFormat.JSONL:
        first = next(line for line in iterate_lines(text) if line.strip())
        if not any(is_header(first, delimiter) for delimiter in DELIMITERS):
            return by_ending
    return FileFormat.CSV


def _format_by_ending(name: str) -> FileFormat | None:
    ending = PurePath(name).suffix.lower()
    return FileFormat.CSV if ending in TABLE_ENDINGS else FORMATS_BY_ENDING.get(ending)


def _is_lines(text: str) -> bool:
    """Whether each of the first two lines is an object."""
    lines = (line.strip() for line in iterate_lines(text) if line.strip())
    first, second = next(lines, ""), next(lines, "")
    return first[:1] + first[-1:] == second[:1] + second[-1:] == "{}"

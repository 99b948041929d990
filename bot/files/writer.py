"""Writing people to a file that the reader reads back as they were."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.errors import DirectoryError
from bot.files.atomic_write import atomic_write
from bot.files.cells import format_cell
from bot.files.file_errors import write_error
from bot.files.records import used_schema
from bot.language import _
from bot.person import BASE_SCHEMA, Person, Schema


class FileFormat(StrEnum):
    """A format that people are read from and written in."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


FORMATS_BY_ENDING = {
    ".csv": FileFormat.CSV,
    ".json": FileFormat.JSON,
    ".jsonl": FileFormat.JSONL,
    ".ndjson": FileFormat.JSONL,
}


def format_name(format: FileFormat) -> str:
    """Return what messages call a format."""
    match format:
        case FileFormat.CSV:
            return "CSV"
        case FileFormat.JSON:
            return "JSON"
        case FileFormat.JSONL:
            # Translators: the name of a file format.
            return _("JSON Lines")


def to_json_object(person: Person, schema: Schema) -> dict[str, Any]:
    """Return a person as the JSON object that the reader reads back."""
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in person.attributes.items()}
    base = {name: values.get(name) for name in BASE_SCHEMA}
    others = {name: values[name] for name in schema if name in values and name not in base}
    return {"name": person.name, "description": person.description, **base, **others}


def write_file(path: Path, people: Sequence[Person], schema: Schema) -> None:
    """Write people in the format of the file's ending. If that fails, a regular file is unchanged.
    Raises DirectoryError."""
    format = FORMATS_BY_ENDING.get(path.suffix.lower())
    if format is None:
        raise DirectoryError(
            _("Can't write {file}: its name must end in .csv, .json or .jsonl.", file=path)
        )
    try:
        content = dump_people(format, people, schema)
        if path.exists() and not path.is_file():  # a pipe, for example
            path.write_bytes(content)
        else:
            with atomic_write(path, private=False) as file:
                file.write(content)
    except (OSError, ValueError) as error:
        raise write_error(path, error) from error


def dump_people(format: FileFormat, people: Sequence[Person], schema: Schema) -> bytes:
    """Return the content of a file of people, from which every attribute in ``schema`` is read back
    with its kind. CSV also keeps fields without values. Raises ValueError for lone surrogates."""
    match format:
        case FileFormat.CSV:
            # The byte order mark tells Excel that it is UTF-8; the line ends are RFC 4180's.
            return "".join(f"{row}\r\n" for row in _csv_rows(people, schema)).encode("utf-8-sig")
        case FileFormat.JSON:
            return ("[\n" + ",\n".join(_json_objects(people, schema)) + "\n]\n").encode()
        case FileFormat.JSONL:
            return "".join(f"{line}\n" for line in _json_objects(people, schema)).encode()


def _csv_rows(people: Sequence[Person], schema: Schema) -> Iterator[str]:
    kinds = {name: kind for name, kind in schema.items() if name not in BASE_SCHEMA}
    labels = [f"{name}:{kind}" for name, kind in kinds.items()]
    yield ",".join(["name", "description", *BASE_SCHEMA, *labels])
    for person in people:
        values = [person.attributes.get(name) for name in (*BASE_SCHEMA, *kinds)]
        yield ",".join(map(format_cell, [person.name, person.description, *values]))


def _json_objects(people: Sequence[Person], schema: Schema) -> Iterator[str]:
    """The first object has every field that has values, so that their order is read back."""
    fields = dict.fromkeys(["name", "description", *used_schema(people, schema)])
    for person in people:
        yield json.dumps({**fields, **to_json_object(person, schema)}, ensure_ascii=False)
        fields = {}

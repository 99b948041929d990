"""People as a file, which ``read`` reads back as they were."""

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot import sentences
from bot.errors import DirectoryError
from bot.files.atomic_write import atomic_write
from bot.files.cells import format_cell
from bot.files.contents import used_schema
from bot.person import BASE_SCHEMA, Person, Schema


class FileFormat(StrEnum):
    """What people are written as."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"


ENDINGS = {".csv": FileFormat.CSV, ".json": FileFormat.JSON, ".jsonl": FileFormat.JSONL}
ENDINGS[".ndjson"] = FileFormat.JSONL


def to_json_object(person: Person, schema: Schema) -> dict[str, Any]:
    """The person as ``read`` reads it back from JSON."""
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in person.attributes.items()}
    base = {name: values.get(name) for name in BASE_SCHEMA}
    others = {name: values[name] for name in schema if name in values and name not in base}
    return {"name": person.name, "description": person.description, **base, **others}


def write_file(path: Path, people: Sequence[Person], schema: Schema) -> None:
    """Write people as CSV, a JSON list or JSON lines, as the file's ending says. A regular file is
    there whole or not at all. Raises DirectoryError."""
    format = ENDINGS.get(path.suffix.lower())
    if format is None:
        raise DirectoryError(sentences.files.unknown_ending(path))
    try:
        content = dump_people(format, people, schema)
        if path.exists() and not path.is_file():  # a pipe, say
            path.write_bytes(content)
        else:
            with atomic_write(path, private=False) as file:
                file.write(content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error


def dump_people(format: FileFormat, people: Sequence[Person], schema: Schema) -> bytes:
    """The bytes of a file of people. Every attribute in ``schema`` is read back as it was, and its
    field with its kind; CSV has the fields in which nobody has a value, too. Raises ValueError
    for text that is no Unicode."""
    match format:
        case (
            FileFormat.CSV
        ):  # the mark lets Excel know that it is UTF-8; the line ends are RFC 4180's
            return "".join(f"{row}\r\n" for row in _rows(people, schema)).encode("utf-8-sig")
        case FileFormat.JSON:
            return ("[\n" + ",\n".join(_objects(people, schema)) + "\n]\n").encode()
        case FileFormat.JSONL:
            return "".join(f"{line}\n" for line in _objects(people, schema)).encode()


def _rows(people: Sequence[Person], schema: Schema) -> Iterator[str]:
    kinds = {name: kind for name, kind in schema.items() if name not in BASE_SCHEMA}
    labels = [f"{name}:{kind}" for name, kind in kinds.items()]
    yield ",".join(["name", "description", *BASE_SCHEMA, *labels])
    for person in people:
        values = [person.attributes.get(name) for name in (*BASE_SCHEMA, *kinds)]
        yield ",".join(map(format_cell, [person.name, person.description, *values]))


def _objects(people: Sequence[Person], schema: Schema) -> Iterator[str]:
    """The first of them has every field that anybody has, so that their order is read back."""
    fields = dict.fromkeys(["name", "description", *used_schema(people, schema)])
    for person in people:
        yield json.dumps({**fields, **to_json_object(person, schema)}, ensure_ascii=False)
        fields = {}

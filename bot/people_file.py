"""People as files: a JSON list, an object of names, or JSON lines."""

import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import sentences
from bot.errors import DirectoryError, InvalidPerson
from bot.person import (
    BASE_SCHEMA,
    Person,
    Schema,
    clean_field,
    kind_of,
)

LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Record:
    """One person of a file, not yet looked at: ``where`` says which, for messages."""

    where: str
    name: Any
    description: Any
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    where: str
    reason: str


@dataclass(frozen=True)
class Content:
    """What a file holds: its records, and what in it is none."""

    records: Sequence[Record]
    refused: Sequence[Refused]


def read(path: Path) -> Content:
    """The people of a ``.jsonl`` file, one object a line, or else of a JSON file: a list of objects
    with a ``name``, or an object from names to the rest. Lines that are none are refused one by
    one. Raises DirectoryError if the file as a whole is none."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or sentences.files.NOT_UTF8
        raise DirectoryError(sentences.files.cannot_be_read(path, reason)) from error
    if path.suffix.lower() in LINES:
        return _sort(_lines(text))
    try:
        content = _parse(text)
    except ValueError as error:
        raise DirectoryError(sentences.files.cannot_be_used(path, str(error))) from error
    if isinstance(content, dict):
        content = [
            {"name": name, **rest} if isinstance(rest, dict) else rest
            for name, rest in content.items()
        ]
    if not isinstance(content, list):
        raise DirectoryError(sentences.files.neither_list_nor_object(path))
    return _sort((sentences.files.person(number), item) for number, item in enumerate(content, 1))


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            where = sentences.files.line(number)
            try:
                yield where, _parse(line)
            except ValueError as error:
                yield where, InvalidPerson(sentences.files.unusable_line(str(error)))


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise ValueError(sentences.files.not_json(error)) from error
    except RecursionError as error:
        raise ValueError(sentences.files.NESTED_TOO_DEEPLY) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(sentences.files.key_twice(key))
        values[key] = value
    return values


def _sort(items: Iterable[tuple[str, Any]]) -> Content:
    records: list[Record] = []
    refused: list[Refused] = []
    for where, item in items:
        try:
            records.append(_record(where, item))
        except InvalidPerson as error:
            refused.append(Refused(where, str(error)))
    return Content(records, refused)


def _record(where: str, item: Any) -> Record:
    if isinstance(item, InvalidPerson):
        raise item
    if not isinstance(item, dict):
        raise InvalidPerson(sentences.files.NO_OBJECT)
    attributes: dict[str, Any] = {}
    for key in (key for key in item if key not in ("name", "description")):
        name = clean_field(re.sub(r"\W+", "_", key).strip("_"))
        if name in attributes:
            raise InvalidPerson(sentences.files.same_attribute(name))
        attributes[name] = item[key]
    return Record(where, item.get("name"), item.get("description"), attributes)


def schema_of(records: Iterable[Record]) -> Schema:
    """The fields of the records, with the kinds their values show."""
    values: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        for name, value in record.attributes.items():
            values[name].append(value)
    return {
        **BASE_SCHEMA,
        **{name: kind_of(v) for name, v in values.items() if name not in BASE_SCHEMA},
    }


def used_schema(people: Iterable[Person], schema: Schema) -> Schema:
    """The fields in which somebody has a value, in the order of ``schema``."""
    used = {name for person in people for name in person.attributes}
    return {name: kind for name, kind in schema.items() if name in BASE_SCHEMA or name in used}


def to_people(records: Iterable[Record], schema: Schema) -> tuple[list[Person], list[Refused]]:
    """The people the records describe, and why some do not."""
    people: list[Person] = []
    refused: list[Refused] = []
    for record in records:
        try:
            if not isinstance(record.name, str) or not isinstance(record.description, str | None):
                raise InvalidPerson(sentences.files.NO_TEXT)
            person = Person.create(record.name, record.description or "", record.attributes, schema)
            people.append(person)
        except InvalidPerson as error:
            name = f" ({record.name[:60]})" if isinstance(record.name, str) else ""
            refused.append(Refused(record.where + name, str(error)))
    return people, refused


def to_record(person: Person, schema: Schema) -> dict[str, Any]:
    """The person as ``read`` reads it back."""
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in person.attributes.items()}
    base = {name: values.get(name) for name in BASE_SCHEMA}
    others = {name: values[name] for name in schema if name in values and name not in base}
    return {"name": person.name, "description": person.description, **base, **others}


def write(path: Path, people: Sequence[Person], schema: Schema) -> None:
    """Write people as JSON lines or a JSON list, as the file's ending says. A regular file is
    there whole or not at all. Raises DirectoryError."""
    if path.suffix.lower() not in (".json", *LINES):
        raise DirectoryError(sentences.files.unknown_ending(path))
    lines = [json.dumps(to_record(person, schema), ensure_ascii=False) for person in people]
    text = "".join(f"{line}\n" for line in lines)
    if path.suffix.lower() not in LINES:
        text = "[\n" + ",\n".join(lines) + "\n]\n"
    try:
        if path.exists() and not path.is_file():  # a pipe, say
            path.write_text(text, "utf-8")
        else:
            _replace(path.resolve(), text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error


def _replace(path: Path, text: str) -> None:
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(partial).chmod(0o666 & ~mask)  # as any new file; a temporary one is private
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise

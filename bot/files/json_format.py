"""People as JSON: a list of objects, an object of names, or one object a line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot import sentences
from bot.errors import InvalidPerson
from bot.files.contents import (
    FileContents,
    FileRecord,
    RefusedRow,
    limit_people,
    parse_field_name,
    shown,
)
from bot.files.decoding import iterate_lines

TEXTS = ("name", "description")  # what a person has that is no attribute
LINE_MAX = 2**20  # characters
DIGITS_MAX = 400  # of a whole number; what is longer is too large for any attribute


def parse_json(text: str) -> FileContents:
    """The people of a list of objects with a ``name``, or of an object from names to the rest.
    Raises ValueError, which says why there are none."""
    document = _parse(text)
    if isinstance(document, dict):
        document = _unwrapped(document)
    if isinstance(document, dict):
        document = [
            {"name": name, **rest} if isinstance(rest, dict) else rest
            for name, rest in document.items()
        ]
    if not isinstance(document, list):
        raise ValueError(sentences.files.NEITHER_LIST_NOR_OBJECT)
    return _sort((sentences.files.person(number), item) for number, item in enumerate(document, 1))


def _unwrapped(document: dict[str, Any]) -> Any:
    """The list that other tools put into an object, ``{"count": 2, "results": [...]}``; or the one
    person that it is, in a list; else the object."""
    if isinstance(document.get("name"), str):
        return [document]
    inside = [value for value in document.values() if isinstance(value, list | dict)]
    if len(inside) == 1 and isinstance(inside[0], list):
        return inside[0]
    return document


def parse_json_lines(text: str) -> FileContents:
    """The people of one object a line. Lines that are none are refused one by one."""
    return _sort(_objects(text))


def _objects(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(iterate_lines(text), 1):
        where = sentences.files.line(number)
        if len(line) > LINE_MAX:
            yield where, InvalidPerson(sentences.files.long_line(LINE_MAX))
        elif line.strip():
            try:
                yield where, _parse(line.rstrip())
            except ValueError as error:
                yield where, InvalidPerson(sentences.files.unusable(str(error)))


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError(_why(text, error)) from error
    except RecursionError as error:
        raise ValueError(sentences.files.NESTED_TOO_DEEPLY) from error


def _why(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        return sentences.files.cut_short(error)
    return sentences.files.not_json(error)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(sentences.files.key_twice(shown(key)))
        values[key] = value
    return values


def _whole(digits: str) -> float:
    return int(digits) if len(digits) <= DIGITS_MAX else float(digits)


def _sort(items: Iterable[tuple[str, Any]]) -> FileContents:
    records: list[FileRecord] = []
    refused: list[RefusedRow] = []
    for where, item in limit_people(items):
        try:
            records.append(_record(where, item))
        except InvalidPerson as error:
            refused.append(RefusedRow(where, str(error)))
    return FileContents(records, refused)


def _record(where: str, item: Any) -> FileRecord:
    if isinstance(item, InvalidPerson):
        raise item
    if not isinstance(item, dict):
        raise InvalidPerson(sentences.files.NO_OBJECT)
    values: dict[str, Any] = {}
    for key, value in item.items():
        plain = key.strip().lower()
        field = plain if plain in TEXTS else parse_field_name(key)
        if field in values:
            raise InvalidPerson(sentences.files.same_attribute(field))
        if _is_nested(value):
            raise InvalidPerson(sentences.files.nested_attribute(field))
        values[field] = value
    name, description = (values.pop(text, None) for text in TEXTS)
    return FileRecord(where, name, description, values)


def _is_nested(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(isinstance(part, dict | list) for part in parts)

"""Parsing people from JSON: a list of objects, an object of names, or one object a line."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.errors import InvalidPerson
from bot.files.decoding import iterate_lines
from bot.files.records import (
    FileContents,
    FileRecord,
    Place,
    RefusedRow,
    excerpt,
    limit_people,
    line_label,
    parse_field_name,
)
from bot.language import _

NOT_ATTRIBUTES = ("name", "description")
LINE_MAX = 2**20  # characters
DIGITS_MAX = 400  # of a whole number; longer ones are too large for any attribute


def parse_json(text: str) -> FileContents:
    """Parse a list of objects with a ``name``, or an object that maps names to the rest. Raises
    ValueError if it is neither."""
    document = _load(text)
    if isinstance(document, dict):
        document = _unwrap(document)
    if isinstance(document, dict):
        document = [
            {"name": name, **rest} if isinstance(rest, dict) else rest
            for name, rest in document.items()
        ]
    if not isinstance(document, list):
        raise ValueError(
            _("The file must hold a list of people, or an object whose keys are their names.")
        )
    return _read_items(
        (Place(number, _("person {number}", number=str(number))), item)
        for number, item in enumerate(document, 1)
    )


def parse_json_lines(text: str) -> FileContents:
    """Parse one object a line. Other lines are refused one by one."""
    return _read_items(_load_lines(text))


def _unwrap(document: dict[str, Any]) -> Any:
    """Return the list that other tools put into an object, ``{"count": 2, "results": [...]}``, or a
    list of the one person that the object is, or else the object itself."""
    if isinstance(document.get("name"), str):
        return [document]
    inside = [value for value in document.values() if isinstance(value, list | dict)]
    if len(inside) == 1 and isinstance(inside[0], list):
        return inside[0]
    return document


def _load_lines(text: str) -> Iterator[tuple[Place, Any]]:
    """Yield the value of each line, or InvalidPerson for one that has none."""
    for number, line in enumerate(iterate_lines(text), 1):
        place = Place(number, line_label(number))
        if len(line) > LINE_MAX:
            message = _("The line is longer than {limit} characters.", limit=LINE_MAX)
            yield place, InvalidPerson(message)
        elif line.strip():
            try:
                yield place, _load(line.rstrip())
            except ValueError as error:
                yield place, InvalidPerson(str(error))


def _load(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, which says what is wrong."""
    try:
        return json.loads(text, object_pairs_hook=_make_object, parse_int=_parse_int)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            raise ValueError(_("The JSON ends too early ({error}).", error=error)) from error
        raise ValueError(_("This isn't valid JSON ({error}).", error=error)) from error
    except RecursionError as error:
        raise ValueError(_("The JSON is nested too deeply.")) from error


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(_("The key {key} occurs twice in one object.", key=excerpt(key)))
        values[key] = value
    return values


def _parse_int(digits: str) -> float:
    return int(digits) if len(digits) <= DIGITS_MAX else float(digits)


def _read_items(items: Iterable[tuple[Place, Any]]) -> FileContents:
    records: list[FileRecord] = []
    refused: list[RefusedRow] = []
    for place, item in limit_people(items):
        try:
            records.append(_read_item(place, item))
        except InvalidPerson as error:
            refused.append(RefusedRow(place, str(error)))
    return FileContents(records, refused)


def _read_item(place: Place, item: Any) -> FileRecord:
    if isinstance(item, InvalidPerson):
        raise item
    if not isinstance(item, dict):
        raise InvalidPerson(_("This isn't a JSON object with a name."))
    values: dict[str, Any] = {}
    for key, value in item.items():
        label = key.strip().lower()
        field = label if label in NOT_ATTRIBUTES else parse_field_name(key)
        if field in values:
            raise InvalidPerson(_("Two keys mean the attribute {attribute}.", attribute=field))
        if _is_nested(value):
            raise InvalidPerson(
                _(
                    "{attribute} holds an object or a list inside a list; use simple values.",
                    attribute=field,
                )
            )
        values[field] = value
    name, description = (values.pop(key, None) for key in NOT_ATTRIBUTES)
    return FileRecord(place, name, description, values)


def _is_nested(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(isinstance(part, dict | list) for part in parts)

"""Attributes as people type them: ``country=France field=physics,chemistry``."""

import re
from collections.abc import Mapping
from typing import Any

from bot import sentences
from bot.errors import InvalidPerson
from bot.person.schema import BASE_SCHEMA, Schema, Value, clean_field, format_value, read_type


def parse_attributes(text: str, schema: Schema) -> dict[str, Any]:
    """``country=United States field=physics, chemistry`` as values by field name; a value runs to
    the next ``name=``. The type of a value whose field is not in ``schema`` is read off it.
    Raises InvalidPerson."""
    masked = re.sub('"[^"]*"', lambda quoted: "_" * len(quoted[0]), text)
    found = list(re.finditer(r"(?:^|[\s,;])(?P<name>\w+)\s*=", masked))
    before = text[: found[0].start()] if found else text
    if before.strip():
        raise InvalidPerson(sentences.people.no_attributes(before.strip()[:60]))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    values: dict[str, Any] = {}
    for match, end in zip(found, ends, strict=True):
        name = clean_field(match["name"])
        if name in values:
            raise InvalidPerson(sentences.people.attribute_twice(name))
        value = text[match.end() : end].strip().strip(",;").strip()
        if quoted := re.fullmatch('"([^"]*)"', value):
            value = quoted[1]
        values[name] = value if name in schema else read_type(value)
    return values


def format_attributes(attributes: Mapping[str, Value]) -> str:
    """Attributes but for the years as ``parse_attributes`` reads them."""
    pairs = []
    for name, value in attributes.items():
        if name not in BASE_SCHEMA:
            text = format_value(name, value)
            pairs.append(
                f'{name}="{text}"' if "=" in text and '"' not in text else f"{name}={text}"
            )
    return "  ".join(pairs)

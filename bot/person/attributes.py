"""Attributes as people type them: ``country=France known_for=physics,chemistry``."""

import re
from collections.abc import Mapping

from bot.errors import InvalidPerson
from bot.language import _
from bot.person.schema import BASE_SCHEMA, Schema, clean_field_name
from bot.person.values import SHOWN_MAX, Value, format_value, infer_value

_QUOTED = re.compile('"([^"]*)"')
_FIELD = re.compile(r"(?:^|[\s,;])(?P<name>\w+)\s*=")


def parse_attributes(text: str, schema: Schema) -> dict[str, Value]:
    """Parse ``country=United States known_for=physics, chemistry`` into values by field name.

    A value runs to the next ``name=``. Raises InvalidPerson.
    """
    masked = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)
    fields = list(_FIELD.finditer(masked))
    before = text[: fields[0].start()] if fields else text
    if before.strip():
        message = _(
            "Write attributes as name=value, such as country=France known_for=physics,chemistry. "
            '"{text}" isn\'t written like this.',
            text=before.strip()[:SHOWN_MAX],
        )
        raise InvalidPerson(message)
    ends = [*(field.start() for field in fields[1:]), len(text)][: len(fields)]
    values: dict[str, Value] = {}
    for field, end in zip(fields, ends, strict=True):
        name = clean_field_name(field["name"])
        if name in values:
            message = _(
                "{attribute} is given twice. To give several values, write {attribute}=a,b.",
                attribute=name,
            )
            raise InvalidPerson(message)
        value = text[field.end() : end].strip().strip(",;").strip()
        if quoted := _QUOTED.fullmatch(value):
            value = quoted[1]
        values[name] = read_typed_value(name, value, schema)
    return values


def read_typed_value(field: str, text: str, schema: Schema) -> Value:
    """Return what a person typed for a field: as text, which ``clean_value`` parses, if the schema
    has the field, and with its type inferred if the field is new."""
    return text if field in schema else infer_value(text)


def format_attributes(attributes: Mapping[str, Value]) -> str:
    """Format attributes, except the years, so that ``parse_attributes`` reads them back."""
    pairs: list[str] = []
    for field, value in attributes.items():
        if field not in BASE_SCHEMA:
            text = format_value(field, value)
            needs_quotes = "=" in text and '"' not in text
            pairs.append(f'{field}="{text}"' if needs_quotes else f"{field}={text}")
    return "  ".join(pairs)

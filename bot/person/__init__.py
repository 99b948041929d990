"""A person: what is stored, and how names and values are read and compared.

text.py         text: how it is compared, and cleaned before it is stored
schema.py       the fields of a directory: names and kinds
values.py       the values of attributes: reading, checking, formatting
attributes.py   attributes as people type them: country=France known_for=physics,chemistry
person.py       Person and Match
spelling.py     finding names and words that are spelt like a given one
"""

from bot.person.attributes import format_attributes, parse_attributes, read_typed_value
from bot.person.person import (
    DESCRIPTION_MAX,
    NAME_MAX,
    Match,
    Person,
    changed_fields,
    clean_name,
    foreign_json,
)
from bot.person.schema import (
    BASE_SCHEMA,
    FAME_FIELDS,
    FIELDS_MAX,
    IMAGE_FIELD,
    Kind,
    Schema,
    clean_field_name,
    is_field_name,
    kind_name,
)
from bot.person.spelling import similarly_spelt
from bot.person.text import clean_text, fold, has_alphanumeric
from bot.person.values import (
    ERA_PATTERN,
    UNKNOWN_WORDS,
    Value,
    can_parse,
    clean_value,
    format_number,
    format_value,
    format_year,
    infer_kind,
    is_bc,
    is_unknown,
    parse_value,
)

__all__ = [
    "BASE_SCHEMA",
    "DESCRIPTION_MAX",
    "ERA_PATTERN",
    "FAME_FIELDS",
    "FIELDS_MAX",
    "IMAGE_FIELD",
    "NAME_MAX",
    "UNKNOWN_WORDS",
    "Kind",
    "Match",
    "Person",
    "Schema",
    "Value",
    "can_parse",
    "changed_fields",
    "clean_field_name",
    "clean_name",
    "clean_text",
    "clean_value",
    "fold",
    "foreign_json",
    "format_attributes",
    "format_number",
    "format_value",
    "format_year",
    "has_alphanumeric",
    "infer_kind",
    "is_bc",
    "is_field_name",
    "is_unknown",
    "kind_name",
    "parse_attributes",
    "parse_value",
    "read_typed_value",
    "similarly_spelt",
]

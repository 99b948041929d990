"""Who is stored, what is stored of them, and how names and values are compared.

text.py         how text is compared, and made fit to be stored
schema.py       the fields of a directory, their kinds, and the values they take
attributes.py   attributes as people type them: country=France field=physics,chemistry
person.py       Person, Match
"""

from bot.person.attributes import format_attributes, parse_attributes
from bot.person.person import (
    DESCRIPTION_MAX,
    NAME_MAX,
    Match,
    Person,
    foreign,
)
from bot.person.schema import (
    BASE_SCHEMA,
    ERA,
    FAME,
    FIELDS_MAX,
    IMAGE,
    UNKNOWN,
    Kind,
    Schema,
    Value,
    clean_field,
    format_number,
    format_value,
    format_year,
    is_bc,
    kind_of,
    parse_value,
    read_type,
)
from bot.person.text import fold, has_letters

__all__ = [
    "BASE_SCHEMA",
    "DESCRIPTION_MAX",
    "ERA",
    "FAME",
    "FIELDS_MAX",
    "IMAGE",
    "NAME_MAX",
    "UNKNOWN",
    "Kind",
    "Match",
    "Person",
    "Schema",
    "Value",
    "clean_field",
    "fold",
    "foreign",
    "format_attributes",
    "format_number",
    "format_value",
    "format_year",
    "has_letters",
    "is_bc",
    "kind_of",
    "parse_attributes",
    "parse_value",
    "read_type",
]

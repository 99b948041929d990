"""The fields of a directory, their kinds, and the values they take."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from bot import sentences
from bot.errors import InvalidPerson
from bot.person.text import clean, fold

VALUE_MAX = 100
IMAGE_MAX = 500  # of an address, which may be long
TAGS_MAX = 25
FIELDS_MAX = 40
_FIELD_NAME = re.compile(r"[a-z_][a-z0-9_]{0,31}")
YEARS = range(-9999, 10000)
NUMBER_MAX = 10**15  # below this a double, which Redis compares with, holds every whole number
NUMBER_MIN = 1e-9

Value = float | str | tuple[str, ...] | bool


class Kind(StrEnum):
    """What the values of a field are."""

    NUMBER = "number"
    TEXT = "text"
    TAGS = "tags"
    FLAG = "flag"


Schema = Mapping[str, Kind]
"""The fields of a directory and their kinds, in the order in which they are stored."""

BASE_SCHEMA: Schema = {"born": Kind.NUMBER, "died": Kind.NUMBER}

FAME = ("fame", "references")
"""The numbers that say who is best known: the first of them that a person has."""

IMAGE = "image"
"""The text that is the address of a person's picture."""

RESERVED = frozenset(
    [
        "name",
        "description",
        "_typed",
        "_foreign",
        "and",
        "or",
        "not",
        "in",
        "is",
        "has",
        "no",
        "none",
        "null",
        "true",
        "false",
    ]
)
"""Names no field may have: words of the query languages, and keys of the stored JSON."""


UNKNOWN = ("none", "null")
"""What a person types for a value that is not known."""


@lru_cache
def is_field(name: str) -> bool:
    """Whether a field may have this name."""
    return bool(_FIELD_NAME.fullmatch(name)) and name not in RESERVED


def clean_field(name: str) -> str:
    """The name of a field as it is stored. Raises InvalidPerson."""
    name = name.strip().lower()
    if name in RESERVED:
        raise InvalidPerson(sentences.people.reserved_word(name))
    if not is_field(name):
        raise InvalidPerson(sentences.people.no_name_of_an_attribute(name[:60]))
    return name


ERA = r"(?:[Bb]\.?\s?[Cc]\.?(?:\s?[Ee]\.?)?|A\.?D\.?|C\.?E\.?)(?!\w)"
"""After a year; a separate ``ad`` or ``ce`` in small letters is a word."""

_YEAR = re.compile(
    rf"(?P<sign>[-\u2212]?)\s*(?P<year>\d{{1,15}})\s*(?P<era>{ERA}|ad|ce)?", re.ASCII
)
_NUMBER = re.compile(r"[-\u2212]?\d{1,15}(\.\d+)?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}
YEAR = sentences.values.year_alone(YEARS[0], YEARS[-1])
_EXPECTED = {
    Kind.FLAG: sentences.values.YES_OR_NO,
    Kind.TEXT: sentences.values.TEXT,
    Kind.TAGS: sentences.values.TAGS,
}


def is_bc(era: str | None) -> bool:
    """Whether what ERA matched, if anything, is before Christ."""
    return (era or "").lower().startswith("b")


def parse_value(kind: Kind, text: str) -> Value:
    """A value from what a person typed. Raises ValueError, which says what is expected."""
    text = text.strip()
    if kind is Kind.NUMBER:
        if year := _YEAR.fullmatch(text):
            return int(year["year"]) * (-1 if year["sign"] or is_bc(year["era"]) else 1)
        if _NUMBER.fullmatch(text):
            return float(text.replace("\u2212", "-"))
        raise ValueError(sentences.values.NUMBER_OR_YEAR)
    if kind is Kind.FLAG:
        if text.lower() not in _FLAGS:
            raise ValueError(sentences.values.YES_OR_NO)
        return _FLAGS[text.lower()]
    if kind is Kind.TAGS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def clean_value(name: str, kind: Kind, value: Any) -> Value | None:
    """``value`` as field ``name`` stores it; None for unknown. Raises InvalidPerson."""
    try:
        return _clean_value(name, kind, value)
    except ValueError as error:
        expected = YEAR if name in BASE_SCHEMA else str(error)
        shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:60]}…"
        raise InvalidPerson(sentences.values.takes(name, expected, shown)) from None


def _clean_value(name: str, kind: Kind, value: Any) -> Value | None:
    if isinstance(value, str):
        unknown = value.strip().lower() in ("", *UNKNOWN)
        value = None if unknown else parse_value(kind, value)
    if value is None:
        return None
    match kind:
        case Kind.NUMBER:
            return _clean_number(name, value)
        case Kind.FLAG if isinstance(value, bool):
            return value
        case Kind.TEXT if isinstance(value, str):
            return _clean_text(name, value)
        case Kind.TAGS if isinstance(value, list | tuple):
            return _clean_tags(name, value)
    raise ValueError(_EXPECTED[kind])


def _clean_number(name: str, value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not -NUMBER_MAX < value < NUMBER_MAX or 0 < abs(value) < NUMBER_MIN:
        raise ValueError(sentences.values.SHORT_NUMBER if number else sentences.values.NUMBER)
    value = int(value) if value == int(value) else float(value)
    if name in BASE_SCHEMA and (not isinstance(value, int) or value not in YEARS):
        raise ValueError(YEAR)
    return value


def _clean_tags(name: str, value: Sequence[Any]) -> tuple[str, ...] | None:
    if not all(isinstance(part, str) for part in value):
        raise ValueError(sentences.values.TAGS_OF_TEXT)
    tags = {fold(part): _clean_text(name, part) for part in value}
    if len(tags) > TAGS_MAX:
        raise ValueError(sentences.values.at_most_tags(TAGS_MAX))
    return tuple(tags.values()) or None


def _clean_text(name: str, text: str) -> str:
    text = clean(text, name)
    if not fold(text):
        raise ValueError(sentences.values.TEXT_WITH_LETTERS)
    most = IMAGE_MAX if name == IMAGE else VALUE_MAX
    if len(text) > most:
        raise ValueError(sentences.values.at_most_characters(most))
    return text


def kind_of(values: Iterable[Any]) -> Kind:
    """The kind of a new field, read off values as JSON or a person's typing gave them."""
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return Kind.FLAG
    if known and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in known
    ):
        return Kind.NUMBER
    if any(isinstance(value, list | tuple) for value in known):
        return Kind.TAGS
    return Kind.TEXT


def format_year(year: float) -> str:
    """``1934`` or ``44 BC``."""
    return f"{format_number(-year)} BC" if year < 0 else format_number(year)


def format_value(name: str, value: Value | None) -> str:
    """A value as a person reads it, and may type it again."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    return format_year(value) if name in BASE_SCHEMA else format_number(value)


def format_number(value: float) -> str:
    """A number in full: neither people nor Redis's FILTER read ``1e-05``."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def read_type(text: str) -> Value:
    """What a person typed for a field that is new: a number, a flag, tags, or else text."""
    if _NUMBER.fullmatch(text):
        return parse_value(Kind.NUMBER, text)
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    return parse_value(Kind.TAGS, text) if "," in text else text

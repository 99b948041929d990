"""The values of attributes: reading, checking and formatting them.

Commands, CSV and JSON give values as text or as JSON values. All of them go through
``clean_value``, which returns what is stored. ``infer_kind`` and ``infer_value`` decide the kind of
a new field.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import cast

from bot.errors import InvalidPerson
from bot.language import _
from bot.person.schema import BASE_SCHEMA, IMAGE_FIELD, Kind
from bot.person.text import clean_text, fold

Value = float | str | tuple[str, ...] | bool
"""A known value as displayed: a number, text, tags or a flag."""

TEXT_MAX = 100
IMAGE_MAX = 500  # addresses of pictures may be long
TAGS_MAX = 25
YEAR_RANGE = range(-9999, 10000)
NUMBER_MAX = 10**15  # Redis compares doubles, which hold every smaller whole number exactly
NUMBER_MIN = 1e-9
SHOWN_MAX = 60  # characters of a refused value, in a message

UNKNOWN_WORDS = ("none", "null")
"""What people type for a value that isn't known."""

ERA_PATTERN = r"(?:[Bb]\.?\s?[Cc]\.?(?:\s?[Ee]\.?)?|A\.?D\.?|C\.?E\.?)(?!\w)"
"""An era after a year. Separate from the year, ``ad`` or ``ce`` in small letters is a word."""

_YEAR = re.compile(
    rf"(?P<sign>[-\u2212]?)\s*(?P<year>\d{{1,15}})\s*(?P<era>{ERA_PATTERN}|ad|ce)?", re.ASCII
)
_NUMBER = re.compile(r"[-\u2212]?\d{1,15}(\.\d+)?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def is_unknown(value: object) -> bool:
    """Whether a value is ``none`` or ``null``, which stand for an unknown value."""
    return isinstance(value, str) and value.strip().lower() in UNKNOWN_WORDS


def is_bc(era: str | None) -> bool:
    """Whether what ERA_PATTERN matched, if anything, means before Christ."""
    return (era or "").lower().startswith("b")


def parse_value(kind: Kind, text: str) -> Value:
    """Parse a value from what a person typed. Raises ValueError if it isn't of this kind."""
    text = text.strip()
    match kind:
        case Kind.NUMBER:
            return _parse_number(text)
        case Kind.FLAG:
            if text.lower() not in _FLAGS:
                raise ValueError(text)
            return _FLAGS[text.lower()]
        case Kind.TAGS:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case Kind.TEXT:
            return text


def _parse_number(text: str) -> float:
    if year := _YEAR.fullmatch(text):
        return int(year["year"]) * (-1 if year["sign"] or is_bc(year["era"]) else 1)
    if _NUMBER.fullmatch(text):
        return float(text.replace("\u2212", "-"))
    raise ValueError(text)


def can_parse(kind: Kind, text: str) -> bool:
    """Whether ``parse_value`` accepts a text."""
    try:
        parse_value(kind, text)
    except ValueError:
        return False
    return True


def clean_value(field: str, kind: Kind, value: object) -> Value | None:
    """Return a value as stored, or None if it is unknown. Text is parsed as typed by a person.
    Raises InvalidPerson for a value that the field can't have."""
    given = value
    if isinstance(value, str):
        if is_unknown(value) or not value.strip():
            return None
        try:
            value = parse_value(kind, value)
        except ValueError:
            raise InvalidPerson(_not_of_kind(field, kind, given)) from None
    if value is None:
        return None
    match kind:
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return _clean_number(field, value)
        case Kind.FLAG if isinstance(value, bool):
            return value
        case Kind.TEXT if isinstance(value, str):
            return _clean_text(field, value)
        case Kind.TAGS if isinstance(value, list | tuple):
            return _clean_tags(field, cast(Sequence[object], value))
        case _:
            raise InvalidPerson(_not_of_kind(field, kind, given))


def _clean_number(field: str, value: float) -> float:
    if not -NUMBER_MAX < value < NUMBER_MAX or 0 < abs(value) < NUMBER_MIN:
        if field in BASE_SCHEMA:
            raise InvalidPerson(_not_a_year(field, value))
        message = _(
            '{attribute} must be a number with at most 15 digits, not "{value}".',
            attribute=field,
            value=_shorten(value),
        )
        raise InvalidPerson(message)
    number = int(value) if value == int(value) else float(value)
    if field in BASE_SCHEMA and number not in YEAR_RANGE:
        raise InvalidPerson(_not_a_year(field, value))
    return number


def _clean_tags(field: str, value: Sequence[object]) -> tuple[str, ...] | None:
    """Return tags without repeats, each in its last spelling."""
    texts = [tag for tag in value if isinstance(tag, str)]
    if len(texts) < len(value):
        message = _(
            'The tags in {attribute} must be text, not "{value}".',
            attribute=field,
            value=_shorten(value),
        )
        raise InvalidPerson(message)
    tags = {fold(text): _clean_text(field, text) for text in texts}
    if len(tags) > TAGS_MAX:
        message = _(
            "{attribute} can have at most {limit} tags, not {count}.",
            attribute=field,
            limit=TAGS_MAX,
            count=len(tags),
        )
        raise InvalidPerson(message)
    return tuple(tags.values()) or None


def _clean_text(field: str, text: str) -> str:
    text = clean_text(text, field)
    if not fold(text):
        message = _("The value of {attribute} needs at least one letter or digit.", attribute=field)
        raise InvalidPerson(message)
    length_max = IMAGE_MAX if field == IMAGE_FIELD else TEXT_MAX
    if len(text) > length_max:
        message = _(
            '"{value}" is too long for {attribute}. Use at most {limit} characters.',
            value=_shorten(text),
            attribute=field,
            limit=length_max,
        )
        raise InvalidPerson(message)
    return text


def _not_of_kind(field: str, kind: Kind, value: object) -> str:
    if field in BASE_SCHEMA:
        return _not_a_year(field, value)
    shown = _shorten(value)
    match kind:
        case Kind.NUMBER:
            return _(
                "{attribute} must be a number, such as 180 or 1.75, or just a year, such as 1867 "
                'or 44 BC, not "{value}".',
                attribute=field,
                value=shown,
            )
        case Kind.FLAG:
            return _('{attribute} must be yes or no, not "{value}".', attribute=field, value=shown)
        case Kind.TEXT:
            return _('{attribute} must be text, not "{value}".', attribute=field, value=shown)
        case Kind.TAGS:
            return _(
                '{attribute} must be tags separated by commas, not "{value}".',
                attribute=field,
                value=shown,
            )


def _not_a_year(field: str, value: object) -> str:
    return _(
        "{attribute} must be just a year between {first} and {last}, such as 1867 or 44 BC, "
        'not "{value}".',
        attribute=field,
        first=format_year(YEAR_RANGE[0]),
        last=format_year(YEAR_RANGE[-1]),
        value=_shorten(value),
    )


def _shorten(value: object) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"


def infer_kind(values: Iterable[object]) -> Kind:
    """Return the kind of a new field that holds these values: JSON values, or what ``infer_value``
    returned. None is unknown."""
    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return Kind.FLAG
    if types and types <= {int, float}:
        return Kind.NUMBER
    return Kind.TAGS if types & {list, tuple} else Kind.TEXT


def infer_value(text: str) -> Value:
    """Parse what a person typed for a new field: as a number, a flag or tags if it looks like
    one, and as text otherwise."""
    if _NUMBER.fullmatch(text):
        return parse_value(Kind.NUMBER, text)
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    return parse_value(Kind.TAGS, text) if "," in text else text


def format_value(field: str, value: Value | None) -> str:
    """Format a value as people read it and may type it again."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, str):
        return value
    return format_year(value) if field in BASE_SCHEMA else format_number(value)


def format_year(year: float) -> str:
    """Format a year: ``1934`` or ``44 BC``."""
    return f"{format_number(-year)} BC" if year < 0 else format_number(year)


def format_number(value: float) -> str:
    """Format a number without an exponent: neither people nor Redis's FILTER read ``1e-05``."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")

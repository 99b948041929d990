"""Who is stored, what is stored of them, and how names and values are compared."""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self

from bot.errors import InvalidPerson

NAME_MAX = 100  # a Discord autocomplete choice holds no more
DESCRIPTION_MAX = 2000  # two cards of this length fit no message; the model reads about 1,000
VALUE_MAX = 100
TAGS_MAX = 25
FIELDS_MAX = 40
FIELD_NAME = re.compile(r"[a-z_][a-z0-9_]{0,31}")
YEARS = range(-9999, 10000)
NUMBER_MAX = 10**15  # below this a double, which Redis compares with, holds every whole number

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

RESERVED = frozenset(
    [
        "name",
        "description",
        "shown",
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

_ACCENTS = re.compile("[\u0300-\u036f]")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'\"\\`´‘’‚‛“”„‟′″ʻʼ")
)


def fold(text: str) -> str:
    """``text`` as it is compared: without case, accents, quotes, backslashes and extra spaces.

    Only the marks of Latin, Greek and Cyrillic letters are accents; those of other scripts make
    another letter and stay. Redis cannot escape a quote in a FILTER, hence no quotes.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().translate(_PLAIN_LETTERS).split())


def clean(text: str, what: str) -> str:
    """``text`` with its white space made single spaces. Raises InvalidPerson for characters that
    cannot be stored or that would change how the text around them is shown."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    for character in text:
        if (
            unicodedata.category(character) in ("Cc", "Cs")
            or character in "\u202a\u202b\u202d\u202e"
        ):
            raise InvalidPerson(
                f"The {what} has a control character (U+{ord(character):04X}) in it. "
                "Type it again without it."
            )
    return text


def _has_letters(text: str) -> bool:
    return any(character.isalnum() for character in text)


def clean_name(name: str) -> str:
    """A name as it is stored. Raises InvalidPerson."""
    name = clean(name, "name")
    if not _has_letters(fold(name)):
        raise InvalidPerson("A person needs a name with at least one letter or digit in it.")
    if len(name) > NAME_MAX:
        raise InvalidPerson(f"That name has {len(name)} characters; {NAME_MAX} is the most.")
    return name


def clean_description(description: str) -> str:
    """A description as it is stored. Raises InvalidPerson."""
    description = clean(description, "description")
    if not _has_letters(description):
        raise InvalidPerson(
            "A person needs a description in words: one or two sentences that say what they did."
        )
    if len(description) > DESCRIPTION_MAX:
        raise InvalidPerson(
            f"That description has {len(description):,} characters; "
            f"{DESCRIPTION_MAX:,} is the most."
        )
    return description


def clean_field(name: str) -> str:
    """The name of a field as it is stored. Raises InvalidPerson."""
    name = name.strip().lower()
    if not FIELD_NAME.fullmatch(name) or name in RESERVED:
        raise InvalidPerson(
            f"{name or 'An empty name'} cannot name an attribute. Take up to 32 of a-z, 0-9 and _, "
            "not starting with a digit, and no word that queries use (and, or, not, is …)."
        )
    return name


_YEAR = re.compile(
    r"(?P<sign>[-\u2212]?)\s*(?P<year>\d{1,15})\s*(?P<era>bce?|ad|ce)?", re.IGNORECASE
)
_NUMBER = re.compile(r"[-\u2212]?\d{1,15}(\.\d+)?")
_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def parse_value(kind: Kind, text: str) -> Value:
    """A value from what a person typed. Raises ValueError, which says what is expected."""
    text = text.strip()
    if kind is Kind.NUMBER:
        if year := _YEAR.fullmatch(text):
            before_christ = (year["era"] or "").lower().startswith("b")
            return int(year["year"]) * (-1 if year["sign"] or before_christ else 1)
        if _NUMBER.fullmatch(text):
            return float(text.replace("\u2212", "-"))
        raise ValueError("a number, like 1934, -44 or 44 BC")
    if kind is Kind.FLAG:
        if text.lower() not in _FLAGS:
            raise ValueError("yes or no")
        return _FLAGS[text.lower()]
    if kind is Kind.TAGS:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def clean_value(name: str, kind: Kind, value: Any) -> Value | None:
    """``value`` as field ``name`` stores it; None for unknown. Raises InvalidPerson."""
    try:
        return _clean_value(name, kind, value)
    except ValueError as error:
        shown = str(value) if len(str(value)) <= 60 else f"{str(value)[:60]}…"
        raise InvalidPerson(f"{name} takes {error}, not {shown}.") from None


def _clean_value(name: str, kind: Kind, value: Any) -> Value | None:
    if isinstance(value, str):
        unknown = value.strip().lower() in ("", "none")
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
    expected = {Kind.FLAG: "yes or no", Kind.TEXT: "text", Kind.TAGS: "tags, with commas between"}
    raise ValueError(expected[kind])


def _clean_number(name: str, value: Any) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        raise ValueError("a number")
    value = int(value) if value == int(value) else round(float(value), 6)
    if name in BASE_SCHEMA and (not isinstance(value, int) or value not in YEARS):
        raise ValueError(f"a year between {YEARS[0]} and {YEARS[-1]}")
    if abs(value) >= NUMBER_MAX:
        raise ValueError("a number of at most 15 digits")
    return value


def _clean_tags(name: str, value: Sequence[Any]) -> tuple[str, ...] | None:
    if not all(isinstance(part, str) for part in value):
        raise ValueError("tags that are text")
    tags = {fold(part): _clean_text(name, part) for part in value}
    if len(tags) > TAGS_MAX:
        raise ValueError(f"at most {TAGS_MAX} tags")
    return tuple(tags.values()) or None


def _clean_text(name: str, text: str) -> str:
    text = clean(text, name)
    if not fold(text):
        raise ValueError("a value with letters or digits in it")
    if len(text) > VALUE_MAX:
        raise ValueError(f"at most {VALUE_MAX} characters")
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
    return f"{-year:g} BC" if year < 0 else f"{year:g}"


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
    return format_year(value) if name in BASE_SCHEMA else f"{value:.15g}"


@dataclass(frozen=True)
class Person:
    """A person as displayed: ``attributes`` holds the known values only, as they were typed."""

    name: str
    description: str = ""
    attributes: Mapping[str, Value] = field(default_factory=dict)

    @classmethod
    def create(
        cls, name: str, description: str, attributes: Mapping[str, Any], schema: Schema
    ) -> Self:
        """A person that can be stored. Every attribute must be in ``schema``; None and ``none``
        are unknown. Raises InvalidPerson."""
        person = cls(clean_name(name), clean_description(description))
        return person.edited(None, attributes, schema)

    def edited(
        self, description: str | None, attributes: Mapping[str, Any], schema: Schema
    ) -> Self:
        """This person with another description (None: the same) and these attributes changed."""
        values: dict[str, Value | None] = dict(self.attributes)
        for key, value in attributes.items():
            values[key] = clean_value(key, schema[key], value)
        known = {key: value for key in schema if (value := values.get(key)) is not None}
        born, died = known.get("born"), known.get("died")
        if isinstance(born, int) and isinstance(died, int) and died < born:
            raise InvalidPerson(
                f"{self.name} cannot have died in {format_year(died)}, "
                f"before being born in {format_year(born)}."
            )
        text = self.description if description is None else clean_description(description)
        return replace(self, description=text, attributes=known)

    @property
    def years(self) -> str:
        """``1867–1934``, ``born 1958``, ``died 415`` or nothing."""
        born, died = self.attributes.get("born"), self.attributes.get("died")
        if isinstance(born, int | float) and isinstance(died, int | float):
            if born < 0 and died < 0:
                return f"{-born:g}–{format_year(died)}"
            return f"{format_year(born)}–{format_year(died)}"
        if isinstance(born, int | float):
            return f"born {format_year(born)}"
        return f"died {format_year(died)}" if isinstance(died, int | float) else ""

    def dump(self, schema: Schema) -> str:
        """The JSON that Redis stores and filters: every field of ``schema`` first, null where
        unknown and folded where text; then what is only shown."""
        stored: dict[str, Any] = {}
        shown: dict[str, Any] = {}
        for key in schema:
            value = self.attributes.get(key)
            stored[key] = _folded(value)
            if isinstance(value, str | tuple) and stored[key] != value:
                shown[key] = value
        stored["description"] = self.description
        if shown:
            stored["shown"] = shown
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, name: str, stored: str | None) -> Self:
        """A person from the JSON of ``dump``, or from what another program stored."""
        try:
            attributes = json.loads(stored or "{}")
        except ValueError:
            attributes = {}
        if not isinstance(attributes, dict):
            attributes = {}
        description, shown = attributes.pop("description", ""), attributes.pop("shown", {})
        attributes |= shown if isinstance(shown, dict) else {}
        known = {
            key: tuple(map(str, value)) if isinstance(value, list) else value
            for key, value in attributes.items()
            if isinstance(value, bool | int | float | str | list)
        }
        return cls(name, str(description or ""), known)


def _folded(value: Value | None) -> Value | list[str] | None:
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, tuple):
        return [fold(tag) for tag in value]
    return value


@dataclass(frozen=True)
class Match:
    """A person found. ``score`` is Redis's similarity, (1 + cosine) / 2, from 0 to 1; None where
    no words were asked, so that nobody is nearer than another."""

    person: Person
    score: float | None = None


def parse_attributes(text: str, schema: Schema) -> dict[str, Any]:
    """``country=United States field=physics, chemistry`` as values by field name; a value runs to
    the next ``name=``. The type of a value whose field is not in ``schema`` is read off it.
    Raises InvalidPerson."""
    masked = re.sub('"[^"]*"', lambda quoted: "_" * len(quoted[0]), text)
    found = list(re.finditer(r"(?:^|[\s,;])(?P<name>\w+)\s*=", masked))
    before = text[: found[0].start()] if found else text
    if before.strip():
        raise InvalidPerson(
            "Attributes are written name=value, like country=France field=physics,chemistry; "
            f"{before.strip()[:60]} is not."
        )
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    values: dict[str, Any] = {}
    for match, end in zip(found, ends, strict=True):
        name = clean_field(match["name"])
        if name in values:
            raise InvalidPerson(f"{name} is given twice. Put several tags in one: {name}=a,b.")
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


def read_type(text: str) -> Value:
    """What a person typed for a field that is new: a number, a flag, tags, or else text."""
    if _NUMBER.fullmatch(text):
        return parse_value(Kind.NUMBER, text)
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    return parse_value(Kind.TAGS, text) if "," in text else text

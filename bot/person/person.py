"""A person, and a person found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from bot import sentences
from bot.errors import InvalidPerson
from bot.person.schema import BASE_SCHEMA, Schema, Value, clean_value, format_year, is_field
from bot.person.text import clean, fold, has_letters

NAME_MAX = 100  # a Discord autocomplete choice holds no more
DESCRIPTION_MAX = 2000  # two cards of this length fit no message; the model reads about 1,000

TYPED = "_typed"
"""The key of the values as typed, where folding changed them."""

FOREIGN = "_foreign"
"""The key of what another program stored that is no JSON object."""


def clean_name(name: str) -> str:
    """A name as it is stored. Raises InvalidPerson."""
    name = clean(name, "name")
    if not has_letters(fold(name)):
        raise InvalidPerson(sentences.people.NAME_NEEDED)
    if len(name) > NAME_MAX:
        raise InvalidPerson(sentences.people.name_too_long(len(name), NAME_MAX))
    return name


def clean_description(description: str) -> str:
    """A description as it is stored. Raises InvalidPerson."""
    description = clean(description, "description")
    if not has_letters(description):
        raise InvalidPerson(sentences.people.DESCRIPTION_NEEDED)
    if len(description) > DESCRIPTION_MAX:
        length = len(description)
        raise InvalidPerson(sentences.people.description_too_long(length, DESCRIPTION_MAX))
    return description


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
            years = format_year(died), format_year(born)
            if BASE_SCHEMA.keys() & attributes:  # else it was so before: another program stored it
                raise InvalidPerson(sentences.people.died_before_born(self.name, *years))
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
            return sentences.people.born(format_year(born))
        return sentences.people.died(format_year(died)) if isinstance(died, int | float) else ""

    def dump(self, schema: Schema, before: str = "") -> str:
        """The JSON that Redis stores and filters: every field of ``schema`` first, null where
        unknown and folded where text; then what is only shown; last, what ``before`` has that is
        not ours, for it is another program's."""
        stored: dict[str, Any] = {}
        typed: dict[str, Any] = {}
        for key in schema:
            value = self.attributes.get(key)
            stored[key] = _folded(value)
            if isinstance(value, str | tuple) and stored[key] != value:
                typed[key] = value
        stored["description"] = self.description
        if typed:
            stored[TYPED] = typed
        foreign = {k: v for k, v in _read(before).items() if k not in stored and k != TYPED}
        return json.dumps({**stored, **foreign}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, name: str, stored: str | None) -> Self:
        """A person from the JSON of ``dump``, or from what another program stored."""
        values = _read(stored)
        description, typed = values.pop("description", ""), values.pop(TYPED, None)
        known = {
            key: tuple(map(str, value)) if isinstance(value, list) else value
            for key, value in (values | (typed if isinstance(typed, dict) else {})).items()
            if isinstance(value, bool | int | float | str | list) and is_field(key)
        }
        return cls(name, description if isinstance(description, str) else "", known)


def foreign(stored: str) -> str:
    """Of what Redis stores of a person, that which can only be another program's, as JSON."""
    values = _read(stored)
    ours = {"description", TYPED}
    kept = {k: v for k, v in values.items() if k not in ours and not _is_ours(k, v)}
    return json.dumps(kept, ensure_ascii=False)


def _is_ours(key: str, value: Any) -> bool:
    return is_field(key) and not isinstance(value, dict)


def _read(stored: str | None) -> dict[str, Any]:
    try:
        values = json.loads(stored or "{}")
    except (ValueError, RecursionError):
        values = None
    return values if isinstance(values, dict) else {FOREIGN: stored}


def _folded(value: Value | None) -> Value | None:
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, tuple):
        return tuple(fold(tag) for tag in value)
    return value


@dataclass(frozen=True)
class Match:
    """A person found. ``score`` is Redis's similarity, (1 + cosine) / 2, from 0 to 1; None where
    no words were asked, so that nobody is nearer than another. ``closeness`` puts it in steps from
    0, not close, that mean the same in every directory."""

    person: Person
    score: float | None = None
    closeness: int | None = None

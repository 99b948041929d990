"""A person, and a match: a person found by a search."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, cast

from bot.errors import InvalidPerson
from bot.language import _
from bot.person.schema import BASE_SCHEMA, Schema, is_field_name
from bot.person.text import clean_text, fold, has_alphanumeric
from bot.person.values import Value, clean_value, format_year

NAME_MAX = 100  # a Discord autocomplete choice holds no more
DESCRIPTION_MAX = 2000  # two cards with longer ones fit no message; the model reads about 1,000

TYPED_KEY = "_typed"
"""The JSON key of the values as typed, if folding changed them."""

FOREIGN_KEY = "_foreign"
"""The JSON key of what another program stored that isn't a JSON object."""


def clean_name(name: str) -> str:
    """Return a name as it is stored. Raises InvalidPerson."""
    name = clean_text(name, "name")
    if not has_alphanumeric(fold(name)):
        raise InvalidPerson(_("A name needs at least one letter or digit."))
    if len(name) > NAME_MAX:
        message = _(
            "A name can have at most {limit} characters. This one has {count}.",
            limit=NAME_MAX,
            count=len(name),
        )
        raise InvalidPerson(message)
    return name


def clean_description(description: str) -> str:
    """Return a description as it is stored. Raises InvalidPerson."""
    description = clean_text(description, "description")
    if not has_alphanumeric(description):
        message = _(
            "A person needs a description in words: one or two sentences about what they did."
        )
        raise InvalidPerson(message)
    if len(description) > DESCRIPTION_MAX:
        message = _(
            "A description can have at most {limit} characters. This one has {count}.",
            limit=DESCRIPTION_MAX,
            count=len(description),
        )
        raise InvalidPerson(message)
    return description


@dataclass(frozen=True)
class Person:
    """A person as displayed. ``attributes`` holds the known values only, as they were typed."""

    name: str
    description: str = ""
    attributes: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @classmethod
    def create(
        cls, name: str, description: str, attributes: Mapping[str, object], schema: Schema
    ) -> Self:
        """Create a person that can be stored. Every attribute must be in ``schema``; None and
        ``none`` are unknown. Raises InvalidPerson."""
        person = cls(clean_name(name), clean_description(description))
        return person.with_changes(None, attributes, schema)

    def with_changes(
        self, description: str | None, attributes: Mapping[str, object], schema: Schema
    ) -> Self:
        """Return this person with a new description (None keeps the old one) and these attributes
        changed. Fields that aren't in ``schema`` are dropped. Raises InvalidPerson."""
        values: dict[str, Value | None] = dict(self.attributes)
        for key, value in attributes.items():
            values[key] = clean_value(key, schema[key], value)
        known = {key: value for key in schema if (value := values.get(key)) is not None}
        if BASE_SCHEMA.keys() & attributes:  # years that another program stored may be wrong
            self._check_years(known)
        text = self.description if description is None else clean_description(description)
        return replace(self, description=text, attributes=known)

    def _check_years(self, values: Mapping[str, Value]) -> None:
        born, died = values.get("born"), values.get("died")
        if isinstance(born, int) and isinstance(died, int) and died < born:
            message = _(
                "{name} can't have died in {died}, before being born in {born}.",
                name=self.name,
                died=format_year(died),
                born=format_year(born),
            )
            raise InvalidPerson(message)

    @property
    def years(self) -> str:
        """``1867–1934``, ``born 1958``, ``died 415``, or an empty text if neither is known."""
        born, died = self.attributes.get("born"), self.attributes.get("died")
        if isinstance(born, int | float) and isinstance(died, int | float):
            if born < 0 and died < 0:
                return f"{-born:g}–{format_year(died)}"
            return f"{format_year(born)}–{format_year(died)}"
        if isinstance(born, int | float):
            return _("born {year}", year=format_year(born))
        if isinstance(died, int | float):
            return _("died {year}", year=format_year(died))
        return ""

    def dump(self, schema: Schema, existing: str = "") -> str:
        """Return the JSON that Redis stores and filters.

        Every field of ``schema`` comes first: null where unknown, and text folded. What is only
        displayed follows. Last is whatever another program put into the ``existing`` JSON.
        """
        stored: dict[str, Any] = {}
        typed: dict[str, Value] = {}
        for key in schema:
            value = self.attributes.get(key)
            stored[key] = _fold_value(value)
            if isinstance(value, str | tuple) and stored[key] != value:
                typed[key] = value
        stored["description"] = self.description
        if typed:
            stored[TYPED_KEY] = typed
        for key, value in _load_object(existing).items():
            if key != TYPED_KEY:
                stored.setdefault(key, value)
        return json.dumps(stored, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, name: str, stored: str | None) -> Self:
        """Load a person from the JSON of ``dump``, or from what another program stored."""
        values = _load_object(stored)
        description, typed = values.pop("description", ""), values.pop(TYPED_KEY, None)
        if isinstance(typed, dict):
            values |= cast(dict[str, Any], typed)
        known: dict[str, Value] = {}
        for key, value in values.items():
            if isinstance(value, list) and is_field_name(key):
                known[key] = tuple(map(str, cast(list[object], value)))
            elif isinstance(value, bool | int | float | str) and is_field_name(key):
                known[key] = value
        return cls(name, description if isinstance(description, str) else "", known)


def changed_fields(old: Person, new: Person) -> Mapping[str, tuple[Any, Any]]:
    """Return the attributes that differ between two versions of a person, each with the old and the
    new value."""
    names = dict.fromkeys([*old.attributes, *new.attributes])
    values = {name: (old.attributes.get(name), new.attributes.get(name)) for name in names}
    return {name: pair for name, pair in values.items() if pair[0] != pair[1]}


def foreign_json(stored: str) -> str:
    """Return the part of a person's stored JSON that can only be another program's, as JSON."""
    foreign = _load_object(stored)
    for key, value in [*foreign.items()]:
        is_attribute = is_field_name(key) and not isinstance(value, dict)
        if key in ("description", TYPED_KEY) or is_attribute:
            del foreign[key]
    return json.dumps(foreign, ensure_ascii=False)


def _load_object(stored: str | None) -> dict[str, Any]:
    try:
        values = json.loads(stored or "{}")
    except (ValueError, RecursionError):
        values = None
    return cast(dict[str, Any], values) if isinstance(values, dict) else {FOREIGN_KEY: stored}


def _fold_value(value: Value | None) -> Value | None:
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, tuple):
        return tuple(fold(tag) for tag in value)
    return value


@dataclass(frozen=True)
class Match:
    """A person found.

    ``score`` is Redis's similarity, (1 + cosine) / 2, from 0 to 1; None if the query had no words.
    ``closeness`` is the similarity as a level, from 0 for not close, that means the same in every
    directory.
    """

    person: Person
    score: float | None = None
    closeness: int | None = None

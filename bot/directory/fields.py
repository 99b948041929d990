"""The fields of a directory: its schema, and the changes to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory.history.operations import (
    UNKNOWN_AUTHOR,
    Author,
    HistoryLimits,
    OperationKind,
    OperationRequest,
)
from bot.directory.redis import Argument
from bot.directory.schema_json import dump_schema, load_schema
from bot.directory.storage import Storage
from bot.directory.values import ValueIndex
from bot.directory.vector_search import require_same_model
from bot.errors import DirectoryUnavailable, InvalidPerson
from bot.language import _, format_list
from bot.person import (
    BASE_SCHEMA,
    FIELDS_MAX,
    UNKNOWN_WORDS,
    Kind,
    Person,
    Schema,
    clean_field_name,
    infer_kind,
    kind_name,
    similarly_spelt,
)

ATTEMPTS = 5
KEY_AFTER_FIELDS = "description"  # in the JSON of a person's attributes


class Fields:
    """The fields of one directory, as last read. Another process may have changed them since, so
    each change is sent to Redis with the schema it was made for, and does nothing if the directory
    has a different one: see Attempts."""

    def __init__(
        self,
        storage: Storage,
        values: ValueIndex,
        schema: Schema,
        model: str,
        limits: HistoryLimits,
    ) -> None:
        self.schema = schema
        self._storage = storage
        self._values = values
        self._model = model
        self._limits = limits

    async def refresh(self) -> None:
        """Read the schema and the values from Redis. Raises SettingError if another process has
        embedded everyone with a different model."""
        stored, model, values = await self._storage.redis.execute(
            "HMGET", self._storage.keys.meta, "schema", "model", "values"
        )
        if stored is None:
            message = _(
                "This directory is no longer in the database. Restart the bot to start a new one."
            )
            raise DirectoryUnavailable(message)
        require_same_model(model, self._model)
        await self._values.refresh(values)
        self.schema = load_schema(stored)

    def stamp(self, request: OperationRequest) -> tuple[Argument, ...]:
        """Return the first arguments of each function of lua/directory.lua that is part of an
        operation. If the directory's schema or model has changed, the function does nothing, and
        Storage.call returns None."""
        return dump_schema(self.schema), self._model, request.dump(self._limits)

    # Values of fields

    def infer_new(self, values: Mapping[str, Any]) -> Schema:
        """Return the fields among these values that the directory doesn't have, with the kinds
        that the values suggest. Raises InvalidPerson for a name that looks like a typing error."""
        new = {name: v for name, v in clean_names(values).items() if name not in self.schema}
        for name, value in new.items():
            similar = similarly_spelt(name, self.schema, limit=1, min_similarity=0.85)
            if similar:
                message = _(
                    'There\'s no attribute "{attribute}". Did you mean {names}?',
                    attribute=name,
                    names=format_list(similar, "or"),
                )
                raise InvalidPerson(message)
            if value is None or value in UNKNOWN_WORDS:
                raise self._not_found(name)
        return {name: infer_kind([value]) for name, value in new.items()}

    def check(self, values: Mapping[str, Any]) -> Schema:
        """Return the fields that these values would add. Raises InvalidPerson for a value that
        nobody can have."""
        new_fields = self.infer_new(values)
        Person("").with_changes(None, clean_names(values), {**self.schema, **new_fields})
        return new_fields

    # Changes

    async def add(self, name: str, kind: Kind, *, by: Author = UNKNOWN_AUTHOR) -> str:
        """Add a field; return its name as stored. Raises InvalidPerson."""
        name = clean_field_name(name)
        await self.refresh()
        request = OperationRequest(OperationKind.FIELD_ADD, by, note=name)
        if not await self.define({name: kind}, request):
            raise self._exists(name)
        return name

    async def rename(self, old: str, new: str, *, by: Author = UNKNOWN_AUTHOR) -> str:
        """Rename a field, in one transaction; return its new name as stored. Raises
        InvalidPerson."""
        await self.refresh()
        async for _attempt in Attempts(self):
            old, new = self.get_changeable(old), clean_field_name(new)
            if new in self.schema:
                raise self._exists(new)
            request = OperationRequest(OperationKind.FIELD_RENAME, by, note=f"{old} {new}")
            if await self.try_rename(old, new, request):
                return new
        raise fields_busy()

    async def define(
        self, fields: Schema, request: OperationRequest | None = None, order: Sequence[str] = ()
    ) -> list[str]:
        """Add those of these fields that the directory doesn't have, and return them. In the same
        transaction everyone gets the new fields, as unknown. They come last, or before the first
        field that follows them in ``order``. Raises InvalidPerson if there would be too many."""
        request = request or OperationRequest(OperationKind.FIELD_ADD, note=" ".join(fields))
        async for _attempt in Attempts(self):
            new = {name: kind for name, kind in fields.items() if name not in self.schema}
            if not new:
                return []
            if len(self.schema) + len(new) > FIELDS_MAX:
                raise InvalidPerson(
                    _("A directory can have at most {limit} attributes.", limit=FIELDS_MAX)
                )
            next_key = _next_key(next(iter(new)), order, self.schema)
            schema = _insert(self.schema, new, next_key)
            nulls = "".join(f"{json.dumps(name)}:null," for name in new)
            arguments = (dump_schema(schema), nulls, next_key)
            number = await self._storage.call("define_fields", *self.stamp(request), *arguments)
            if self._accept(schema, number, request):
                return list(new)
        raise fields_busy()

    async def try_rename(self, old: str, new: str, request: OperationRequest) -> bool:
        """Rename a field. Returns False if the schema has changed since it was read."""
        schema = {new if name == old else name: kind for name, kind in self.schema.items()}
        arguments = (dump_schema(schema), old, new)
        number = await self._storage.call("rename_field", *self.stamp(request), *arguments)
        return self._accept(schema, number, request)

    async def try_remove(self, name: str, request: OperationRequest) -> bool | None:
        """Remove a field. Returns False if the schema has changed since it was read, and None if
        someone has a value for the field."""
        schema = {other: kind for other, kind in self.schema.items() if other != name}
        number = await self._storage.call(
            "remove_field", *self.stamp(request), dump_schema(schema), name
        )
        return None if number == 0 else self._accept(schema, number, request)

    def _accept(self, schema: Schema, number: int | None, request: OperationRequest) -> bool:
        """Note the schema and the number of a change, if Redis made it. Returns whether it did."""
        if number is None:
            return False
        request.number = int(number)
        self.schema = schema
        return True

    def get_changeable(self, name: str) -> str:
        """Return the name, as stored, of a field that can be renamed or removed. Raises
        InvalidPerson."""
        name = clean_field_name(name)
        if name in BASE_SCHEMA:
            message = _(
                "Every directory has the attribute {attribute}. It can't be renamed or removed.",
                attribute=name,
            )
            raise InvalidPerson(message)
        if name not in self.schema:
            raise self._not_found(name)
        return name

    def _exists(self, name: str) -> InvalidPerson:
        return InvalidPerson(
            _(
                'There\'s already an attribute "{attribute}" ({kind}).',
                attribute=name,
                kind=kind_name(self.schema[name]),
            )
        )

    def _not_found(self, name: str) -> InvalidPerson:
        return InvalidPerson(
            _(
                'There\'s no attribute "{attribute}". The attributes are {names}.',
                attribute=name,
                names=format_list(self.schema),
            )
        )


@dataclass
class Attempts:
    """Up to ATTEMPTS attempts at something that depends on the fields and values as last read:
    ``async for attempt in Attempts(fields)``. They are read again before the second and later
    attempts. After the last, the loop ends."""

    fields: Fields
    count: int = 0

    def __aiter__(self) -> "Attempts":
        return self

    async def __anext__(self) -> int:
        """Return the number of the attempt, from 1."""
        if self.count == ATTEMPTS:
            raise StopAsyncIteration
        if self.count:
            await self.fields.refresh()
        self.count += 1
        return self.count


def fields_busy() -> DirectoryUnavailable:
    """Return the error to raise after the last attempt."""
    return DirectoryUnavailable(
        _("Someone else is changing the directory's attributes. Try again in a moment.")
    )


def clean_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values by the names of their fields as stored."""
    return {clean_field_name(name): value for name, value in values.items()}


def _next_key(name: str, order: Sequence[str], schema: Schema) -> str:
    """Return the field of the schema that follows a field in ``order``, or KEY_AFTER_FIELDS."""
    later = list(order)[list(order).index(name) + 1 :] if name in order else []
    return next((other for other in later if other in schema), KEY_AFTER_FIELDS)


def _insert(schema: Schema, new: Schema, next_key: str) -> Schema:
    """Return the schema with new fields before the field ``next_key``, or at the end."""
    inserted: dict[str, Kind] = {}
    for name, kind in schema.items():
        inserted |= new if name == next_key else {}
        inserted[name] = kind
    return {**inserted, **new}

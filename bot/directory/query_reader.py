"""Parsing questions by the fields and values that a directory has."""

from collections.abc import Mapping
from datetime import date

from bot.directory.fields import Fields
from bot.directory.schema_json import dump_schema
from bot.directory.values import ValueIndex
from bot.directory.vector_search import DirectoryVersion
from bot.person import Schema
from bot.query import KnownValues, Query, find_named_values, parse


class QueryReader:
    """Parses questions to one directory."""

    def __init__(self, fields: Fields, values: ValueIndex) -> None:
        self._fields = fields
        self._values = values

    async def parse(self, text: str, *, literal: bool) -> tuple[Query, DirectoryVersion]:
        """Parse ``text`` by the fields and values as last read from Redis. With ``literal``, plain
        English stays words. Also returns the version of the directory it was parsed by. Raises
        QueryError."""
        if not self._values.is_loaded:
            await self._fields.refresh()
        schema = self._fields.schema
        version = DirectoryVersion(dump_schema(schema), self._values.version)
        year = date.today().year
        known: KnownValues = self._values.cache or {}
        if self._values.cache is None and not literal:
            known = await self._look_up_values(text, schema, year)
        return parse(text, schema, year, known, literal=literal), version

    async def _look_up_values(self, text: str, schema: Schema, year: int) -> KnownValues:
        """Look up the values that a text mentions, in a directory with too many to cache."""
        known: dict[str, Mapping[str, str]] = {}
        while named := find_named_values(text, schema, year, known) - {*known}:
            found = await self._values.look_up(schema, named)
            known |= {value: found.get(value, {}) for value in named}
        return known

"""Reading what is asked of one directory, as its fields and values let it be read."""

from collections.abc import Mapping
from datetime import date

from bot import sentences
from bot.directory.keys import Keys
from bot.directory.redis import Redis
from bot.directory.schema_json import dump_schema, load_schema
from bot.directory.search import Seen, check_model
from bot.directory.values import ValueIndex
from bot.embedding import Embeds
from bot.errors import DirectoryUnavailable, QueryError
from bot.person import Schema, fold
from bot.query import KnownValues, Query, complete, parse, values_named
from bot.query.filters import quote


class Reader:
    """Reads for the directory under ``key``, whose fields and values it knows from when it last
    looked."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, schema: Schema) -> None:
        self.key = key
        self.schema = schema
        self._redis = redis
        self._embedder = embedder
        self._keys = Keys.of(key)
        self._occurring = ValueIndex(redis, self._keys)

    async def understand(self, text: str, *, literal: bool = False) -> Query:
        """``text`` as the directory's fields and values let it be read. Raises QueryError."""
        await self.refresh()
        query, _ = await self._parse(text, literal)
        return query

    async def suggest(self, typed: str, count: int) -> list[str]:
        """Up to ``count`` lines that go on where ``typed`` ends: with a field, an operator, or a
        value that somebody has."""
        completion = complete(typed, self.schema)
        if not completion.options and not completion.field:
            await self.refresh()  # another process may have added the field
            completion = complete(typed, self.schema)
        options = completion.options
        if completion.field:
            found = await self._occurring.starting(completion.field, completion.start)
            listed = set(map(fold, completion.listed))
            options = [quote(value) for value in found if fold(value) not in listed]
        return [completion.head + option for option in options[:count]]

    async def refresh(self) -> None:
        """Read the schema and the values again, which another process may have changed. Raises
        SettingError if one embedded everybody by another model."""
        stored, model, values = await self._redis.execute(
            "HMGET", self._keys.meta, "schema", "model", "values"
        )
        if stored is None:
            raise DirectoryUnavailable(sentences.service.DIRECTORY_GONE)
        check_model(model, self._embedder.name)
        await self._occurring.refresh(values)
        self.schema = load_schema(stored)

    async def _prepare(self) -> None:
        if not self._occurring.read:
            await self.refresh()

    async def _read(self, text: str, literal: bool) -> tuple[Query, Seen]:
        """``text`` as it reads by the fields and values that we know of, and what these are. Raises
        QueryError, but asks for others first."""
        await self._prepare()
        try:
            return await self._parse(text, literal)
        except QueryError:
            await self.refresh()
            return await self._parse(text, literal)

    async def _parse(self, text: str, literal: bool) -> tuple[Query, Seen]:
        schema, seen = self.schema, Seen(dump_schema(self.schema), self._occurring.version)
        year = date.today().year
        known: KnownValues = self._occurring.held or {}
        if self._occurring.held is None and not literal:
            known = await self._lookup(text, schema, year)
        return parse(text, schema, year, known, literal=literal), seen

    async def _lookup(self, text: str, schema: Schema, year: int) -> KnownValues:
        """The values that a text names, where they are too many to be held."""
        known: dict[str, Mapping[str, str]] = {}
        while named := values_named(text, schema, year, known) - {*known}:
            found = await self._occurring.known(schema, named)
            known |= {value: found.get(value, {}) for value in named}
        return known

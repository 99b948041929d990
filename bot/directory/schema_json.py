"""A schema as JSON, as it is stored."""

import json
from contextlib import suppress
from typing import cast

from bot.person import BASE_SCHEMA, Kind, Schema


def dump_schema(schema: Schema) -> str:
    """Return a schema as JSON; Lua compares this text to see whether a schema has changed."""
    return json.dumps(dict(schema))


def load_schema(text: str) -> Schema:
    """Return a schema from JSON. Raises ValueError for anything else."""
    loaded = json.loads(text)
    if not isinstance(loaded, dict):
        raise ValueError(text)
    return {name: Kind(kind) for name, kind in cast("dict[str, str]", loaded).items()}


def load_own_schema(text: str | None) -> Schema | None:
    """Return a schema from JSON if the bot wrote it; None for anything else."""
    with suppress(ValueError, RecursionError):
        schema = load_schema(text or "")
        return schema if BASE_SCHEMA.items() <= schema.items() else None
    return None

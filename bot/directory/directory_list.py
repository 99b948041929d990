"""Listing the directories there are in a Redis, by their keys.

Each server has a directory of its own, whose key is a pattern with the server's ID in the place of
SERVER_PLACEHOLDER. A pattern without it is the key of one directory that all servers share.
"""

import re

from bot.directory.keys import Keys
from bot.directory.redis import Redis

SERVER_PLACEHOLDER = "{guild}"
_ANY = "\0"  # in no name


def is_valid_name(name: str) -> bool:
    """Return whether a directory can have this name. Braces would change its cluster slot."""
    return bool(name) and name.isprintable() and not set(name) & set("{}")


async def list_names(redis: Redis, pattern: str) -> list[str]:
    """Return the names of all directories, including empty ones, where each server has its own."""
    with_people = await _find_names(redis, _key_templates(pattern).vset, "vectorset")
    return sorted({*with_people, *await list_left_marks(redis, pattern)})


async def list_left_marks(redis: Redis, pattern: str) -> dict[str, str | None]:
    """Return the directories that the bot created or adopted, by name, where each server has its
    own. The values are when the bot left the server, in milliseconds, None if it didn't."""
    template = _key_templates(pattern).meta
    names = await _find_names(redis, template, "hash")
    stored = await redis.execute_all(
        [("HMGET", template.replace(_ANY, name), "schema", "left") for name in names]
    )
    marks = zip(names, stored, strict=True)
    return {name: left for name, (schema, left) in marks if schema is not None}


def _key_templates(pattern: str) -> Keys:
    """Return the keys of a directory with _ANY in the place of its name."""
    return Keys.of(pattern.replace(SERVER_PLACEHOLDER, _ANY))


async def _find_names(redis: Redis, template: str, redis_type: str) -> list[str]:
    """Return the names of the directories that have a key of this template and Redis type."""
    before, _, after = template.partition(_ANY)
    keys = await redis.find_keys(f"{_escape_glob(before)}*{_escape_glob(after)}", redis_type)
    names = [key[len(before) : len(key) - len(after)] for key in keys]
    return [name for name in names if is_valid_name(name)]  # staging keys have braces: see Keys


def _escape_glob(text: str) -> str:
    """Return a pattern for Redis's KEYS that matches only this text."""
    return re.sub(r"[*?\[\]\\]", r"\\\g<0>", text)

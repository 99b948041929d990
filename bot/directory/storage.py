"""Where one directory is stored: a Redis and the directory's keys in it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.directory import lua
from bot.directory.keys import Keys
from bot.directory.redis import Argument, Redis, ScriptNotCached
from bot.errors import DirectoryUnavailable
from bot.person import Person

BATCH = 256  # people in a pipeline; parsing them blocks the event loop for some milliseconds


@dataclass(frozen=True)
class Storage:
    """The Redis and the keys under which one directory is stored. The parts of a directory, its
    maintenance and its backup use it."""

    redis: Redis
    keys: Keys

    async def call(
        self, function: lua.Function, *arguments: Argument, more_keys: Sequence[str] = ()
    ) -> Any:
        """Call a function of lua/directory.lua with the directory's keys and then ``more_keys``.
        Returns None where it returns false."""
        script = lua.SCRIPTS[function]
        suffix = "_RO" if script.is_read_only else ""
        keys = (*self.keys, *more_keys)
        rest = (len(keys), *keys, function, *arguments)
        try:
            return await self.redis.execute(f"EVALSHA{suffix}", script.digest, *rest)
        except ScriptNotCached:
            return await self.redis.execute(f"EVAL{suffix}", script.code, *rest)

    async def count(self) -> int:
        """Return how many people there are."""
        return int(await self.redis.execute("VCARD", self.keys.vset))

    async def list_names(self) -> list[str]:
        """Return everyone's name, in no particular order."""
        more_than_all = await self.count() + 1  # one more, in case someone is being added
        return await self.redis.execute("VRANDMEMBER", self.keys.vset, more_than_all) or []

    async def read_attributes(self, names: Sequence[str]) -> list[str | None]:
        """Return the attributes of these people as stored, in JSON; None for those who don't
        exist."""
        stored: list[str | None] = []
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            stored += await self.redis.execute_all(
                [("VGETATTR", self.keys.vset, name) for name in batch]
            )
        return stored

    async def load_people(self, names: Sequence[str]) -> list[Person]:
        """Return the people of these names who exist, in the same order. They are parsed in
        batches, so that the event loop is never blocked for long."""
        people: list[Person] = []
        for start in range(0, len(names), BATCH):
            batch = names[start : start + BATCH]
            stored = await self.read_attributes(batch)
            people += [
                Person.load(name, text)
                for name, text in zip(batch, stored, strict=True)
                if text is not None
            ]
        return people

    async def version(self) -> tuple[str, int]:
        """Return the number of changes made by the bot, and of people. They are different after
        each change by the bot, and after most changes by other programs."""
        count_changes = ("HGET", self.keys.meta, "changes")
        changes, size = await self.redis.execute_all([count_changes, ("VCARD", self.keys.vset)])
        return str(changes), int(size)

    async def compact(self) -> None:
        """Have Redis rewrite its append-only file in the background. Otherwise it would add every
        person again at its next start, which takes long."""
        with suppress(DirectoryUnavailable):  # if it isn't permitted, the start only takes longer
            info = await self.redis.execute("INFO", "persistence", near=self.keys.vset)
            if not info["aof_rewrite_in_progress"]:
                await self.redis.execute("BGREWRITEAOF", near=self.keys.vset)

"""A storage that is never the same twice."""

from bot.directory.storage import Storage


class ChangingStorage(Storage):
    """Counts a change whenever its version is read."""

    async def version(self) -> tuple[str, int]:
        await self.redis.execute("HINCRBY", self.keys.meta, "changes", 1)
        return await super().version()

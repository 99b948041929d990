"""Deleting the directories of servers that the bot has left, after a grace period."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import discord
from discord.ext import commands, tasks

from bot.client import PeopleBot
from bot.errors import DirectoryError

log = logging.getLogger(__name__)


class LeftServersCog(commands.Cog):
    """Marks the directory of a server that the bot was removed from, and deletes it later.

    A server that is only unavailable isn't one that the bot left.
    """

    def __init__(self, bot: PeopleBot) -> None:
        self._bot = bot
        self._directories = bot.directories

    async def cog_unload(self) -> None:
        self.check.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Start checking, now that the servers are known. Also called after a reconnection."""
        if not self.check.is_running():
            self.check.start()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        with _retried_by_next_check():
            await self._mark(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        with _retried_by_next_check():
            await self._unmark(guild.id)

    @tasks.loop(hours=1)
    async def check(self) -> None:
        """Compare the directories with the servers, which the bot may have left or joined while it
        wasn't running."""
        with _retried_by_next_check():
            for server, is_marked in (await self._directories.servers()).items():
                if not self._is_own_shard(server):
                    continue
                if self._bot.get_guild(server):
                    if is_marked:
                        await self._unmark(server)
                elif is_marked:
                    await self._delete(server)
                else:
                    await self._mark(server)

    def _is_own_shard(self, server: int) -> bool:
        """Return whether the server belongs to a shard of this process."""
        return (server >> 22) % (self._bot.shard_count or 1) in self._bot.shards

    async def _mark(self, server: int) -> None:
        if await self._directories.mark_left(server):
            days = self._bot.grace_days
            log.info("Not in the server %d: its directory is kept for %d days", server, days)

    async def _unmark(self, server: int) -> None:
        if await self._directories.unmark_left(server):
            log.info("In the server %d again: keeping its directory", server)

    async def _delete(self, server: int) -> None:
        people = await self._directories.delete_left(server, self._bot.grace_days)
        if people is not None:
            log.info("Deleted the directory %d, whose server was left: %d people", server, people)


@contextmanager
def _retried_by_next_check() -> Iterator[None]:
    """Log a DirectoryError; the next check tries again."""
    try:
        yield
    except DirectoryError as error:
        log.warning("The directories of servers that were left are checked again later: %s", error)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(LeftServersCog(bot))

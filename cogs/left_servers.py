"""Servers that the bot left: their directories are kept for a while, then deleted."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import discord
from discord.ext import commands, tasks

from bot.client import PeopleBot
from bot.errors import DirectoryError

log = logging.getLogger(__name__)


class Departures(commands.Cog):
    """Marks the directory of a server that the bot was removed from, and deletes it when the time
    of grace is over. A server that is merely unavailable stays among the bot's."""

    def __init__(self, bot: PeopleBot) -> None:
        self._bot = bot
        self._directories = bot.directories

    async def cog_unload(self) -> None:
        self.check.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Now it is known which servers there are. This comes again after a reconnection."""
        if not self.check.is_running():
            self.check.start()

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        with _trying():
            await self._leave(guild.id)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        with _trying():
            await self._stay(guild.id)

    @tasks.loop(hours=1)
    async def check(self) -> None:
        """Compare the directories with the servers: some were left, or joined again, while the bot
        was not running."""
        with _trying():
            for server, marked in (await self._directories.servers()).items():
                if self._is_ours(server):
                    await self._settle(server, marked)

    async def _settle(self, server: int, marked: bool) -> None:
        if self._bot.get_guild(server):
            if marked:
                await self._stay(server)
        elif marked:
            await self._delete(server)
        else:
            await self._leave(server)

    def _is_ours(self, server: int) -> bool:
        """Whether Discord tells this process of the server, and not one with other shards."""
        return (server >> 22) % (self._bot.shard_count or 1) in self._bot.shards

    async def _leave(self, server: int) -> None:
        if await self._directories.mark_left(server):
            days = self._bot.grace_days
            log.info("Not in the server %d: its directory is kept for %d days", server, days)

    async def _stay(self, server: int) -> None:
        if await self._directories.unmark_left(server):
            log.info("In the server %d again: its directory stays", server)

    async def _delete(self, server: int) -> None:
        people = await self._directories.delete_left(server, self._bot.grace_days)
        if people is not None:
            log.info("Deleted the directory %d, whose server was left: %d people", server, people)


@contextmanager
def _trying() -> Iterator[None]:
    """What cannot be done now, the next check does."""
    try:
        yield
    except DirectoryError as error:
        log.warning("The directories of servers that were left are checked again later: %s", error)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Departures(bot))

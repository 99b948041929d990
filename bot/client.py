"""The Discord client and its command tree."""

import asyncio
import hashlib
import json
import logging
import signal
from pathlib import Path

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.answers import answer_error
from bot.directory import Directories
from bot.errors import SettingError

log = logging.getLogger(__name__)

EXTENSIONS = ("cogs.search", "cogs.admin")
RATE_LIMIT_SECONDS = 60.0  # a longer wait raises, instead of hanging the start
DRAIN_SECONDS = 10.0


class Tree(app_commands.CommandTree["PeopleBot"]):
    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        await answer_error(interaction, error)


class PeopleBot(commands.AutoShardedBot):
    """The bot over its directories, which outlive it.

    Commands are synced when they are not what ``synced`` (a file) says was synced last; None syncs
    at each start. ``sync_guild`` is the one server they are for, at once; None is everywhere.
    """

    def __init__(
        self, directories: Directories, *, synced: Path | None = None, sync_guild: int | None = None
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_SECONDS,
        )
        self.directories = directories
        self._synced = synced
        self._sync_guild = discord.Object(sync_guild) if sync_guild else None

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self._sync()

    async def on_ready(self) -> None:
        log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    async def _sync(self) -> None:
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(commands_now, sort_keys=True).encode()).hexdigest()
        now = {"application": self.application_id, "commands": digest}
        now["guild"] = self._sync_guild.id if self._sync_guild else None
        before = self._read_synced()
        if before == now:
            return
        if (
            before
            and before["application"] == self.application_id
            and before["guild"] != now["guild"]
        ):
            await self._clear(before["guild"])
        if self._sync_guild:
            self.tree.copy_global_to(guild=self._sync_guild)
        await self.tree.sync(guild=self._sync_guild)
        log.info("Synced %d commands", len(commands_now))
        if self._synced is not None:
            self._synced.parent.mkdir(parents=True, exist_ok=True)
            self._synced.write_text(json.dumps(now), "utf-8")

    def _read_synced(self) -> dict | None:
        if self._synced is None:
            return None
        try:
            return json.loads(self._synced.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    async def _clear(self, guild: int | None) -> None:
        """Take back the commands synced elsewhere, which would show twice."""
        assert self.application_id is not None
        try:
            if guild is None:
                await self.http.bulk_upsert_global_commands(self.application_id, [])
            else:
                await self.http.bulk_upsert_guild_commands(self.application_id, guild, [])
        except discord.HTTPException as error:
            log.warning("The commands synced before could not be taken back: %s", error)


async def serve(bot: PeopleBot, token: str) -> None:
    """Run until Ctrl-C or SIGTERM, and let running commands answer before leaving. Raises
    SettingError if Discord refuses the token or cannot be reached."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with bot:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            else:
                log.info("Stopping")
                await _drain()
        except discord.LoginFailure as error:
            raise SettingError("Discord refuses the DISCORD_TOKEN. Copy it again.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise SettingError(
                f"Discord cannot be reached ({error}). Is the network up?"
            ) from error
        finally:
            running.cancel()
            stopping.cancel()
            await asyncio.gather(running, stopping, return_exceptions=True)


async def _drain() -> None:
    """Wait for the commands under way; discord.py would drop their answers."""
    names = ("CommandTree-invoker", "discord-ui-")
    under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith(names)]
    if under_way:
        await asyncio.wait(under_way, timeout=DRAIN_SECONDS)

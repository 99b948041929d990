"""The Discord client and its command tree."""

import asyncio
import hashlib
import json
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import sentences
from bot.answers import DISCORD_ERRORS, Arrivals, Asked, answer_error, begin, deliver_safely
from bot.directory import Directories
from bot.errors import SettingError
from bot.settings import Settings

log = logging.getLogger(__name__)

EXTENSIONS = (
    "cogs.search",
    "cogs.browse",
    "cogs.map",
    "cogs.talk",
    "cogs.help",
    "cogs.admin",
    "cogs.transfer",
    "cogs.fields",
    "cogs.history",
    "cogs.privacy",
    "cogs.departures",
    "cogs.pressed",
    "cogs.too_old",
)
RATE_LIMIT_SECONDS = 60.0  # a longer wait raises, instead of hanging the start
AUTHENTICATION_FAILED = 4004  # the gateway's code for a token that was revoked, too
DRAIN_SECONDS = 10.0
ANSWERING = ("CommandTree-invoker", "discord-ui-", "discord.py: on_message")
"""How the names of tasks that answer somebody begin in discord.py 2.7."""
REFUSED = (discord.LoginFailure, discord.ConnectionClosed, discord.PrivilegedIntentsRequired)
UNREACHABLE = (
    *(discord.HTTPException, discord.GatewayNotFound, discord.RateLimited),
    *(aiohttp.ClientError, OSError),
)


class Tree(app_commands.CommandTree["PeopleBot"]):
    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        begin(interaction)
        return True

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        await answer_error(interaction, error)


class PeopleBot(commands.AutoShardedBot):
    """The bot over its directories, which outlive it.

    Commands are synced when they are not what ``synced`` (a file) says was synced last; None syncs
    at each start. ``sync_guild`` is the one server they are for, at once; None is everywhere. The
    directory of a server that the bot left is kept for ``grace_days``.
    """

    def __init__(
        self,
        directories: Directories,
        *,
        synced: Path | None = None,
        sync_guild: int | None = None,
        grace_days: int = Settings.grace_days,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True, guild_messages=True),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_SECONDS,
        )
        self.directories = directories
        self.grace_days = grace_days
        self.asked = Asked()
        self.open_forms: set[str] = set()  # by their custom ids
        self._arrivals = Arrivals()
        self._parse_interaction = self._connection.parsers["INTERACTION_CREATE"]
        self._connection.parsers["INTERACTION_CREATE"] = self._on_arrival
        self._synced = synced
        self._sync_guild = discord.Object(sync_guild) if sync_guild else None

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self._sync()

    async def on_message(self, message: discord.Message, /) -> None:
        """No commands by prefix, which a mention would be: discord.py would log its words."""

    def _on_arrival(self, interaction: dict[str, Any]) -> None:
        """Comes before what discord.py does with any interaction: a command, a press, a form."""
        if self._arrivals.take(int(interaction["id"])):
            self._parse_interaction(interaction)
        else:
            log.info("An interaction came again, or too late, and is left alone")

    async def on_shard_disconnect(self, shard: int) -> None:
        self._arrivals.lost(shard)

    async def on_shard_resumed(self, shard: int) -> None:
        self._arrivals.back(shard)

    async def on_shard_connect(self, shard: int) -> None:
        self._arrivals.back(shard)

    async def on_ready(self) -> None:
        log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    async def _sync(self) -> None:
        """Sync the commands if they are not what was synced last. Raises SettingError if they may
        not be synced to SYNC_GUILD; any other failure leaves the ones there are."""
        commands_now = [command.to_dict(self.tree) for command in self.tree.get_commands()]
        digest = hashlib.sha256(json.dumps(commands_now, sort_keys=True).encode()).hexdigest()
        guild = self._sync_guild.id if self._sync_guild else None
        now = {"application": self.application_id, "guild": guild, "commands": digest}
        before = self._read_synced()
        if before == now:
            return
        if self._sync_guild:
            self.tree.copy_global_to(guild=self._sync_guild)
        try:
            await self.tree.sync(guild=self._sync_guild)
            log.info("Synced %d commands", len(commands_now))
            if before.get("application") == self.application_id and before.get("guild") != guild:
                await self._clear(before.get("guild"))
        except discord.Forbidden as error:
            raise SettingError(sentences.service.NOT_IN_SYNC_GUILD) from error
        except DISCORD_ERRORS as error:
            log.warning("The commands were not synced; the next start tries again: %s", error)
            return
        self._write_synced(now)

    def _read_synced(self) -> dict[str, Any]:
        try:
            synced = json.loads(self._synced.read_text("utf-8")) if self._synced else None
        except (OSError, ValueError):
            synced = None
        return synced if isinstance(synced, dict) else {}

    def _write_synced(self, now: dict[str, Any]) -> None:
        if self._synced is None:
            return
        try:
            self._synced.parent.mkdir(parents=True, exist_ok=True)
            self._synced.write_text(json.dumps(now), "utf-8")
        except OSError as error:
            log.warning("The next start will sync the commands again: %s", error)

    async def _clear(self, guild: int | None) -> None:
        """Take back the commands synced elsewhere, which would show twice."""
        assert self.application_id is not None
        if guild is None:
            await self.http.bulk_upsert_global_commands(self.application_id, [])
        else:
            await self.http.bulk_upsert_guild_commands(self.application_id, guild, [])


async def serve(bot: PeopleBot, token: str) -> None:
    """Run until Ctrl-C or SIGTERM, and let running commands answer before leaving. Raises
    SettingError if Discord refuses the bot or cannot be reached."""
    deliver_safely()
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
        except (*REFUSED, *UNREACHABLE) as error:
            raise SettingError(_why_it_ends(error)) from error
        finally:
            running.cancel()
            stopping.cancel()
            await asyncio.gather(running, stopping, return_exceptions=True)


def _why_it_ends(error: Exception) -> str:
    """What Discord refuses, in a sentence."""
    if isinstance(error, discord.LoginFailure):
        return sentences.service.TOKEN_REFUSED
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return sentences.service.INTENTS_REFUSED
    if isinstance(error, discord.ConnectionClosed):
        if error.code == AUTHENTICATION_FAILED:
            return sentences.service.TOKEN_REFUSED
        return sentences.service.closed_by_discord(error.code)
    return sentences.service.discord_unreachable(error)


async def _drain() -> None:
    """Wait for the commands under way; discord.py would drop their answers."""

    def under_way() -> list[asyncio.Task[Any]]:
        return [task for task in asyncio.all_tasks() if task.get_name().startswith(ANSWERING)]

    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while tasks := under_way():
                await asyncio.wait(tasks)

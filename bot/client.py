"""The Discord client and its command tree."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp
import discord
import yarl
from discord import app_commands
from discord.backoff import ExponentialBackoff
from discord.ext import commands

from bot import sentences
from bot.directory import Directories
from bot.errors import SettingError
from bot.interactions import DISCORD_ERRORS, Arrivals, Asked, Gate, Gated, answer_error
from bot.settings import Settings

log = logging.getLogger(__name__)

T = TypeVar("T")

EXTENSIONS = (
    "cogs.search",
    "cogs.browse",
    "cogs.map",
    "cogs.mentions",
    "cogs.help",
    "cogs.people",
    "cogs.import_export",
    "cogs.fields",
    "cogs.history",
    "cogs.privacy",
    "cogs.left_servers",
    "cogs.button_actions",
    "cogs.expired",
)
CONNECTIONS = 256  # to Discord at once; each is an open file, of which most systems allow 1024
RATE_LIMIT_SECONDS = 60.0  # a longer wait raises, instead of hanging the start


class _NotLaunched(Exception):
    """A shard could not be connected; discord.py has logged why."""


class Tree(Gated, app_commands.CommandTree["PeopleBot"]):
    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        await answer_error(interaction, error)


class PeopleBot(commands.AutoShardedBot):
    """The bot over its directories, which outlive it.

    Commands are synced when they are not what ``synced`` (a file) says was synced last; None syncs
    at each start. ``sync_guild`` is the one server they are for, at once; None is everywhere. The
    directory of a server that the bot left is kept for ``grace_days``. Of ``shard_count`` shards it
    runs those of ``shard_ids``, or all; without a count, as many as Discord says.
    """

    def __init__(
        self,
        directories: Directories,
        *,
        synced: Path | None = None,
        sync_guild: int | None = None,
        grace_days: int = Settings.grace_days,
        shard_count: int | None = None,
        shard_ids: Sequence[int] | None = None,
    ) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True, guild_messages=True),
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_SECONDS,
            shard_count=shard_count,
        )
        self.shard_ids = list(shard_ids) if shard_ids else None
        self.directories = directories
        self.grace_days = grace_days
        self.asked = Asked()
        self.gate = Gate()
        self.open_forms: set[str] = set()  # by their custom ids
        self._arrivals = Arrivals()
        self._parse_interaction = self._connection.parsers["INTERACTION_CREATE"]
        self._connection.parsers["INTERACTION_CREATE"] = self._on_arrival
        self._launching: int | None = None
        self._synced = synced
        self._sync_guild = discord.Object(sync_guild) if sync_guild else None

    async def lasting(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what may take minutes, and shows how far it is; the preview does it aside."""
        return await work

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        if self.shard_ids is None or 0 in self.shard_ids:  # else another process does it
            await self._sync()

    async def login(self, token: str) -> None:
        """As discord.py's, which by itself opens a connection for each answer under way."""
        self.http.connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        await super().login(token)

    async def launch_shards(self) -> None:
        """Connect; and where Discord tells no gateway, again with growing waits."""
        waits = ExponentialBackoff()
        while True:
            try:
                return await super().launch_shards()
            except (discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
                cause = error.__cause__
                if isinstance(cause, discord.HTTPException) and cause.status == 401:
                    raise discord.LoginFailure(str(cause)) from error
                await _wait(waits, error)

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect a shard; where that fails, again with growing waits. discord.py itself would try
        every five seconds, one call deeper each time, until Python has no room for another."""
        if self._launching == shard_id:
            raise _NotLaunched
        self._launching = shard_id
        waits = ExponentialBackoff()
        try:
            while True:
                try:
                    return await super().launch_shard(gateway, shard_id, initial=initial)
                except _NotLaunched as error:
                    await _wait(waits, error)
        finally:
            self._launching = None

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


async def _wait(waits: ExponentialBackoff[Literal[False]], error: Exception) -> None:
    seconds = waits.delay()
    log.warning("Discord's gateway is tried again in %.0f seconds: %s", seconds, error)
    await asyncio.sleep(seconds)

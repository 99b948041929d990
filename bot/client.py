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

from bot.directory import Directories
from bot.errors import SettingError
from bot.interactions import (
    DISCORD_ERRORS,
    AdmissionCheck,
    AdmissionGate,
    AnswerRegistry,
    ConcurrencyLimiter,
    InteractionDeduplicator,
    answer_error,
)
from bot.language import _, translation
from bot.map import MapCache
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
    "cogs.attributes",
    "cogs.history",
    "cogs.privacy",
    "cogs.left_servers",
    "cogs.presses",
)
CONNECTIONS_MAX = 256  # to Discord at once; each is an open file, and most systems allow 1024
RATE_LIMIT_SECONDS = 60.0  # discord.py raises for a longer wait, instead of blocking the start


class _ShardNotConnected(Exception):
    """A shard failed to connect; discord.py has logged why."""


class Tree(AdmissionCheck, app_commands.CommandTree["PeopleBot"]):
    """The command tree: checks interactions at the gate, and answers their errors."""

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        await answer_error(interaction, error)


class CommandTranslator(app_commands.Translator):
    """Translates the names and descriptions in commands that are marked with ``locale_str``."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        return translation(string.message, str(locale))


class PeopleBot(commands.AutoShardedBot):
    """The Discord client. It uses *directories*, which outlive it.

    *synced* is a file that says which commands were synced last; they are synced again when they
    change, or at every start without the file. *sync_guild* limits the commands to one server,
    where they appear at once. The directory of a server that the bot left is kept for
    *grace_days*. The client runs the shards in *shard_ids* (all if None) of *shard_count* (as many
    as Discord recommends if None).
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
        self.gate = AdmissionGate()
        self.limiter = ConcurrencyLimiter()
        self.answers = AnswerRegistry()
        self.maps = MapCache()
        self.open_forms: set[str] = set()  # custom ids
        self._deduplicator = InteractionDeduplicator()
        self._parse_interaction = self._connection.parsers["INTERACTION_CREATE"]
        self._connection.parsers["INTERACTION_CREATE"] = self._parse_new_interaction
        self._launching_shard: int | None = None
        self._synced_file = synced
        self._sync_guild = discord.Object(sync_guild) if sync_guild else None

    async def run_long(self, work: Coroutine[Any, Any, T]) -> T:
        """Run work that may take minutes and shows its progress; the preview overrides this."""
        return await work

    async def setup_hook(self) -> None:
        for extension in EXTENSIONS:
            await self.load_extension(extension)
        await self.tree.set_translator(CommandTranslator())
        if self.shard_ids is None or 0 in self.shard_ids:  # one of several processes does it
            await self._sync_commands()

    # Connections

    async def login(self, token: str) -> None:
        """Log in, with a limit on connections; discord.py opens one for each pending answer."""
        self.http.connector = aiohttp.TCPConnector(limit=CONNECTIONS_MAX)
        await super().login(token)

    async def launch_shards(self) -> None:
        """Connect all shards, retrying with growing pauses while Discord names no gateway."""
        backoff = ExponentialBackoff()
        while True:
            try:
                return await super().launch_shards()
            except (discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
                cause = error.__cause__
                if isinstance(cause, discord.HTTPException) and cause.status == 401:
                    raise discord.LoginFailure(str(cause)) from error
                await _pause(backoff, error)

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect one shard, retrying with growing pauses.

        After a failure, discord.py calls this method again from within its own, every five
        seconds, until the recursion limit is reached. The inner call raises, and we loop.
        """
        if self._launching_shard == shard_id:
            raise _ShardNotConnected
        self._launching_shard = shard_id
        backoff = ExponentialBackoff()
        try:
            while True:
                try:
                    return await super().launch_shard(gateway, shard_id, initial=initial)
                except _ShardNotConnected as error:
                    await _pause(backoff, error)
        finally:
            self._launching_shard = None

    async def on_shard_disconnect(self, shard_id: int) -> None:
        self._deduplicator.shard_disconnected(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        self._deduplicator.shard_caught_up(shard_id)

    async def on_shard_connect(self, shard_id: int) -> None:
        self._deduplicator.shard_caught_up(shard_id)

    async def on_ready(self) -> None:
        log.info("Ready as %s in %d servers", self.user, len(self.guilds))

    # What comes in

    def _parse_new_interaction(self, data: dict[str, Any]) -> None:
        """Drop duplicates before discord.py dispatches commands, presses and forms."""
        if self._deduplicator.accept(int(data["id"])):
            self._parse_interaction(data)
        else:
            log.info("Ignored an interaction that came again, or too late")

    async def on_message(self, message: discord.Message, /) -> None:
        """Don't look for prefix commands: discord.py would log the words of a mention."""

    # Command sync

    async def _sync_commands(self) -> None:
        """Sync the commands if they have changed since the last sync.

        Raises SettingError if the bot may not sync them to SYNC_GUILD. After any other failure,
        Discord keeps the commands it has.
        """
        translator = self.tree.translator
        assert translator
        payload = [
            await command.get_translated_payload(self.tree, translator)
            for command in self.tree.get_commands()
        ]
        digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
        guild_id = self._sync_guild.id if self._sync_guild else None
        current = {"application": self.application_id, "guild": guild_id, "commands": digest}
        last = self._read_last_sync()
        if last == current:
            return
        if self._sync_guild:
            self.tree.copy_global_to(guild=self._sync_guild)
        try:
            await self.tree.sync(guild=self._sync_guild)
            log.info("Synced %d commands", len(payload))
            if last.get("application") == self.application_id and last.get("guild") != guild_id:
                await self._remove_commands(last.get("guild"))
        except discord.Forbidden as error:
            raise SettingError(
                _(
                    "The bot isn't in the server SYNC_GUILD, or isn't allowed to add commands "
                    "there. Add it with the scope applications.commands."
                )
            ) from error
        except DISCORD_ERRORS as error:
            log.warning("The commands were not synced; the next start tries again: %s", error)
            return
        self._write_last_sync(current)

    def _read_last_sync(self) -> dict[str, Any]:
        try:
            last = json.loads(self._synced_file.read_text("utf-8")) if self._synced_file else None
        except (OSError, ValueError):
            last = None
        return last if isinstance(last, dict) else {}

    def _write_last_sync(self, current: dict[str, Any]) -> None:
        if self._synced_file is None:
            return
        try:
            self._synced_file.parent.mkdir(parents=True, exist_ok=True)
            self._synced_file.write_text(json.dumps(current), "utf-8")
        except OSError as error:
            log.warning("The next start will sync the commands again: %s", error)

    async def _remove_commands(self, guild_id: int | None) -> None:
        """Remove the commands of an earlier sync, to one server or to all: they'd appear twice."""
        assert self.application_id is not None
        if guild_id is None:
            await self.http.bulk_upsert_global_commands(self.application_id, [])
        else:
            await self.http.bulk_upsert_guild_commands(self.application_id, guild_id, [])


async def _pause(backoff: ExponentialBackoff[Literal[False]], error: Exception) -> None:
    seconds = backoff.delay()
    log.warning("Connecting to Discord again in %.0f seconds: %s", seconds, error)
    await asyncio.sleep(seconds)

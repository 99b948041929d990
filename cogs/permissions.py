"""Who may keep the directory: members with Manage Server, and those to whom the server's settings
(Integrations) give the command. Discord hides commands from others, but does not promise to."""

import time
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import sentences
from bot.directory import Author, Directories
from bot.interactions import Check

REMEMBERED_SECONDS = 60.0


async def anybody(interaction: discord.Interaction) -> None:
    """The check that lets everybody pass."""


class NotAllowed(app_commands.CheckFailure):
    def __init__(self) -> None:
        super().__init__(sentences.answers.ONLY_KEEPERS)


def author_of(interaction: discord.Interaction) -> Author:
    """Who changes something, for the history."""
    return Author(str(interaction.user.id), interaction.user.display_name)


class Keepers:
    """Answers whether the member of an interaction may use a command."""

    def __init__(self) -> None:
        self._granted: dict[tuple[int, int], tuple[float, frozenset[int]]] = {}

    def check(self, command: str) -> Check:
        """A check for what follows on a command, by its name: a press, or a form that is sent."""

        async def check(interaction: discord.Interaction) -> None:
            if not await self.allow(interaction, command):
                raise NotAllowed

        return check

    async def allow(self, interaction: discord.Interaction, command: str = "") -> bool:
        """Whether the member may use a command, or that which the interaction is of; for
        autocompletion, which Discord's checks leave out, too."""
        if interaction.guild_id is None:
            return False
        if interaction.permissions.manage_guild or interaction.permissions.administrator:
            return True
        roles = interaction.user.roles if isinstance(interaction.user, discord.Member) else []
        ids = {interaction.user.id, interaction.guild_id, *(role.id for role in roles)}
        own = int((interaction.data or {}).get("id", 0))
        number = await _number_of(interaction, command) if command else own
        return bool(ids & await self._grants(interaction, interaction.guild_id, number))

    async def _grants(
        self, interaction: discord.Interaction, guild: int, command: int
    ) -> frozenset[int]:
        """The members and roles that the server's settings give the command to."""
        known = self._granted.get((guild, command))
        if known is None or time.monotonic() - known[0] > REMEMBERED_SECONDS:
            known = time.monotonic(), await _read_grants(interaction, guild, command)
            self._granted[guild, command] = known
        return known[1]


class Keeping(commands.Cog):
    """Commands of those who may keep the directory; their answers are private."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories
        self._keepers = Keepers()

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        if not await self._keepers.allow(interaction):
            raise NotAllowed
        return True


async def _number_of(interaction: discord.Interaction[Any], command: str) -> int:
    """The id of a command; 0 if Discord does not tell."""
    for guild in (None, interaction.guild):  # all commands are in one of them: see SYNC_GUILD
        try:
            registered = await interaction.client.tree.fetch_commands(guild=guild)
        except discord.HTTPException:
            continue
        for each in registered:
            if each.name == command:
                return each.id
    return 0


async def _read_grants(
    interaction: discord.Interaction, guild: int, command: int
) -> frozenset[int]:
    try:
        settings = await interaction.client.http.get_application_command_permissions(
            interaction.application_id, guild, command
        )
    except discord.HTTPException:  # 404: the settings were never changed
        return frozenset()
    people = (
        discord.AppCommandPermissionType.role.value,
        discord.AppCommandPermissionType.user.value,
    )
    return frozenset(
        int(grant["id"])
        for grant in settings["permissions"]
        if grant["permission"] and grant["type"] in people
    )

"""Who may edit the directory.

These are the members with Manage Server, and those to whom the server's settings (Integrations)
give the command. Discord hides the commands from everyone else, but doesn't guarantee it.
"""

import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.directory import Author, Directory
from bot.interactions import Interaction, PermissionCheck
from bot.language import _
from cogs.autocomplete import Choices, no_choices_on_error

CACHE_SECONDS = 60.0


class NotAllowed(app_commands.CheckFailure):
    """The member may not use the command."""

    def __init__(self) -> None:
        message = _(
            "You need the Manage Server permission to do this. Members who have it can allow you "
            "to use the command, under Server Settings > Integrations."
        )
        super().__init__(message)


async def allow_everyone(interaction: Interaction) -> None:
    """A check that always passes."""


def author_of(interaction: Interaction) -> Author:
    """Return the author of a change, for the history."""
    return Author(str(interaction.user.id), interaction.user.display_name)


class EditPermissions:
    """Answers whether a member may use a command. Caches the server settings for a while."""

    def __init__(self) -> None:
        self._grants: dict[tuple[int, int], tuple[float, frozenset[int]]] = {}

    def checker(self, command: str) -> PermissionCheck:
        """Return a check for what follows a command: its buttons and forms."""

        async def check(interaction: Interaction) -> None:
            if not await self.allows(interaction, command):
                raise NotAllowed

        return check

    async def allows(self, interaction: Interaction, command: str = "") -> bool:
        """Return whether the member may use a command, by default the interaction's own."""
        if interaction.guild_id is None:
            return False
        if interaction.permissions.manage_guild or interaction.permissions.administrator:
            return True
        roles = interaction.user.roles if isinstance(interaction.user, discord.Member) else []
        ids = {interaction.user.id, interaction.guild_id, *(role.id for role in roles)}
        if command:
            command_id = await _find_command_id(interaction, command)
        else:
            command_id = int((interaction.data or {}).get("id", 0))
        return bool(ids & await self._granted_ids(interaction, interaction.guild_id, command_id))

    async def _granted_ids(
        self, interaction: Interaction, guild_id: int, command_id: int
    ) -> frozenset[int]:
        """Return the members and roles to whom the server's settings give the command."""
        cached = self._grants.get((guild_id, command_id))
        if cached is None or time.monotonic() - cached[0] > CACHE_SECONDS:
            granted = await _fetch_granted_ids(interaction, guild_id, command_id)
            cached = time.monotonic(), granted
            self._grants[guild_id, command_id] = cached
        return cached[1]


class EditorCog(commands.Cog):
    """A cog whose commands are for those who may edit the directory."""

    def __init__(self) -> None:
        self.permissions = EditPermissions()
        for command in self.get_app_commands():
            app_commands.guild_only(command)
            app_commands.default_permissions(manage_guild=True)(command)

    async def interaction_check(self, interaction: discord.Interaction[Any]) -> bool:
        if not await self.permissions.allows(interaction):
            raise NotAllowed
        return True


def complete_for_editors(
    complete: Callable[[Any, Directory, str], Awaitable[Choices]],
) -> Callable[[Any, Interaction, str], Coroutine[Any, Any, Choices]]:
    """Turn a method of an EditorCog that takes a directory and the typed text into autocompletion.

    discord.py doesn't call ``interaction_check`` before autocompletion, so the permission is
    checked here.
    """

    @no_choices_on_error
    @wraps(complete)
    async def check_and_complete(cog: EditorCog, interaction: Interaction, typed: str) -> Choices:
        if not await cog.permissions.allows(interaction):
            return []
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        return await complete(cog, directory, typed)

    return check_and_complete


async def _find_command_id(interaction: Interaction, command: str) -> int:
    """Return the id of a command; 0 if Discord doesn't know it."""
    for guild in (None, interaction.guild):  # SYNC_GUILD decides where the commands are
        try:
            registered = await interaction.client.tree.fetch_commands(guild=guild)
        except discord.HTTPException:
            continue
        for each in registered:
            if each.name == command:
                return each.id
    return 0


async def _fetch_granted_ids(
    interaction: Interaction, guild_id: int, command_id: int
) -> frozenset[int]:
    try:
        settings = await interaction.client.http.get_application_command_permissions(
            interaction.application_id, guild_id, command_id
        )
    except discord.HTTPException:  # 404: the settings were never changed
        return frozenset()
    kinds = (
        discord.AppCommandPermissionType.role.value,
        discord.AppCommandPermissionType.user.value,
    )
    return frozenset(
        int(grant["id"])
        for grant in settings["permissions"]
        if grant["permission"] and grant["type"] in kinds
    )

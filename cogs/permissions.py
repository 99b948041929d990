"""Who may keep the directory: members with Manage Server, and those to whom the server's settings
(Integrations) give the command. Discord hides commands from others, but does not promise to."""

import time

import discord
from discord import app_commands

from bot import sentences
from bot.directory import Author

REMEMBERED_SECONDS = 60.0


class NotAllowed(app_commands.CheckFailure):
    def __init__(self) -> None:
        super().__init__(sentences.answers.ONLY_KEEPERS)


def author_of(interaction: discord.Interaction) -> Author:
    """Who changes something, for the history."""
    return Author(str(interaction.user.id), interaction.user.display_name)


def command_of(interaction: discord.Interaction) -> int:
    """The number of the command that an interaction is for; 0 for a press or a form."""
    return int((interaction.data or {}).get("id", 0))


class Keepers:
    """Answers whether the member of an interaction may use the command it is for."""

    def __init__(self) -> None:
        self._granted: dict[tuple[int, int], tuple[float, frozenset[int]]] = {}

    async def allow(self, interaction: discord.Interaction, command: int | None = None) -> bool:
        """Whether the member may; for autocompletion, which Discord's checks leave out, too, and
        for a press on an answer to the command of this number."""
        if interaction.guild_id is None:
            return False
        if interaction.permissions.manage_guild or interaction.permissions.administrator:
            return True
        roles = interaction.user.roles if isinstance(interaction.user, discord.Member) else []
        ids = {interaction.user.id, interaction.guild_id, *(role.id for role in roles)}
        command = command or command_of(interaction)
        return bool(ids & await self._grants(interaction, interaction.guild_id, command))

    async def _grants(
        self, interaction: discord.Interaction, guild: int, command: int
    ) -> frozenset[int]:
        """The members and roles that the server's settings give the command to."""
        known = self._granted.get((guild, command))
        if known is None or time.monotonic() - known[0] > REMEMBERED_SECONDS:
            known = time.monotonic(), await _read_grants(interaction, guild, command)
            self._granted[guild, command] = known
        return known[1]


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

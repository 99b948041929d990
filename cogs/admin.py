"""Keeping the directory: /addperson, /editperson, /removeperson and /setattribute."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.answers import answer
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.person import Person, parse_attributes
from cogs.cards import person_view
from cogs.forms import Draft, PersonForm, RemovalQuestion
from cogs.permissions import Keepers, NotAllowed
from cogs.search import CHOICES, choices

_YEAR = "A year: 1934, -44, 44 BC, or none"
_ATTRIBUTES = "Like country=France field=physics,chemistry"


class Admin(commands.Cog):
    """The commands of those who may manage the server; their answers are private."""

    def __init__(self, directories: Directories) -> None:
        self._directories = directories
        self._keepers = Keepers()

    async def interaction_check(self, interaction: discord.Interaction) -> bool:
        if not await self._keepers.allow(interaction):
            raise NotAllowed
        return True

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        name="As it is to be displayed",
        description="One or two sentences: what did they do?",
        born=_YEAR,
        died=_YEAR,
        attributes=_ATTRIBUTES,
    )
    async def addperson(
        self,
        interaction: discord.Interaction,
        name: str = "",
        description: str = "",
        born: str = "",
        died: str = "",
        attributes: str = "",
    ) -> None:
        """Add a person; without a name and a description, with a form."""
        draft = Draft(name, description, born, died, attributes)
        directory = await self._directory(interaction)

        async def save(draft: Draft) -> ui.LayoutView:
            values = _values(draft, directory)
            person = await directory.add(draft.name, draft.description, values)
            return person_view(person, "Added.")

        if name and description:
            await answer(interaction, save(draft), private=True)
        else:
            form = PersonForm("Add a person", draft, save, with_name=True)
            await interaction.response.send_modal(form)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        name="Who",
        description="The new description",
        born=_YEAR,
        died=_YEAR,
        attributes=f"{_ATTRIBUTES}; the others stay",
    )
    async def editperson(
        self,
        interaction: discord.Interaction,
        name: str,
        description: str | None = None,
        born: str = "",
        died: str = "",
        attributes: str = "",
    ) -> None:
        """Edit a person; without changes, with a form."""
        directory = await self._directory(interaction)
        person = await directory.get(name)

        async def save_form(draft: Draft) -> ui.LayoutView:
            return await _save_changes(directory, person, Draft.of(person), draft)

        if description is None and not (born or died or attributes):
            form = PersonForm(f"Edit {person.name}", Draft.of(person), save_form, with_name=False)
            await interaction.response.send_modal(form)
        else:
            values = _values(Draft(born=born, died=died, attributes=attributes), directory)
            saving = _save(directory, person.name, description, values)
            await answer(interaction, saving, private=True)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(name="Who")
    async def removeperson(self, interaction: discord.Interaction, name: str) -> None:
        """Remove a person, after a question."""
        directory = await self._directory(interaction)
        person = await directory.get(name)
        question = RemovalQuestion(interaction, person, lambda: directory.remove(person.name))
        await interaction.response.send_message(view=question, ephemeral=True)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        name="Who",
        attribute="Which: born, died, or any other",
        value="The new value; several tags with commas; none clears it",
    )
    async def setattribute(
        self, interaction: discord.Interaction, name: str, attribute: str, value: str
    ) -> None:
        """Set one attribute of a person."""
        directory = await self._directory(interaction)
        values = parse_attributes(f"{attribute}={value}", directory.schema)
        await answer(interaction, _save(directory, name, None, values), private=True)

    @editperson.autocomplete("name")
    @removeperson.autocomplete("name")
    @setattribute.autocomplete("name")
    async def _names(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if not await self._keepers.allow(interaction):
            return []
        return choices(await (await self._directory(interaction)).complete(typed, CHOICES))

    @setattribute.autocomplete("attribute")
    async def _fields(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        if not await self._keepers.allow(interaction):
            return []
        schema = (await self._directory(interaction)).schema
        return choices([name for name in schema if typed.lower() in name][:CHOICES])

    async def _directory(self, interaction: discord.Interaction) -> Directory:
        return await self._directories.open(str(interaction.guild_id))


def _values(draft: Draft, directory: Directory) -> dict[str, Any]:
    """The attributes a draft gives, years among them."""
    years = {"born": draft.born, "died": draft.died}
    values = parse_attributes(draft.attributes, directory.schema)
    return values | {name: year for name, year in years.items() if year.strip()}


async def _save(
    directory: Directory, name: str, description: str | None, values: dict[str, Any]
) -> ui.LayoutView:
    return person_view(await directory.update(name, description, values), "Saved.")


async def _save_changes(
    directory: Directory, person: Person, before: Draft, after: Draft
) -> ui.LayoutView:
    """Save what was changed in a form, and nothing else of the person."""
    old, new = _values(before, directory), _values(after, directory)
    values = {name: new.get(name) for name in {*old, *new} if new.get(name) != old.get(name)}
    description = None if after.description == before.description else after.description
    return await _save(directory, person.name, description, values)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Admin(bot.directories))

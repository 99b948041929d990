"""Keeping the directory: /addperson, /editperson, /removeperson and /setattribute."""

import asyncio
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.answers import ACKNOWLEDGE_SECONDS, answer, answer_error, tell
from bot.client import PeopleBot
from bot.directory import Author, Directories, Directory
from bot.errors import DirectoryError
from bot.person import Match, Person, clean_field, parse_attributes, read_type
from cogs.cards import card, view
from cogs.completion import Choices, choices, name_choices
from cogs.forms import Draft, PersonForm, RemovalQuestion
from cogs.permissions import Keepers, NotAllowed, author_of


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
        born=sentences.answers.YEAR_OPTION,
        died=sentences.answers.YEAR_OPTION,
        attributes=sentences.answers.ATTRIBUTES_OPTION,
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
        """Add a person; with a form, unless both name and description are given."""
        draft = Draft(name, description, born, died, attributes)

        async def save(draft: Draft) -> ui.LayoutView:
            directory = await self._directories.of(interaction.guild_id)
            values = _values(draft, directory)
            person = await directory.add(
                draft.name, draft.description, values, by=author_of(interaction)
            )
            return view(sentences.answers.ADDED, [card(Match(person), apart=True)])

        if name and description:
            await answer(interaction, save(draft), private=True)
        else:
            form = PersonForm(sentences.answers.ADD_A_PERSON, draft, save, with_name=True)
            await form.open(interaction)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        name="Who",
        description="The new description",
        born=sentences.answers.YEAR_OPTION,
        died=sentences.answers.YEAR_OPTION,
        attributes=sentences.answers.OTHERS_STAY_OPTION,
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
        if description is not None or born or died or attributes:
            draft = Draft(born=born, died=died, attributes=attributes)
            saving = self._edit(interaction, name, description, draft)
            await answer(interaction, saving, private=True)
            return
        try:
            async with asyncio.timeout(ACKNOWLEDGE_SECONDS):  # a form cannot come later
                directory = await self._directories.of(interaction.guild_id)
                person = await directory.get(name)
        except TimeoutError:
            await tell(interaction, sentences.answers.DIRECTORY_IS_SLOW)
        except DirectoryError as error:
            await answer_error(interaction, error)
        else:
            before = Draft.of(person)

            async def save(after: Draft) -> ui.LayoutView:
                return await _save_changes(directory, person, before, after, author_of(interaction))

            form = PersonForm(
                sentences.answers.edit_person(person.name), before, save, with_name=False
            )
            await form.open(interaction)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(name="Who")
    async def removeperson(self, interaction: discord.Interaction, name: str) -> None:
        """Remove a person, after a question."""
        await answer(interaction, self._ask(interaction, name), private=True)

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
        await answer(interaction, self._set(interaction, name, attribute, value), private=True)

    @editperson.autocomplete("name")
    @removeperson.autocomplete("name")
    @setattribute.autocomplete("name")
    async def _complete_name(self, interaction: discord.Interaction, typed: str) -> Choices:
        if not await self._keepers.allow(interaction):
            return []
        return await name_choices(self._directories.of(interaction.guild_id), typed)

    @setattribute.autocomplete("attribute")
    async def _complete_field(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await choices(self._fields(interaction, typed))

    async def _fields(self, interaction: discord.Interaction, typed: str) -> list[str]:
        if not await self._keepers.allow(interaction):
            return []
        schema = (await self._directories.of(interaction.guild_id)).schema
        return [name for name in schema if typed.lower() in name]

    async def _edit(
        self, interaction: discord.Interaction, name: str, description: str | None, draft: Draft
    ) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        values = _values(draft, directory)
        return await _save(directory, name, description, values, author_of(interaction))

    async def _ask(self, interaction: discord.Interaction, name: str) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        person = await directory.get(name)
        by = author_of(interaction)

        async def remove() -> None:
            await directory.remove(person.name, by=by)

        return RemovalQuestion(interaction.user.id, person, remove)

    async def _set(
        self, interaction: discord.Interaction, name: str, attribute: str, value: str
    ) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        field = clean_field(attribute)
        read = value if field in directory.schema else read_type(value.strip())
        return await _save(directory, name, None, {field: read}, author_of(interaction))


def _values(draft: Draft, directory: Directory) -> dict[str, Any]:
    """The attributes a draft gives, years among them."""
    years = {"born": draft.born, "died": draft.died}
    values = parse_attributes(draft.attributes, directory.schema)
    return values | {name: year for name, year in years.items() if year.strip()}


async def _save(
    directory: Directory, name: str, description: str | None, values: dict[str, Any], by: Author
) -> ui.LayoutView:
    person = await directory.update(name, description, values, by=by)
    return view(sentences.answers.SAVED, [card(Match(person), apart=True)])


async def _save_changes(
    directory: Directory, person: Person, before: Draft, after: Draft, by: Author
) -> ui.LayoutView:
    """Save what was changed in a form, and nothing else of the person."""
    old, new = _values(before, directory), _values(after, directory)
    values = {name: new.get(name) for name in {*old, *new} if new.get(name) != old.get(name)}
    description = None if after.description == before.description else after.description
    return await _save(directory, person.name, description, values, by)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Admin(bot.directories))

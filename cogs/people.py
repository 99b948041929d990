"""Keeping the directory: /addperson, /editperson, /removeperson and /setattribute."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import discord
from discord import app_commands, ui

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Author
from bot.errors import InvalidPerson, PersonChanged
from bot.interactions import Control, answer, plain
from bot.person import Match, Person, clean_field_name, read_typed_value
from cogs.autocomplete import Choices, choices, name_choices, query_choices
from cogs.bulk_edit import Setting
from cogs.cards import card, container, said, view
from cogs.confirmation import Choice, Question, no
from cogs.forms import Draft, PersonForm, open_soon
from cogs.permissions import Check, Keeping, author_of
from cogs.person_editing import Editing, edit, saved, values_of


class Admin(Keeping):
    """The commands that change people."""

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

        if name and description:
            await answer(interaction, self._add(interaction, draft), private=True)
        else:
            title, check = sentences.answers.ADD_A_PERSON, self._keepers.check("addperson")
            form = PersonForm(title, draft, self._add, check, with_name=True)
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
        await open_soon(interaction, self._form(interaction, name))

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
        attribute="Which: born, died, or any other",
        value="The new value; several tags with commas; none clears it",
        name="Whose it is",
        filter="Or of all who fit conditions: country:ussr died>1991",
    )
    async def setattribute(
        self,
        interaction: discord.Interaction,
        attribute: str,
        value: str,
        name: str = "",
        filter: str = "",
    ) -> None:
        """Set one attribute of a person; or, after a question, of all who fit conditions."""
        await answer(
            interaction,
            self._set(interaction, attribute, value, name.strip(), filter.strip()),
            private=True,
        )

    @editperson.autocomplete("name")
    @removeperson.autocomplete("name")
    @setattribute.autocomplete("name")
    async def _complete_name(self, interaction: discord.Interaction, typed: str) -> Choices:
        if not await self._keepers.allow(interaction):
            return []
        return await name_choices(self._directories.of(interaction.guild_id), typed)

    @setattribute.autocomplete("filter")
    async def _complete_filter(self, interaction: discord.Interaction, typed: str) -> Choices:
        if not await self._keepers.allow(interaction):
            return []
        return await query_choices(self._directories.of(interaction.guild_id), typed)

    @setattribute.autocomplete("attribute")
    async def _complete_field(self, interaction: discord.Interaction, typed: str) -> Choices:
        return await choices(self._fields(interaction, typed))

    async def _fields(self, interaction: discord.Interaction, typed: str) -> list[str]:
        if not await self._keepers.allow(interaction):
            return []
        schema = (await self._directories.of(interaction.guild_id)).fields.schema
        return [name for name in schema if typed.lower() in name]

    async def _add(self, interaction: discord.Interaction, draft: Draft) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        values = values_of(draft, directory)
        by = author_of(interaction)
        person = await directory.people.add(draft.name, draft.description, values, by=by)
        return saved(sentences.answers.ADDED, person)

    async def _edit(
        self, interaction: discord.Interaction, name: str, description: str | None, draft: Draft
    ) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        values, by = values_of(draft, directory), author_of(interaction)
        return await edit(directory, name, description, values, by)

    async def _form(self, interaction: discord.Interaction, name: str) -> PersonForm:
        directory = await self._directories.of(interaction.guild_id)
        person = await directory.people.get(name)
        return Editing(directory, person, self._keepers.check("editperson")).form()

    async def _ask(self, interaction: discord.Interaction, name: str) -> ui.LayoutView:
        directory = await self._directories.of(interaction.guild_id)
        person = await directory.people.get(name)

        async def remove(seen: Person, by: Author) -> None:
            await directory.people.remove(seen.name, by=by, expected=seen)

        check = self._keepers.check("removeperson")
        return removal_question(interaction.user.id, person, remove, check)

    async def _set(
        self, interaction: discord.Interaction, attribute: str, value: str, name: str, where: str
    ) -> ui.LayoutView:
        if bool(name) == bool(where):
            raise InvalidPerson(sentences.fields.NAME_OR_FILTER)
        directory = await self._directories.of(interaction.guild_id)
        field = clean_field_name(attribute)
        read = read_typed_value(field, value.strip(), directory.fields.schema)
        if where:
            check = self._keepers.check("setattribute")
            setting = Setting(directory, where, field, read, check)
            return await setting.ask(interaction.user.id)
        return await edit(directory, name, None, {field: read}, author_of(interaction))


def removal_question(
    asker: int,
    person: Person,
    remove: Callable[[Person, Author], Awaitable[None]],
    check: Check,
    title: str = "",
) -> Question:
    """Who would be removed, and whether to; anew where somebody else changed that person
    meanwhile."""
    name = f"**{plain(person.name)}**"

    async def act(interaction: discord.Interaction) -> ui.LayoutView:
        try:
            await remove(person, author_of(interaction))
        except PersonChanged as error:
            if error.current is None:
                raise
            title = f"### {sentences.answers.changed_while_asked(plain(person.name))}"
            return removal_question(asker, error.current, remove, check, title)
        return view(f"{sentences.answers.removed(name)}\n-# {sentences.history.UNDO_HINT}")

    shown = container(
        title, [replace(card(Match(person)), buttons=()), said(sentences.answers.REMOVE_QUESTION)]
    )
    shown.accent_colour = discord.Colour.red()
    return Question(
        asker,
        shown,
        [
            Choice(Control.YES, sentences.answers.REMOVE, act, discord.ButtonStyle.danger),
            no(sentences.answers.KEEP, sentences.answers.stays(name)),
        ],
        sentences.answers.stays_unanswered(name),
        check,
    )


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Admin(bot.directories))

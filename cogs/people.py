"""Editing people: /addperson, /editperson, /removeperson and /setattribute."""

from dataclasses import replace

import discord
from discord import app_commands, ui

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import InvalidPerson, PersonChanged
from bot.interactions import ControlId, Interaction, answer, plain
from bot.language import _
from bot.person import Match, Person, clean_field_name, read_typed_value
from cogs.autocomplete import Choices, name_choices, query_choices, to_choices
from cogs.bulk_edit import BulkEdit
from cogs.cards import Block, container, person_card, static_view, undo_hint
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.forms import PersonDraft, PersonForm, open_form
from cogs.permissions import EditorCog, PermissionCheck, author_of, complete_for_editors
from cogs.person_edit import PersonEdit, edit_person, parse_values, saved_view


class PeopleCog(EditorCog):
    """The commands that change people."""

    @app_commands.command()
    @app_commands.describe(
        name="As it is to be displayed",
        description="One or two sentences: what did they do?",
        born=sentences.answers.YEAR_OPTION,
        died=sentences.answers.YEAR_OPTION,
        attributes=sentences.answers.ATTRIBUTES_OPTION,
    )
    async def addperson(
        self,
        interaction: Interaction,
        name: str = "",
        description: str = "",
        born: str = "",
        died: str = "",
        attributes: str = "",
    ) -> None:
        """Add a person; with a form, unless both name and description are given."""
        draft = PersonDraft(name, description, born, died, attributes)

        if name and description:
            async with answer(interaction, private=True) as response:
                response.view = await self._add(interaction, draft)
        else:
            title, check = sentences.answers.ADD_A_PERSON, self.permissions.checker("addperson")
            form = PersonForm(title, draft, self._add, check, with_name=True)
            await form.open(interaction)

    @app_commands.command()
    @app_commands.describe(
        name="Who",
        description="The new description",
        born=sentences.answers.YEAR_OPTION,
        died=sentences.answers.YEAR_OPTION,
        attributes=sentences.answers.OTHERS_STAY_OPTION,
    )
    async def editperson(
        self,
        interaction: Interaction,
        name: str,
        description: str | None = None,
        born: str = "",
        died: str = "",
        attributes: str = "",
    ) -> None:
        """Edit a person; without changes, with a form."""
        if description is not None or born or died or attributes:
            draft = PersonDraft(born=born, died=died, attributes=attributes)
            async with answer(interaction, private=True) as response:
                directory = await interaction.client.directories.for_server(interaction.guild_id)
                values, by = parse_values(draft, directory), author_of(interaction)
                response.view = await edit_person(directory, name, description, values, by)
        else:
            async with open_form(interaction) as form_response:
                directory = await interaction.client.directories.for_server(interaction.guild_id)
                person = await directory.people.get(name)
                check = self.permissions.checker("editperson")
                form_response.form = PersonEdit(directory, person, check).form()

    @app_commands.command()
    @app_commands.describe(name="Who")
    async def removeperson(self, interaction: Interaction, name: str) -> None:
        """Remove a person, after a question."""
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            person = await directory.people.get(name)

            check = self.permissions.checker("removeperson")
            response.view = removal_question(interaction.user.id, directory, person, check)

    @app_commands.command()
    @app_commands.describe(
        attribute="Which: born, died, or any other",
        value="The new value; several tags with commas; none clears it",
        name="Whose it is",
        filter="Or of all who fit conditions: country:ussr died>1991",
    )
    async def setattribute(
        self,
        interaction: Interaction,
        attribute: str,
        value: str,
        name: str = "",
        filter: str = "",
    ) -> None:
        """Set one attribute of a person; or, after a question, of all who fit conditions."""
        name, filter = name.strip(), filter.strip()
        async with answer(interaction, private=True) as response:
            if bool(name) == bool(filter):
                raise InvalidPerson(
                    _("Give a name, or a filter such as country:ussr for everyone who matches.")
                )
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            field = clean_field_name(attribute)
            typed_value = read_typed_value(field, value.strip(), directory.fields.schema)
            if filter:
                check = self.permissions.checker("setattribute")
                bulk_edit = BulkEdit(directory, filter, field, typed_value, check)
                response.view = await bulk_edit.question(interaction.user.id)
            else:
                values, by = {field: typed_value}, author_of(interaction)
                response.view = await edit_person(directory, name, None, values, by)

    @editperson.autocomplete("name")
    @removeperson.autocomplete("name")
    @setattribute.autocomplete("name")
    @complete_for_editors
    async def _complete_name(self, directory: Directory, typed: str) -> Choices:
        return await name_choices(directory, typed)

    @setattribute.autocomplete("filter")
    @complete_for_editors
    async def _complete_filter(self, directory: Directory, typed: str) -> Choices:
        return await query_choices(directory, typed)

    @setattribute.autocomplete("attribute")
    @complete_for_editors
    async def _complete_field(self, directory: Directory, typed: str) -> Choices:
        return to_choices(name for name in directory.fields.schema if typed.lower() in name)

    async def _add(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        values, by = parse_values(draft, directory), author_of(interaction)
        person = await directory.people.add(draft.name, draft.description, values, by=by)
        return saved_view(sentences.answers.ADDED, person)


def removal_question(
    asker: int, directory: Directory, person: Person, check: PermissionCheck, title: str = ""
) -> ConfirmationView:
    """Ask whether to remove a person, and ask again if someone else changed them meanwhile."""
    name = f"**{plain(person.name)}**"

    async def remove(interaction: Interaction) -> ui.LayoutView:
        by = author_of(interaction)
        try:
            await directory.people.remove(person.name, by=by, expected=person)
        except PersonChanged as error:
            if error.current is None:
                raise
            title = f"### {sentences.answers.changed_while_asked(plain(person.name))}"
            return removal_question(asker, directory, error.current, check, title)
        return static_view(f"{sentences.answers.removed(name)}\n-# {undo_hint()}")

    question = container(
        title,
        [replace(person_card(Match(person)), buttons=()), Block(sentences.answers.REMOVE_QUESTION)],
    )
    question.accent_colour = discord.Colour.red()
    return ConfirmationView(
        asker,
        question,
        [
            ConfirmationChoice(
                ControlId.YES, sentences.answers.REMOVE, remove, discord.ButtonStyle.danger
            ),
            cancel_choice(sentences.answers.KEEP, sentences.answers.stays(name)),
        ],
        sentences.answers.stays_unanswered(name),
        check,
    )


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(PeopleCog())

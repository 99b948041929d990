"""Editing people: /addperson, /editperson, /removeperson and /setattribute."""

from dataclasses import replace

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

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

    @app_commands.command(
        description=locale_str("Add a person; opens a form if you leave out name or description")
    )
    @app_commands.describe(
        name=locale_str("The name to show"),
        description=locale_str("One or two sentences about what they did"),
        born=locale_str("The year of birth, such as 1934, -44, 44 BC or none"),
        died=locale_str("The year of death, such as 2011, -44, 44 BC or none"),
        attributes=locale_str(
            "More attributes, such as country=France known_for=physics,chemistry"
        ),
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
        draft = PersonDraft(name, description, born, died, attributes)

        if name and description:
            async with answer(interaction, private=True) as response:
                response.view = await self._add(interaction, draft)
        else:
            check = self.permissions.checker("addperson")
            form = PersonForm(_("Add a person"), draft, self._add, check, with_name=True)
            await form.open(interaction)

    @app_commands.command(
        description=locale_str("Edit a person; opens a form if you only give the name")
    )
    @app_commands.describe(
        name=locale_str("The person to edit"),
        description=locale_str("The new description"),
        born=locale_str("The year of birth, such as 1934, -44, 44 BC or none"),
        died=locale_str("The year of death, such as 2011, -44, 44 BC or none"),
        attributes=locale_str("Attributes to set, such as country=France; the others don't change"),
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

    @app_commands.command(description=locale_str("Remove a person, after you confirm"))
    @app_commands.describe(name=locale_str("The person to remove"))
    async def removeperson(self, interaction: Interaction, name: str) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            person = await directory.people.get(name)

            check = self.permissions.checker("removeperson")
            response.view = removal_question(interaction.user.id, directory, person, check)

    @app_commands.command(
        description=locale_str("Set one attribute of a person, or of everyone matching conditions")
    )
    @app_commands.describe(
        attribute=locale_str("The attribute to set, such as born or country"),
        value=locale_str("The new value: separate tags with commas, or type none to clear it"),
        name=locale_str("The person to change"),
        filter=locale_str("Instead of a name: conditions such as country=France died<1950"),
    )
    async def setattribute(
        self,
        interaction: Interaction,
        attribute: str,
        value: str,
        name: str = "",
        filter: str = "",
    ) -> None:
        name, filter = name.strip(), filter.strip()
        async with answer(interaction, private=True) as response:
            if bool(name) == bool(filter):
                raise InvalidPerson(
                    _(
                        "Give either a name, or a filter such as country:ussr to change everyone "
                        "who matches it."
                    )
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
        return saved_view(_("Added."), person)


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
            title = _("{name} was changed before you confirmed", name=plain(person.name))
            return removal_question(asker, directory, error.current, check, f"### {title}")
        removed = _("Removed {name}.", name=name)
        return static_view(f"{removed}\n-# {undo_hint()}")

    question = container(
        title,
        [
            replace(person_card(Match(person)), buttons=()),
            Block(_("Remove this person from the directory?")),
        ],
    )
    question.accent_colour = discord.Colour.red()
    return ConfirmationView(
        asker,
        question,
        [
            ConfirmationChoice(ControlId.YES, _("Remove"), remove, discord.ButtonStyle.danger),
            cancel_choice(_("Cancel"), _("Kept {name}.", name=name)),
        ],
        _("Kept {name}, because nobody confirmed.", name=name),
        check,
    )


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(PeopleCog())

"""The form of a person, and the question before a removal."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.answers import VIEW_SECONDS, answer, answer_error, plain
from bot.person import (
    BASE_SCHEMA,
    DESCRIPTION_MAX,
    NAME_MAX,
    Person,
    format_attributes,
    format_value,
)
from cogs.cards import card, said_view

FIELD_TEXT_MAX = 4000  # of a text input
TITLE_MAX = 45  # of a modal


@dataclass(frozen=True)
class Draft:
    """What a person types about a person, as texts; empty is unknown."""

    name: str = ""
    description: str = ""
    born: str = ""
    died: str = ""
    attributes: str = ""

    @classmethod
    def of(cls, person: Person) -> "Draft":
        known = person.attributes
        years = {year: format_value(year, known[year]) for year in BASE_SCHEMA if year in known}
        attributes = format_attributes(known)
        return cls(person.name, person.description, attributes=attributes, **years)


Save = Callable[[Draft], Coroutine[Any, Any, ui.LayoutView]]
"""Stores a draft and makes the answer; raises DirectoryError."""


class PersonForm(ui.Modal):
    """A form for a draft. ``save`` gets what was typed; if it cannot be stored the form is offered
    again as it was filled in."""

    def __init__(self, title: str, draft: Draft, save: Save, *, with_name: bool) -> None:
        super().__init__(title=title if len(title) <= TITLE_MAX else f"{title[: TITLE_MAX - 1]}…")
        self._draft = draft
        self._save = save
        self._with_name = with_name
        # No input holds more; then /setattribute changes them one by one.
        self._with_attributes = len(draft.attributes) <= FIELD_TEXT_MAX
        self.name = _input(draft.name, NAME_MAX)
        self.description = _input(draft.description, DESCRIPTION_MAX, long=True)
        self.born = _input(draft.born, 20, required=False)
        self.died = _input(draft.died, 20, required=False)
        self.attributes = _input(
            draft.attributes[:FIELD_TEXT_MAX], FIELD_TEXT_MAX, long=True, required=False
        )
        if with_name:
            self.add_item(ui.Label(text="Name", component=self.name))
        about = "One or two sentences: what did they do? This is what searches compare."
        self.add_item(ui.Label(text="Description", description=about, component=self.description))
        years = "A year, like 1934, -44 or 44 BC; empty if unknown."
        self.add_item(ui.Label(text="Born", description=years, component=self.born))
        living = "A year; empty if unknown or living."
        self.add_item(ui.Label(text="Died", description=living, component=self.died))
        if self._with_attributes:
            pairs = "Like country=France field=physics,chemistry. What is left out is cleared."
            self.add_item(ui.Label(text="Attributes", description=pairs, component=self.attributes))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        typed = Draft(
            self.name.value if self._with_name else self._draft.name,
            self.description.value,
            self.born.value,
            self.died.value,
            self.attributes.value if self._with_attributes else self._draft.attributes,
        )
        mend = FormAgain(interaction, self, typed)
        await answer(interaction, self._save(typed), private=True, mend=mend)

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        await answer_error(interaction, error)

    def again(self, draft: Draft) -> "PersonForm":
        return PersonForm(self.title, draft, self._save, with_name=self._with_name)


class FormAgain(ui.View):
    """Under an error: the form again, as it was filled in."""

    def __init__(self, interaction: discord.Interaction, form: PersonForm, draft: Draft) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._form = form
        self._draft = draft

    @ui.button(label="Back to the form", style=discord.ButtonStyle.primary)
    async def reopen(self, interaction: discord.Interaction, button: ui.Button) -> None:
        await interaction.response.send_modal(self._form.again(self._draft))

    async def on_timeout(self) -> None:
        with suppress(discord.HTTPException):  # it was dismissed, say
            await self._interaction.edit_original_response(view=None)

    async def on_error(self, interaction: discord.Interaction, error: Exception, item: Any) -> None:
        await answer_error(interaction, error)


def _input(
    value: str, most: int, *, long: bool = False, required: bool = True
) -> ui.TextInput["PersonForm"]:
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    return ui.TextInput(style=style, default=value or None, max_length=most, required=required)


class RemovalQuestion(ui.LayoutView):
    """Who would be removed, and the buttons that do it or not."""

    def __init__(
        self,
        interaction: discord.Interaction,
        person: Person,
        remove: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._person = person
        self._remove = remove
        container = ui.Container["RemovalQuestion"](accent_colour=discord.Colour.red())
        container.add_item(ui.TextDisplay(card(person)))
        container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay("Remove this person from the directory?"))
        yes = ui.Button["RemovalQuestion"](label="Remove", style=discord.ButtonStyle.danger)
        no = ui.Button["RemovalQuestion"](label="Keep", style=discord.ButtonStyle.secondary)
        yes.callback, no.callback = self._yes, self._no
        container.add_item(ui.ActionRow(yes, no))
        self.add_item(container)

    async def _yes(self, interaction: discord.Interaction) -> None:
        self.stop()
        await interaction.response.defer()
        await self._remove()
        said = f"**{plain(self._person.name)}** was removed."
        await interaction.edit_original_response(view=said_view(said))

    async def _no(self, interaction: discord.Interaction) -> None:
        self.stop()
        said = f"**{plain(self._person.name)}** stays."
        await interaction.response.edit_message(view=said_view(said))

    async def on_timeout(self) -> None:
        said = f"**{plain(self._person.name)}** stays: nobody answered."
        with suppress(discord.HTTPException):  # it was dismissed, say
            await self._interaction.edit_original_response(view=said_view(said))

    async def on_error(self, interaction: discord.Interaction, error: Exception, item: Any) -> None:
        await answer_error(interaction, error)

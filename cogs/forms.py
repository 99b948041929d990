"""Forms, and that of a person."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.errors import DirectoryError
from bot.interactions import (
    ACKNOWLEDGE_SECONDS,
    DISCORD_ERRORS,
    VIEW_SECONDS,
    Control,
    Gated,
    answer,
    answer_error,
    label,
    tell,
)
from bot.person import (
    BASE_SCHEMA,
    DESCRIPTION_MAX,
    NAME_MAX,
    Person,
    format_attributes,
    format_value,
)
from cogs.permissions import Check

FIELD_TEXT_MAX = 4000  # of a text input
TITLE_MAX = 45  # of a modal
FORM_SECONDS = 6 * 3600.0  # that a form may be open; discord.py keeps dismissed ones as long


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


Making = Coroutine[Any, Any, ui.LayoutView]
"""Makes the answer to a form; raises DirectoryError."""

Save = Callable[[discord.Interaction, Draft], Making]
"""Stores what somebody's interaction sent, and makes the answer; raises DirectoryError."""


class Form(Gated, ui.Modal):
    """A form for those whom ``check`` lets pass when it is sent. Its answer is private; where it
    cannot be given, the form is offered again as it was filled in."""

    def __init__(self, title: str, check: Check) -> None:
        super().__init__(title=label(title, TITLE_MAX), timeout=FORM_SECONDS)
        self._check = check
        self._open_forms: set[str] = set()

    def making(self, interaction: discord.Interaction) -> Making:
        """What makes the answer."""
        raise NotImplementedError

    def again(self) -> "Form":
        """The form as it was filled in."""
        raise NotImplementedError

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form as the answer to an interaction. Until it is sent, or for FORM_SECONDS, the
        client knows that it is open: see cogs/expired.py."""
        await interaction.response.send_modal(self)
        self._open_forms = interaction.client.open_forms
        self._open_forms.add(self.custom_id)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await self._check(interaction)
        await self.send(interaction)
        self._forget()

    async def send(self, interaction: discord.Interaction) -> None:
        """Answer to what was filled in."""
        mend = FormAgain(interaction, self)
        await answer(interaction, self.making(interaction), private=True, mend=mend)

    async def on_timeout(self) -> None:
        self._forget()

    async def on_error(self, interaction: discord.Interaction, error: Exception) -> None:
        await answer_error(interaction, error)
        self._forget()

    def _forget(self) -> None:
        """Close it, but not before cogs/expired.py has looked, or that would answer as well."""
        loop = asyncio.get_running_loop()
        loop.call_soon(self._open_forms.discard, self.custom_id)


async def open_soon(interaction: discord.Interaction, making: Awaitable[Form]) -> None:
    """Open a form that has to be made first. It cannot come later than a first answer: where it
    takes longer, and where it cannot be made, that is told."""
    try:
        async with asyncio.timeout(ACKNOWLEDGE_SECONDS):
            form = await making
    except TimeoutError:
        await tell(interaction, sentences.answers.DIRECTORY_IS_SLOW)
    except DirectoryError as error:
        await answer_error(interaction, error)
    else:
        await form.open(interaction)


class PersonForm(Form):
    """A form for a draft. ``save`` gets what was typed."""

    def __init__(
        self, title: str, draft: Draft, save: Save, check: Check, *, with_name: bool
    ) -> None:
        super().__init__(title, check)
        self._draft = draft
        self._save = save
        self._with_name = with_name
        # No input holds more; then /setattribute changes them one by one.
        self._with_attributes = len(draft.attributes) <= FIELD_TEXT_MAX
        self.name = _input(draft.name, NAME_MAX)
        self.description = _input(draft.description, DESCRIPTION_MAX, long=True)
        self.born = _input(draft.born, 20, required=False)
        self.died = _input(draft.died, 20, required=False)
        self.attributes = _input(draft.attributes, FIELD_TEXT_MAX, long=True, required=False)
        if with_name:
            self._ask(sentences.answers.NAME, None, self.name)
        self._ask(
            sentences.answers.DESCRIPTION, sentences.answers.ABOUT_DESCRIPTION, self.description
        )
        self._ask(sentences.answers.BORN, sentences.answers.ABOUT_BORN, self.born)
        self._ask(sentences.answers.DIED, sentences.answers.ABOUT_DIED, self.died)
        if self._with_attributes:
            self._ask(
                sentences.answers.ATTRIBUTES, sentences.answers.ABOUT_ATTRIBUTES, self.attributes
            )

    def _ask(self, what: str, about: str | None, field: ui.TextInput["PersonForm"]) -> None:
        self.add_item(ui.Label(text=what, description=about, component=field))

    def making(self, interaction: discord.Interaction) -> Making:
        return self._save(interaction, self._typed())

    def again(self) -> "PersonForm":
        draft = self._typed()
        return PersonForm(self.title, draft, self._save, self._check, with_name=self._with_name)

    def _typed(self) -> Draft:
        return Draft(
            self.name.value if self._with_name else self._draft.name,
            self.description.value,
            self.born.value,
            self.died.value,
            self.attributes.value if self._with_attributes else self._draft.attributes,
        )


class FormAgain(Gated, ui.View):
    """Under an error: the form again, as it was filled in."""

    def __init__(self, interaction: discord.Interaction[Any], form: Form) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._form = form
        interaction.client.asked.watch(self)

    @ui.button(
        label=sentences.answers.BACK_TO_THE_FORM,
        style=discord.ButtonStyle.primary,
        custom_id=Control.FORM,
    )
    async def reopen(self, interaction: discord.Interaction, button: ui.Button) -> None:
        await self._form.again().open(interaction)

    async def on_timeout(self) -> None:
        with suppress(*DISCORD_ERRORS):  # it was dismissed, say
            await self._interaction.edit_original_response(view=None)

    async def on_error(self, interaction: discord.Interaction, error: Exception, item: Any) -> None:
        await answer_error(interaction, error)


def _input(
    value: str, most: int, *, long: bool = False, required: bool = True
) -> ui.TextInput["PersonForm"]:
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    shown = value[:most] or None  # Discord refuses a form with a field that is too full
    return ui.TextInput(style=style, default=shown, max_length=most, required=required)

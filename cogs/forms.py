"""Forms, and the one for a person."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.interactions import (
    DISCORD_ERRORS,
    VIEW_SECONDS,
    AdmissionCheck,
    ControlId,
    Interaction,
    PermissionCheck,
    answer,
    answer_error,
    in_time,
    label,
)
from bot.person import (
    BASE_SCHEMA,
    DESCRIPTION_MAX,
    NAME_MAX,
    Person,
    format_attributes,
    format_value,
)

INPUT_MAX = 4000  # Discord, characters of a text input
YEAR_MAX = 20  # characters
TITLE_MAX = 45  # Discord, for a modal
FORM_SECONDS = 6 * 3600.0  # for which discord.py keeps a form: it isn't told of dismissed ones


@dataclass(frozen=True)
class PersonDraft:
    """What someone types about a person, as texts; empty is unknown."""

    name: str = ""
    description: str = ""
    born: str = ""
    died: str = ""
    attributes: str = ""

    @classmethod
    def of(cls, person: Person) -> "PersonDraft":
        known = person.attributes
        years = {year: format_value(year, known[year]) for year in BASE_SCHEMA if year in known}
        attributes = format_attributes(known)
        return cls(person.name, person.description, attributes=attributes, **years)


SaveDraft = Callable[[Interaction, PersonDraft], Awaitable[ui.LayoutView]]
"""Saves a draft, and returns the answer. Raises DirectoryError."""


class Form(AdmissionCheck, ui.Modal):
    """A form that *check* must pass when it is submitted.

    Its answer is private. After a DirectoryError, a button opens the form again as it was filled
    in.
    """

    def __init__(self, title: str, check: PermissionCheck) -> None:
        super().__init__(title=label(title, TITLE_MAX), timeout=FORM_SECONDS)
        self._check = check
        self._open_forms: set[str] = set()

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        """Do what the form is for, and return the answer. Raises DirectoryError."""
        raise NotImplementedError

    def refilled(self) -> "Form":
        """Return a new form, filled in as this one was submitted."""
        raise NotImplementedError

    async def open(self, interaction: Interaction) -> None:
        """Show the form as the response to an interaction.

        Until it is submitted or FORM_SECONDS pass, the client knows that it is open: see
        cogs/presses.py.
        """
        await interaction.response.send_modal(self)
        self._open_forms = interaction.client.open_forms
        self._open_forms.add(self.custom_id)

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        await self._check(interaction)
        await self.submit(interaction)
        self._mark_closed()

    async def submit(self, interaction: Interaction) -> None:
        """Answer what was filled in."""
        retry_view = ReopenFormView(interaction, self)
        async with answer(interaction, private=True, retry_view=retry_view) as response:
            response.view = await self.process(interaction)

    async def on_timeout(self) -> None:
        self._mark_closed()

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        await answer_error(interaction, error)
        self._mark_closed()

    def _mark_closed(self) -> None:
        """Forget the form, but after cogs/presses.py has looked, which would answer it as well."""
        loop = asyncio.get_running_loop()
        loop.call_soon(self._open_forms.discard, self.custom_id)


class FormResponse:
    """What a block of ``open_form`` makes: it must set ``form``."""

    form: Form


@asynccontextmanager
async def open_form(interaction: Interaction) -> AsyncIterator[FormResponse]:
    """Open the form that the block makes.

    A form must be the first response, so the block can't be waited for after an acknowledgement:
    if it takes long, it is cancelled, and the person is asked to try again.
    """
    response = FormResponse()
    try:
        async with in_time(_give_up):
            yield response
    except DirectoryError as error:
        await answer_error(interaction, error)
        return
    await response.form.open(interaction)


async def _give_up() -> None:
    raise DirectoryUnavailable(sentences.answers.DIRECTORY_IS_SLOW)


class PersonForm(Form):
    """A form for a draft, which *save* gets as it was filled in."""

    def __init__(
        self,
        title: str,
        draft: PersonDraft,
        save: SaveDraft,
        check: PermissionCheck,
        *,
        with_name: bool,
    ) -> None:
        super().__init__(title, check)
        self._draft = draft
        self._save = save
        self._with_name = with_name
        # Longer attributes don't fit an input; /setattribute changes them one by one.
        self._with_attributes = len(draft.attributes) <= INPUT_MAX
        self.name = _input(draft.name, NAME_MAX)
        self.description = _input(draft.description, DESCRIPTION_MAX, long=True)
        self.born = _input(draft.born, YEAR_MAX, required=False)
        self.died = _input(draft.died, YEAR_MAX, required=False)
        self.attributes = _input(draft.attributes, INPUT_MAX, long=True, required=False)
        if with_name:
            self._add_input(sentences.answers.NAME, None, self.name)
        self._add_input(
            sentences.answers.DESCRIPTION, sentences.answers.ABOUT_DESCRIPTION, self.description
        )
        self._add_input(sentences.answers.BORN, sentences.answers.ABOUT_BORN, self.born)
        self._add_input(sentences.answers.DIED, sentences.answers.ABOUT_DIED, self.died)
        if self._with_attributes:
            self._add_input(
                sentences.answers.ATTRIBUTES, sentences.answers.ABOUT_ATTRIBUTES, self.attributes
            )

    def _add_input(
        self, title: str, description: str | None, field: ui.TextInput["PersonForm"]
    ) -> None:
        self.add_item(ui.Label(text=title, description=description, component=field))

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        return await self._save(interaction, self._filled_in())

    def refilled(self) -> "PersonForm":
        draft = self._filled_in()
        return PersonForm(self.title, draft, self._save, self._check, with_name=self._with_name)

    def _filled_in(self) -> PersonDraft:
        return PersonDraft(
            self.name.value if self._with_name else self._draft.name,
            self.description.value,
            self.born.value,
            self.died.value,
            self.attributes.value if self._with_attributes else self._draft.attributes,
        )


class ReopenFormView(AdmissionCheck, ui.View):
    """A button below an error that opens the form again, as it was filled in."""

    def __init__(self, interaction: Interaction, form: Form) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._form = form
        interaction.client.answers.watch(self)

    @ui.button(
        label=sentences.answers.BACK_TO_THE_FORM,
        style=discord.ButtonStyle.primary,
        custom_id=ControlId.FORM,
    )
    async def reopen(self, interaction: Interaction, button: ui.Button) -> None:
        await self._form.refilled().open(interaction)

    async def on_timeout(self) -> None:
        with suppress(*DISCORD_ERRORS):  # the message was dismissed, for example
            await self._interaction.edit_original_response(view=None)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: Any
    ) -> None:
        await answer_error(interaction, error)


def _input(
    value: str, max_length: int, *, long: bool = False, required: bool = True
) -> ui.TextInput["PersonForm"]:
    style = discord.TextStyle.paragraph if long else discord.TextStyle.short
    default = value[:max_length] or None  # Discord refuses a form with a longer value
    return ui.TextInput(style=style, default=default, max_length=max_length, required=required)

"""Forms, and the one for a person."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.errors import DirectoryError, DirectoryUnavailable
from bot.interactions import (
    DISCORD_ERRORS,
    VIEW_SECONDS,
    AdmissionCheck,
    Control,
    ControlId,
    Interaction,
    PermissionCheck,
    answer,
    answer_error,
    in_time,
    label,
)
from bot.language import _
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
FORM_SECONDS = 6 * 3600.0  # then discord.py drops a form, as it never learns of dismissed ones


@dataclass(frozen=True)
class PersonDraft:
    """What someone types about a person, as text; empty for unknown."""

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
"""Saves a draft and returns the answer. Raises DirectoryError."""


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
        """Return the answer to the form as submitted. Raises DirectoryError."""
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
        retry_view = ReopenFormView(interaction, self)
        async with answer(interaction, private=True, retry_view=retry_view) as response:
            response.view = await self.process(interaction)

    async def on_timeout(self) -> None:
        self._mark_closed()

    async def on_error(self, interaction: discord.Interaction[Any], error: Exception) -> None:
        await answer_error(interaction, error)
        self._mark_closed()

    def _mark_closed(self) -> None:
        """Forget the form, but only after cogs/presses.py has seen that it is open: otherwise that
        would answer as well."""
        loop = asyncio.get_running_loop()
        loop.call_soon(self._open_forms.discard, self.custom_id)


class FormResponse:
    """What a block of ``open_form`` must set."""

    form: Form


@asynccontextmanager
async def open_form(interaction: Interaction) -> AsyncIterator[FormResponse]:
    """Open the form that the block makes.

    A form must be the first response, so a slow block can't be given more time by an
    acknowledgement: it is cancelled, and the person is asked to try again.
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
    raise DirectoryUnavailable(_("The directory is slow to respond. Try again in a moment."))


class PersonForm(Form):
    """A form filled in from a draft; *save* gets the draft that is submitted."""

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
        self.name = None
        if with_name:
            self.name = self._add_input(_("Name"), None, draft.name, NAME_MAX)
        self.description = self._add_input(
            _("Description"),
            _("One or two sentences about what they did. Searches use this text."),
            draft.description,
            DESCRIPTION_MAX,
            style=discord.TextStyle.paragraph,
        )
        about_born = _("A year, such as 1934, -44 or 44 BC. Leave empty if unknown.")
        self.born = self._add_input(_("Born"), about_born, draft.born, YEAR_MAX, required=False)
        about_died = _("A year. Leave empty if unknown or still alive.")
        self.died = self._add_input(_("Died"), about_died, draft.died, YEAR_MAX, required=False)
        self.attributes = None
        if len(draft.attributes) <= INPUT_MAX:  # otherwise /setattribute changes them one by one
            self.attributes = self._add_input(
                _("Attributes"),
                _("For example country=France. Attributes you leave out are cleared."),
                draft.attributes,
                INPUT_MAX,
                style=discord.TextStyle.paragraph,
                required=False,
            )

    def _add_input(
        self, title: str, about: str | None, value: str, max_length: int, **options: Any
    ) -> ui.TextInput["PersonForm"]:
        default = value[:max_length] or None  # Discord refuses a form with a longer value
        text_input = ui.TextInput["PersonForm"](default=default, max_length=max_length, **options)
        self.add_item(ui.Label(text=title, description=about, component=text_input))
        return text_input

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        return await self._save(interaction, self._filled_in())

    def refilled(self) -> "PersonForm":
        draft, with_name = self._filled_in(), self.name is not None
        return PersonForm(self.title, draft, self._save, self._check, with_name=with_name)

    def _filled_in(self) -> PersonDraft:
        return PersonDraft(
            self.name.value if self.name else self._draft.name,
            self.description.value,
            self.born.value,
            self.died.value,
            self.attributes.value if self.attributes else self._draft.attributes,
        )


class ReopenFormView(AdmissionCheck, ui.View):
    """A button below an error that opens the form again, as it was filled in."""

    def __init__(self, interaction: Interaction, form: Form) -> None:
        super().__init__(timeout=VIEW_SECONDS)
        self._interaction = interaction
        self._form = form
        label, style = _("Back to the form"), discord.ButtonStyle.primary
        self.add_item(Control(ControlId.FORM, label, self._reopen, style))
        interaction.client.answers.watch(self)

    async def _reopen(self, interaction: Interaction) -> None:
        await self._form.refilled().open(interaction)

    async def on_timeout(self) -> None:
        with suppress(*DISCORD_ERRORS):  # the message was dismissed, for example
            await self._interaction.edit_original_response(view=None)

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: Any
    ) -> None:
        await answer_error(interaction, error)

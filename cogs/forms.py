"""The form of a person, and the question before a removal."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.answers import (
    DISCORD_ERRORS,
    VIEW_SECONDS,
    AnswerView,
    Control,
    answer,
    answer_error,
    change,
    label,
    plain,
)
from bot.person import (
    BASE_SCHEMA,
    DESCRIPTION_MAX,
    NAME_MAX,
    Match,
    Person,
    format_attributes,
    format_value,
)
from cogs.cards import card, container, said

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


Save = Callable[[Draft], Coroutine[Any, Any, ui.LayoutView]]
"""Stores a draft and makes the answer; raises DirectoryError."""


class PersonForm(ui.Modal):
    """A form for a draft. ``save`` gets what was typed; if it cannot be stored the form is offered
    again as it was filled in."""

    def __init__(self, title: str, draft: Draft, save: Save, *, with_name: bool) -> None:
        super().__init__(title=label(title, TITLE_MAX), timeout=FORM_SECONDS)
        self._open_forms: set[str] = set()
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

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form as the answer to an interaction. Until it is sent, or for FORM_SECONDS, the
        client knows that it is open: see cogs/too_old.py."""
        await interaction.response.send_modal(self)
        self._open_forms = interaction.client.open_forms
        self._open_forms.add(self.custom_id)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        typed = Draft(
            self.name.value if self._with_name else self._draft.name,
            self.description.value,
            self.born.value,
            self.died.value,
            self.attributes.value if self._with_attributes else self._draft.attributes,
        )
        mend = FormAgain(interaction, self, typed)
        try:
            await answer(interaction, self._save(typed), private=True, mend=mend)
        finally:
            self._open_forms.discard(self.custom_id)

    async def on_timeout(self) -> None:
        self._open_forms.discard(self.custom_id)

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

    @ui.button(
        label=sentences.answers.BACK_TO_THE_FORM,
        style=discord.ButtonStyle.primary,
        custom_id=Control.FORM,
    )
    async def reopen(self, interaction: discord.Interaction, button: ui.Button) -> None:
        await self._form.again(self._draft).open(interaction)

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


class RemovalQuestion(AnswerView):
    """Who would be removed, and the buttons that do it or not."""

    def __init__(self, asker: int, person: Person, remove: Callable[[], Awaitable[None]]) -> None:
        super().__init__(asker)
        self._name = f"**{plain(person.name)}**"
        self._remove = remove
        self._deciding = asyncio.Lock()  # what is pressed first decides
        question = container(
            "", [replace(card(Match(person)), buttons=()), said(sentences.answers.REMOVE_QUESTION)]
        )
        question.accent_colour = discord.Colour.red()
        yes = ui.Button["RemovalQuestion"](
            label=sentences.answers.REMOVE,
            style=discord.ButtonStyle.danger,
            custom_id=Control.REMOVE,
        )
        no = ui.Button["RemovalQuestion"](label=sentences.answers.KEEP, custom_id=Control.KEEP)
        yes.callback, no.callback = self._yes, self._no
        self.add_item(question)
        self.add_item(ui.ActionRow(yes, no))

    def close(self) -> None:
        self._say(sentences.answers.stays_unanswered(self._name))

    async def _yes(self, interaction: discord.Interaction) -> None:
        await change(interaction, self._removed())

    async def _no(self, interaction: discord.Interaction) -> None:
        await change(interaction, self._kept())

    async def _removed(self) -> ui.LayoutView:
        async with self._deciding:
            if not self.is_finished():
                await self._remove()
                self._end(sentences.answers.removed(self._name))
        return self

    async def _kept(self) -> ui.LayoutView:
        async with self._deciding:
            if not self.is_finished():
                self._end(sentences.answers.stays(self._name))
        return self

    def _end(self, text: str) -> None:
        self._say(text)
        self.stop()

    def _say(self, text: str) -> None:
        """This and nothing else, without buttons."""
        self.clear_items()
        self.add_item(container(text, []))

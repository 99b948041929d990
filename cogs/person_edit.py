"""Editing a person, also while someone else changes or removes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import discord
from discord import ui

from bot.directory import Author, Directory
from bot.errors import InvalidPerson, PersonChanged, PersonNotFound
from bot.interactions import Control, ControlId, Interaction, plain, update
from bot.language import _
from bot.person import Match, Person, parse_attributes
from cogs.cards import Block, container, person_card, static_view, take_fitting, undo_hint
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.forms import PersonDraft, PersonForm, ReopenFormView
from cogs.history_text import shown_text, shown_value
from cogs.permissions import PermissionCheck, author_of

DIFFERENCES_WIDTH = 2000  # characters


def parse_values(draft: PersonDraft, directory: Directory) -> dict[str, Any]:
    """Return the attributes of a draft, years included. Raises InvalidPerson, also if a year is
    given twice and differently."""
    values = parse_attributes(draft.attributes, directory.fields.schema)
    for name, year in (("born", draft.born.strip()), ("died", draft.died.strip())):
        if year and values.setdefault(name, year) != year:
            message = _(
                "You gave two values for {attribute}: {first} and {second}. Give only one.",
                attribute=name,
                first=year,
                second=str(values[name]),
            )
            raise InvalidPerson(message)
    return values


def saved_view(title: str, person: Person) -> ui.LayoutView:
    """Return the answer after a person was saved: the card, and how to undo."""
    hint = Block(f"-# {undo_hint()}")
    return static_view(title, [person_card(Match(person), separated=True), hint])


def _unchanged_view(person: Person) -> ui.LayoutView:
    return static_view(_("Nothing to change."), [person_card(Match(person), separated=True)])


async def edit_person(
    directory: Directory,
    name: str,
    description: str | None,
    values: Mapping[str, Any],
    by: Author,
) -> ui.LayoutView:
    """Change a person and return the answer. What someone else changes meanwhile is kept as well.
    Raises what People.update raises."""
    before = await directory.people.get(name)
    while True:
        try:
            person = await directory.people.update(
                before.name, description, values, by=by, expected=before
            )
        except PersonChanged as error:
            if error.current in (None, before):
                raise
            before = error.current
            continue
        if person == before:
            return _unchanged_view(person)
        return saved_view(_("Saved."), person)


@dataclass(frozen=True)
class DraftChanges:
    """What an editor changed in a form: the description (None: unchanged), and the attributes by
    name (None: cleared)."""

    description: str | None
    values: Mapping[str, Any]

    def applied_to(self, person: Person) -> PersonDraft:
        """Return a person as a draft, with the changes made."""
        values = {**person.attributes, **self.values}
        known = {name: value for name, value in values.items() if value is not None}
        description = person.description if self.description is None else self.description
        return PersonDraft.of(Person(person.name, description, known))


@dataclass(frozen=True)
class PersonEdit:
    """An edit in progress; ``original`` is the person as shown in the form."""

    directory: Directory
    original: Person
    check: PermissionCheck

    @property
    def title(self) -> str:
        return _("Edit {name}", name=self.original.name)

    def form(self) -> PersonForm:
        """Return the form, filled in."""
        draft = PersonDraft.of(self.original)
        return PersonForm(self.title, draft, self.save, self.check, with_name=False)

    async def save(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        """Save what was changed in the form. Ask first if someone else changed or removed the
        person meanwhile."""
        before = PersonDraft.of(self.original)
        old, new = parse_values(before, self.directory), parse_values(draft, self.directory)
        values = {name: new.get(name) for name in {*old, *new} if new.get(name) != old.get(name)}
        description = None if draft.description == before.description else draft.description
        return await self._save_changes(DraftChanges(description, values), interaction)

    async def _save_changes(self, changes: DraftChanges, interaction: Interaction) -> ui.LayoutView:
        try:
            person = await self.directory.people.update(
                self.original.name,
                changes.description,
                changes.values,
                by=author_of(interaction),
                expected=self.original,
            )
        except PersonChanged as error:
            if error.current is None:
                raise
            if changes.description is None and not changes.values:
                return _unchanged_view(error.current)
            return self._conflict_question(interaction, error.current, changes)
        except PersonNotFound:
            return self._conflict_question(interaction, None, changes)
        if person == self.original:
            return _unchanged_view(person)
        return saved_view(_("Saved."), person)

    async def _add_again(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        """Add the person, who was removed meanwhile, as typed."""
        values, by = parse_values(draft, self.directory), author_of(interaction)
        people = self.directory.people
        person = await people.add(self.original.name, draft.description, values, by=by)
        return saved_view(_("Added."), person)

    def _conflict_question(
        self, interaction: Interaction, current: Person | None, changes: DraftChanges
    ) -> ConfirmationView:
        """Ask whose edit to keep, after someone else changed the person or, if ``current`` is None,
        removed them."""
        latest = current or self.original
        name, draft = plain(latest.name), changes.applied_to(latest)
        if current is None:
            heading = _("{name} was removed while you had the form open", name=name)
            title, save = _("Add a person"), self._add_again
            button, style = _("Add again"), discord.ButtonStyle.primary
            act = partial(self._add_again, draft=draft)
            cancel = _("Cancel")
            kept = _("{name} is still removed. Your changes weren't saved.", name=name)
        else:
            heading = _("{name} was changed while you had the form open", name=name)
            rebased = replace(self, original=current)
            title, save = rebased.title, rebased.save
            button, style = _("Save mine"), discord.ButtonStyle.danger
            act = partial(rebased._save_changes, changes)
            cancel = _("Keep theirs")
            kept = _("Kept the other changes to {name}. Yours weren't saved.", name=name)

        async def save_and_settle(press: Interaction, draft: PersonDraft) -> ui.LayoutView:
            return await question.settle(save(press, draft))

        async def reopen(press: Interaction) -> None:
            form = SettlingForm(title, draft, save_and_settle, self.check, with_name=False)
            await form.open(press)

        question = ConfirmationView(
            interaction.user.id,
            container(f"### {heading}", [_differences_block(self.original, latest, changes)]),
            [ConfirmationChoice(ControlId.YES, button, act, style), cancel_choice(cancel, kept)],
            kept,
            self.check,
            [Control(ControlId.FORM, _("Back to the form"), reopen)],
        )
        return question


class SettlingForm(PersonForm):
    """A form whose answer replaces the question that it was opened from."""

    async def submit(self, interaction: Interaction) -> None:
        async with update(interaction, retry_view=ReopenFormView(interaction, self)) as response:
            response.view = await self.process(interaction)


def _differences_block(before: Person, current: Person, changes: DraftChanges) -> Block:
    """Return a line for each attribute, and the description, that was changed by someone else
    (between ``before`` and ``current``) or by this editor."""
    rows: list[tuple[str, str, str | None, str | None]] = []
    for field in dict.fromkeys([*before.attributes, *current.attributes, *changes.values]):
        old, new = before.attributes.get(field), current.attributes.get(field)
        theirs = None if new == old else shown_value(field, new)
        mine = shown_value(field, changes.values[field]) if field in changes.values else None
        rows.append((plain(field), shown_value(field, old), theirs, mine))
    old, new = before.description, current.description
    theirs = None if new == old else shown_text(new)
    mine = None if changes.description is None else shown_text(changes.description)
    rows.append((_("description"), shown_text(old), theirs, mine))
    lines = (
        f"- {_describe_difference(label, old, theirs, mine)}"
        for label, old, theirs, mine in rows
        if theirs is not None or mine is not None
    )
    return Block("\n".join(take_fitting(lines, DIFFERENCES_WIDTH)))


def _describe_difference(label: str, before: str, theirs: str | None, mine: str | None) -> str:
    """Return what an attribute was, what someone else made it, and what this editor typed. None
    is unchanged."""
    if mine is None:
        return _(
            "{attribute}: was {before}, now **{now}**", attribute=label, before=before, now=theirs
        )
    if theirs is None:
        return _(
            "{attribute}: was {before}, you typed **{typed}**",
            attribute=label,
            before=before,
            typed=mine,
        )
    return _(
        "{attribute}: was {before}, now **{now}**, you typed **{typed}**",
        attribute=label,
        before=before,
        now=theirs,
        typed=mine,
    )

"""A person edited in a form, also when someone else changes that person meanwhile."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.directory import Author, Directory
from bot.errors import InvalidPerson, PersonChanged, PersonNotFound
from bot.interactions import Control, ControlId, Interaction, plain, update
from bot.person import Match, Person, parse_attributes
from cogs.cards import Block, container, person_card, static_view, take_fitting
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.forms import PersonDraft, PersonForm, ReopenFormView, SaveDraft
from cogs.history_text import shown_text, shown_value
from cogs.permissions import PermissionCheck, author_of

DIFFERENCES_WIDTH = 2000  # characters


def parse_values(draft: PersonDraft, directory: Directory) -> dict[str, Any]:
    """Return the attributes of a draft, years included. Raises InvalidPerson, also if a year is
    given twice and differently."""
    values = parse_attributes(draft.attributes, directory.fields.schema)
    for name, year in (("born", draft.born.strip()), ("died", draft.died.strip())):
        if year and values.setdefault(name, year) != year:
            raise InvalidPerson(sentences.people.two_years(name, year, str(values[name])))
    return values


def saved_view(title: str, person: Person) -> ui.LayoutView:
    """Return the answer to a saved person: the card, and how to undo it."""
    hint = Block(f"-# {sentences.history.UNDO_HINT}")
    return static_view(title, [person_card(Match(person), separated=True), hint])


def _unchanged_view(person: Person) -> ui.LayoutView:
    return static_view(sentences.answers.SAME, [person_card(Match(person), separated=True)])


async def edit_person(
    directory: Directory,
    name: str,
    description: str | None,
    values: Mapping[str, Any],
    by: Author,
) -> ui.LayoutView:
    """Change a person, whatever someone else changes meanwhile, and return the answer. Raises as
    People.update."""
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
        return saved_view(sentences.answers.SAVED, person)


@dataclass(frozen=True)
class DraftChanges:
    """What an editor changed in a form: the description (None: unchanged), and attributes as
    text."""

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
        return sentences.answers.edit_person(self.original.name)

    def form(self) -> PersonForm:
        """Return the form, filled in."""
        draft = PersonDraft.of(self.original)
        return PersonForm(self.title, draft, self.save, self.check, with_name=False)

    async def save(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        """Save what was changed in the form; ask if someone else changed the person meanwhile."""
        before = PersonDraft.of(self.original)
        old, new = parse_values(before, self.directory), parse_values(draft, self.directory)
        values = {name: new.get(name) for name in {*old, *new} if new.get(name) != old.get(name)}
        description = None if draft.description == before.description else draft.description
        return await self.save_changes(DraftChanges(description, values), interaction)

    async def save_changes(self, changes: DraftChanges, interaction: Interaction) -> ui.LayoutView:
        """Save changes; ask if someone else changed or removed the person meanwhile."""
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
            return self._changed_question(interaction, error.current, changes)
        except PersonNotFound:
            return self._removed_question(interaction, changes)
        if person == self.original:
            return _unchanged_view(person)
        return saved_view(sentences.answers.SAVED, person)

    async def add_again(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        """Add the person, who was removed meanwhile, as typed."""
        person = await self.directory.people.add(
            self.original.name,
            draft.description,
            parse_values(draft, self.directory),
            by=author_of(interaction),
        )
        return saved_view(sentences.answers.ADDED, person)

    def _changed_question(
        self, interaction: Interaction, current: Person, changes: DraftChanges
    ) -> ConfirmationView:
        """Ask which to keep: what someone else saved, or what this editor typed."""
        name = plain(current.name)
        rebased = replace(self, original=current)

        async def save(press: Interaction) -> ui.LayoutView:
            return await rebased.save_changes(changes, press)

        async def reopen(press: Interaction) -> None:
            draft = changes.applied_to(current)
            form = SettlingForm(question, rebased.title, draft, rebased.save, self.check)
            await form.open(press)

        heading = f"### {sentences.answers.changed_meanwhile(name)}"
        question = ConfirmationView(
            interaction.user.id,
            container(heading, [_differences_block(self.original, current, changes)]),
            [
                ConfirmationChoice(
                    ControlId.YES, sentences.answers.SAVE_MINE, save, discord.ButtonStyle.danger
                ),
                cancel_choice(sentences.answers.KEEP_THEIRS, sentences.answers.theirs_stay(name)),
            ],
            sentences.answers.theirs_stay(name),
            self.check,
            [_back_button(reopen)],
        )
        return question

    def _removed_question(
        self, interaction: Interaction, changes: DraftChanges
    ) -> ConfirmationView:
        """Ask whether to add the removed person again, as typed."""
        name, draft = plain(self.original.name), changes.applied_to(self.original)

        async def add(press: Interaction) -> ui.LayoutView:
            return await self.add_again(press, draft)

        async def reopen(press: Interaction) -> None:
            title = sentences.answers.ADD_A_PERSON
            await SettlingForm(question, title, draft, self.add_again, self.check).open(press)

        heading = f"### {sentences.answers.removed_meanwhile(name)}"
        question = ConfirmationView(
            interaction.user.id,
            container(heading, [_differences_block(self.original, self.original, changes)]),
            [
                ConfirmationChoice(
                    ControlId.YES, sentences.answers.ADD_AS_TYPED, add, discord.ButtonStyle.primary
                ),
                cancel_choice(sentences.answers.LEAVE_REMOVED, sentences.answers.stays_away(name)),
            ],
            sentences.answers.stays_away(name),
            self.check,
            [_back_button(reopen)],
        )
        return question


class SettlingForm(PersonForm):
    """A form whose answer replaces the question that it was opened from."""

    def __init__(
        self,
        question: ConfirmationView,
        title: str,
        draft: PersonDraft,
        save: SaveDraft,
        check: PermissionCheck,
    ) -> None:
        async def settle(interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
            return await question.settle(save(interaction, draft))

        super().__init__(title, draft, settle, check, with_name=False)

    async def submit(self, interaction: Interaction) -> None:
        async with update(interaction, retry_view=ReopenFormView(interaction, self)) as response:
            response.view = await self.process(interaction)


def _back_button(reopen: Callable[[Interaction], Awaitable[None]]) -> ui.Button[ConfirmationView]:
    return Control(ControlId.FORM, sentences.answers.BACK_TO_THE_FORM, reopen)


def _differences_block(before: Person, current: Person, changes: DraftChanges) -> Block:
    """Return a line for each attribute, and the description, that was changed by someone else
    (between ``before`` and ``current``) or by this editor."""
    lines: list[str] = []
    for field in dict.fromkeys([*before.attributes, *current.attributes, *changes.values]):
        old, new = before.attributes.get(field), current.attributes.get(field)
        mine = shown_value(field, changes.values[field]) if field in changes.values else None
        theirs = shown_value(field, new) if new != old else None
        if mine is not None or theirs is not None:
            shown = shown_value(field, old)
            lines.append(sentences.answers.difference(plain(field), shown, theirs, mine))
    mine = None if changes.description is None else shown_text(changes.description)
    is_edited = current.description != before.description
    theirs = shown_text(current.description) if is_edited else None
    if mine is not None or theirs is not None:
        shown = shown_text(before.description)
        lines.append(sentences.answers.difference(sentences.history.DESCRIBED, shown, theirs, mine))
    return Block("\n".join(take_fitting(lines, DIFFERENCES_WIDTH)))

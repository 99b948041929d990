"""A person edited in a form, also where somebody else changes that person meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.directory import Author, Directory
from bot.errors import InvalidPerson, PersonChanged, PersonNotFound
from bot.interactions import ControlId, Interaction, plain, update
from bot.person import Match, Person, parse_attributes
from cogs.cards import Block, container, person_card, static_view, take_fitting
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.forms import PersonDraft, PersonForm, ReopenFormView, SaveDraft
from cogs.history_text import shown_text, shown_value
from cogs.permissions import PermissionCheck, author_of

DIFFERENCES_WIDTH = 2000  # characters


def values_of(draft: PersonDraft, directory: Directory) -> dict[str, Any]:
    """The attributes a draft gives, years among them. Raises InvalidPerson, also for a year that is
    among the attributes and another one beside them."""
    values = parse_attributes(draft.attributes, directory.fields.schema)
    for name, year in (("born", draft.born.strip()), ("died", draft.died.strip())):
        if year and values.setdefault(name, year) != year:
            raise InvalidPerson(sentences.people.two_years(name, year, str(values[name])))
    return values


def saved(title: str, person: Person) -> ui.LayoutView:
    """That a person was saved, the card, and how to take it back."""
    hint = Block(f"-# {sentences.history.UNDO_HINT}")
    return static_view(title, [person_card(Match(person), separated=True), hint])


def unchanged(person: Person) -> ui.LayoutView:
    """That there was nothing to save, and the card."""
    return static_view(sentences.answers.SAME, [person_card(Match(person), separated=True)])


async def edit(
    directory: Directory,
    name: str,
    description: str | None,
    values: Mapping[str, Any],
    by: Author,
) -> ui.LayoutView:
    """Change a person, and say so. Raises as Directory.update."""
    before = await directory.people.get(name)
    while True:
        try:
            person = await directory.people.update(
                before.name, description, values, by=by, expected=before
            )
        except PersonChanged as error:
            if error.current in (None, before):
                raise
            before = error.current  # by somebody else just now
            continue
        if person == before:
            return unchanged(person)
        return saved(sentences.answers.SAVED, person)


@dataclass(frozen=True)
class Editing:
    """Somebody edits a person, as ``seen`` in a form."""

    directory: Directory
    seen: Person
    check: PermissionCheck

    @property
    def title(self) -> str:
        """The form's."""
        return sentences.answers.edit_person(self.seen.name)

    def form(self) -> PersonForm:
        """The form, filled in."""
        return PersonForm(
            self.title, PersonDraft.of(self.seen), self.save, self.check, with_name=False
        )

    async def save(self, interaction: Interaction, typed: PersonDraft) -> ui.LayoutView:
        """Save what was changed in the form; where somebody else was first, ask."""
        before, after = PersonDraft.of(self.seen), typed
        old, new = values_of(before, self.directory), values_of(after, self.directory)
        values = {name: new.get(name) for name in {*old, *new} if new.get(name) != old.get(name)}
        description = None if after.description == before.description else after.description
        return await self.save_changes(interaction, Typed(description, values))

    async def save_changes(self, interaction: Interaction, typed: "Typed") -> ui.LayoutView:
        """The same of what was changed alone."""
        try:
            person = await self.directory.people.update(
                self.seen.name,
                typed.description,
                typed.values,
                by=author_of(interaction),
                expected=self.seen,
            )
        except PersonChanged as error:
            if error.current is None:
                raise
            if typed.description is None and not typed.values:
                return unchanged(error.current)
            return _changed(interaction, self, replace(self, seen=error.current), typed)
        except PersonNotFound:
            return _removed(interaction, self, typed)
        if person == self.seen:
            return unchanged(person)
        return saved(sentences.answers.SAVED, person)

    async def add_again(self, interaction: Interaction, draft: PersonDraft) -> ui.LayoutView:
        """Add the person, who was removed meanwhile, as typed."""
        person = await self.directory.people.add(
            self.seen.name,
            draft.description,
            values_of(draft, self.directory),
            by=author_of(interaction),
        )
        return saved(sentences.answers.ADDED, person)


@dataclass(frozen=True)
class Typed:
    """What was changed in a form: the description (None: not), and attributes, as texts."""

    description: str | None
    values: Mapping[str, Any]

    def over(self, person: Person) -> PersonDraft:
        """A person as a draft, with what was typed over it."""
        values = {**person.attributes, **self.values}
        known = {name: value for name, value in values.items() if value is not None}
        text = person.description if self.description is None else self.description
        return PersonDraft.of(Person(person.name, text, known))


def _changed(
    interaction: Interaction, mine: Editing, theirs: Editing, typed: Typed
) -> ConfirmationView:
    """What is there now, what was typed, and which is to stay."""
    name = plain(theirs.seen.name)

    async def save(pressed: Interaction) -> ui.LayoutView:
        return await theirs.save_changes(pressed, typed)

    async def reopen(pressed: Interaction) -> None:
        draft = typed.over(theirs.seen)
        await SettlingForm(question, theirs.title, draft, theirs.save, theirs.check).open(pressed)

    lines = _differences(mine.seen, theirs.seen, typed)
    question = ConfirmationView(
        interaction.user.id,
        container(f"### {sentences.answers.changed_meanwhile(name)}", [Block("\n".join(lines))]),
        [
            ConfirmationChoice(
                ControlId.YES, sentences.answers.SAVE_MINE, save, discord.ButtonStyle.danger
            ),
            cancel_choice(sentences.answers.KEEP_THEIRS, sentences.answers.theirs_stay(name)),
        ],
        sentences.answers.theirs_stay(name),
        mine.check,
        [_back(reopen)],
    )
    return question


def _removed(interaction: Interaction, mine: Editing, typed: Typed) -> ConfirmationView:
    """Somebody removed the person; what was typed may make another."""
    name, draft = plain(mine.seen.name), typed.over(mine.seen)

    async def add(pressed: Interaction) -> ui.LayoutView:
        return await mine.add_again(pressed, draft)

    async def reopen(pressed: Interaction) -> None:
        title = sentences.answers.ADD_A_PERSON
        await SettlingForm(question, title, draft, mine.add_again, mine.check).open(pressed)

    lines = _differences(mine.seen, mine.seen, typed)
    question = ConfirmationView(
        interaction.user.id,
        container(f"### {sentences.answers.removed_meanwhile(name)}", [Block("\n".join(lines))]),
        [
            ConfirmationChoice(
                ControlId.YES, sentences.answers.ADD_AS_TYPED, add, discord.ButtonStyle.primary
            ),
            cancel_choice(sentences.answers.LEAVE_REMOVED, sentences.answers.stays_away(name)),
        ],
        sentences.answers.stays_away(name),
        mine.check,
        [_back(reopen)],
    )
    return question


class SettlingForm(PersonForm):
    """A form whose answer takes the place of the question that it was opened from."""

    def __init__(
        self,
        question: ConfirmationView,
        title: str,
        draft: PersonDraft,
        save: SaveDraft,
        check: PermissionCheck,
    ) -> None:
        async def settle(interaction: Interaction, typed: PersonDraft) -> ui.LayoutView:
            return await question.settle(save(interaction, typed))

        super().__init__(title, draft, settle, check, with_name=False)

    async def submit(self, interaction: Interaction) -> None:
        async with update(interaction, retry_view=ReopenFormView(interaction, self)) as response:
            response.view = await self.process(interaction)


def _back(reopen: Any) -> ui.Button[ConfirmationView]:
    button = ui.Button[ConfirmationView](
        label=sentences.answers.BACK_TO_THE_FORM, custom_id=ControlId.FORM
    )
    button.callback = reopen
    return button


def _differences(before: Person, now: Person, typed: Typed) -> list[str]:
    """A line for each attribute that they or I changed, and for the description."""
    lines = []
    for field in dict.fromkeys([*before.attributes, *now.attributes, *typed.values]):
        was, there = before.attributes.get(field), now.attributes.get(field)
        mine = shown_value(field, typed.values[field]) if field in typed.values else None
        if was != there or mine is not None:
            theirs = shown_value(field, there) if was != there else None
            lines.append(
                sentences.answers.difference(plain(field), shown_value(field, was), theirs, mine)
            )
    if before.description != now.description or typed.description is not None:
        theirs = shown_text(now.description) if before.description != now.description else None
        mine = None if typed.description is None else shown_text(typed.description)
        was = shown_text(before.description)
        lines.append(sentences.answers.difference(sentences.history.DESCRIBED, was, theirs, mine))
    return take_fitting(lines, DIFFERENCES_WIDTH)

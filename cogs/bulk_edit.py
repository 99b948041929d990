"""One attribute of many people, set at once after a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot import sentences
from bot.directory import BulkReport, Directory, SearchResults
from bot.errors import DirectoryError, InvalidPerson
from bot.interactions import ControlId, Interaction, plain, truncate
from bot.person import Person, Schema, Value, format_value
from bot.query import Query
from cogs.cards import Block, condition_chips, container, static_view, take_fitting
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.history_text import VALUE_WIDTH, from_to
from cogs.permissions import PermissionCheck, author_of
from cogs.progress import LONG, progress

SHOWN = 3  # people that the question shows
REFUSED_WIDTH = 1500  # characters about who stays


@dataclass(frozen=True)
class Preview:
    """The value as it is stored, the conditions as they are read, how many people fit them, and
    what becomes of the first."""

    value: Value | None
    query: Query
    total: int
    lines: Sequence[str]


@dataclass(frozen=True)
class Setting:
    """An attribute to be set of all who fit conditions."""

    directory: Directory
    where: str
    field: str
    value: Value
    check: PermissionCheck

    async def ask(self, asker: int) -> ConfirmationView:
        """Whether to. Raises InvalidPerson for a value that nobody can have, and DirectoryError if
        nobody fits."""
        return self._question(asker, await self._preview())

    async def _preview(self) -> Preview:
        values = {self.field: self.value}
        schema = {**self.directory.fields.check(values), **self.directory.fields.schema}
        value = Person("").with_changes(None, values, schema).attributes.get(self.field)
        results = await self.directory.browse(
            await self.directory.parse_conditions(self.where), 0, SHOWN
        )
        if not results.total:
            raise DirectoryError(nobody(results))
        lines = [_line(match.person, self.field, value, schema) for match in results.matches]
        return Preview(value, results.query, results.total, lines)

    def _question(self, asker: int, shown: Preview, *notes: str) -> ConfirmationView:
        what = plain(_written(self.field, shown.value))
        people = sentences.answers.people(shown.total)

        async def set_all(pressed: Interaction) -> ui.LayoutView:
            now = await self._preview()
            if now != shown:
                return self._question(asker, now, f"-# {sentences.fields.CHANGED_WHILE_ASKED}")
            values, by = {self.field: self.value}, author_of(pressed)
            async with progress(pressed, lambda *done: _so_far(what, *done), question) as hear:
                report = await self.directory.bulk.update_where(
                    shown.query, values, by=by, progress=hear
                )
            return _done(what, report)

        head = [
            f"### {sentences.fields.set_question(what, people)}",
            *condition_chips(shown.query),
            *notes,
        ]
        question = ConfirmationView(
            asker,
            container("\n".join(head), _blocks(shown)),
            [
                ConfirmationChoice(
                    ControlId.YES,
                    sentences.fields.set_for(people),
                    set_all,
                    discord.ButtonStyle.danger,
                    is_long=shown.total > LONG,
                ),
                cancel_choice(sentences.fields.LEAVE, sentences.fields.ALL_STAY),
            ],
            sentences.fields.ALL_STAY_UNANSWERED,
            self.check,
        )
        return question


def nobody(results: SearchResults) -> str:
    """That nobody fits conditions, and which values nobody has."""
    return " ".join([sentences.answers.NOBODY_FITS, *results.notes])


def _blocks(shown: Preview) -> Sequence[Block]:
    more = shown.total - len(shown.lines)
    blocks = [Block("\n".join(shown.lines), separated=True)]
    return [*blocks, Block(f"-# {sentences.answers.more(more)}")] if more else blocks


def _line(person: Person, field: str, value: Value | None, schema: Schema) -> str:
    """What becomes of a person, or why nothing does."""
    name, before = plain(person.name), person.attributes.get(field)
    try:
        person.with_changes(None, {field: value}, schema)
    except InvalidPerson as error:
        return plain(str(error))
    if before == value:
        return sentences.fields.has_it(name, plain(_written(field, value)))
    return sentences.history.edited_here(name, [from_to(field, before, value)])


def _written(field: str, value: Value | None) -> str:
    return f"{field}={truncate(format_value(field, value), VALUE_WIDTH)}"


def _so_far(what: str, done: int, total: int) -> str:
    return f"{sentences.fields.setting(what)}\n-# {sentences.history.done_of(done, total)}"


def _done(what: str, report: BulkReport) -> ui.LayoutView:
    changed = sentences.fields.was_set(what, sentences.answers.people(report.changed))
    lines = [changed if report.changed else sentences.fields.ALL_STAY]
    if report.same:
        lines.append(f"-# {sentences.fields.had_it(sentences.answers.people(report.same))}")
    refused = take_fitting((f"- {plain(why)}" for why in report.refused), REFUSED_WIDTH)
    if refused:
        lines += [sentences.fields.stay(sentences.answers.people(len(report.refused))), *refused]
    if report.changed:
        lines.append(f"-# {sentences.history.UNDO_HINT}")
    return static_view("\n".join(lines))

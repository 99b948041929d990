"""Setting one attribute of many people at once, after a question."""

from collections.abc import Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.directory import BulkReport, Directory, SearchResults
from bot.errors import DirectoryError, InvalidPerson
from bot.interactions import ControlId, Interaction, plain, truncate
from bot.language import _, ngettext
from bot.person import Person, Schema, Value, format_value
from bot.query import Query
from cogs.cards import (
    Block,
    condition_chips,
    container,
    omitted_note,
    static_view,
    take_fitting,
    undo_hint,
)
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.history_text import VALUE_WIDTH, value_change
from cogs.permissions import PermissionCheck, author_of
from cogs.progress import LONG_MIN, show_progress

EXAMPLES = 3  # people shown in the question
REFUSED_WIDTH = 1500  # characters about people who can't have the value


@dataclass(frozen=True)
class BulkEditPreview:
    """The value as it will be stored, the conditions as understood, how many people match, and a
    line about each of the first of them."""

    value: Value | None
    query: Query
    match_count: int
    lines: Sequence[str]


@dataclass(frozen=True)
class BulkEdit:
    """Sets an attribute of everyone who matches conditions."""

    directory: Directory
    conditions: str
    field: str
    value: Value
    check: PermissionCheck

    async def question(self, asker: int) -> ConfirmationView:
        """Ask whether to make the change. Raises InvalidPerson for a value that nobody can have,
        and DirectoryError if nobody matches."""
        return self._question(asker, await self._preview())

    async def _preview(self) -> BulkEditPreview:
        values = {self.field: self.value}
        schema = {**self.directory.fields.check(values), **self.directory.fields.schema}
        value = Person("").with_changes(None, values, schema).attributes.get(self.field)
        results = await self.directory.browse(
            await self.directory.parse_conditions(self.conditions), 0, EXAMPLES
        )
        if not results.total:
            raise DirectoryError(nobody_text(results))
        lines = [_change_line(match.person, self.field, value, schema) for match in results.matches]
        return BulkEditPreview(value, results.query, results.total, lines)

    def _question(self, asker: int, preview: BulkEditPreview, *notes: str) -> ConfirmationView:
        assignment = plain(_assignment(self.field, preview.value))

        async def set_all(press: Interaction) -> ui.LayoutView:
            current = await self._preview()
            if current != preview:
                note = _("The people changed since I asked. Please check again.")
                return self._question(asker, current, f"-# {note}")
            values, by = {self.field: self.value}, author_of(press)
            title = _("Setting {assignment} …", assignment=assignment)
            async with show_progress(press, title, question) as progress:
                report = await self.directory.bulk.update_where(
                    preview.query, values, by=by, progress=progress
                )
            return _report_view(assignment, report)

        heading = [
            f"### {_question_text(assignment, preview.match_count)}",
            *condition_chips(preview.query),
            *notes,
        ]
        blocks = [Block("\n".join(preview.lines), separated=True)]
        if more := preview.match_count - len(preview.lines):
            blocks.append(Block(omitted_note(more)))
        question = ConfirmationView(
            asker,
            container("\n".join(heading), blocks),
            [
                ConfirmationChoice(
                    ControlId.YES,
                    ngettext(
                        "Set for {count} person", "Set for {count} people", preview.match_count
                    ),
                    set_all,
                    discord.ButtonStyle.danger,
                    is_long=preview.match_count > LONG_MIN,
                ),
                cancel_choice(_("Cancel"), _("Cancelled. Nothing changed.")),
            ],
            _("Nobody answered, so nothing changed."),
            self.check,
        )
        return question


def nobody_text(results: SearchResults) -> str:
    """Return the message that nobody matches, with notes on values that nobody has."""
    return " ".join([_("Nobody matches."), *results.notes])


def _change_line(person: Person, field: str, value: Value | None, schema: Schema) -> str:
    """Return what changes for a person, or why nothing does."""
    name, before = plain(person.name), person.attributes.get(field)
    try:
        person.with_changes(None, {field: value}, schema)
    except InvalidPerson as error:
        return plain(str(error))
    if before == value:
        return _(
            "**{name}** already has {assignment}",
            name=name,
            assignment=plain(_assignment(field, value)),
        )
    return f"**{name}** {value_change(field, before, value)}"


def _assignment(field: str, value: Value | None) -> str:
    return f"{field}={truncate(format_value(field, value), VALUE_WIDTH)}"


def _question_text(assignment: str, match_count: int) -> str:
    # Translators: {assignment} is an attribute with its value: country=France
    return ngettext(
        "Set {assignment} for {count} person?",
        "Set {assignment} for {count} people?",
        match_count,
        assignment=assignment,
    )


def _report_view(assignment: str, report: BulkReport) -> ui.LayoutView:
    lines = [_changed_text(assignment, report.changed)]
    if report.same:
        same = ngettext(
            "{count} person already had it.", "{count} people already had it.", report.same
        )
        lines.append(f"-# {same}")
    refused = take_fitting((f"- {plain(reason)}" for reason in report.refused), REFUSED_WIDTH)
    if refused:
        heading = ngettext(
            "{count} person can't have it:", "{count} people can't have it:", len(report.refused)
        )
        lines += [heading, *refused]
    if report.changed:
        lines.append(f"-# {undo_hint()}")
    return static_view("\n".join(lines))


def _changed_text(assignment: str, changed: int) -> str:
    if not changed:
        return _("Nothing to change.")
    return ngettext(
        "Set {assignment} for {count} person.",
        "Set {assignment} for {count} people.",
        changed,
        assignment=assignment,
    )

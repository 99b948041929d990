"""One attribute of many people, set at once after a question."""

from collections.abc import Sequence

import discord
from discord import ui

from bot import sentences
from bot.answers import Control, plain
from bot.directory import BulkReport, Directory, Results
from bot.errors import DirectoryError
from bot.person import Person, Value, format_value
from cogs.cards import Block, chips, container, cut, fitting, said, view
from cogs.changes import VALUE_WIDTH, from_to
from cogs.permissions import Check, author_of
from cogs.progress import LONG, progress
from cogs.question import Choice, Question, no

SHOWN = 3  # people that the question shows
REFUSED_WIDTH = 1500  # characters about who stays


async def ask(
    directory: Directory, asker: int, where: str, field: str, value: Value, check: Check
) -> Question:
    """Whether an attribute of all who fit conditions is to be set. Raises InvalidPerson for a
    value that nobody can have, and DirectoryError if nobody fits."""
    directory.check({field: value})
    query = await directory.conditions(where)
    results = await directory.browse(query, 0, SHOWN)
    people = sentences.answers.people(results.total or 0)
    if not results.total:
        raise DirectoryError(nobody(results))
    what = plain(_written(field, value))

    async def set_all(pressed: discord.Interaction) -> ui.LayoutView:
        query = await directory.conditions(where)  # an attribute may be another by now
        by = author_of(pressed)
        async with progress(pressed, lambda *done: _so_far(what, *done), question) as hear:
            report = await directory.update_where(query, {field: value}, by=by, progress=hear)
        return _done(what, report)

    title = "\n".join([f"### {sentences.fields.set_question(what, people)}", *chips(query)])
    question = Question(
        asker,
        container(title, _shown(results, field, value)),
        [
            Choice(
                Control.YES,
                sentences.fields.set_for(people),
                set_all,
                discord.ButtonStyle.danger,
                long=results.total > LONG,
            ),
            no(sentences.fields.LEAVE, sentences.fields.ALL_STAY),
        ],
        sentences.fields.ALL_STAY_UNANSWERED,
        check,
    )
    return question


def nobody(results: Results) -> str:
    """That nobody fits conditions, and which values nobody has."""
    return " ".join([sentences.answers.NOBODY_FITS, *results.notes])


def _shown(results: Results, field: str, value: Value) -> Sequence[Block]:
    """The first people, and what would be another of each."""
    lines = [_line(match.person, field, value) for match in results.matches]
    more = (results.total or 0) - len(lines)
    blocks = [said("\n".join(lines), apart=True)]
    return [*blocks, said(f"-# {sentences.answers.more(more)}")] if more else blocks


def _line(person: Person, field: str, value: Value) -> str:
    name, before = plain(person.name), person.attributes.get(field)
    if format_value(field, before) == format_value(field, value):
        return sentences.fields.has_it(name, plain(_written(field, value)))
    return sentences.history.edited_here(name, [from_to(field, before, value)])


def _written(field: str, value: Value) -> str:
    return f"{field}={cut(format_value(field, value), VALUE_WIDTH)}"


def _so_far(what: str, done: int, total: int) -> str:
    return f"{sentences.fields.setting(what)}\n-# {sentences.history.done_of(done, total)}"


def _done(what: str, report: BulkReport) -> ui.LayoutView:
    lines = [sentences.fields.was_set(what, sentences.answers.people(report.changed))]
    if report.same:
        lines.append(f"-# {sentences.fields.had_it(sentences.answers.people(report.same))}")
    refused = fitting((f"- {plain(why)}" for why in report.refused), REFUSED_WIDTH)
    if refused:
        lines += [sentences.fields.stay(sentences.answers.people(len(report.refused))), *refused]
    if report.changed:
        lines.append(f"-# {sentences.history.UNDO_HINT}")
    return view("\n".join(lines))

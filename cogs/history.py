"""The history of changes, and undo: /history and /undo."""

import re
from collections.abc import Sequence
from dataclasses import replace

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str

from bot.client import PeopleBot
from bot.directory import (
    Author,
    Directory,
    History,
    HistoryLimits,
    Operation,
    UndoReport,
    unknown_author,
)
from bot.errors import DirectoryError, NotUndone
from bot.interactions import ControlId, Interaction, answer, label, plain
from bot.language import _, format_list
from bot.person import Match
from cogs.autocomplete import CHOICE_MAX, CHOICES_MAX, Choices, to_choices
from cogs.buttons import persistent_button
from cogs.cards import Block, container, omitted_note, person_card, static_view, take_fitting
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.history_text import (
    author_name,
    describe_change,
    describe_for_person,
    describe_operation,
)
from cogs.paging import PAGE_SIZE, Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck, author_of, complete_for_editors
from cogs.progress import LONG_MIN, show_progress

SEARCHED_MAX = 200  # changes searched for what is typed
SUGGESTIONS_MAX = 3  # similar names in an error
SUGGESTED_SIMILARITY = 0.6  # of a name, at least
NUMBER = re.compile(r"#?\s*(\d{1,15})", re.ASCII)
EXAMPLES = 3  # people shown in the question before an undo
CONFLICTS_WIDTH = 1500  # characters about conflicts with later changes


class HistoryCog(EditorCog):
    """The commands about past changes."""

    @app_commands.command(
        description=locale_str("List what changed and who changed it, with buttons to undo")
    )
    @app_commands.describe(
        person=locale_str("Only changes to this person, who may have been removed"),
        by=locale_str("Only changes this member made"),
    )
    async def history(self, interaction: Interaction, person: str = "", by: str = "") -> None:
        person, by = person.strip(), by.strip()
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            name = await _find_person(directory, person) if person else None
            author = await _find_author(directory.history, by) if by else None
            check, asker = self.permissions.checker("history"), interaction.user.id
            response.view = await _history_view(directory, asker, name, author, check)

    @app_commands.command(description=locale_str("Undo a change"))
    @app_commands.describe(
        change=locale_str("The number of the change, like 12; your last one if left out")
    )
    async def undo(self, interaction: Interaction, change: str = "") -> None:
        change = change.strip()
        async with answer(interaction, private=True) as response:
            match = NUMBER.fullmatch(change)
            if change and not match:
                raise NotUndone(
                    _(
                        "“{typed}” isn't the number of a change. Give a number like 12; /history "
                        "lists them.",
                        typed=change[:CHOICE_MAX],
                    )
                )
            number = int(match[1]) if match else None
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            check = self.permissions.checker("undo")
            response.view = await undo_question(directory, interaction, number, check)

    @history.autocomplete("person")
    @complete_for_editors
    async def _complete_person(self, directory: Directory, typed: str) -> Choices:
        names = [*await directory.names.complete(typed, CHOICES_MAX)]
        for start in dict.fromkeys([typed, typed.title()]):
            names += await directory.history.names_starting_with(start, CHOICES_MAX)
        return to_choices(dict.fromkeys(names))

    @history.autocomplete("by")
    @complete_for_editors
    async def _complete_author(self, directory: Directory, typed: str) -> Choices:
        authors = await directory.history.authors()
        matching = [a for a in authors if a.id and typed.casefold() in a.name.casefold()]
        return [
            app_commands.Choice(name=label(author.name, CHOICE_MAX), value=author.id)
            for author in matching[:CHOICES_MAX]
            if len(author.id) <= CHOICE_MAX
        ]

    @undo.autocomplete("change")
    @complete_for_editors
    async def _complete_change(self, directory: Directory, typed: str) -> Choices:
        """Offer the latest changes that can be undone and whose text contains what was typed."""
        choices: Choices = []
        for operation in await directory.history.page(0, SEARCHED_MAX):
            if len(choices) == CHOICES_MAX:
                break
            if await directory.undo.find_obstacle(operation):
                continue
            description = await describe_operation(directory.history, operation, str)
            author = author_name(operation, str)
            line = f"#{operation.number} {author} {description}"
            if typed.strip().casefold() in line.casefold():
                name = label(line, CHOICE_MAX)
                choices.append(app_commands.Choice(name=name, value=str(operation.number)))
        return choices


# The history


async def _find_person(directory: Directory, typed: str) -> str:
    """Return the name of a person who is in the directory, or was. Raises DirectoryError with
    similar names."""
    if person := await directory.people.find(typed):
        return person.name
    if await directory.history.count(person=typed):
        return typed
    namesakes = [
        name for name, _person in (await directory.people.find_disambiguated([typed])).values()
    ]
    present = await directory.names.similar(typed, SUGGESTED_SIMILARITY)
    past = await directory.history.similar_names(typed, SUGGESTIONS_MAX)
    suggestions = list(dict.fromkeys([*namesakes, *present, *past]))[:SUGGESTIONS_MAX]
    shown = typed[:CHOICE_MAX]
    if not suggestions:
        raise DirectoryError(_nothing_found(shown, ""))
    message = _(
        "The history has no changes to {person}. Did you mean {suggestions}?",
        person=shown,
        suggestions=format_list(suggestions, "or"),
    )
    raise DirectoryError(message)


async def _find_author(history: History, typed: str) -> Author:
    """Return an author by ID, mention or name. Raises DirectoryError."""
    author_id = re.sub(r"[<@!>]", "", typed)
    for author in await history.authors():
        if author.id and (author.id == author_id or author.name.casefold() == typed.casefold()):
            return author
    if typed.casefold() == unknown_author():
        message = _(
            "Changes by “{author}” are those of members who aren't known or removed their name, so "
            "they can't be listed separately. /history lists all changes.",
            author=unknown_author(),
        )
        raise DirectoryError(message)
    raise DirectoryError(_("Nobody called {author} changed anything.", author=typed[:CHOICE_MAX]))


async def _history_view(
    directory: Directory,
    asker: int,
    person: str | None,
    author: Author | None,
    check: PermissionCheck,
) -> ui.LayoutView:
    """Return the changes to a person (None: to anyone) by an author (None: by anyone), on pages."""
    history, author_id = directory.history, author.id if author else None
    count = await history.count(person=person, author_id=author_id)
    stats = await history.stats()
    since = discord.utils.format_dt(stats.since, "D") if stats.since else ""
    reach = _reach_text(stats.limits, since)
    shown_names = plain((person or "")[:CHOICE_MAX]), plain(author.name if author else "")
    title = f"### {_title(*shown_names)}\n-# {reach}"
    if not count:
        return static_view(title, [Block(_nothing_found(*shown_names))])

    async def load_page(start: int) -> Sequence[Block]:
        operations = await history.page(start, PAGE_SIZE, person=person, author_id=author_id)
        rows = [await _operation_row(directory, operation, person) for operation in operations]
        return [replace(row, separated=index == 0) for index, row in enumerate(rows)]

    return await PagesView(asker, Book(title, count, load_page), check).show()


def _title(person: str, author: str) -> str:
    if person and author:
        return _("Changes to {person} by {author}", person=person, author=author)
    if person:
        return _("Changes to {person}", person=person)
    return _("Changes by {author}", author=author) if author else _("History")


def _reach_text(limits: HistoryLimits, since: str) -> str:
    if not since:
        return _(
            "Kept for {days} days, up to {changes} changed people.",
            days=limits.days,
            changes=limits.changes,
        )
    # Translators: {since} is a date
    return _(
        "Kept for {days} days, up to {changes} changed people. The first is from {since}.",
        days=limits.days,
        changes=limits.changes,
        since=since,
    )


def _nothing_found(person: str, author: str) -> str:
    if person and author:
        return _(
            "The history has no changes to {person} by {author}.", person=person, author=author
        )
    if person:
        return _("The history has no changes to {person}.", person=person)
    if author:
        return _("The history has no changes by {author}.", author=author)
    return _("Nothing has changed yet.")


async def _operation_row(directory: Directory, operation: Operation, person: str | None) -> Block:
    """Return a change, what it did to ``person`` if given, and a button to undo it if possible."""
    when = discord.utils.format_dt(operation.time, "R")
    number, undone = operation.number, operation.undone_by
    lines = [
        f"**#{number}**  {when} · {author_name(operation)}",
        await describe_operation(directory.history, operation),
    ]
    if person and (text := await describe_for_person(directory.history, operation, person)):
        lines.append(text)
    reason = await directory.undo.find_obstacle(operation)
    notes = [_("not finished")] if operation.is_open else []
    if undone:
        by = str(undone)
        notes.append(
            _("undone by #{number}", number=by)
            if reason
            else _("partly undone by #{number}", number=by)
        )
    elif reason:
        notes.append(_("too old to undo"))
    lines += [f"-# {' · '.join(notes)}"] if notes else []
    button = None if reason else persistent_button(_("Undo"), "undo", str(number))
    return Block("\n".join(lines), button)


# Undo


async def undo_question(
    directory: Directory, interaction: Interaction, number: int | None, check: PermissionCheck
) -> ConfirmationView:
    """Ask whether to undo a change; if ``number`` is None, the last one of the person asking.
    Raises ChangeNotFound and NotUndone."""
    if number is None:
        number = await directory.undo.last_undoable(author_of(interaction))
    if number is None:
        message = _(
            "You have no change to undo. To undo another member's change, give /undo its number; "
            "/history lists them."
        )
        raise NotUndone(message)
    operation = await directory.history.get(number)
    if reason := await directory.undo.find_obstacle(operation):
        raise NotUndone(reason)
    description = await describe_operation(directory.history, operation)

    async def undo(press: Interaction) -> ui.LayoutView:
        title = _("Undoing change #{number} …", number=str(number))
        async with show_progress(press, title, question) as progress:
            report = await directory.undo.run(number, by=author_of(press), progress=progress)
        return await _report_view(directory, operation, description, report)

    title = "### " + _("Undo change #{number}?", number=str(number))
    question = ConfirmationView(
        interaction.user.id,
        container(title, await _preview_blocks(directory, operation, description)),
        [
            ConfirmationChoice(
                ControlId.YES,
                _("Undo"),
                undo,
                discord.ButtonStyle.danger,
                is_long=operation.people_count > LONG_MIN,
            ),
            cancel_choice(
                _("Cancel"),
                _("Cancelled. Change #{number} wasn't undone.", number=str(number)),
            ),
        ],
        _("Nobody answered, so change #{number} wasn't undone.", number=str(number)),
        check,
    )
    return question


async def _preview_blocks(
    directory: Directory, operation: Operation, description: str
) -> Sequence[Block]:
    """Return what the change was, and what it did to the first people."""
    when = discord.utils.format_dt(operation.time, "R")
    blocks = [Block(f"{description}\n-# {author_name(operation)} · {when}")]
    changes = await directory.history.changes(operation, EXAMPLES)
    blocks += [
        Block(describe_change(change), separated=not index) for index, change in enumerate(changes)
    ]
    more = operation.people_count - len(changes)
    return [*blocks, Block(omitted_note(more))] if more > 0 else blocks


async def _report_view(
    directory: Directory, operation: Operation, description: str, report: UndoReport
) -> ui.LayoutView:
    number = report.number
    # Translators: {description} is like: edited Marie Curie: born 1867 → 1868
    title = _(
        "Undid change #{number}: {description}. This is change #{new}.",
        number=str(operation.number),
        description=description,
        new=str(number),
    )
    conflicts = take_fitting((f"- {plain(text)}" for text in report.conflicts), CONFLICTS_WIDTH)
    blocks = [Block("\n".join(conflicts), separated=True)] if conflicts else []
    if operation.people_count == 1:
        blocks += await _card_blocks(directory, operation)
    redo = persistent_button(_("Undo #{number}", number=str(number)), "undo", str(number))
    return static_view(
        title, [*blocks, Block("-# " + _("Changed your mind? Undo the undo."), redo)]
    )


async def _card_blocks(directory: Directory, operation: Operation) -> list[Block]:
    """Return the card of the only person changed, if they are in the directory now."""
    changes = await directory.history.changes(operation, 1)
    try:
        people = [await directory.people.find(change.name) for change in changes]
    except DirectoryError:
        return []  # the undo is done; report it without the card
    return [person_card(Match(person), separated=True) for person in people if person]


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(HistoryCog())

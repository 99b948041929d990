"""The history of changes, and undo: /history and /undo."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord
from discord import app_commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Author, Directory, History, HistoryStats, Operation
from bot.errors import DirectoryError, NotUndone
from bot.interactions import Interaction, answer, label, plain
from cogs.autocomplete import (
    CHOICE_MAX,
    CHOICES_MAX,
    Choices,
    no_choices_on_error,
    to_choices,
)
from cogs.buttons import persistent_button
from cogs.cards import Block, static_view
from cogs.history_text import author_name, describe_for_person, describe_operation
from cogs.paging import PAGE_SIZE, Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck
from cogs.undo import COMMAND, undo_question

SEARCHED_MAX = 200  # changes searched for what is typed
SUGGESTIONS_MAX = 3  # similar names in an error
SUGGESTED_SIMILARITY = 0.6  # of a name, at least
NUMBER = re.compile(r"#?\s*(\d{1,15})", re.ASCII)


@dataclass(frozen=True)
class HistoryFilter:
    """Whose history is shown: changes to a person, or by an author; None for any."""

    person: str | None = None
    author: Author | None = None

    @property
    def author_id(self) -> str | None:
        return self.author.id if self.author else None


class HistoryCog(EditorCog):
    """The commands about past changes."""

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        person="Only what was changed of somebody, who may be gone",
        by="Only what somebody changed",
    )
    async def history(self, interaction: Interaction, person: str = "", by: str = "") -> None:
        """What was changed here, by whom, the latest first; with buttons to undo it."""
        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            history_filter = await _parse_filter(directory, person.strip(), by.strip())
            check = self._permissions.checker("history")
            asker = interaction.user.id
            response.view = await _history_view(directory, asker, history_filter, check)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(change="Its number, like 12; else your last one")
    async def undo(self, interaction: Interaction, change: str = "") -> None:
        """Take a change back, after a question; without a number, your last one."""
        async with answer(interaction, private=True) as response:
            number = _parse_number(change) if change.strip() else None
            directory = await self._directories.for_server(interaction.guild_id)
            check = self._permissions.checker(COMMAND)
            response.view = await undo_question(directory, interaction, number, check)

    @history.autocomplete("person")
    @no_choices_on_error
    async def _complete_person(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        directory = await self._directories.for_server(interaction.guild_id)
        names = [*await directory.names.complete(typed, CHOICES_MAX)]
        for start in dict.fromkeys([typed, typed.title()]):
            names += await directory.history.names_starting_with(start, CHOICES_MAX)
        return to_choices(dict.fromkeys(names))

    @history.autocomplete("by")
    @no_choices_on_error
    async def _complete_author(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        directory = await self._directories.for_server(interaction.guild_id)
        authors = await directory.history.authors()
        matching = [a for a in authors if a.id and typed.casefold() in a.name.casefold()]
        return [
            app_commands.Choice(name=label(author.name, CHOICE_MAX), value=author.id)
            for author in matching[:CHOICES_MAX]
            if len(author.id) <= CHOICE_MAX
        ]

    @undo.autocomplete("change")
    @no_choices_on_error
    async def _complete_change(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        return await _undoable_changes(
            await self._directories.for_server(interaction.guild_id), typed
        )


def _parse_number(typed: str) -> int:
    """Parse the number of a change, such as ``12`` or ``#12``. Raises NotUndone."""
    if match := NUMBER.fullmatch(typed.strip()):
        return int(match[1])
    raise NotUndone(sentences.history.no_number(typed[:CHOICE_MAX]))


async def _undoable_changes(directory: Directory, typed: str) -> Choices:
    """Return the latest changes that can be undone and whose text contains what was typed."""
    choices: Choices = []
    for operation in await directory.history.page(0, SEARCHED_MAX):
        if len(choices) == CHOICES_MAX:
            break
        if await directory.undo.find_obstacle(operation):
            continue
        description = await describe_operation(directory.history, operation, str)
        author = author_name(operation, str)
        line = sentences.history.choice(operation.number, author, description)
        if typed.strip().casefold() in line.casefold():
            name = label(line, CHOICE_MAX)
            choices.append(app_commands.Choice(name=name, value=str(operation.number)))
    return choices


async def _parse_filter(directory: Directory, person: str, by: str) -> HistoryFilter:
    """Find the person and the author that the options name. Raises DirectoryError."""
    name = await _find_person(directory, person) if person else None
    author = await _find_author(directory.history, by) if by else None
    return HistoryFilter(name, author)


async def _find_person(directory: Directory, typed: str) -> str:
    """Return the name of a person who is in the directory, or was. Raises DirectoryError with
    similar names."""
    if person := await directory.people.find(typed):
        return person.name
    if await directory.history.count(person=typed):
        return typed
    namesakes = [name for name, _ in (await directory.people.find_disambiguated([typed])).values()]
    present = await directory.names.similar(typed, SUGGESTED_SIMILARITY)
    past = await directory.history.similar_names(typed, SUGGESTIONS_MAX)
    suggestions = list(dict.fromkeys([*namesakes, *present, *past]))[:SUGGESTIONS_MAX]
    raise DirectoryError(sentences.history.no_changes_of(typed[:CHOICE_MAX], suggestions))


async def _find_author(history: History, typed: str) -> Author:
    """Return an author by ID, mention or name. Raises DirectoryError."""
    author_id = re.sub(r"[<@!>]", "", typed)
    for author in await history.authors():
        if author.id and (author.id == author_id or author.name.casefold() == typed.casefold()):
            return author
    if typed.casefold() == sentences.history.SOMEBODY:
        raise DirectoryError(sentences.history.NOT_BY_SOMEBODY)
    raise DirectoryError(sentences.history.nobody_in_history(typed[:CHOICE_MAX]))


async def _history_view(
    directory: Directory, asker: int, history_filter: HistoryFilter, check: PermissionCheck
) -> discord.ui.LayoutView:
    history = directory.history
    count = await history.count(person=history_filter.person, author_id=history_filter.author_id)
    title = f"### {_title(history_filter)}\n-# {_reach(await history.stats())}"
    if not count:
        return static_view(
            title, [Block(sentences.history.nothing_found(*_shown_names(history_filter)))]
        )

    async def load_page(start: int) -> Sequence[Block]:
        operations = await history.page(
            start, PAGE_SIZE, person=history_filter.person, author_id=history_filter.author_id
        )
        rows = [
            await _operation_row(directory, operation, history_filter.person)
            for operation in operations
        ]
        return [replace(row, separated=index == 0) for index, row in enumerate(rows)]

    return await PagesView(asker, Book(title, count, load_page), check).show()


def _title(history_filter: HistoryFilter) -> str:
    person, author = _shown_names(history_filter)
    if person and author:
        return sentences.history.history_of_by(person, author)
    if person:
        return sentences.history.history_of(person)
    return sentences.history.history_by(author) if author else sentences.history.HISTORY


def _shown_names(history_filter: HistoryFilter) -> tuple[str, str]:
    """Return the names of the person and the author, escaped; empty for any."""
    author = history_filter.author.name if history_filter.author else ""
    return plain((history_filter.person or "")[:CHOICE_MAX]), plain(author)


def _reach(stats: HistoryStats) -> str:
    since = discord.utils.format_dt(stats.since, "D") if stats.since else ""
    return sentences.history.reaches(stats.limits.changes, stats.limits.days, since)


async def _operation_row(directory: Directory, operation: Operation, person: str | None) -> Block:
    """Return a change, what it did to ``person`` if given, and a button to undo it if possible."""
    when = discord.utils.format_dt(operation.time, "R")
    number, undone = operation.number, operation.undone_by
    lines = [
        sentences.history.row(number, when, author_name(operation)),
        await describe_operation(directory.history, operation),
    ]
    if person and (text := await describe_for_person(directory.history, operation, person)):
        lines.append(text)
    reason = await directory.undo.find_obstacle(operation)
    notes = [sentences.history.NOT_FINISHED] if operation.is_open else []
    if undone:
        notes.append(sentences.history.undone_by(undone, whole=bool(reason)))
    elif reason:
        notes.append(sentences.history.FORGOTTEN_IN_PART)
    lines += [f"-# {' · '.join(notes)}"] if notes else []
    button = None if reason else persistent_button(sentences.history.UNDO, "undo", str(number))
    return Block("\n".join(lines), button)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(HistoryCog(bot.directories))

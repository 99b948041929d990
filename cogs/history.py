"""What was changed, and taking it back: /history and /undo."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord
from discord import app_commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Author, Directory, HistoryStats, Operation
from bot.directory import History as Changes
from bot.errors import DirectoryError, NotUndone
from bot.interactions import Interaction, answer, label, plain
from cogs import undo
from cogs.autocomplete import (
    CHOICE_MAX,
    CHOICES_MAX,
    Choices,
    no_choices_on_error,
    to_choices,
)
from cogs.buttons import persistent_button
from cogs.cards import Block, static_view
from cogs.history_text import in_words, of_person, who
from cogs.paging import PAGE_SIZE, Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck

SEARCHED = 200  # changes that are looked through for what is typed
NEAR = 3  # names that may be meant
LIKENESS = 0.6  # from which on they may be
NUMBER = re.compile(r"#?\s*(\d{1,15})", re.ASCII)


@dataclass(frozen=True)
class Chosen:
    """Of whom and by whom changes are shown; None is of and by allow_everyone."""

    person: str | None = None
    author: Author | None = None

    @property
    def by(self) -> str | None:
        return self.author.id if self.author else None


class History(EditorCog):
    """The commands that look back, and go back."""

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
            chosen = await _choose(directory, person.strip(), by.strip())
            check = self._permissions.checker("history")
            response.view = await _history(directory, interaction.user.id, chosen, check)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(change="Its number, like 12; else your last one")
    async def undo(self, interaction: Interaction, change: str = "") -> None:
        """Take a change back, after a question; without a number, your last one."""
        async with answer(interaction, private=True) as response:
            number = _number(change) if change.strip() else None
            directory = await self._directories.for_server(interaction.guild_id)
            check = self._permissions.checker(undo.COMMAND)
            response.view = await undo.ask(directory, interaction, number, check)

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
        fitting = [a for a in authors if a.id and typed.casefold() in a.name.casefold()]
        return [
            app_commands.Choice(name=label(author.name, CHOICE_MAX), value=author.id)
            for author in fitting[:CHOICES_MAX]
            if len(author.id) <= CHOICE_MAX
        ]

    @undo.autocomplete("change")
    @no_choices_on_error
    async def _complete_change(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        return await _changes_like(await self._directories.for_server(interaction.guild_id), typed)


def _number(typed: str) -> int:
    """The number of a change, as somebody types it. Raises NotUndone."""
    if found := NUMBER.fullmatch(typed.strip()):
        return int(found[1])
    raise NotUndone(sentences.history.no_number(typed[:CHOICE_MAX]))


async def _changes_like(directory: Directory, typed: str) -> Choices:
    """The latest changes that can be taken back, and have in them what was typed."""
    found: Choices = []
    for operation in await directory.history.page(0, SEARCHED):
        if len(found) == CHOICES_MAX:
            break
        if await directory.undo.find_obstacle(operation):
            continue
        what = await in_words(directory.history, operation, str)
        line = sentences.history.choice(operation.number, who(operation, str), what)
        if typed.strip().casefold() in line.casefold():
            name = label(line, CHOICE_MAX)
            found.append(app_commands.Choice(name=name, value=str(operation.number)))
    return found


async def _choose(directory: Directory, person: str, by: str) -> Chosen:
    """Whom the options mean: somebody who is there, or was; and an author, by id or name."""
    chosen = await _person(directory, person) if person else None
    return Chosen(chosen, await _author(directory.history, by) if by else None)


async def _person(directory: Directory, typed: str) -> str:
    """The name of somebody who is there, or was. Raises DirectoryError, which offers near names."""
    if there := await directory.people.find(typed):
        return there.name
    if await directory.history.count(person=typed):
        return typed
    apart = [name for name, _ in (await directory.people.find_disambiguated([typed])).values()]
    there = await directory.names.similar(typed, LIKENESS)
    gone = await directory.history.similar_names(typed, NEAR)
    shown = list(dict.fromkeys([*apart, *there, *gone]))[:NEAR]
    raise DirectoryError(sentences.history.no_changes_of(typed[:CHOICE_MAX], shown))


async def _author(history: Changes, typed: str) -> Author:
    number = re.sub(r"[<@!>]", "", typed)
    for author in await history.authors():
        if author.id and (author.id == number or author.name.casefold() == typed.casefold()):
            return author
    if typed.casefold() == sentences.history.SOMEBODY:
        raise DirectoryError(sentences.history.NOT_BY_SOMEBODY)
    raise DirectoryError(sentences.history.nobody_in_history(typed[:CHOICE_MAX]))


async def _history(
    directory: Directory, asker: int, chosen: Chosen, check: PermissionCheck
) -> discord.ui.LayoutView:
    history = directory.history
    count = await history.count(person=chosen.person, author_id=chosen.by)
    title = f"### {_title(chosen)}\n-# {_reaches(await history.stats())}"
    if not count:
        return static_view(title, [Block(_nothing(chosen))])

    async def page(start: int) -> Sequence[Block]:
        found = await history.page(start, PAGE_SIZE, person=chosen.person, author_id=chosen.by)
        rows = [await _row(directory, operation, chosen.person) for operation in found]
        return [replace(row, separated=place == 0) for place, row in enumerate(rows)]

    return await PagesView(asker, Book(title, count, page), check).show()


def _title(chosen: Chosen) -> str:
    person, author = _shown(chosen)
    if person and author:
        return sentences.history.history_of_by(person, author)
    if person:
        return sentences.history.history_of(person)
    return sentences.history.history_by(author) if author else sentences.history.HISTORY


def _nothing(chosen: Chosen) -> str:
    return sentences.history.nothing_found(*_shown(chosen))


def _shown(chosen: Chosen) -> tuple[str, str]:
    author = chosen.author.name if chosen.author else ""
    return plain((chosen.person or "")[:CHOICE_MAX]), plain(author)


def _reaches(held: HistoryStats) -> str:
    since = discord.utils.format_dt(held.since, "D") if held.since else ""
    return sentences.history.reaches(held.limits.changes, held.limits.days, since)


async def _row(directory: Directory, operation: Operation, person: str | None) -> Block:
    """A change, what it did to the ``person`` who was asked for, and the button that takes it back
    where that can be."""
    when = discord.utils.format_dt(operation.time, "R")
    number, undone = operation.number, operation.undone_by
    lines = [
        sentences.history.row(number, when, who(operation)),
        await in_words(directory.history, operation),
    ]
    of = await of_person(directory.history, operation, person) if person else ""
    lines += [of] if of else []
    reason = await directory.undo.find_obstacle(operation)
    notes = [sentences.history.NOT_FINISHED] if operation.is_open else []
    if undone:
        notes.append(sentences.history.undone_by(undone, whole=bool(reason)))
    elif reason:
        notes.append(sentences.history.FORGOTTEN_IN_PART)
    lines += [f"-# {' · '.join(notes)}"] if notes else []
    button = None if reason else persistent_button(sentences.history.UNDO, "undo", str(number))
    return Block(lambda _: "\n".join(lines), button)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(History(bot.directories))

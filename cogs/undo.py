"""The question before a change is taken back, and what is said after it."""

from collections.abc import Sequence

import discord
from discord import ui

from bot import sentences
from bot.directory import Author, Directory, Operation, UndoReport
from bot.errors import DirectoryError, NotUndone
from bot.interactions import ControlId, Interaction, plain
from bot.person import Match
from cogs.buttons import persistent_button
from cogs.cards import Block, container, person_card, static_view, take_fitting
from cogs.confirmation import ConfirmationChoice, ConfirmationView, cancel_choice
from cogs.history_text import in_full, in_words, who
from cogs.permissions import PermissionCheck, author_of
from cogs.progress import LONG, progress

SHOWN = 3  # people of a change that are shown before it is taken back
CARDS = 1  # people whose cards are shown after it
LEFT_WIDTH = 1500  # characters about what stays

COMMAND = "undo"


async def ask(
    directory: Directory, interaction: Interaction, number: int | None, check: PermissionCheck
) -> ConfirmationView:
    """What a change was, and whether it is to be taken back; without a number, the last one of who
    asks. Raises ChangeNotFound and NotUndone."""
    if number is None:
        number = await _last_of(directory, author_of(interaction))
    operation = await directory.history.get(number)
    if reason := await directory.undo.find_obstacle(operation):
        raise NotUndone(reason)
    what = await in_words(directory.history, operation)

    async def undo(pressed: Interaction) -> ui.LayoutView:
        by = author_of(pressed)
        async with progress(pressed, lambda *done: _so_far(number, *done), question) as hear:
            undone = await directory.undo.run(number, by=by, progress=hear)
        return await _undone(directory, operation, what, undone)

    title = f"### {sentences.history.undo_question(number)}"
    question = ConfirmationView(
        interaction.user.id,
        container(title, await _shown(directory, operation, what)),
        [
            ConfirmationChoice(
                ControlId.YES,
                sentences.history.UNDO,
                undo,
                discord.ButtonStyle.danger,
                is_long=operation.people_count > LONG,
            ),
            cancel_choice(sentences.history.KEEP, sentences.history.stays_done(number)),
        ],
        sentences.history.stays_done_unanswered(number),
        check,
    )
    return question


async def _last_of(directory: Directory, author: Author) -> int:
    number = await directory.undo.last_undoable(author)
    if number is None:
        raise NotUndone(sentences.history.NOTHING_OF_YOURS)
    return number


async def _shown(directory: Directory, operation: Operation, what: str) -> Sequence[Block]:
    """What the change was, and what became of the first people of it."""
    when = discord.utils.format_dt(operation.time, "R")
    blocks = [Block(f"{what}\n-# {who(operation)} · {when}")]
    changes = await directory.history.changes(operation, SHOWN)
    blocks += [Block(in_full(change), separated=not place) for place, change in enumerate(changes)]
    more = operation.people_count - len(changes)
    return [*blocks, Block(f"-# {sentences.answers.more(more)}")] if more > 0 else blocks


def _so_far(number: int, done: int, total: int) -> str:
    return f"{sentences.history.undoing(number)}\n-# {sentences.history.done_of(done, total)}"


async def _undone(
    directory: Directory, operation: Operation, what: str, undone: UndoReport
) -> ui.LayoutView:
    title = sentences.history.undone(operation.number, what, undone.number)
    left = take_fitting((f"- {plain(sentence)}" for sentence in undone.conflicts), LEFT_WIDTH)
    blocks = [Block("\n".join(left), separated=True)] if left else []
    if operation.people_count == CARDS:
        blocks += await _cards(directory, operation)
    again = persistent_button(
        sentences.history.undo_change(undone.number), "undo", str(undone.number)
    )
    return static_view(title, [*blocks, Block(f"-# {sentences.history.UNDO_AGAIN}", again)])


async def _cards(directory: Directory, operation: Operation) -> list[Block]:
    """The card of the one person that a change was of, if there is that person now."""
    (change, *_) = await directory.history.changes(operation, CARDS) or [None]
    try:
        person = await directory.people.find(change.name) if change else None
    except DirectoryError:
        return []  # what was done is done, and is to be told
    return [person_card(Match(person), separated=True)] if person else []

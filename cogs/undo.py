"""The question before an undo, and its outcome."""

from collections.abc import Sequence
from functools import partial

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
from cogs.history_text import author_name, describe_change, describe_operation
from cogs.permissions import PermissionCheck, author_of
from cogs.progress import LONG_MIN, show_progress

EXAMPLES = 3  # people shown in the question
CONFLICTS_WIDTH = 1500  # characters about what was changed again since

COMMAND = "undo"


async def undo_question(
    directory: Directory, interaction: Interaction, number: int | None, check: PermissionCheck
) -> ConfirmationView:
    """Ask whether to undo a change; without a number, the last one of the person asking. Raises
    ChangeNotFound and NotUndone."""
    if number is None:
        number = await _last_undoable(directory, author_of(interaction))
    operation = await directory.history.get(number)
    if reason := await directory.undo.find_obstacle(operation):
        raise NotUndone(reason)
    description = await describe_operation(directory.history, operation)

    async def undo(press: Interaction) -> ui.LayoutView:
        title = partial(_progress_title, number)
        async with show_progress(press, title, question) as progress:
            report = await directory.undo.run(number, by=author_of(press), progress=progress)
        return await _report_view(directory, operation, description, report)

    title = f"### {sentences.history.undo_question(number)}"
    question = ConfirmationView(
        interaction.user.id,
        container(title, await _preview_blocks(directory, operation, description)),
        [
            ConfirmationChoice(
                ControlId.YES,
                sentences.history.UNDO,
                undo,
                discord.ButtonStyle.danger,
                is_long=operation.people_count > LONG_MIN,
            ),
            cancel_choice(sentences.history.KEEP, sentences.history.stays_done(number)),
        ],
        sentences.history.stays_done_unanswered(number),
        check,
    )
    return question


async def _last_undoable(directory: Directory, author: Author) -> int:
    number = await directory.undo.last_undoable(author)
    if number is None:
        raise NotUndone(sentences.history.NOTHING_OF_YOURS)
    return number


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
    return [*blocks, Block(f"-# {sentences.answers.more(more)}")] if more > 0 else blocks


def _progress_title(number: int, done: int, total: int) -> str:
    return f"{sentences.history.undoing(number)}\n-# {sentences.history.done_of(done, total)}"


async def _report_view(
    directory: Directory, operation: Operation, description: str, report: UndoReport
) -> ui.LayoutView:
    title = sentences.history.undone(operation.number, description, report.number)
    conflicts = take_fitting((f"- {plain(text)}" for text in report.conflicts), CONFLICTS_WIDTH)
    blocks = [Block("\n".join(conflicts), separated=True)] if conflicts else []
    if operation.people_count == 1:
        blocks += await _card_blocks(directory, operation)
    redo = persistent_button(
        sentences.history.undo_change(report.number), "undo", str(report.number)
    )
    return static_view(title, [*blocks, Block(f"-# {sentences.history.UNDO_AGAIN}", redo)])


async def _card_blocks(directory: Directory, operation: Operation) -> list[Block]:
    """Return the card of the only person changed, if they are in the directory now."""
    (change, *_) = await directory.history.changes(operation, 1) or [None]
    try:
        person = await directory.people.find(change.name) if change else None
    except DirectoryError:
        return []  # the undo is done; report it without the card
    return [person_card(Match(person), separated=True)] if person else []

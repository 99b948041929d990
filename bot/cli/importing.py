"""``import`` in the terminal: what it would do, a question if that is much, a bar, and the end."""

from asyncio import CancelledError
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from bot import files, sentences
from bot.cli import output
from bot.directory import Author, Directories, Directory
from bot.errors import DirectoryError, DirectoryNotFound
from bot.files import ImportMode, ImportPlan, ImportReport

TERMINAL = Author("terminal", sentences.transfer.THE_TERMINAL)
"""Who changes a directory without Discord, for the history."""


@dataclass(frozen=True)
class Options:
    """What ``import`` was told: ``refused`` is the file that is to say who is, and why."""

    mode: ImportMode
    dry_run: bool
    yes: bool
    refused: Path | None


async def import_file(directories: Directories, name: str, file: Path, options: Options) -> bool:
    """Import a file into the directory ``name``, which is made if it is not there; whether there
    was anybody in it who can be stored. Raises DirectoryError."""
    try:
        plan = await _planned(directories, name, file, options)
    except (CancelledError, KeyboardInterrupt, SystemExit):
        output.print_note(sentences.transfer.NOTHING_CHANGED)
        raise
    if options.dry_run:
        output.print_note(sentences.transfer.DRY_RUN)
    elif plan.total:
        directory = await directories.get_or_create(name)
        output.print_report(await _carry_out(directory, plan, file))
    else:
        await _finish(await _there(directories, name), plan, file)
    return bool(plan.total or plan.same or plan.different)


async def _planned(directories: Directories, name: str, file: Path, options: Options) -> ImportPlan:
    """What it would do, which is said, and confirmed if that is much."""
    _check_refused(options.refused, file)
    with output.waiting():
        content = files.read_file(file)
        plan = await files.make_plan(await _there(directories, name), content, options.mode)
    _show(plan, options)
    while (
        plan.total and options.mode is ImportMode.REPLACE and not (options.yes or options.dry_run)
    ):
        _confirm(name, len(plan.removed))
        with output.waiting():
            shown = plan
            plan = await files.make_plan(await _there(directories, name), content, options.mode)
        if plan.has_same_effect(shown):
            break
        output.print_note(sentences.transfer.CHANGED_WHILE_ASKED)
        _show(plan, options)
    return plan


def _show(plan: ImportPlan, options: Options) -> None:
    output.print_plan(plan)
    if options.refused:
        files.write_refused_rows(options.refused, plan.refused)


def _check_refused(refused: Path | None, file: Path) -> None:
    if refused and refused.resolve() == file.resolve():
        raise DirectoryError(sentences.transfer.refused_into_itself(file))


async def _there(directories: Directories, name: str) -> Directory | None:
    try:
        return await directories.get(name)
    except DirectoryNotFound:
        return None


async def _finish(directory: Directory | None, plan: ImportPlan, file: Path) -> None:
    """Close what was interrupted after its last person."""
    output.print_note(sentences.transfer.NOTHING_TO_CHANGE)
    if directory:
        await directory.history.finish(files.import_request(plan, TERMINAL, file.name))


async def _carry_out(directory: Directory, plan: ImportPlan, file: Path) -> ImportReport:
    columns = (*Progress.get_default_columns(), TimeElapsedColumn(), MofNCompleteColumn())
    with Progress(*columns, console=output.err) as bar:
        task = bar.add_task(escape(file.name), total=plan.total)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done)

        try:
            asked = files.import_request(plan, TERMINAL, file.name)
            return await files.carry_out(directory, plan, asked, progress)
        except (CancelledError, KeyboardInterrupt, SystemExit):
            done = int(bar.tasks[0].completed)
            output.print_note(sentences.transfer.stopped(done, plan.total))
            raise


def _confirm(name: str, removed: int) -> None:
    """Have the directory's name typed. Raises DirectoryError if something else is."""
    typed = ""
    with output.typing():
        output.print_note(sentences.transfer.replace_question(name, removed))
        typed = input()
    if typed.strip() != name:
        raise DirectoryError(sentences.transfer.not_confirmed(name))

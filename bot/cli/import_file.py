"""``import`` in the terminal: show the plan, confirm a replacement, import with a progress bar."""

from asyncio import CancelledError
from dataclasses import dataclass
from pathlib import Path

from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from bot import files
from bot.cli import output
from bot.directory import Author, Directories, Directory
from bot.errors import DirectoryError, DirectoryNotFound
from bot.files import Importer, ImportMode, ImportPlan, ImportReport
from bot.language import _, ngettext

TERMINAL = Author("terminal", "the terminal")
"""The author of changes from the command line. The history stores this name."""


@dataclass(frozen=True)
class ImportOptions:
    """The options of ``import``. The refused rows are written to ``refused``."""

    mode: ImportMode
    dry_run: bool
    yes: bool
    refused: Path | None


async def import_file(
    directories: Directories, name: str, file: Path, options: ImportOptions
) -> bool:
    """Import a file into the directory ``name``, which is created if it doesn't exist. Returns
    whether the file has anyone who can be stored. Raises DirectoryError."""
    try:
        plan = await _confirm_plan(directories, name, file, options)
    except (CancelledError, KeyboardInterrupt, SystemExit):
        output.print_note(_("Nothing changed."))
        raise
    if options.dry_run:
        output.print_note(_("This was a dry run. Nothing changed."))
    elif plan.total:
        directory = await directories.get_or_create(name)
        output.print_report(await _import(directory, plan, file))
    else:
        output.print_note(_("Nothing to change."))
        if directory := await _find_directory(directories, name):
            # An import that was interrupted after its last person is still open.
            await directory.history.finish(plan.request(TERMINAL, file.name))
    return bool(plan.total or plan.same or plan.conflicts)


async def _confirm_plan(
    directories: Directories, name: str, file: Path, options: ImportOptions
) -> ImportPlan:
    """Show the plan, and have a replacement confirmed until the plan is the one that was shown."""
    _check_paths(file, options.refused)
    with output.waiting():
        contents = files.read_file(file)
    must_confirm = options.mode is ImportMode.REPLACE and not (options.yes or options.dry_run)
    shown = None
    while True:
        with output.waiting():
            directory = await _find_directory(directories, name)
            plan = await files.make_plan(directory, contents, options.mode)
        if shown:
            if plan.has_same_effect(shown):
                return plan
            output.print_note(files.outdated_plan_text())
        output.print_plan(plan)
        if options.refused:
            files.write_refused_rows(options.refused, plan.refused)
        if not (must_confirm and plan.total):
            return plan
        _confirm_replacement(name, len(plan.removed))
        shown = plan


def _check_paths(file: Path, refused: Path | None) -> None:
    if refused and refused.resolve() == file.resolve():
        raise DirectoryError(
            _("{file} is the file to import. Choose another file for --refused.", file=file)
        )


async def _find_directory(directories: Directories, name: str) -> Directory | None:
    try:
        return await directories.get(name)
    except DirectoryNotFound:
        return None


def _confirm_replacement(name: str, removed: int) -> None:
    """Have the directory's name typed. Raises DirectoryError if something else is typed."""
    typed = ""
    with output.typing():
        question = ngettext(
            "This removes {count} person from {directory}; only the people in the file remain. "
            "Type {directory} to continue.",
            "This removes {count} people from {directory}; only the people in the file remain. "
            "Type {directory} to continue.",
            removed,
            directory=name,
        )
        output.print_note(question)
        typed = input()
    if typed.strip() != name:
        raise DirectoryError(
            _(
                "You didn't type {directory}, so nothing changed. "
                "To replace everyone without this question, add --yes.",
                directory=name,
            )
        )


async def _import(directory: Directory, plan: ImportPlan, file: Path) -> ImportReport:
    columns = (*Progress.get_default_columns(), TimeElapsedColumn(), MofNCompleteColumn())
    with Progress(*columns, console=output.err) as bar:
        task = bar.add_task(escape(file.name), total=plan.total)

        def show_progress(done: int, total: int) -> None:
            bar.update(task, completed=done)

        request = plan.request(TERMINAL, file.name)
        try:
            return await Importer(directory, plan, request, show_progress).run()
        except (CancelledError, KeyboardInterrupt, SystemExit):
            done = int(bar.tasks[0].completed)
            output.print_note(files.stopped_text(done, plan.total))
            raise

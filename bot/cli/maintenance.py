"""The verbs check, backup, restore and reembed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.cli import output
from bot.directory import Directories
from bot.errors import DirectoryError, DirectoryKeepsChanging, DirectoryNotFound, SettingError
from bot.language import _, format_list, format_number, ngettext
from bot.maintenance import (
    Findings,
    Problem,
    RepairReport,
    check,
    describe_problem,
    reembed,
    repair,
)
from bot.maintenance.backup import BackupFile, restore_backup, write_backup

CLEAN, DAMAGED, NOT_REPAIRED = 0, 1, 2  # exit codes of check


async def check_all(
    directories: Directories, names: Sequence[str], *, should_repair: bool = False
) -> int:
    """Check directories, repair them if asked to, and print what was found. Returns the exit
    code, which is the highest of any directory."""
    return max([await _check(directories, name, should_repair) for name in names])


async def _check(directories: Directories, name: str, should_repair: bool) -> int:
    exit_code_of_damage = NOT_REPAIRED if should_repair else DAMAGED
    try:
        with output.waiting():
            if should_repair:
                report = await _repair(directories, name)
            else:
                findings = await check(await directories.open_unchecked(name))
                report = RepairReport(findings, remaining=findings)
    except (SettingError, DirectoryKeepsChanging) as error:
        output.print_line(
            _("{directory} couldn't be checked. {reason}", directory=name, reason=error)
        )
        return exit_code_of_damage
    found, remaining = report.found, report.remaining
    output.print_line(_checked_text(name, found))
    _print_problems(found)
    if should_repair and not found.is_clean:
        output.print_line(
            _("Repaired {directory}.", directory=name)
            if remaining.is_clean
            else _("Repaired {directory}, except:", directory=name)
        )
        _print_problems(remaining)
    return exit_code_of_damage if remaining.is_damaged else CLEAN


async def _repair(directories: Directories, name: str) -> RepairReport:
    """Repair a directory, adopting it first if this version of the bot hasn't."""
    report = await repair(await directories.open_unchecked(name))
    if Problem.NOT_ADOPTED not in report.remaining.problems:
        return report
    after_adoption = await repair(await directories.get(name))
    return RepairReport(report.found, after_adoption.remaining)


async def back_up(directories: Directories, names: Sequence[str], path: Path) -> None:
    """Write directories to a backup."""
    storages = {name: (await directories.open_unchecked(name)).storage for name in names}
    with output.progress(
        ngettext("Backing up {count} directory", "Backing up {count} directories", len(names))
    ) as progress:
        people = await write_backup(path, storages, progress)
    output.print_note(
        ngettext(
            "Backed up {count} person to {file}.",
            "Backed up {count} people to {file}.",
            people,
            file=path,
        )
    )


def verify(file: BackupFile) -> dict[str, int]:
    """Read a whole backup, and print which directories it has. Returns these, each with its number
    of people."""
    with output.progress(_("Verifying {file}", file=file.path)) as progress:
        people = file.verify(progress)
    output.print_note(_contents_text(file.path, people))
    return people


def choose_directories(
    file: BackupFile, people: Mapping[str, int], name: str | None, *, allow_several: bool
) -> Mapping[str, int]:
    """Return the directories of a backup that are to be restored, each with its number of people:
    the one called ``name``, or all of them if that is None. Raises DirectoryError if there is no
    such directory, or if there are several and these aren't allowed."""
    if name is not None and name not in people:
        raise DirectoryError(
            _(
                "{file} has no directory {directory}. It has {existing}.",
                file=file.path,
                directory=name,
                existing=format_list(people),
            )
        )
    chosen = people if name is None else {name: people[name]}
    if not allow_several and len(chosen) > 1:
        raise DirectoryError(
            _(
                "{file} has several directories ({names}), but with this DIRECTORY_KEY all "
                "servers share one. Restore one of them with --directory, or set a "
                "DIRECTORY_KEY with {{guild}}.",
                file=file.path,
                names=format_list(chosen),
            )
        )
    return chosen


async def restore(
    file: BackupFile,
    directories: Directories,
    people: Mapping[str, int],
    *,
    replace: bool,
    yes: bool,
) -> None:
    """Restore directories, each given with its number of people, from a verified backup. Existing
    ones are replaced only with ``replace``, after asking unless ``yes``."""
    for name in people:
        if await _exists(directories, name):
            if not replace:
                raise DirectoryError(
                    _(
                        "The directory {directory} already exists. Nothing was changed. To replace "
                        "it, add --replace.",
                        directory=name,
                    )
                )
            if not yes:
                _confirm_replacing(name)
    with output.progress(_("Restoring {file}", file=file.path)) as progress:
        await restore_backup(file, directories, people.keys(), progress, replace=replace)
    for name, count in people.items():
        output.print_note(
            ngettext(
                "Restored {directory}: {count} person.",
                "Restored {directory}: {count} people.",
                count,
                directory=name,
            )
        )
        await directories.storage(name).compact()


def _confirm_replacing(name: str) -> None:
    """Ask for the directory's name. Raises DirectoryError if something else is typed."""
    question = _(
        "This replaces the whole directory {directory}. Type its name to continue:", directory=name
    )
    if output.ask(question) != name:
        raise DirectoryError(_("That isn't its name. Nothing was changed."))


async def reembed_all(directories: Directories, names: Sequence[str]) -> None:
    """Embed everyone in these directories with the model of EMBEDDING_MODEL."""
    for name in names:
        directory = await directories.open_unchecked(name)
        model = directory.embedder.name
        with output.progress(
            _("Embedding {directory} with {model}", directory=name, model=model)
        ) as progress:
            is_reembedded = await reembed(directory, progress)
        output.print_note(
            _(
                "Embedded {directory} with {model}. Restart a bot that runs another model with "
                "EMBEDDING_MODEL={model}.",
                directory=name,
                model=model,
            )
            if is_reembedded
            else _("{directory} is already embedded with {model}.", directory=name, model=model)
        )


async def _exists(directories: Directories, name: str) -> bool:
    try:
        await directories.open_unchecked(name)
    except DirectoryNotFound:
        return False
    return True


def _print_problems(findings: Findings) -> None:
    for problem, occurrences in findings.problems.items():
        more = ", …" if occurrences.count > len(occurrences.examples) else ""
        count, examples = format_number(occurrences.count), ", ".join(occurrences.examples)
        output.print_line(f"  {describe_problem(problem)}: {count} ({examples}{more})")


def _checked_text(name: str, found: Findings) -> str:
    if found.is_clean:
        return ngettext(
            "{directory}: {count} person, no problems.",
            "{directory}: {count} people, no problems.",
            found.people,
            directory=name,
        )
    return ngettext(
        "{directory}: {count} person.", "{directory}: {count} people.", found.people, directory=name
    )


def _contents_text(path: Path, people: Mapping[str, int]) -> str:
    directories = [
        ngettext("{name} ({count} person)", "{name} ({count} people)", count, name=name)
        for name, count in people.items()
    ]
    return _(
        "{file} is intact. It has {directories}.",
        file=path,
        directories=format_list(directories),
    )

"""The verbs check, backup, restore and reembed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot import sentences
from bot.cli import output
from bot.directory import Directories
from bot.errors import DirectoryError, DirectoryKeepsChanging, DirectoryNotFound, SettingError
from bot.maintenance import Findings, Problem, RepairReport, check, reembed, repair
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
        output.print_line(sentences.upkeep.not_checked(name, error))
        return exit_code_of_damage
    found, remaining = report.found, report.remaining
    output.print_line(sentences.upkeep.checked(name, found.people, found.is_clean))
    _print_problems(found)
    if should_repair and not found.is_clean:
        outcome = sentences.upkeep.mended if remaining.is_clean else sentences.upkeep.left_over
        output.print_line(outcome(name))
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
    with output.progress(sentences.upkeep.backing_up(len(names))) as progress:
        people = await write_backup(path, storages, progress)
    output.print_note(sentences.upkeep.backed_up(people, path))


def verify(file: BackupFile) -> dict[str, int]:
    """Read a whole backup, and print which directories it has. Returns these, each with its number
    of people."""
    with output.progress(sentences.upkeep.verifying(file.path)) as progress:
        people = file.verify(progress)
    output.print_note(sentences.upkeep.contents(file.path, people))
    return people


def choose_directories(
    file: BackupFile, people: Mapping[str, int], name: str | None, *, allow_several: bool
) -> Mapping[str, int]:
    """Return the directories of a backup that are to be restored, each with its number of people:
    the one called ``name``, or all of them if that is None. Raises DirectoryError if there is no
    such directory, or if there are several and these aren't allowed."""
    if name is not None and name not in people:
        raise DirectoryError(sentences.upkeep.not_in_file(name, file.path, people))
    chosen = people if name is None else {name: people[name]}
    if not allow_several and len(chosen) > 1:
        raise DirectoryError(sentences.upkeep.several_for_one_key(file.path, chosen))
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
                raise DirectoryError(sentences.upkeep.there_already(name))
            if not yes and output.ask(sentences.upkeep.type_to_replace(name)) != name:
                raise DirectoryError(sentences.upkeep.NOT_REPLACED)
    with output.progress(sentences.upkeep.restoring(file.path)) as progress:
        await restore_backup(file, directories, people.keys(), progress, replace=replace)
    for name, count in people.items():
        output.print_note(sentences.upkeep.restored(name, count))
        await directories.storage(name).compact()


async def reembed_all(directories: Directories, names: Sequence[str]) -> None:
    """Embed everyone in these directories with the model of EMBEDDING_MODEL."""
    for name in names:
        directory = await directories.open_unchecked(name)
        model = directory.embedder.name
        with output.progress(sentences.upkeep.reembedding(name, model)) as progress:
            is_reembedded = await reembed(directory, progress)
        text = sentences.upkeep.reembedded if is_reembedded else sentences.upkeep.of_this_model
        output.print_note(text(name, model))


async def _exists(directories: Directories, name: str) -> bool:
    try:
        await directories.open_unchecked(name)
    except DirectoryNotFound:
        return False
    return True


def _print_problems(findings: Findings) -> None:
    for problem, occurrences in findings.problems.items():
        line = sentences.upkeep.trouble(occurrences.count, problem, occurrences.examples)
        output.print_line(f"  {line}")

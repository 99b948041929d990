"""Looking after directories, as the command line does it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot import sentences
from bot.cli import output
from bot.directory import Directories
from bot.errors import DirectoryError, DirectoryNotFound, NeverStill, SettingError
from bot.maintenance import Findings, backup, check, reembed, repair
from bot.maintenance.backup import Backup
from bot.maintenance.findings import Problem

CLEAN, DAMAGED, NOT_MENDED = 0, 1, 2


async def check_all(directories: Directories, names: Sequence[str], *, mend: bool) -> int:
    """Check directories, mend them if asked to, and say what was found; returns the process's exit
    code."""
    if not names:
        raise DirectoryError(sentences.upkeep.NOTHING_THERE)
    return max([await _check_one(directories, name, mend=mend) for name in names])


async def _check_one(directories: Directories, name: str, *, mend: bool) -> int:
    """The same for one of them, of which the others know nothing."""
    try:
        with output.waiting():
            findings, left = await _checked(directories, name, mend)
    except (SettingError, NeverStill) as error:
        output.print_line(sentences.upkeep.not_checked(name, error))
        return NOT_MENDED if mend else DAMAGED
    _print_findings(name, findings)
    if left is None:
        return DAMAGED if findings.damaged else CLEAN
    if findings.clean:
        return CLEAN
    _print_left(name, left)
    return NOT_MENDED if left.damaged else CLEAN


async def _checked(
    directories: Directories, name: str, mend: bool
) -> tuple[Findings, Findings | None]:
    """What was wrong and, if it was to be mended, what still is."""
    directory = await directories.as_it_is(name)
    if not mend:
        return await check(directory), None
    repaired = await repair(directory)
    if Problem.NOT_TAKEN_OVER not in repaired.left.troubles:
        return repaired.found, repaired.left
    after = await repair(await directories.get(name))
    return repaired.found, after.left


async def back_up(directories: Directories, names: Sequence[str], path: Path) -> None:
    """Write directories to a file, and say so."""
    if not names:
        raise DirectoryError(sentences.upkeep.NOTHING_THERE)
    opened = {name: await directories.as_it_is(name) for name in names}
    with output.progress(sentences.upkeep.backing_up(len(names))) as progress:
        people = await backup.write(path, opened, progress)
    output.print_note(sentences.upkeep.backed_up(people, path))


def verify(file: Backup, path: Path) -> dict[str, int]:
    """Read a whole backup, and say what is in it: its directories, and how many people each has."""
    with output.progress(sentences.upkeep.verifying(path)) as progress:
        people = file.verify(progress)
    output.print_note(sentences.upkeep.contents(path, people))
    return people


def chosen(
    path: Path, people: Mapping[str, int], name: str | None, *, several: bool
) -> Mapping[str, int]:
    """Those of a backup's directories that are to be restored: ``name``, or all; if there cannot be
    ``several``, the one there is."""
    if name is not None and name not in people:
        raise DirectoryError(sentences.upkeep.not_in_file(name, path, people))
    people = people if name is None else {name: people[name]}
    if not several and len(people) > 1:
        raise DirectoryError(sentences.upkeep.several_for_one_key(path, people))
    return people


async def restore(
    file: Backup,
    path: Path,
    directories: Directories,
    people: Mapping[str, int],
    *,
    replace: bool,
    sure: bool,
) -> None:
    """Restore from a backup that was verified the directories with so many ``people``. One that is
    there is replaced if that is asked for, and confirmed unless ``sure``."""
    for name in people:
        if await _is_there(directories, name):
            if not replace:
                raise DirectoryError(sentences.upkeep.there_already(name))
            if not sure and output.ask(sentences.upkeep.type_to_replace(name)) != name:
                raise DirectoryError(sentences.upkeep.NOT_REPLACED)
    with output.progress(sentences.upkeep.restoring(path)) as progress:
        await backup.restore(file, directories, people.keys(), progress, replace=replace)
    for name, count in people.items():
        output.print_note(sentences.upkeep.restored(name, count))
        await (await directories.as_it_is(name)).compact()


async def reembed_all(directories: Directories, names: Sequence[str]) -> None:
    """Embed directories by the model of EMBEDDING_MODEL, and say so."""
    if not names:
        raise DirectoryError(sentences.upkeep.NOTHING_THERE)
    for name in names:
        directory = await directories.as_it_is(name)
        with output.progress(sentences.upkeep.reembedding(name, directory.model)) as progress:
            done = await reembed(directory, progress)
        say = sentences.upkeep.reembedded if done else sentences.upkeep.of_this_model
        output.print_note(say(name, directory.model))


async def _is_there(directories: Directories, name: str) -> bool:
    try:
        await directories.as_it_is(name)
    except DirectoryNotFound:
        return False
    return True


def _print_findings(name: str, findings: Findings) -> None:
    output.print_line(sentences.upkeep.checked(name, findings.people, findings.clean))
    _print_troubles(findings)


def _print_left(name: str, left: Findings) -> None:
    if left.clean:
        output.print_line(sentences.upkeep.mended(name))
    else:
        output.print_line(sentences.upkeep.left_over(name))
        _print_troubles(left)


def _print_troubles(findings: Findings) -> None:
    for problem, trouble in findings.troubles.items():
        line = sentences.upkeep.trouble(trouble.count, problem, trouble.examples)
        output.print_line(f"  {line}")

"""Looking after directories, as the command line does it."""

from collections.abc import Sequence

from bot import sentences, terminal
from bot.directory import Directories, Findings, check, repair
from bot.directory.upkeep.findings import Problem

CLEAN, DAMAGED, NOT_MENDED = 0, 1, 2


async def check_all(directories: Directories, names: Sequence[str], *, mend: bool) -> int:
    """Check directories, mend them if asked to, and say what was found; returns the process's exit
    code."""
    worst = CLEAN
    for name in names:
        with terminal.waiting():
            findings, left = await _checked(directories, name, mend)
        _print_findings(name, findings)
        if left is None:
            worst = max(worst, DAMAGED if findings.damaged else CLEAN)
        elif not findings.clean:
            _print_left(name, left)
            worst = max(worst, NOT_MENDED if left.damaged else CLEAN)
    return worst


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


def _print_findings(name: str, findings: Findings) -> None:
    terminal.print_line(sentences.upkeep.checked(name, findings.people, findings.clean))
    _print_troubles(findings)


def _print_left(name: str, left: Findings) -> None:
    if left.damaged:
        terminal.print_line(sentences.upkeep.not_mended(name))
        _print_troubles(left)
    else:
        terminal.print_line(sentences.upkeep.mended(name))


def _print_troubles(findings: Findings) -> None:
    for problem, trouble in findings.troubles.items():
        line = sentences.upkeep.trouble(trouble.count, problem, trouble.examples)
        terminal.print_line(f"  {line}")

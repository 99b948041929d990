"""What is said of a plan and of what was done: a line of numbers, then sections of examples."""

import codecs
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bot import sentences
from bot.directory.people import changed_fields
from bot.errors import DirectoryError
from bot.files.cells import escape_formula
from bot.files.contents import RefusedRow
from bot.files.import_plan import ImportPlan
from bot.files.importer import ImportReport
from bot.person import Person, format_value

EXCERPT_MAX = 60  # characters of a value that changes
LAST_LINE = 200  # bytes, of the line that says how many are left


@dataclass(frozen=True)
class SummarySection:
    """A line, and examples of what it is about: as many lines as there is room for."""

    title: str
    examples: Sequence[str] = ()


def summarize_plan(plan: ImportPlan) -> str:
    """What an import would do, in numbers."""
    return sentences.transfer.planned(
        new=len(plan.new),
        changed=len(plan.changed),
        same=len(plan.same),
        different=len(plan.different),
        removed=len(plan.removed),
        refused=len(plan.refused),
    )


def plan_sections(plan: ImportPlan) -> list[SummarySection]:
    """What stands below these numbers: whom they are about, and what else there is to know."""
    return list(_sections(plan))


def _sections(plan: ImportPlan) -> Iterator[SummarySection]:
    for note in plan.notes:
        yield SummarySection(note)
    if plan.fields:
        yield SummarySection(sentences.transfer.new_attributes(plan.fields))
    if plan.new:
        yield SummarySection(sentences.transfer.NEW, [said.name for said in plan.new])
    if plan.changed:
        changed = [
            sentences.transfer.becomes(old.name, _differences(old, new))
            for _, old, new in plan.changed
        ]
        yield SummarySection(sentences.transfer.CHANGED, changed)
    if plan.different:
        yield SummarySection(sentences.transfer.DIFFERENT, plan.different)
    if plan.removed:
        yield SummarySection(sentences.transfer.REMOVED, plan.removed)
    if plan.staying:
        yield SummarySection(sentences.transfer.STAYING, plan.staying)
    if plan.renamed:
        told = [sentences.transfer.called(name, new) for name, new in plan.renamed.items()]
        yield SummarySection(sentences.transfer.TOLD_APART, told)
    if plan.repeated:
        yield SummarySection(sentences.transfer.repeated(plan.repeated))
    if plan.refused:
        yield refused_section(plan.refused)


def refused_section(refused: Sequence[RefusedRow]) -> SummarySection:
    """Who is refused, and why."""
    return SummarySection(
        sentences.transfer.REFUSED, [f"{row.where}: {row.reason}" for row in refused]
    )


def summarize_report(report: ImportReport) -> str:
    """What an import did, in numbers, and how far it came if it was stopped."""
    done = sentences.transfer.done(report.added, report.changed, report.removed)
    lines = [done if report.number else sentences.transfer.NOTHING_CHANGED]
    if report.stopped:
        lines.append(sentences.transfer.stopped(report.done, report.total))
    return " ".join(lines)


def _differences(old: Person, new: Person) -> list[str]:
    """What becomes of a person's name, description and attributes."""
    pairs = [
        ("", old.name, new.name),
        (sentences.history.DESCRIBED, old.description, new.description),
    ]
    shown = [(what, was, is_) for what, was, is_ in pairs if was != is_]
    shown += [
        (name, format_value(name, was), format_value(name, is_))
        for name, (was, is_) in changed_fields(old, new).items()
    ]
    return [sentences.history.from_to(what, _short(was), _short(is_)) for what, was, is_ in shown]


def _short(text: str) -> str:
    return text if len(text) <= EXCERPT_MAX else f"{text[: EXCERPT_MAX - 1]}…"


def refused_rows_csv(refused: Sequence[RefusedRow], most: int = sys.maxsize) -> bytes:
    """Everybody who is refused, and why, as a table of ``most`` bytes: where that is not enough,
    the first of them, and how many are left."""
    lines = [codecs.BOM_UTF8 + _line(*sentences.transfer.REFUSED_COLUMNS)]
    room = most - len(lines[0]) - LAST_LINE
    for number, row in enumerate(refused):
        line = _line(escape_formula(row.where), escape_formula(row.reason))
        room -= len(line)
        if room < 0:
            lines.append(_line("…", sentences.transfer.more_refused(len(refused) - number)))
            break
        lines.append(line)
    return b"".join(lines)


def _line(*cells: str) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def write_refused_rows(path: Path, refused: Sequence[RefusedRow]) -> None:
    """The same as a file. Raises DirectoryError."""
    try:
        path.write_bytes(refused_rows_csv(refused))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error

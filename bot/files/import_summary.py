"""Imports in words: a line of counts, sections with examples, and the table of refused rows."""

import codecs
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bot import sentences
from bot.errors import DirectoryError
from bot.files.cells import escape_formula
from bot.files.import_plan import ImportPlan
from bot.files.import_rows import ClassifiedRow
from bot.files.importer import ImportReport
from bot.files.records import RefusedRow
from bot.person import changed_fields, format_value

VALUE_MAX = 60  # characters of a value that changes
LAST_LINE_SIZE = 200  # bytes of the line that counts the rows left out


@dataclass(frozen=True)
class SummarySection:
    """A title, and a line for each example, of which only the first may be shown."""

    title: str
    examples: Sequence[str] = ()


def summarize_plan(plan: ImportPlan) -> str:
    """Return what an import would do, in numbers."""
    return sentences.transfer.planned(
        new=len(plan.added),
        changed=len(plan.updated),
        same=len(plan.same),
        different=len(plan.conflicts),
        removed=len(plan.removed),
        refused=len(plan.refused),
    )


def plan_sections(plan: ImportPlan) -> Iterator[SummarySection]:
    """Yield the people behind these numbers, and whatever else matters about the plan."""
    for note in plan.notes:
        yield SummarySection(note)
    if plan.new_fields:
        yield SummarySection(sentences.transfer.new_attributes(plan.new_fields))
    examples = {
        sentences.transfer.NEW: [row.name for row in plan.added],
        sentences.transfer.CHANGED: [*map(_describe_update, plan.updated)],
        sentences.transfer.DIFFERENT: plan.conflicts,
        sentences.transfer.REMOVED: plan.removed,
        sentences.transfer.STAYING: plan.retained,
        sentences.transfer.TOLD_APART: [
            sentences.transfer.called(name, new) for name, new in plan.renamed.items()
        ],
    }
    yield from (SummarySection(title, lines) for title, lines in examples.items() if lines)
    if plan.repeated:
        yield SummarySection(sentences.transfer.repeated(plan.repeated))
    if plan.refused:
        yield refused_section(plan.refused)


def refused_section(refused: Sequence[RefusedRow]) -> SummarySection:
    """Return the refused rows and their reasons."""
    lines = [f"{row.where}: {row.reason}" for row in refused]
    return SummarySection(sentences.transfer.REFUSED, lines)


def summarize_report(report: ImportReport) -> str:
    """Return what an import did, in numbers, and how far it came if it was stopped."""
    done = sentences.transfer.done(report.added, report.updated, report.removed)
    lines = [done if report.number else sentences.transfer.NOTHING_CHANGED]
    if report.is_partial:
        lines.append(sentences.transfer.stopped(report.done, report.total))
    return " ".join(lines)


def _describe_update(update: ClassifiedRow) -> str:
    old, new = update.existing, update.person
    assert old
    texts = [
        ("", old.name, new.name),
        (sentences.history.DESCRIBED, old.description, new.description),
    ]
    changes = [(label, before, after) for label, before, after in texts if before != after]
    changes += [
        (name, format_value(name, before), format_value(name, after))
        for name, (before, after) in changed_fields(old, new).items()
    ]
    differences = [
        sentences.history.from_to(label, _shorten(before), _shorten(after))
        for label, before, after in changes
    ]
    return sentences.transfer.becomes(old.name, differences)


def _shorten(text: str) -> str:
    return text if len(text) <= VALUE_MAX else f"{text[: VALUE_MAX - 1]}…"


def refused_rows_csv(refused: Sequence[RefusedRow], max_size: int = sys.maxsize) -> bytes:
    """Return a table of the refused rows and their reasons. If ``max_size`` bytes don't hold all of
    them, it has the first ones and counts the others."""
    lines = [codecs.BOM_UTF8 + _csv_line(*sentences.transfer.REFUSED_COLUMNS)]
    room = max_size - len(lines[0]) - LAST_LINE_SIZE
    for index, row in enumerate(refused):
        line = _csv_line(escape_formula(row.where), escape_formula(row.reason))
        room -= len(line)
        if room < 0:
            lines.append(_csv_line("…", sentences.transfer.more_refused(len(refused) - index)))
            break
        lines.append(line)
    return b"".join(lines)


def _csv_line(*cells: str) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def write_refused_rows(path: Path, refused: Sequence[RefusedRow]) -> None:
    """Write the table of refused rows to a file. Raises DirectoryError."""
    try:
        path.write_bytes(refused_rows_csv(refused))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error

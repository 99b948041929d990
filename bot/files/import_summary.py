"""What is said of a plan and of what was done: a line of numbers, then sections of examples."""

import codecs
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bot import sentences
from bot.directory.keeping import changed_fields
from bot.errors import DirectoryError
from bot.files.cells import keep_from_running
from bot.files.contents import Refused
from bot.files.import_plan import Plan
from bot.files.importer import Report
from bot.person import Person, format_value

SHOWN_MAX = 60  # characters of a value that changes
LAST_LINE = 200  # bytes, of the line that says how many are left


@dataclass(frozen=True)
class Section:
    """A line, and examples of what it is about: as many lines as there is room for."""

    title: str
    examples: Sequence[str] = ()


def planned(plan: Plan) -> str:
    """What an import would do, in numbers."""
    return sentences.transfer.planned(
        new=len(plan.new),
        changed=len(plan.changed),
        same=len(plan.same),
        different=len(plan.different),
        removed=len(plan.removed),
        refused=len(plan.refused),
    )


def sections(plan: Plan) -> list[Section]:
    """What stands below these numbers: whom they are about, and what else there is to know."""
    return list(_sections(plan))


def _sections(plan: Plan) -> Iterator[Section]:
    for note in plan.notes:
        yield Section(note)
    if plan.fields:
        yield Section(sentences.transfer.new_attributes(plan.fields))
    if plan.new:
        yield Section(sentences.transfer.NEW, [said.name for said in plan.new])
    if plan.changed:
        changed = [
            sentences.transfer.becomes(old.name, _differences(old, new))
            for _, old, new in plan.changed
        ]
        yield Section(sentences.transfer.CHANGED, changed)
    if plan.different:
        yield Section(sentences.transfer.DIFFERENT, plan.different)
    if plan.removed:
        yield Section(sentences.transfer.REMOVED, plan.removed)
    if plan.staying:
        yield Section(sentences.transfer.STAYING, plan.staying)
    if plan.renamed:
        told = [sentences.transfer.called(name, new) for name, new in plan.renamed.items()]
        yield Section(sentences.transfer.TOLD_APART, told)
    if plan.repeated:
        yield Section(sentences.transfer.repeated(plan.repeated))
    if plan.refused:
        yield refusals(plan.refused)


def refusals(refused: Sequence[Refused]) -> Section:
    """Who is refused, and why."""
    return Section(sentences.transfer.REFUSED, [f"{row.where}: {row.reason}" for row in refused])


def told(report: Report) -> str:
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
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


def refused_csv(refused: Sequence[Refused], most: int = sys.maxsize) -> bytes:
    """Everybody who is refused, and why, as a table of ``most`` bytes: where that is not enough,
    the first of them, and how many are left."""
    lines = [codecs.BOM_UTF8 + _line(*sentences.transfer.REFUSED_COLUMNS)]
    room = most - len(lines[0]) - LAST_LINE
    for number, row in enumerate(refused):
        line = _line(keep_from_running(row.where), keep_from_running(row.reason))
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


def write_refused(path: Path, refused: Sequence[Refused]) -> None:
    """The same as a file. Raises DirectoryError."""
    try:
        path.write_bytes(refused_csv(refused))
    except OSError as error:
        reason = error.strerror or str(error)
        raise DirectoryError(sentences.files.cannot_be_written(path, reason)) from error

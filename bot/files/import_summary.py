"""Imports in words: a line of counts, sections with examples, and the table of refused rows."""

import codecs
import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from bot.files.cells import escape_formula
from bot.files.file_errors import write_error
from bot.files.import_plan import ImportPlan
from bot.files.import_rows import ClassifiedRow
from bot.files.importer import ImportReport, stopped_text
from bot.files.records import RefusedRow
from bot.language import _, format_list, ngettext
from bot.person import changed_fields, format_value, kind_name

VALUE_MAX = 60  # characters of a value that changes
REFUSED_COLUMNS = ("where", "why")


@dataclass(frozen=True)
class SummarySection:
    """A title, and a line for each example, of which only the first may be shown."""

    title: str
    examples: Sequence[str] = ()


def summarize_plan(plan: ImportPlan) -> str:
    """Return what an import would do, in numbers."""
    added, updated, removed = len(plan.added), len(plan.updated), len(plan.removed)
    same, conflicts, refused = len(plan.same), len(plan.conflicts), len(plan.refused)
    counts = [
        # Translators: these are counts of people, in a line: "3 to add · 2 to update".
        (added, ngettext("{count} to add", "{count} to add", added)),
        (updated, ngettext("{count} to update", "{count} to update", updated)),
        (same, ngettext("{count} unchanged", "{count} unchanged", same)),
        (
            conflicts,
            # Translators: people whose values in the file aren't those in the directory.
            ngettext("{count} different, left as is", "{count} different, left as is", conflicts),
        ),
        (removed, ngettext("{count} to remove", "{count} to remove", removed)),
        # Translators: rows of the file that can't be imported.
        (refused, ngettext("{count} refused", "{count} refused", refused)),
    ]
    return " · ".join(text for count, text in counts if count) or _("There's nobody in the file.")


def plan_sections(plan: ImportPlan) -> Iterator[SummarySection]:
    """Yield the people behind these numbers, and whatever else matters about the plan."""
    for note in plan.notes:
        yield SummarySection(note)
    if plan.new_fields:
        yield SummarySection(_new_fields_text(plan))
    renamed = [f"{name} → {format_list(new)}" for name, new in plan.renamed.items()]
    sections = [
        SummarySection(_("To add:"), [row.name for row in plan.added]),
        SummarySection(_("To update:"), [*map(_describe_update, plan.updated)]),
        SummarySection(
            _("Already in the directory with different values, left as is:"), plan.conflicts
        ),
        SummarySection(_("To remove:"), plan.removed),
        SummarySection(
            _("Not removed, because their rows in the file are refused:"), plan.retained
        ),
        # Translators: below are lines like "Ada → Ada (born 1815) and Ada (born 1990)".
        SummarySection(_("Renamed, because several people share a name:"), renamed),
    ]
    yield from (section for section in sections if section.examples)
    if plan.repeated:
        yield SummarySection(
            ngettext(
                "{count} row repeats an earlier one.",
                "{count} rows repeat earlier ones.",
                plan.repeated,
            )
        )
    if plan.refused:
        yield refused_section(plan.refused)


def refused_section(refused: Sequence[RefusedRow]) -> SummarySection:
    """Return the refused rows and their reasons."""
    lines = [f"{row.where}: {row.reason}" for row in refused]
    # Translators: below are rows of a file that can't be imported, with the reasons.
    return SummarySection(_("Refused:"), lines)


def summarize_report(report: ImportReport) -> str:
    """Return what an import did, in numbers, and how far it came if it was stopped."""
    added, updated, removed = report.added, report.updated, report.removed
    counts = [
        (added, ngettext("Added {count} person.", "Added {count} people.", added)),
        (updated, ngettext("Updated {count} person.", "Updated {count} people.", updated)),
        (removed, ngettext("Removed {count} person.", "Removed {count} people.", removed)),
    ]
    lines = [text for count, text in counts if count] if report.number else []
    lines = lines or [_("Nothing changed.")]
    if report.is_partial:
        lines.append(stopped_text(report.done, report.total))
    return " ".join(lines)


def _new_fields_text(plan: ImportPlan) -> str:
    # Translators: {attributes} is a list such as "prize (number) and field (tags)".
    return ngettext(
        "New attribute: {attributes}.",
        "New attributes: {attributes}.",
        len(plan.new_fields),
        attributes=format_list(f"{n} ({kind_name(kind)})" for n, kind in plan.new_fields.items()),
    )


def _describe_update(update: ClassifiedRow) -> str:
    """Return ``Ada: born 1815 → 1816; country France → UK``."""
    old, new = update.existing, update.person
    assert old
    texts = [
        ("", old.name, new.name),
        (_("description"), old.description, new.description),
    ]
    changes = [(label, before, after) for label, before, after in texts if before != after]
    changes += [
        (name, format_value(name, before), format_value(name, after))
        for name, (before, after) in changed_fields(old, new).items()
    ]
    differences = [
        f"{label} {_shorten(before)} → {_shorten(after)}".strip()
        for label, before, after in changes
    ]
    return f"{old.name}: {'; '.join(differences)}"


def _shorten(text: str) -> str:
    return text if len(text) <= VALUE_MAX else f"{text[: VALUE_MAX - 1]}…"


def refused_rows_csv(refused: Sequence[RefusedRow], max_size: int = sys.maxsize) -> bytes:
    """Return a table of the refused rows and their reasons. If ``max_size`` bytes don't hold all of
    them, it has the first ones and counts the others."""
    lines = [codecs.BOM_UTF8 + _csv_line(*REFUSED_COLUMNS)]
    room = max_size - len(lines[0]) - len(_rest_line(len(refused)))
    for index, row in enumerate(refused):
        line = _csv_line(escape_formula(row.where), escape_formula(row.reason))
        room -= len(line)
        if room < 0:
            lines.append(_rest_line(len(refused) - index))
            break
        lines.append(line)
    return b"".join(lines)


def _rest_line(count: int) -> bytes:
    """Return the line that counts the rows left out."""
    text = ngettext(
        "and {count} more; to list every row, import on the command line with --refused",
        "and {count} more; to list every row, import on the command line with --refused",
        count,
    )
    return _csv_line("…", text)


def _csv_line(*cells: str) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")


def write_refused_rows(path: Path, refused: Sequence[RefusedRow]) -> None:
    """Write the table of refused rows to a file. Raises DirectoryError."""
    try:
        path.write_bytes(refused_rows_csv(refused))
    except OSError as error:
        raise write_error(path, error) from error

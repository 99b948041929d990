"""What the command line prints: text for a reader, JSON for a script."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.text import Text

from bot.directory import SearchResults
from bot.errors import DirectoryError, QueryError
from bot.files import (
    ImportPlan,
    ImportReport,
    SummarySection,
    plan_sections,
    refused_section,
    summarize_plan,
    summarize_report,
)
from bot.language import _
from bot.person import Person, format_value

EXAMPLES_MAX = 10  # names or rows that a report lists one by one

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def waiting() -> AbstractContextManager[object]:
    """Show a spinner on a terminal while the model loads and the directory answers."""
    return err.status(_("Searching …")) if err.is_terminal else nullcontext()


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal; yields its update function (done, total)."""
    with Progress(console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(escape(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def typing() -> Iterator[None]:
    """Let Ctrl-C interrupt a read from the terminal, which asyncio's handler would not, and ignore
    Ctrl-D."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with suppress(EOFError):
            yield
    finally:
        signal.signal(signal.SIGINT, previous)


def ask(question: str) -> str:
    """Return the answer typed at the terminal. Raises DirectoryError if there is no terminal."""
    if not sys.stdin or not sys.stdin.isatty():
        raise DirectoryError(
            _("There's no terminal to confirm this on. Add --yes to confirm it in advance.")
        )
    with typing():
        return err.input(Text(question + " ")).strip()
    return ""


def print_error(error: DirectoryError) -> None:
    """Print the message and, for a query, the position."""
    err.print(Text.assemble((_("Error:"), "bold red"), f" {error}"))
    if isinstance(error, QueryError):
        err.print(Text(error.pointer(), "dim"))


def print_results(results: SearchResults) -> None:
    """Print how the query was understood, and a numbered list of people."""
    count = ""
    if results.total is not None:
        count = "  " + _("({count} in total)", count=results.total)
    out.print(Text.assemble((results.query.summary, "bold"), count))
    for note in results.notes:
        out.print(Text(note, "yellow"))
    if results.query.has_english:
        out.print(
            Text(
                _("Read conditions from plain English; --literal searches for the words instead."),
                "dim",
            )
        )
    if not results.matches:
        out.print(_("Nobody."))
    for number, match in enumerate(results.matches, 1):
        out.print(Text.assemble(f"{number:>3}. ", *_styled(match.person)))


def print_explanation(results: SearchResults) -> None:
    """Print how the query was understood and carried out."""
    for name, value in explanation(results).items():
        out.print(Text.assemble((f"{name:<10}", "dim"), str(value)))


def explanation(results: SearchResults) -> dict[str, str]:
    """Return the lines of ``--explain``, by their titles."""
    steps = (f"{step} {taken:.1f} ms" for step, taken in results.milliseconds.items())
    return {
        "words": results.query.text or _("none"),
        "filter": results.query.filter_text or _("none"),
        "Redis": results.expression or _("no FILTER"),
        "strategy": results.strategy,
        "time": ", ".join(steps),
    }


def _styled(person: Person) -> list[str | tuple[str, str]]:
    years = f" {person.years}" if person.years else ""
    facts = " · ".join(
        f"{name}: {format_value(name, value)}"
        for name, value in person.attributes.items()
        if name not in ("born", "died")
    )
    lines = [line for line in (person.description, facts) if line]
    return [(person.name, "bold cyan"), (years, "dim"), *(f"\n     {line}" for line in lines)]


def results_json(text: str, results: SearchResults, *, explain: bool = False) -> dict[str, Any]:
    """Return one answer of ``search --json``."""
    explanation_part = {"explain": explanation(results)} if explain else {}
    return {
        "query": text,
        "words": results.query.text,
        "filter": results.query.filter_text or None,
        "notes": list(results.notes),
        "total": results.total,
        "matches": [
            {
                "name": match.person.name,
                "score": None if match.score is None else round(match.score, 6),
                "description": match.person.description,
                "attributes": dict(match.person.attributes),
            }
            for match in results.matches
        ],
        **explanation_part,
    }


def error_json(text: str, error: DirectoryError) -> dict[str, Any]:
    """Return one failed answer of ``search --json``."""
    position = {"position": error.position} if isinstance(error, QueryError) else {}
    return {"query": text, "error": str(error), **position}


def print_json(value: dict[str, Any]) -> None:
    """Print one line on standard output, unstyled and flushed."""
    sys.stdout.buffer.write(
        json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    )
    sys.stdout.buffer.flush()


def print_line(text: str) -> None:
    """Print a line on standard output; markup in it has no effect."""
    out.print(Text(text))


def print_note(text: str) -> None:
    """Print a line on standard error."""
    err.print(Text(text))


def print_plan(plan: ImportPlan) -> None:
    """Print what an import would do, on standard error."""
    print_note(summarize_plan(plan))
    for section in plan_sections(plan):
        _print_section(section)


def print_report(report: ImportReport) -> None:
    """Print what an import did, on standard error."""
    print_note(summarize_report(report))
    if report.refused:
        _print_section(refused_section(report.refused))
    if report.number:
        print_note(
            _(
                "This is change #{number}. To undo it, use /undo {number} in Discord.",
                number=str(report.number),
            )
        )


def _print_section(section: SummarySection) -> None:
    print_note(section.title)
    for line in section.examples[:EXAMPLES_MAX]:
        print_note(f"  {line}")
    if len(section.examples) > EXAMPLES_MAX:
        more = len(section.examples) - EXAMPLES_MAX
        print_note("  " + _("… and {count} more", count=more))

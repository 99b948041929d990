"""What the command line prints: people for a reader, JSON for a script."""

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

from bot import sentences
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
from bot.person import Person, format_value

LISTED = 10  # names or rows of a report that are printed one by one

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def waiting() -> AbstractContextManager[object]:
    """A sign of life on a terminal while the model loads and the directory answers."""
    return err.status(sentences.terminal.ASKING) if err.is_terminal else nullcontext()


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; yields what hears how many of how many are done."""
    with Progress(console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(escape(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def typing() -> Iterator[None]:
    """While somebody types, Ctrl-C ends it, for asyncio's handler would not wake what reads; and
    Ctrl-D is no answer."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with suppress(EOFError):
            yield
    finally:
        signal.signal(signal.SIGINT, before)


def ask(question: str) -> str:
    """What somebody at a terminal answers. Raises DirectoryError where there is nobody."""
    if not sys.stdin or not sys.stdin.isatty():
        raise DirectoryError(sentences.terminal.NOBODY_TO_ASK)
    with typing():
        return err.input(Text(question + " ")).strip()
    return ""


def print_error(error: DirectoryError) -> None:
    """The sentence, and for a query the place."""
    err.print(Text.assemble((sentences.terminal.ERROR, "bold red"), f" {error}"))
    if isinstance(error, QueryError):
        err.print(Text(error.pointer(), "dim"))


def print_results(results: SearchResults) -> None:
    """A numbered list under what was understood."""
    count = "" if results.total is None else f"  {sentences.terminal.in_all(results.total)}"
    out.print(Text.assemble((results.query.understood, "bold"), count))
    for note in results.notes:
        out.print(Text(note, "yellow"))
    if results.query.english:
        out.print(Text(sentences.terminal.CONDITIONS_FROM_WORDS, "dim"))
    if not results.matches:
        out.print(sentences.terminal.NOBODY)
    for number, match in enumerate(results.matches, 1):
        out.print(Text.assemble(f"{number:>3}. ", *_person(match.person)))


def print_explanation(results: SearchResults) -> None:
    """How the query was understood and carried out."""
    for name, value in explanation(results).items():
        out.print(Text.assemble((f"{name:<10}", "dim"), str(value)))


def explanation(results: SearchResults) -> dict[str, str]:
    """What ``--explain`` shows, by what it is called."""
    steps = (f"{step} {taken:.1f} ms" for step, taken in results.milliseconds.items())
    return {
        "words": results.query.text or sentences.terminal.NONE,
        "filter": results.query.written or sentences.terminal.NONE,
        "Redis": results.expression or sentences.terminal.NO_FILTER,
        "strategy": results.strategy,
        "time": ", ".join(steps),
    }


def _person(person: Person) -> list[str | tuple[str, str]]:
    years = f" {person.years}" if person.years else ""
    facts = " · ".join(
        f"{name}: {format_value(name, value)}"
        for name, value in person.attributes.items()
        if name not in ("born", "died")
    )
    lines = [line for line in (person.description, facts) if line]
    return [(person.name, "bold cyan"), (years, "dim"), *(f"\n     {line}" for line in lines)]


def results_json(text: str, results: SearchResults, *, explain: bool = False) -> dict[str, Any]:
    """One answer of ``search --json``."""
    explained = {"explain": explanation(results)} if explain else {}
    return {
        "query": text,
        "words": results.query.text,
        "filter": results.query.written or None,
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
        **explained,
    }


def error_json(text: str, error: DirectoryError) -> dict[str, Any]:
    """One failed answer of ``search --json``."""
    place = {"position": error.position} if isinstance(error, QueryError) else {}
    return {"query": text, "error": str(error), **place}


def print_json(value: dict[str, Any]) -> None:
    """One line on standard output, unstyled whatever the terminal, and not held back."""
    sys.stdout.buffer.write(
        json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    )
    sys.stdout.buffer.flush()


def print_line(text: str) -> None:
    """A line on standard output, with no markup in it."""
    out.print(Text(text))


def print_note(text: str) -> None:
    """A line on standard error."""
    err.print(Text(text))


def print_plan(plan: ImportPlan) -> None:
    """What an import would do, on standard error."""
    print_note(summarize_plan(plan))
    for section in plan_sections(plan):
        _print_some(section)


def print_report(report: ImportReport) -> None:
    """What an import did, on standard error."""
    print_note(summarize_report(report))
    if report.refused:
        _print_some(refused_section(report.refused))
    if report.number:
        print_note(sentences.transfer.number(report.number))


def _print_some(section: SummarySection) -> None:
    print_note(section.title)
    for line in section.examples[:LISTED]:
        print_note(f"  {line}")
    if len(section.examples) > LISTED:
        print_note(f"  {sentences.terminal.and_more(len(section.examples) - LISTED)}")

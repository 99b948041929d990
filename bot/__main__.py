"""The command line: its verbs and their options.

``--help`` answers in a fraction of a second: what a verb needs is imported when it runs, and the
help is plain text, so Rich isn't imported to draw boxes.
"""

import os
import signal
from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,  # they would show what variables hold
    help='Ask "who?" in Discord, in the browser, or here.',
)

DirectoryName = Annotated[str, typer.Option("--directory", help="The directory.", metavar="NAME")]
EachDirectory = Annotated[
    str | None,
    typer.Option("--directory", help="The directory; all if left out.", metavar="NAME"),
]
DEFAULT = "default"
COUNT_MAX = 1_000_000


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the bot; without a DISCORD_TOKEN, in the browser."""
    if context.invoked_subcommand is not None:
        return
    _exit_cleanly_on_signals()
    from bot.cli import commands, runtime

    runtime.serve(commands.serve)


@app.command()
def preview(
    port: Annotated[int, typer.Option(help="The port of the page; 0 chooses a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Run the bot in an offline Discord, on a page in your browser."""
    _exit_cleanly_on_signals()
    from bot.cli import commands, runtime

    runtime.serve(lambda settings: commands.preview(settings, port=port, browser=browser))


@app.command()
def search(
    query: Annotated[
        str, typer.Argument(help='Such as "science died<2000"; - reads one query per line.')
    ],
    count: Annotated[
        int, typer.Option(min=1, max=COUNT_MAX, help="The number of people to show.")
    ] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per query.")
    ] = False,
    literal: Annotated[
        bool, typer.Option("--literal", help="Read plain English as words, not as conditions.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the query was read and run.")
    ] = False,
    directory: DirectoryName = DEFAULT,
) -> None:
    """Search a directory."""
    from bot.cli import commands, runtime

    runtime.run(
        lambda settings: commands.search(
            settings, query, count, directory, as_json=as_json, literal=literal, explain=explain
        )
    )


@app.command(name="import")
def import_(
    file: Path,
    mode: Annotated[
        Literal["add", "update", "replace"],
        typer.Option(help="Keep existing people, update them, or replace everyone."),
    ] = "add",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change, without changing it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before replacing.")] = False,
    refused: Annotated[
        Path | None,
        typer.Option(help="Write refused rows and the reasons to this CSV file.", metavar="FILE"),
    ] = None,
    directory: DirectoryName = DEFAULT,
) -> None:
    """Import people from a CSV, JSON or JSON-lines file."""
    from bot.cli import commands, runtime

    runtime.run(
        lambda settings: commands.import_(
            settings, file, directory, mode, dry_run=dry_run, yes=yes, refused=refused
        )
    )


@app.command()
def export(
    file: Path,
    conditions: Annotated[
        str,
        typer.Option(
            "--filter", help='Only people who match, such as "died<2000".', metavar="TEXT"
        ),
    ] = "",
    directory: DirectoryName = DEFAULT,
) -> None:
    """Export people to a file ending in .csv, .json or .jsonl."""
    from bot.cli import commands, runtime

    runtime.run(lambda settings: commands.export(settings, file, conditions, directory))


@app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Repair what is wrong.")] = False,
    directory: EachDirectory = None,
) -> None:
    """Check that indexes and history agree with the people."""
    from bot.cli import commands, runtime

    runtime.run(lambda settings: commands.check(settings, directory, repair=repair))


@app.command()
def backup(file: Path, directory: EachDirectory = None) -> None:
    """Back up directories with their history to a file."""
    from bot.cli import commands, runtime

    runtime.run(lambda settings: commands.backup(settings, file, directory))


@app.command()
def restore(
    file: Path,
    directory: EachDirectory = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace existing directories.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before replacing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only verify the file.")] = False,
) -> None:
    """Restore directories from a backup."""
    from bot.cli import commands, runtime

    runtime.run(
        lambda settings: commands.restore(
            settings, file, directory, replace=replace, yes=yes, dry_run=dry_run
        )
    )


@app.command()
def reembed(directory: EachDirectory = None) -> None:
    """Embed everyone again with the model of EMBEDDING_MODEL."""
    from bot.cli import commands, runtime

    runtime.run(lambda settings: commands.reembed(settings, directory))


def _exit_cleanly_on_signals() -> None:
    """Exit with 0 on Ctrl-C or SIGTERM while the bot is being imported: nothing is open yet.
    (bot/cli/runtime.py takes over the signals later.)"""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(0))


if __name__ == "__main__":
    app()

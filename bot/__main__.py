"""The command line: the bot, the bot in a browser, and the same directory in the terminal."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot import sentences
from bot.errors import DirectoryError, SettingError
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.directory import Directories, Directory

app = typer.Typer(add_completion=False, help='Ask "who?" in Discord, in the browser, or here.')

DirectoryName = Annotated[str, typer.Option("--directory", help="Which directory.", metavar="NAME")]
EachDirectory = Annotated[
    str | None,
    typer.Option("--directory", help="Which directory; all if not given.", metavar="NAME"),
]
DEFAULT = "default"
COUNT_MAX = 1_000_000


@app.callback(invoke_without_command=True)
def run(context: typer.Context) -> None:
    """Run the bot; without a DISCORD_TOKEN, in the browser."""
    if context.invoked_subcommand is not None:
        return
    settings = _settings(serving=True)
    if settings.discord_token:
        _finish(_discord(settings))
    else:
        typer.echo(sentences.service.NO_TOKEN, err=True)
        _finish(_preview(settings, port=0, browser=True))


@app.command()
def preview(
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Serve the bot in an offline Discord, as a page in the browser."""
    _finish(_preview(_settings(serving=True), port, browser))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help='Like "science died<2000"; - reads one a line.')],
    count: Annotated[
        int, typer.Option(min=1, max=COUNT_MAX, help="How many people at the most.")
    ] = 10,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object a query.")
    ] = False,
    literal: Annotated[
        bool, typer.Option("--literal", help="Take plain English as words, not as conditions.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say how the query was understood and carried out.")
    ] = False,
    directory: DirectoryName = DEFAULT,
) -> None:
    """Ask the directory."""
    how = {"as_json": as_json, "literal": literal, "explain": explain}
    _finish(_search(_settings(), query, count, directory, **how))


@app.command(name="import")
def import_(file: Path, directory: DirectoryName = DEFAULT) -> None:
    """Add the people of a CSV, JSON or JSON-lines file."""
    _finish(_import(_settings(), file, directory))


@app.command()
def export(file: Path, directory: DirectoryName = DEFAULT) -> None:
    """Write everybody to a CSV, JSON or JSON-lines file."""
    _finish(_export(_settings(), file, directory))


@app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    directory: EachDirectory = None,
) -> None:
    """Check that indexes and history agree with the people."""
    _finish(_check(_settings(), directory, repair))


@app.command()
def backup(file: Path, directory: EachDirectory = None) -> None:
    """Write every directory, with its history, to one file."""
    _finish(_backup(_settings(), file, directory))


@app.command()
def restore(
    file: Path,
    directory: EachDirectory = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace directories that are there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only verify the file.")] = False,
) -> None:
    """Bring back the directories of a backup."""
    how = {"replace": replace, "yes": yes, "dry_run": dry_run}
    _finish(_restore(_settings(), file, directory, **how))


@app.command()
def reembed(directory: EachDirectory = None) -> None:
    """Embed everybody again, by the model of EMBEDDING_MODEL."""
    _finish(_reembed(_settings(), directory))


async def _discord(settings: Settings) -> None:
    from bot.client import PeopleBot, serve

    async with _directories(settings, ahead=True) as directories:
        bot = PeopleBot(
            directories,
            synced=settings.data_dir / "commands.json",
            sync_guild=settings.sync_guild,
            grace_days=settings.grace_days,
        )
        await serve(bot, settings.discord_token)


async def _preview(settings: Settings, port: int, browser: bool) -> None:
    from bot.preview import serve

    everyone_in_default = settings.directory_key.replace("{guild}", DEFAULT)
    async with _directories(settings, ahead=True, key=everyone_in_default) as directories:
        await serve(directories, port=port, browser=browser)


async def _search(
    settings: Settings,
    query: str,
    count: int,
    name: str,
    *,
    as_json: bool,
    literal: bool,
    explain: bool,
) -> None:
    from bot import terminal

    async with _directories(settings) as directories:
        with terminal.waiting():
            directory = await _existing(directories, _name(settings, name))
        for line in _lines() if query == "-" else [query]:
            try:
                with terminal.waiting():
                    results = await directory.search(line, count, literal=literal)
            except DirectoryError as error:
                if not as_json:
                    raise
                terminal.print_json(terminal.error_json(line, error))
                if query != "-":
                    raise typer.Exit(1) from None
            else:
                if as_json:
                    terminal.print_json(terminal.results_json(line, results, explain=explain))
                else:
                    if explain:
                        terminal.print_explanation(results)
                    terminal.print_results(results)


def _lines() -> Iterator[str]:
    if not isinstance(sys.stdin, TextIOWrapper):
        raise DirectoryError(sentences.service.NO_STANDARD_INPUT)
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    return (line.rstrip("\r\n") for line in sys.stdin)


async def _import(settings: Settings, file: Path, name: str) -> None:
    from rich.markup import escape
    from rich.progress import Progress

    from bot import people_file, terminal, transfer

    content = people_file.read(file)
    async with _directories(settings) as directories:
        directory = await directories.get_or_create(_name(settings, name))
        with Progress(console=terminal.err) as bar:
            task = bar.add_task(sentences.terminal.into(escape(name)), total=None)
            report = await transfer.import_people(
                directory,
                content,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    for note in content.notes:
        terminal.print_note(note)
    terminal.print_report(report)
    if report.refused and not (report.added or report.same):
        raise typer.Exit(1)


async def _export(settings: Settings, file: Path, name: str) -> None:
    from bot import terminal, transfer

    async with _directories(settings) as directories:
        count = await transfer.export_people(
            await _existing(directories, _name(settings, name)), file
        )
    terminal.print_note(sentences.terminal.written(count, file))


async def _check(settings: Settings, name: str | None, repair: bool) -> None:
    from bot import upkeep

    async with _directories(settings) as directories:
        names = await _names(directories, settings, name)
        code = await upkeep.check_all(directories, names, mend=repair)
    raise typer.Exit(code)


async def _backup(settings: Settings, file: Path, name: str | None) -> None:
    from bot import upkeep

    async with _directories(settings) as directories:
        names = await _names(directories, settings, name)
        await upkeep.back_up(directories, names, file)


async def _restore(
    settings: Settings, file: Path, name: str | None, *, replace: bool, yes: bool, dry_run: bool
) -> None:
    from bot import upkeep
    from bot.backup import Backup

    with Backup(file) as backup:
        people = upkeep.verify(backup, file)
        if dry_run:
            return
        people = upkeep.chosen(file, people, name, several="{guild}" in settings.directory_key)
        async with _directories(settings) as directories:
            await upkeep.restore(backup, file, directories, people, replace=replace, sure=yes)


async def _reembed(settings: Settings, name: str | None) -> None:
    from bot import upkeep

    async with _directories(settings) as directories:
        await upkeep.reembed_all(directories, await _names(directories, settings, name))


async def _names(directories: "Directories", settings: Settings, name: str | None) -> list[str]:
    """The directory that was asked for, or all there are."""
    if name is not None or "{guild}" not in settings.directory_key:
        return [_name(settings, name or DEFAULT)]
    return await directories.names()


def _name(settings: Settings, name: str) -> str:
    """The directory's name. Raises SettingError for a name where all share one directory."""
    if name != DEFAULT and "{guild}" not in settings.directory_key:
        raise SettingError(sentences.service.one_directory(settings.directory_key))
    return name


async def _existing(directories: "Directories", name: str) -> "Directory":
    return await (directories.open(name) if name == DEFAULT else directories.get(name))


@asynccontextmanager
async def _directories(
    settings: Settings, *, ahead: bool = False, key: str = ""
) -> AsyncIterator["Directories"]:
    """All that a directory needs, opened in order and closed again; ``ahead`` begins to load the
    model before it is asked for."""

    from bot.directory import Directories, Limits, connect
    from bot.embedder import Embedder
    from bot.redis_server import EmbeddedRedis
    from bot.transfer import read_starter

    starter = partial(read_starter, Path(settings.starter_set) if settings.starter_set else None)
    with ExitStack() as opened:
        embedder = opened.enter_context(Embedder(settings.embedding_model))
        if ahead:
            embedder.prepare()
        url = settings.redis_url
        if not url:
            url = opened.enter_context(EmbeddedRedis(settings.data_dir / "redis")).url
        async with connect(url) as redis:
            limits = Limits(settings.history_changes, settings.history_days)
            yield Directories(redis, embedder, key or settings.directory_key, starter, limits)


def _settings(*, serving: bool = False) -> Settings:
    try:
        settings = Settings.load()
    except DirectoryError as error:
        _fail(error)
    quiet = not serving and settings.log_level == "INFO"
    logging.basicConfig(
        level="WARNING" if quiet else settings.log_level,
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
    )
    for chatty in ("discord.client", "discord.state"):  # on voice, and on a bot of slash commands
        logging.getLogger(chatty).setLevel("ERROR")
    for telling in ("discord.gateway", "discord.http", "discord.webhook"):  # whole messages
        logging.getLogger(telling).setLevel("INFO")
    logging.getLogger("sentence_transformers").setLevel("ERROR")
    return settings


def _finish(work: Coroutine[None, None, None]) -> None:
    def end(number: int, frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, end)  # so that what was opened is closed
    try:
        asyncio.run(work)
    except DirectoryError as error:
        _fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fail(error: DirectoryError) -> NoReturn:
    from bot import terminal

    terminal.print_error(error)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()

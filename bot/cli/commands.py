"""What each verb of the command line does: one function for each."""

import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from bot import files
from bot.cli import maintenance, output
from bot.cli.import_file import ImportOptions, import_file
from bot.cli.runtime import open_directories
from bot.directory import Directories, Directory
from bot.errors import DirectoryError, SettingError
from bot.files import ImportMode
from bot.language import _, ngettext
from bot.maintenance.backup import BackupFile
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.client import PeopleBot

DEFAULT_DIRECTORY = "default"


async def serve(settings: Settings) -> None:
    """Run the bot in Discord or, without a token, in the browser."""
    if not settings.discord_token:
        print(
            _("DISCORD_TOKEN isn't set, so the bot runs on a page in your browser."),
            file=sys.stderr,
            flush=True,
        )
        await preview(settings, port=0, browser=True)
        return
    from bot.cli.serve import serve
    from bot.client import PeopleBot
    from bot.interactions import use_reliable_delivery

    use_reliable_delivery()
    async with open_directories(settings, preload=True) as directories:
        bot = PeopleBot(
            directories,
            synced=settings.data_dir / "commands.json",
            sync_guild=settings.sync_guild,
            grace_days=settings.grace_days,
            shard_count=settings.shard_count,
            shard_ids=settings.shard_ids,
        )
        async with _health_server(bot, settings):
            await serve(bot, settings.discord_token)


def _health_server(bot: "PeopleBot", settings: Settings) -> AbstractAsyncContextManager[None]:
    if settings.metrics_port is None:
        return nullcontext()
    from bot.health import serve_health

    return serve_health(bot, settings.metrics_host, settings.metrics_port)


async def preview(settings: Settings, *, port: int, browser: bool) -> None:
    from bot.preview import serve

    default_key = settings.directory_key.replace("{guild}", DEFAULT_DIRECTORY)
    async with open_directories(settings, preload=True, key=default_key) as directories:
        await serve(directories, port=port, browser=browser)


async def search(
    settings: Settings,
    query: str,
    count: int,
    name: str,
    *,
    as_json: bool,
    literal: bool,
    explain: bool,
) -> int:
    async with open_directories(settings) as directories:
        with output.waiting():
            directory = await _open(directories, _checked_name(settings, name))
        for line in _read_lines() if query == "-" else [query]:
            try:
                with output.waiting():
                    results = await directory.search(line, count, literal=literal)
            except DirectoryError as error:
                if not as_json:
                    raise
                output.print_json(output.error_json(line, error))
                if query != "-":
                    return 1
                continue
            if as_json:
                output.print_json(output.results_json(line, results, explain=explain))
                continue
            if explain:
                output.print_explanation(results)
            output.print_results(results)
    return 0


def _read_lines() -> Iterator[str]:
    if not isinstance(sys.stdin, TextIOWrapper):
        raise DirectoryError(_("There's no standard input to read queries from."))
    sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    return (line.rstrip("\r\n") for line in sys.stdin)


async def import_(
    settings: Settings,
    file: Path,
    name: str,
    mode: str,
    *,
    dry_run: bool,
    yes: bool,
    refused: Path | None,
) -> int:
    options = ImportOptions(ImportMode(mode), dry_run, yes, refused)
    async with open_directories(settings) as directories:
        done = await import_file(directories, _checked_name(settings, name), file, options)
    return 0 if done else 1


async def export(settings: Settings, file: Path, conditions: str, name: str) -> None:
    async with open_directories(settings) as directories:
        directory = await _open(directories, _checked_name(settings, name))
        query = await directory.parse_conditions(conditions)
        count = await files.export_file(directory, file, query)
    output.print_note(
        ngettext(
            "Wrote {count} person to {file}.", "Wrote {count} people to {file}.", count, file=file
        )
    )


async def check(settings: Settings, name: str | None, *, repair: bool) -> int:
    async with open_directories(settings) as directories:
        names = await _chosen_names(directories, settings, name)
        return await maintenance.check_all(directories, names, should_repair=repair)


async def backup(settings: Settings, file: Path, name: str | None) -> None:
    async with open_directories(settings) as directories:
        names = await _chosen_names(directories, settings, name)
        await maintenance.back_up(directories, names, file)


async def restore(
    settings: Settings, file: Path, name: str | None, *, replace: bool, yes: bool, dry_run: bool
) -> None:
    with BackupFile(file) as backup:
        people = maintenance.verify(backup)
        if dry_run:
            return
        people = maintenance.choose_directories(
            backup, people, name, allow_several="{guild}" in settings.directory_key
        )
        async with open_directories(settings) as directories:
            await maintenance.restore(backup, directories, people, replace=replace, yes=yes)


async def reembed(settings: Settings, name: str | None) -> None:
    async with open_directories(settings) as directories:
        await maintenance.reembed_all(directories, await _chosen_names(directories, settings, name))


async def _chosen_names(
    directories: Directories, settings: Settings, name: str | None
) -> list[str]:
    """Return the one directory asked for, or all of them. Raises DirectoryError if there are
    none."""
    if name is not None or "{guild}" not in settings.directory_key:
        return [_checked_name(settings, DEFAULT_DIRECTORY if name is None else name)]
    names = await directories.names()
    if not names:
        raise DirectoryError(_("There are no directories yet."))
    return names


def _checked_name(settings: Settings, name: str) -> str:
    """Return the name. Raises SettingError for any but the default where all servers share one
    directory."""
    if name != DEFAULT_DIRECTORY and "{guild}" not in settings.directory_key:
        raise SettingError(
            _(
                "DIRECTORY_KEY is {key}, so all servers share one directory. Leave out "
                "--directory.",
                key=settings.directory_key,
            )
        )
    return name


async def _open(directories: Directories, name: str) -> Directory:
    return await (directories.open(name) if name == DEFAULT_DIRECTORY else directories.get(name))

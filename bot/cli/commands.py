"""What each verb of the command line does."""

import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, nullcontext
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from bot import files, sentences
from bot.cli import maintenance, output
from bot.cli.import_file import ImportOptions, import_file
from bot.cli.runtime import open_directories
from bot.directory import Directories, Directory
from bot.errors import DirectoryError, SettingError
from bot.files import ImportMode
from bot.maintenance.backup import BackupFile
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.client import PeopleBot

DEFAULT = "default"


async def serve(settings: Settings) -> None:
    """The bot in Discord; without a token, in the browser."""
    if settings.discord_token:
        await _discord(settings)
    else:
        print(sentences.service.NO_TOKEN, file=sys.stderr, flush=True)
        await preview(settings, port=0, browser=True)


async def _discord(settings: Settings) -> None:
    from bot.cli.serve import serve
    from bot.client import PeopleBot
    from bot.interactions import deliver_safely

    deliver_safely()
    async with open_directories(settings, ahead=True) as directories:
        bot = PeopleBot(
            directories,
            synced=settings.data_dir / "commands.json",
            sync_guild=settings.sync_guild,
            grace_days=settings.grace_days,
            shard_count=settings.shard_count,
            shard_ids=settings.shard_ids,
        )
        async with _monitored(bot, settings):
            await serve(bot, settings.discord_token)


def _monitored(bot: "PeopleBot", settings: Settings) -> AbstractAsyncContextManager[None]:
    if settings.metrics_port is None:
        return nullcontext()
    from bot.health import monitored

    return monitored(bot, settings.metrics_host, settings.metrics_port)


async def preview(settings: Settings, *, port: int, browser: bool) -> None:
    from bot.preview import serve

    everyone_in_default = settings.directory_key.replace("{guild}", DEFAULT)
    async with open_directories(settings, ahead=True, key=everyone_in_default) as directories:
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
            directory = await _existing(directories, _name(settings, name))
        for line in _lines() if query == "-" else [query]:
            try:
                with output.waiting():
                    results = await directory.search(line, count, literal=literal)
            except DirectoryError as error:
                if not as_json:
                    raise
                output.print_json(output.error_json(line, error))
                if query != "-":
                    return 1
            else:
                if as_json:
                    output.print_json(output.results_json(line, results, explain=explain))
                else:
                    if explain:
                        output.print_explanation(results)
                    output.print_results(results)
    return 0


def _lines() -> Iterator[str]:
    if not isinstance(sys.stdin, TextIOWrapper):
        raise DirectoryError(sentences.service.NO_STANDARD_INPUT)
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
        done = await import_file(directories, _name(settings, name), file, options)
    return 0 if done else 1


async def export(settings: Settings, file: Path, conditions: str, name: str) -> None:
    async with open_directories(settings) as directories:
        directory = await _existing(directories, _name(settings, name))
        query = await directory.parse_conditions(conditions)
        count = await files.export_file(directory, file, query)
    output.print_note(sentences.terminal.written(count, file))


async def check(settings: Settings, name: str | None, *, repair: bool) -> int:
    async with open_directories(settings) as directories:
        names = await _names(directories, settings, name)
        return await maintenance.check_all(directories, names, should_repair=repair)


async def backup(settings: Settings, file: Path, name: str | None) -> None:
    async with open_directories(settings) as directories:
        names = await _names(directories, settings, name)
        await maintenance.back_up(directories, names, file)


async def restore(
    settings: Settings, file: Path, name: str | None, *, replace: bool, yes: bool, dry_run: bool
) -> None:
    with BackupFile(file) as backup:
        people = maintenance.verify(backup, file)
        if dry_run:
            return
        people = maintenance.choose_directories(
            file, people, name, allow_several="{guild}" in settings.directory_key
        )
        async with open_directories(settings) as directories:
            await maintenance.restore(backup, file, directories, people, replace=replace, yes=yes)


async def reembed(settings: Settings, name: str | None) -> None:
    async with open_directories(settings) as directories:
        await maintenance.reembed_all(directories, await _names(directories, settings, name))


async def _names(directories: Directories, settings: Settings, name: str | None) -> list[str]:
    """The directory that was asked for, or all there are."""
    if name is not None or "{guild}" not in settings.directory_key:
        return [_name(settings, DEFAULT if name is None else name)]
    return await directories.names()


def _name(settings: Settings, name: str) -> str:
    """The directory's name. Raises SettingError for a name where all share one directory."""
    if name != DEFAULT and "{guild}" not in settings.directory_key:
        raise SettingError(sentences.service.one_directory(settings.directory_key))
    return name


async def _existing(directories: Directories, name: str) -> Directory:
    return await (directories.open(name) if name == DEFAULT else directories.get(name))

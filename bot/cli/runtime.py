"""What every verb of the command line runs in: the settings, all that is opened, and its end."""

import asyncio
import errno
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Concatenate, NoReturn, ParamSpec

from bot import sentences
from bot.cli import output
from bot.directory import Directories, HistoryLimits, connect
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import Embedder
from bot.errors import DirectoryError, SettingError
from bot.files import read_starter_set
from bot.logs import configure_logging, is_json
from bot.settings import Settings

log = logging.getLogger(__name__)

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

Options = ParamSpec("Options")
Verb = Callable[Concatenate[Settings, Options], Coroutine[None, None, int | None]]
"""Does its work with the settings, and returns the exit code, if it is not 0."""


def run(verb: Verb[Options], *arguments: Options.args, **options: Options.kwargs) -> NoReturn:
    """Do what the terminal asks once, and end the process."""
    _run(verb, False, *arguments, **options)


def serve(verb: Verb[Options], *arguments: Options.args, **options: Options.kwargs) -> NoReturn:
    """The same for what goes on until a signal ends it, and tells its log more."""
    _run(verb, True, *arguments, **options)


def _run(
    verb: Verb[Options], serving: bool, *arguments: Options.args, **options: Options.kwargs
) -> NoReturn:
    if not serving:
        signal.signal(signal.SIGTERM, _end)  # so that what was opened is closed
    try:
        settings = Settings.load()
        configure_logging(settings, serving=serving)
        doing = verb(settings, *arguments, **options)
        sys.exit(asyncio.run(_served(doing) if serving else doing))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        _say(error, serving=serving)
        sys.exit(1)
    finally:  # all is closed: what comes while Python itself ends is too late
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _say(error: Exception, *, serving: bool) -> None:
    """Why it ends. What is unexpected only the log tells, without the secrets that may be in it."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        error = SettingError(sentences.service.disk_full(error))
    if not isinstance(error, DirectoryError):
        log.critical("An unexpected error ends the bot", exc_info=error)
    elif serving and is_json():
        log.critical("%s", str(error))
    else:
        output.print_error(error)


async def _served(doing: Coroutine[None, None, int | None]) -> int | None:
    """Take a signal for the end while all is opened, and close it. (Later bot/serving.py and
    bot/preview.py take them.)"""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    return await doing


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


@asynccontextmanager
async def open_directories(
    settings: Settings, *, ahead: bool = False, key: str = ""
) -> AsyncIterator[Directories]:
    """All that a directory needs, opened in order and closed again; ``ahead`` begins to load the
    model before it is asked for."""
    starter = partial(
        read_starter_set, Path(settings.starter_set) if settings.starter_set else None
    )
    with ExitStack() as opened:
        embedder = opened.enter_context(Embedder(settings.embedding_model))
        if ahead:
            embedder.preload()
        url = settings.redis_url
        if not url:
            url = opened.enter_context(EmbeddedRedis(settings.data_dir / "redis")).url
        async with connect(url) as redis:
            limits = HistoryLimits(settings.history_changes, settings.history_days)
            yield Directories(redis, embedder, key or settings.directory_key, starter, limits)

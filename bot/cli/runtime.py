"""What every verb of the command line needs: settings, opened resources, an exit code."""

import asyncio
import errno
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import NoReturn

from bot import language
from bot.cli import output
from bot.directory import Directories, HistoryLimits, connect
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import Embedder
from bot.errors import DirectoryError, SettingError
from bot.files import read_starter_set
from bot.language import _, languages_of_environment, use_languages
from bot.logs import configure_logging, is_json
from bot.settings import Settings

log = logging.getLogger(__name__)

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

Verb = Callable[[Settings], Coroutine[None, None, int | None]]
"""A verb with its options; returns the exit code, or None for 0."""


def run(verb: Verb) -> NoReturn:
    """Run a verb that ends by itself, and exit."""
    # SystemExit closes what is open, which the default handler wouldn't.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    _run(verb, serving=False)


def serve(verb: Verb) -> NoReturn:
    """Run a verb that goes on until a signal ends it, with a fuller log, and exit."""

    async def serving(settings: Settings) -> int | None:
        # While resources are being opened; serve.py and preview.py take over the signals later.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sys.exit(0))
        return await verb(settings)

    _run(serving, serving=True)


def _run(verb: Verb, *, serving: bool) -> NoReturn:
    use_languages(*languages_of_environment())
    try:
        settings = Settings.load()
        configure_logging(settings, serving=serving)
        sys.exit(asyncio.run(verb(settings)))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        _report(error, serving=serving)
        sys.exit(1)
    finally:  # everything is closed: a signal while Python shuts down is too late
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)


def _report(error: Exception, *, serving: bool) -> None:
    """Print or log why the bot ends. An unexpected error is logged: the log withholds secrets."""
    if isinstance(error, OSError) and error.errno in DISK_FULL:
        error = SettingError(_disk_full_text(error))
    if not isinstance(error, DirectoryError):
        log.critical("An unexpected error ends the bot", exc_info=error)
    elif serving and is_json():
        log.critical("%s", str(error))
    else:
        output.print_error(error)


@asynccontextmanager
async def open_directories(
    settings: Settings, *, preload: bool = False, key: str = ""
) -> AsyncIterator[Directories]:
    """Open everything that directories need, in order, and close it again. ``preload`` loads
    what answers need, the model in the background; ``key`` overrides DIRECTORY_KEY."""
    starter = partial(
        read_starter_set, Path(settings.starter_set) if settings.starter_set else None
    )
    with ExitStack() as opened:
        embedder = opened.enter_context(Embedder(settings.embedding_model))
        if preload:
            embedder.preload()
            language.preload()
        url = settings.redis_url
        if not url:
            url = opened.enter_context(EmbeddedRedis(settings.data_dir / "redis")).url
        async with connect(url) as redis:
            limits = HistoryLimits(settings.history_changes, settings.history_days)
            yield Directories(redis, embedder, key or settings.directory_key, starter, limits)


def _disk_full_text(error: OSError) -> str:
    if not error.filename:
        return _(
            "{reason}. Make room, or set DATA_DIR to a folder on another disk.",
            reason=error.strerror,
        )
    return _(
        "Can't write {file}: {reason}. Make room, or set DATA_DIR to a folder on another disk.",
        file=error.filename,
        reason=error.strerror,
    )

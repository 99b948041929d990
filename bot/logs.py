"""The log: what the bot does, without secrets and without anything people write.

Libraries log at INFO or above, because their debug lines hold whole messages. Exceptions, and
objects that libraries log, are reduced to their type and to what the system or Discord says about
them, because the rest may hold what people wrote or who they are. The formatters are our own
because no library redacts like this.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from typing import Any, TextIO
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.errors import SettingError
from bot.settings import Settings

OWN_LOGGERS = ("bot", "cogs")
WITHHELD = "[withheld]"
SNOWFLAKE_MIN = 10**15  # the IDs of Discord are greater

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The interaction or message being answered; empty outside of one."""

_SECRETS = (
    r"[\w-]{23,30}\.[\w-]{6,8}\.[\w-]{27,}",  # a bot's token
    r"aW50ZXJhY3Rpb24[\w=+/-]+",  # an interaction's: base64 of "interaction:…"
    r"(?<=/webhooks/)\d+/[^/\s?]+|(?<=/interactions/)\d+/[^/\s?]+",  # in a path
    r"(?<=://)[^/\s@]+(?=@)",  # user and password of an address
)


def configure_logging(settings: Settings, *, serving: bool, stream: TextIO | None = None) -> None:
    """Log as the settings say, to standard error unless a ``stream`` is given. Unless ``serving``,
    the default level is WARNING."""
    quiet = not serving and settings.log_level == "INFO"
    level = logging.getLevelNamesMapping()["WARNING" if quiet else settings.log_level]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        (JsonFormatter if settings.log_format == "json" else TextFormatter)(settings)
    )
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    for name in OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)
    for chatty in ("discord.client", "discord.state"):  # about voice, and about message commands
        logging.getLogger(chatty).setLevel("ERROR")
    logging.getLogger("discord.shard").addFilter(_without_traceback)  # of lost connections
    logging.getLogger("sentence_transformers").setLevel("ERROR")


def _without_traceback(record: logging.LogRecord) -> bool:
    """Replace the traceback of a record by its error, in the same line."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()} ({describe(record.exc_info[1])})", ()
        record.exc_info = None
    return True


def is_json() -> bool:
    """Return whether the log is JSON, so that a program gets everything from it."""
    return any(
        isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers
    )


class TextFormatter(logging.Formatter):
    """One line for a reader."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s%(request)s")
        self._secrets = secret_pattern(settings)

    def format(self, record: logging.LogRecord) -> str:
        record = _redacted(record)
        record.request = f" [{request}]" if (request := request_id.get()) else ""
        return self._secrets.sub(WITHHELD, super().format(record))

    def formatException(self, ei: Any) -> str:
        return format_trace(ei[1])


class JsonFormatter(logging.Formatter):
    """One JSON object for a program."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._secrets = secret_pattern(settings)

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._secrets.sub(WITHHELD, _redacted(record).getMessage()),
        }
        if request := request_id.get():
            fields["request"] = request
        if record.exc_info and record.exc_info[1]:
            fields["exception"] = self._secrets.sub(WITHHELD, format_trace(record.exc_info[1]))
        return json.dumps(fields, ensure_ascii=False)


def secret_pattern(settings: Settings) -> re.Pattern[str]:
    """Return a pattern of the secrets in the settings, and of anything that looks like a token."""
    values = [settings.discord_token]
    with suppress(ValueError):  # an invalid address is reported on connecting
        address = urlsplit(settings.redis_url)
        values += [address.password or "", unquote(address.password or "")]
        values += [value for name, value in parse_qsl(address.query) if name.endswith("password")]
    known = sorted(filter(None, values), key=len, reverse=True)  # the longest match wins
    return re.compile("|".join([*map(re.escape, known), *_SECRETS]))


def describe(error: BaseException) -> str:
    """Return an exception in one line: its type, and the reason that the system or Discord gave."""
    kind = type(error).__qualname__
    if isinstance(error, SettingError):
        return str(error)
    status, code = vars(error).get("status"), vars(error).get("code")
    if isinstance(status, int):  # Discord's, or HTTP's
        return f"{kind} ({status}, {code})" if isinstance(code, int) else f"{kind} ({status})"
    reasons = (e.strerror for e in _chain(error) if isinstance(e, OSError) and e.strerror)
    reason = next(reasons, "")
    return f"{kind} ({reason})" if reason else kind


def format_trace(error: BaseException) -> str:
    """Return the tracebacks of an exception and of those that led to it, without their messages."""
    return "\n".join(
        f"{''.join(traceback.format_tb(each.__traceback__))}{describe(each)}"
        for each in reversed([*_chain(error)])
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and those it was raised from or during, the first one last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _redacted(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy of the record without anything a person may have written."""
    record = copy(record)
    record.exc_text = None  # set by another formatter
    if record.name == "asyncio":  # its task names hold custom ids
        record.msg, record.args = str(record.msg).partition("\n")[0], None
        return record
    is_own = record.name.partition(".")[0] in OWN_LOGGERS
    if isinstance(record.args, tuple):
        record.args = tuple(_redact(argument, is_own) for argument in record.args)
    return record


def _redact(argument: object, is_own: bool) -> object:
    if isinstance(argument, BaseException):
        return describe(argument)
    if not is_own and isinstance(argument, int) and argument >= SNOWFLAKE_MIN:
        return 0  # a number, because the format may need one
    if is_own or isinstance(argument, str | int | float):
        return argument
    return type(argument).__qualname__  # its repr may hold a label or a custom id

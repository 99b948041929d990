"""The log: what is told of the bot's work, and nothing of what people write or what is secret.

Libraries log at INFO at the most: their debug lines carry whole messages. Of what they hand to the
log beside texts and small numbers, and of exceptions, only the kind is told, and what in it is the
system's or Discord's; the rest may be somebody's words, or who that was."""

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

OURS = ("bot", "cogs")
WITHHELD = "[withheld]"
SNOWFLAKE = 10**15  # Discord's numbers are no smaller

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the interaction or message that is being answered; empty beside that."""

_SECRETS = (
    r"[\w-]{23,30}\.[\w-]{6,8}\.[\w-]{27,}",  # a bot's token
    r"aW50ZXJhY3Rpb24[\w=+/-]+",  # an interaction's: base64 of "interaction:…"
    r"(?<=/webhooks/)\d+/[^/\s?]+|(?<=/interactions/)\d+/[^/\s?]+",  # it, or a webhook's, in a path
    r"(?<=://)[^/\s@]+(?=@)",  # user and password of an address
)


def log_for(settings: Settings, *, serving: bool, stream: TextIO | None = None) -> None:
    """Log as the settings say, on standard error unless a ``stream`` is given."""
    quiet = not serving and settings.log_level == "INFO"
    level = logging.getLevelNamesMapping()["WARNING" if quiet else settings.log_level]
    handler = logging.StreamHandler(stream)
    handler.setFormatter((Json if settings.log_format == "json" else Text)(settings))
    logging.basicConfig(level=max(level, logging.INFO), handlers=[handler])
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for chatty in ("discord.client", "discord.state"):  # on voice, and on a bot of slash commands
        logging.getLogger(chatty).setLevel("ERROR")
    logging.getLogger("discord.shard").addFilter(_in_one_line)  # connections that are lost
    logging.getLogger("sentence_transformers").setLevel("ERROR")


def _in_one_line(record: logging.LogRecord) -> bool:
    """What was logged, with its error, but without where that was raised."""
    if record.exc_info and record.exc_info[1]:
        record.msg, record.args = f"{record.getMessage()} ({told(record.exc_info[1])})", ()
        record.exc_info = None
    return True


def is_json() -> bool:
    """Whether a program reads the log, so that all is to be said there."""
    return any(isinstance(handler.formatter, Json) for handler in logging.getLogger().handlers)


class Text(logging.Formatter):
    """A line for a reader."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s%(request)s")
        self._secrets = secrets(settings)

    def format(self, record: logging.LogRecord) -> str:
        record = _harmless(record)
        record.request = f" [{request}]" if (request := request_id.get()) else ""
        return self._secrets.sub(WITHHELD, super().format(record))

    def formatException(self, ei: Any) -> str:
        return trace(ei[1])


class Json(logging.Formatter):
    """An object a line, for a program."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._secrets = secrets(settings)

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._secrets.sub(WITHHELD, _harmless(record).getMessage()),
        }
        if request := request_id.get():
            told["request"] = request
        if record.exc_info and record.exc_info[1]:
            told["exception"] = self._secrets.sub(WITHHELD, trace(record.exc_info[1]))
        return json.dumps(told, ensure_ascii=False)


def secrets(settings: Settings) -> re.Pattern[str]:
    """What nobody is to read: what is secret in the settings, and what looks so elsewhere."""
    found = [settings.discord_token]
    with suppress(ValueError):  # no address at all, which connecting to it says
        address = urlsplit(settings.redis_url)
        found += [address.password or "", unquote(address.password or "")]
        found += [value for name, value in parse_qsl(address.query) if name.endswith("password")]
    known = sorted(filter(None, found), key=len, reverse=True)  # the longest that fits is taken
    return re.compile("|".join([*map(re.escape, known), *_SECRETS]))


def told(error: BaseException) -> str:
    """An exception in one line: its kind, and the reason where that is nobody's words."""
    kind = type(error).__qualname__
    if isinstance(error, SettingError):
        return str(error)
    status, code = vars(error).get("status"), vars(error).get("code")
    if isinstance(status, int):  # Discord's, or HTTP's
        return f"{kind} ({status}, {code})" if isinstance(code, int) else f"{kind} ({status})"
    reasons = (e.strerror for e in _chain(error) if isinstance(e, OSError) and e.strerror)
    reason = next(reasons, "")
    return f"{kind} ({reason})" if reason else kind


def trace(error: BaseException) -> str:
    """Where an exception was raised, and those that led to it; all without their texts."""
    return "\n".join(
        f"{''.join(traceback.format_tb(each.__traceback__))}{told(each)}"
        for each in reversed([*_chain(error)])
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was raised from or during, the first one last."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _harmless(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of the record without what may be somebody's words."""
    record = copy(record)
    record.exc_text = None  # by another formatter
    if record.name == "asyncio":  # whose tasks have names with custom ids in them
        record.msg, record.args = str(record.msg).partition("\n")[0], None
        return record
    ours = record.name.partition(".")[0] in OURS
    if isinstance(record.args, tuple):
        record.args = tuple(_shown(argument, ours) for argument in record.args)
    return record


def _shown(argument: object, ours: bool) -> object:
    if isinstance(argument, BaseException):
        return told(argument)
    if not ours and isinstance(argument, int) and argument >= SNOWFLAKE:
        return 0  # which may be a member's, and may be wanted as a number
    if ours or isinstance(argument, str | int | float):
        return argument
    return type(argument).__qualname__  # whose repr may hold a label or a custom id

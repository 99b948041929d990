"""What can go wrong between the bot and Redis, and what the user is told."""

import logging
import math
import re

from redis import exceptions

from bot import metrics, sentences
from bot.errors import CommandRefused, DirectoryUnavailable, SettingError

log = logging.getLogger(__name__)

TRANSIENT_CODES = {"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN"}
"""Refusals by a server that may soon be ready, or be replaced by another one."""

_QUOTE = re.compile("['`\"]")
"""Starts what Redis quotes from a command. It may be a user's text, and isn't logged."""


class NoReply(exceptions.RedisError):
    """A server didn't reply, because of ``reason``. If it has stopped answering everyone,
    ``down_since`` is when, by the event loop's clock; otherwise infinity."""

    def __init__(self, reason: Exception, down_since: float = math.inf) -> None:
        super().__init__(reason)  # pyright: ignore[reportUnknownMemberType]
        self.reason = reason
        self.down_since = down_since


class NotReached(NoReply):
    """The commands weren't sent."""


class ReplyLost(NoReply):
    """The commands were sent, and may or may not have been carried out."""


class InvalidText(exceptions.RedisError):
    """A reply that should be text isn't UTF-8."""


class ScriptNotCached(DirectoryUnavailable):
    """The server doesn't know the script that EVALSHA names, and has done nothing."""


def is_retryable(error: Exception, *, is_change: bool, is_pipeline: bool) -> bool:
    """Return whether another attempt may succeed, and can't change anything twice. In a pipeline,
    one change may have been refused and others made."""
    if isinstance(error, ReplyLost):
        return not is_change
    if isinstance(error, NotReached):
        return not isinstance(error.reason, exceptions.AuthenticationError)
    return error_code(error) in TRANSIENT_CODES and not (is_change and is_pipeline)


def translate(
    error: exceptions.RedisError, *, is_change: bool
) -> DirectoryUnavailable | SettingError:
    """Return an error of ours for one of redis-py's. Logs what Redis says, without the command."""
    reason = error.reason if isinstance(error, NoReply) else error
    code = error_code(reason)
    if isinstance(error, InvalidText):
        return SettingError(sentences.service.NO_TEXT)
    if code == "NOSCRIPT":
        return ScriptNotCached()
    if code == "WRONGTYPE":
        return SettingError(sentences.service.OF_ANOTHER_TYPE)
    if isinstance(error, ReplyLost) and is_change:
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis was lost while it made a change: %s", reason)
        return DirectoryUnavailable(sentences.service.CHANGE_UNKNOWN)
    if code in sentences.service.DATABASE_REFUSALS:
        metrics.REDIS_FAILURES.labels("refused").inc()
        log.warning("Redis: %s", _QUOTE.split(f"{code} {reason}")[0])
        return DirectoryUnavailable(sentences.service.DATABASE_REFUSALS[code])
    if isinstance(error, NoReply):
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis: %s", reason)
        return DirectoryUnavailable(sentences.service.DATABASE_DOES_NOT_ANSWER)
    metrics.REDIS_FAILURES.labels("refused").inc()
    log.error("Redis: %s", _QUOTE.split(str(reason))[0])
    return CommandRefused(sentences.service.database_refuses(str(reason)))


def error_code(error: Exception) -> str:
    """Return the code at the start of a refusal by Redis, such as OOM; '' if there is none."""
    if isinstance(error, exceptions.AskError):  # still one after all redirects
        return "TRYAGAIN"
    if "max number of clients" in str(error):
        return "MAXCLIENTS"
    code = getattr(error, "status_code", None)
    if code and code != "ERR":
        return code
    word = str(error).partition(" ")[0]
    return word if word.isalpha() and word.isupper() else ""

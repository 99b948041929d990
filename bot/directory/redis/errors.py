"""What can go wrong between the bot and Redis, and what the user is told."""

import logging
import math
import re

from redis import exceptions

from bot import metrics
from bot.errors import CommandRefused, DirectoryUnavailable, SettingError
from bot.language import _

log = logging.getLogger(__name__)

TRANSIENT_CODES = {"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN"}
"""Refusals by a server that may soon be ready, or be replaced."""

_QUOTE = re.compile("['`\"]")
"""Starts what Redis quotes from a command. It may be a user's text, and isn't logged."""


class NoReply(exceptions.RedisError):
    """A server didn't reply, because of ``reason``. ``down_since`` is when it stopped replying to
    everyone, by the event loop's clock; infinity if it didn't."""

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
    """Return whether another attempt may succeed, and can't make a change twice. In a pipeline, one
    change may have been refused and another made."""
    if isinstance(error, ReplyLost):
        return not is_change
    if isinstance(error, NotReached):
        return not isinstance(error.reason, exceptions.AuthenticationError)
    return error_code(error) in TRANSIENT_CODES and not (is_change and is_pipeline)


def translate(
    error: exceptions.RedisError, *, is_change: bool
) -> DirectoryUnavailable | SettingError:
    """Translate an error of redis-py's to ours. Logs what Redis says, without the command."""
    reason = error.reason if isinstance(error, NoReply) else error
    code = error_code(reason)
    if isinstance(error, InvalidText):
        message = _(
            "The directory has a name or a value that isn't UTF-8 text, stored by another program. "
            "Find it with redis-cli (VRANDMEMBER shows such bytes as \\x..), remove it with VREM, "
            "and run: python -m bot check --repair"
        )
        return SettingError(message)
    if code == "NOSCRIPT":
        return ScriptNotCached()
    if code == "WRONGTYPE":
        message = _(
            "Another program has stored something in one of the directory's keys in Redis. Run "
            "python -m bot check --repair; if it fails again, set DIRECTORY_KEY to another name."
        )
        return SettingError(message)
    if isinstance(error, ReplyLost) and is_change:
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Lost the connection to Redis during a change: %s", reason)
        return DirectoryUnavailable(change_unknown())
    if message := refusal(code):
        metrics.REDIS_FAILURES.labels("refused").inc()
        log.warning("Redis: %s", _QUOTE.split(f"{code} {reason}")[0])
        return DirectoryUnavailable(message)
    if isinstance(error, NoReply):
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis: %s", reason)
        return DirectoryUnavailable(no_response())
    metrics.REDIS_FAILURES.labels("refused").inc()
    log.error("Redis: %s", _QUOTE.split(str(reason))[0])
    return CommandRefused(_("The directory's database refused this: {error}", error=str(reason)))


def no_response() -> str:
    return _("The directory's database isn't responding. Try again in a moment.")


def change_unknown() -> str:
    return _(
        "The directory's database stopped responding during a change, which may or may not be "
        "saved. Check /history before you try again."
    )


def refusal(code: str) -> str:
    """Return what to tell people when Redis refuses with a code; '' if it isn't a known one."""
    match code:
        case "OOM":
            return _(
                "The directory's database is full. You can still search, but nothing can be "
                "changed until whoever runs it raises its maxmemory."
            )
        case "READONLY":
            return _(
                "The directory's database is a read-only replica at the moment, so nothing was "
                "changed. Try again in a moment; if this goes on, whoever runs the bot has to set "
                "REDIS_URL to the primary or the Sentinels."
            )
        case "MISCONF":
            return _(
                "The directory's database can't write to its disk, so nothing can be changed; "
                "searching still works. Whoever runs it can see why in its log: usually the disk "
                "is full."
            )
        case "NOREPLICAS":
            return _(
                "The directory's database can't reach enough of its replicas "
                "(min-replicas-to-write), so nothing was changed. Try again in a moment."
            )
        case "LOADING":
            return _(
                "The directory's database has just started and is loading its data. "
                "Try again in a moment."
            )
        case "BUSY":
            return _("The directory's database is busy with a large change. Try again in a moment.")
        case "CLUSTERDOWN":
            return _(
                "The part of the database that has this directory is unavailable, because a node "
                "of the cluster is down and nothing has replaced it. Try again in a moment."
            )
        case "MASTERDOWN":
            return _("The directory's database has lost its primary server. Try again in a moment.")
        case "TRYAGAIN":
            return _(
                "The directory is moving to a different node of the database. "
                "Try again in a moment."
            )
        case "MAXCLIENTS":
            return _(
                "The directory's database has too many connections. Try again in a moment; if "
                "this goes on, whoever runs it has to raise maxclients, or see who is connected "
                "(CLIENT LIST)."
            )
        case "NOAUTH":
            return _(
                "The directory's database requires a password. Whoever runs the bot has to set it "
                "in REDIS_URL (redis://user:password@host:6379) and restart the bot."
            )
        case "WRONGPASS":
            return _(
                "The directory's database no longer accepts the bot's password. Whoever runs the "
                "bot has to set it in REDIS_URL (redis://user:password@host:6379) and restart the "
                "bot."
            )
        case "NOPERM":
            return _(
                "The directory's database doesn't allow the bot to do this. Its log names the "
                "command; whoever runs it has to allow that command for the user in REDIS_URL "
                "(ACL SETUSER)."
            )
        case _other:
            return ""


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

"""What went wrong, as ours."""

import logging
import re

from redis import exceptions

from bot import metrics, sentences
from bot.directory.redis.node import Lost, NoText, Unreached
from bot.errors import CommandRefused, DirectoryUnavailable, SettingError

log = logging.getLogger(__name__)

PASSING = {"LOADING", "CLUSTERDOWN", "MASTERDOWN", "READONLY", "TRYAGAIN"}
"""Refusals of a server that may be ready, or another one be in its place, in a moment."""


class ScriptNotCached(DirectoryUnavailable):
    """The server doesn't know the script that EVALSHA names, and has done nothing."""


_QUOTED = re.compile("['`\"]")
"""Before what Redis quotes of a command, which may be what somebody asked: that is not logged."""


def passes(error: Exception, *, change: bool, several: bool) -> bool:
    """Whether it may help to try again, and changes nothing twice. Of ``several`` changes one may
    have been refused, and others not."""
    if isinstance(error, Lost):
        return not change
    if isinstance(error, Unreached):
        return not isinstance(error.reason, exceptions.AuthenticationError)
    return code_of(error) in PASSING and not (change and several)


def translate(error: exceptions.RedisError, *, change: bool) -> DirectoryUnavailable | SettingError:
    """An error with its sentence. What Redis says is logged, without the command."""
    reason = error.reason if isinstance(error, Lost | Unreached) else error
    code = code_of(reason)
    if isinstance(error, NoText):
        return SettingError(sentences.service.NO_TEXT)
    if code == "NOSCRIPT":
        return ScriptNotCached()
    if code == "WRONGTYPE":
        return SettingError(sentences.service.OF_ANOTHER_TYPE)
    if isinstance(error, Lost) and change:
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis was lost while it made a change: %s", reason)
        return DirectoryUnavailable(sentences.service.CHANGE_UNKNOWN)
    if code in sentences.service.DATABASE_REFUSALS:
        metrics.REDIS_FAILURES.labels("refused").inc()
        log.warning("Redis: %s", _QUOTED.split(f"{code} {reason}")[0])
        return DirectoryUnavailable(sentences.service.DATABASE_REFUSALS[code])
    if isinstance(error, Lost | Unreached):
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis: %s", reason)
        return DirectoryUnavailable(sentences.service.DATABASE_DOES_NOT_ANSWER)
    metrics.REDIS_FAILURES.labels("refused").inc()
    log.error("Redis: %s", _QUOTED.split(str(reason))[0])
    return CommandRefused(sentences.service.database_refuses(str(reason)))


def code_of(error: Exception) -> str:
    """The word by which Redis says what is wrong; '' if it said nothing."""
    if isinstance(error, exceptions.AskError):  # to which no node is the right one
        return "TRYAGAIN"
    if "max number of clients" in str(error):
        return "MAXCLIENTS"
    known = getattr(error, "status_code", None)
    if known and known != "ERR":
        return known
    word = str(error).partition(" ")[0]
    return word if word.isalpha() and word.isupper() else ""

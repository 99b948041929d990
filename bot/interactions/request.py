"""An interaction or a message while it is answered: its id in the log, and what came of it."""

import asyncio
import logging
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import discord

from bot import metrics
from bot.logs import request_id

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What came of a request."""

    ANSWERED = "answered"
    REFUSED = "refused"  # what was asked cannot be done, which was said
    TURNED_AWAY = "turned away"  # too much was asked, or the bot is about to stop
    UNAVAILABLE = "unavailable"  # the database or a setting is in the way
    FAILED = "failed"  # a bug
    LATE = "late"  # Discord takes no answer any more
    LOST = "lost"  # Discord did not get the answer


@dataclass
class Request:
    kind: str
    command: str = ""
    outcome: Outcome = Outcome.ANSWERED
    started: float = field(default_factory=time.perf_counter)


_current: ContextVar[Request | None] = ContextVar("request", default=None)


def begin(asking: discord.Interaction[Any] | discord.Message) -> None:
    """Called first by whatever answers, in the task that does."""
    request = _request(asking)
    request_id.set(secrets.token_hex(4))
    _current.set(request)
    task = asyncio.current_task()
    assert task is not None
    task.add_done_callback(lambda _: _end(request))


def _request(asking: discord.Interaction[Any] | discord.Message) -> Request:
    if not isinstance(asking, discord.Interaction):
        return Request("message")
    if asking.type is discord.InteractionType.component:
        return Request("press")
    if asking.type is discord.InteractionType.modal_submit:
        return Request("form")
    command = asking.command.qualified_name if asking.command else ""
    autocomplete = asking.type is discord.InteractionType.autocomplete
    return Request("autocomplete" if autocomplete else "command", command)


def came_to(outcome: Outcome) -> None:
    """What came of the request that is being answered, if it is not that it was answered."""
    if request := _current.get():
        request.outcome = outcome


def _end(request: Request) -> None:
    seconds = time.perf_counter() - request.started
    metrics.INTERACTIONS.labels(request.kind, request.command, request.outcome).inc()
    metrics.ANSWER_SECONDS.labels(request.kind).observe(seconds)
    what = f"{request.kind} {request.command}".strip()
    log.debug("%s: %s in %.3f s", what, request.outcome, seconds)

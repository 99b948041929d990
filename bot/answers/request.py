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
    UNAVAILABLE = "unavailable"  # the database or a setting is in the way
    FAILED = "failed"  # a bug
    LATE = "late"  # Discord takes no answer any more
    LOST = "lost"  # Discord did not get the answer


@dataclass
class Request:
    kind: str
    command: str = ""
    outcome: Outcome = Outcome.ANSWERED
    started: float = field(default_factory=time.monotonic)


_current: ContextVar[Request | None] = ContextVar("request", default=None)


def begin(interaction: discord.Interaction[Any]) -> None:
    """Called first by whatever answers an interaction, in the task that does."""
    match interaction.type:
        case discord.InteractionType.component:
            _begin(Request("press"))
        case discord.InteractionType.modal_submit:
            _begin(Request("form"))
        case kind:
            command = interaction.command.qualified_name if interaction.command else ""
            autocomplete = kind is discord.InteractionType.autocomplete
            _begin(Request("autocomplete" if autocomplete else "command", command))


def begin_message() -> None:
    """The same for a message."""
    _begin(Request("message"))


def _begin(request: Request) -> None:
    request_id.set(secrets.token_hex(4))
    _current.set(request)
    task = asyncio.current_task()
    assert task is not None
    task.add_done_callback(lambda _: _end(request))


def came_to(outcome: Outcome) -> None:
    """What came of the request that is being answered, if it is not that it was answered."""
    if request := _current.get():
        request.outcome = outcome


def _end(request: Request) -> None:
    seconds = time.monotonic() - request.started
    metrics.INTERACTIONS.labels(request.kind, request.command, request.outcome).inc()
    metrics.ANSWER_SECONDS.labels(request.kind).observe(seconds)
    what = f"{request.kind} {request.command}".strip()
    log.debug("%s: %s in %.3f s", what, request.outcome, seconds)

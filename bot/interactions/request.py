"""The request being answered: its id for the log, and its outcome for the metrics."""

import asyncio
import logging
import secrets
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import discord

from bot import metrics
from bot.language import use_languages
from bot.logs import request_id

if TYPE_CHECKING:
    from bot.client import PeopleBot  # noqa: F401 named in a string below

log = logging.getLogger(__name__)

Interaction = discord.Interaction["PeopleBot"]
"""An interaction whose ``client`` is typed as ours.

Overrides of discord.py's methods must accept any client: they take ``discord.Interaction[Any]``.
"""

InteractionOrMessage = Interaction | discord.Message

KINDS = {
    discord.InteractionType.application_command: "command",
    discord.InteractionType.autocomplete: "autocomplete",
    discord.InteractionType.component: "press",
    discord.InteractionType.modal_submit: "form",
}


class Outcome(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # it can't be done, and the person was told why
    TURNED_AWAY = "turned away"  # over the rate limit, or the bot is stopping
    UNAVAILABLE = "unavailable"  # Redis or a setting prevents it
    FAILED = "failed"  # a bug
    LATE = "late"  # Discord no longer accepts an answer
    LOST = "lost"  # the answer didn't reach Discord


@dataclass
class Request:
    """An interaction or a mention that is being answered."""

    kind: str
    command: str = ""
    outcome: Outcome = Outcome.ANSWERED
    started: float = field(default_factory=time.perf_counter)


_current: ContextVar[Request | None] = ContextVar("request", default=None)


def begin_request(source: InteractionOrMessage) -> None:
    """Give the current task a request id, and count its request when the task ends."""
    if isinstance(source, discord.Interaction):
        command = source.command.qualified_name if source.command else ""
        request = Request(KINDS[source.type], command)
    else:
        request = Request("message")
    request_id.set(secrets.token_hex(4))
    _current.set(request)
    task = asyncio.current_task()
    assert task is not None
    task.add_done_callback(lambda _: _record(request))


def use_asker_language(source: InteractionOrMessage) -> None:
    """Speak the language of the person who asked; of a message's author only the server's is known.

    An answer that everyone sees switches to the server's with ``use_server_language``.
    """
    if isinstance(source, discord.Interaction):
        use_languages(str(source.locale))
    elif source.guild:
        use_languages(str(source.guild.preferred_locale))


def use_server_language(interaction: Interaction) -> None:
    """Speak the language of the server, for an answer that everyone there sees."""
    if interaction.guild_locale:
        use_languages(str(interaction.guild_locale))


def set_outcome(outcome: Outcome) -> None:
    """Set the outcome of the current request. The default is ANSWERED."""
    if request := _current.get():
        request.outcome = outcome


def _record(request: Request) -> None:
    seconds = time.perf_counter() - request.started
    metrics.INTERACTIONS.labels(request.kind, request.command, request.outcome).inc()
    metrics.ANSWER_SECONDS.labels(request.kind).observe(seconds)
    name = f"{request.kind} {request.command}".strip()
    log.debug("%s: %s in %.3f s", name, request.outcome, seconds)

"""Answering what people do in Discord.

request.py        the request being answered: its id for the log, and its outcome
deduplication.py  ignoring interactions that come twice or too late
delivery.py       sending answers over connections that break
markdown.py       showing text literally, without Markdown, mentions or links
errors.py         telling people what went wrong
limits.py         rate limits, and a limit on how many answers are made at once
admission.py      deciding which requests are answered now and which are turned away
views.py          answers with controls or files, and the registry of the newest answers
responses.py      answering an interaction or a message in time
"""

from bot.interactions.admission import AdmissionCheck, AdmissionGate, cut_off_text
from bot.interactions.deduplication import InteractionDeduplicator
from bot.interactions.delivery import use_reliable_delivery
from bot.interactions.errors import DISCORD_ERRORS, answer_error, error_text, notify
from bot.interactions.limits import ConcurrencyLimiter
from bot.interactions.markdown import chip, label, plain, truncate
from bot.interactions.request import Interaction
from bot.interactions.responses import answer, in_time, reply, update
from bot.interactions.views import (
    VIEW_SECONDS,
    AnswerRegistry,
    AnswerView,
    Control,
    ControlId,
    FileView,
    PermissionCheck,
)

__all__ = [
    "DISCORD_ERRORS",
    "VIEW_SECONDS",
    "AdmissionCheck",
    "AdmissionGate",
    "AnswerRegistry",
    "AnswerView",
    "ConcurrencyLimiter",
    "Control",
    "ControlId",
    "FileView",
    "Interaction",
    "InteractionDeduplicator",
    "PermissionCheck",
    "answer",
    "answer_error",
    "chip",
    "cut_off_text",
    "error_text",
    "in_time",
    "label",
    "notify",
    "plain",
    "reply",
    "truncate",
    "update",
    "use_reliable_delivery",
]

"""Answering what people do in Discord.

request.py        the request that is being answered: its id in the log, and its outcome
deduplication.py  answering each interaction once, and none that Discord has given up on
delivery.py       sending answers over connections that break
markdown.py       text as it was typed
errors.py         telling people what went wrong
limits.py         how much people may ask, and how much of it is worked on at once
admission.py      deciding what is answered now, and what is turned away
views.py          answers with controls or files, and the registry of the newest answers
responses.py      answering an interaction or a message in time
"""

from bot.interactions.admission import AdmissionCheck, AdmissionGate
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

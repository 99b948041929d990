"""How Discord is answered.

arrivals.py  which interactions are answered at all
delivery.py  how answers are sent where connections break
markdown.py  text as it was typed
request.py   an interaction while it is answered: its id in the log, and what came of it
errors.py    what is told when something went wrong
gate.py      what everything passes before it is answered
rates.py     how much may be asked, and how much of it is made at once
view.py      an answer with controls, or with a file
sending.py   an answer to an interaction or a message, in time
"""

from bot.interactions.admission import Gate, Gated
from bot.interactions.deduplication import Arrivals
from bot.interactions.delivery import deliver_safely
from bot.interactions.errors import DISCORD_ERRORS, answer_error, sentence, tell
from bot.interactions.markdown import chip, label, plain
from bot.interactions.responses import ACKNOWLEDGE_SECONDS, answer, change, reply
from bot.interactions.views import VIEW_SECONDS, AnswerView, Asked, Check, Control, FileView

__all__ = [
    "ACKNOWLEDGE_SECONDS",
    "DISCORD_ERRORS",
    "VIEW_SECONDS",
    "AnswerView",
    "Arrivals",
    "Asked",
    "Check",
    "Control",
    "FileView",
    "Gate",
    "Gated",
    "answer",
    "answer_error",
    "change",
    "chip",
    "deliver_safely",
    "label",
    "plain",
    "reply",
    "sentence",
    "tell",
]

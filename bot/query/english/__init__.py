"""Plain English among the words of a query.

phrases.py   what filters: who died before 2000, still alive, French chemists
times.py     before 2000, in the 19th century, between 1900 and 1950
context.py   what may stand around a phrase, so that it is surely a condition
words.py     the words it is all read by
"""

from bot.query.english.context import only_asks, without_asking
from bot.query.english.phrases import English
from bot.query.english.words import also_called

__all__ = ["English", "also_called", "only_asks", "without_asking"]

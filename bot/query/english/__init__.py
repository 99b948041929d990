"""Plain English among the words of a query.

reader.py       find and read the phrases of a query: the table of their kinds
lives.py        who died before 2000, older than 80, still alive
attributes.py   poets from France, French chemists, whose field is physics
times.py        before 2000, in the 19th century, between 1900 and 1950
context.py      the words around a phrase: do they make it surely a condition?
phrase.py       what phrases of every kind have in common
vocabulary.py   the words by which all of it is read
"""

from bot.query.english.context import only_asks, strip_asking_words
from bot.query.english.reader import EnglishReader
from bot.query.english.vocabulary import other_country_names

__all__ = ["EnglishReader", "only_asks", "other_country_names", "strip_asking_words"]

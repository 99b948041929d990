"""Find and read the phrases of plain English in a query."""

import re
from collections.abc import Callable, Iterable, Mapping

from bot.person import Schema, fold
from bot.query.english.phrase import Phrase, Place
from bot.query.english.phrases import phrase_kinds
from bot.query.filters import Comparison

ValueLookup = Callable[[str], Mapping[str, str]]
"""Returns, for a folded value, the fields in which someone has it, and how it is typed there."""

_QUOTED = re.compile('["“”][^"“”]*["“”]')


class EnglishReader:
    """Reads phrases about people with the fields of a schema, in ``year``.

    A phrase is read only where nothing else can be meant. In doubt it stays words: a number before
    plural nouns counts them (``1000 ways``), an adjective counts only before a noun for people
    (``French horn`` doesn't), and a value only if ``known`` has it.
    """

    def __init__(self, schema: Schema, year: int, known: ValueLookup) -> None:
        self.year = year
        self._schema = schema
        self._known = known
        self._kinds = phrase_kinds(schema)

    def read(self, query: str, position: int, words_start: int) -> Phrase | None:
        """Read the phrase that begins at ``position``, the start of a word. The words before it
        begin at ``words_start``, where the last condition ended."""
        place = Place(self, query, position, _QUOTED.sub("", query[words_start:position]))
        for kind in self._kinds:
            for pattern in kind.patterns:
                match = pattern.match(query, position)
                phrase = match and kind.read(place, match)
                if phrase:
                    return phrase
        return None

    def find_value(self, fields: Iterable[str], text: str) -> Comparison | None:
        """Return the filter for a value in the first of these fields in which someone has it."""
        spellings = self._known(fold(text))
        for field in fields:
            kind = self._schema.get(field)
            if kind is not None and field in spellings:
                return Comparison(field, kind, "=", spellings[field])
        return None

"""Find and read the phrases of plain English in a query.

The kinds of phrases are a table. To add one, write its patterns and the function that reads it, in
lives.py, attributes.py or a module of its own, and add a row here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.person import Schema, fold
from bot.query.conditions import QUOTED
from bot.query.english import attributes, lives
from bot.query.english.phrase import Phrase, PhraseStart
from bot.query.filters import Comparison

ValueLookup = Callable[[str], Mapping[str, str]]
"""Returns, for a folded value, the fields in which someone has it, and how it is typed there."""


@dataclass(frozen=True)
class PhraseKind:
    """A kind of phrase: an example, the patterns of its beginning, and the function that reads the
    rest. It returns None if anything else may be meant."""

    example: str
    patterns: Sequence[re.Pattern[str]]
    read: Callable[[PhraseStart, re.Match[str]], Phrase | None]


PHRASE_KINDS = (
    PhraseKind("who died before 2000", lives.EVENT, lives.read_event),
    PhraseKind("who lived in the 18th century", lives.LIFETIME, lives.read_lifetime),
    PhraseKind("older than 80", lives.AGE, lives.read_age),
    PhraseKind("still alive", lives.STATE, lives.read_state),
    PhraseKind("living composers", lives.STATE_ADJECTIVE, lives.read_state_adjective),
    PhraseKind("poets from France", attributes.ORIGIN, attributes.read_origin),
    PhraseKind("french chemists", attributes.ADJECTIVE, attributes.read_adjectives),
)
"""In the order in which they are tried. "whose field is physics" depends on the schema and comes
after them."""

_QUOTED = re.compile(QUOTED)


class EnglishReader:
    """Reads phrases about people with the fields of a schema, in ``year``.

    A phrase is read only where nothing else can be meant. Otherwise it is words to search for. For
    example, a number before a plural noun counts things (``1000 ways``), an adjective must precede
    a noun for people (not as in ``French horn``), and ``known`` must have a value.
    """

    def __init__(self, schema: Schema, year: int, known: ValueLookup) -> None:
        self.year = year
        self._schema = schema
        self._known = known
        field_value = attributes.field_value_patterns(schema)
        self._kinds = [
            *PHRASE_KINDS,
            PhraseKind("whose field is physics", field_value, attributes.read_field_value),
        ]

    def read(self, query: str, position: int, words_start: int) -> Phrase | None:
        """Read the phrase that begins at ``position``, the start of a word. The words before it
        begin at ``words_start``, where the last condition ended."""
        start = PhraseStart(self, query, position, _QUOTED.sub("", query[words_start:position]))
        for kind in self._kinds:
            for pattern in kind.patterns:
                match = pattern.match(query, position)
                phrase = match and kind.read(start, match)
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

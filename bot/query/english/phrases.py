"""The kinds of phrases, in the order in which they are tried.

To add a kind, write its patterns and the function that reads it, in lives.py, attributes.py or a
module of its own, and add a row here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.person import Schema
from bot.query.english import attributes, lives
from bot.query.english.phrase import Phrase, Place


@dataclass(frozen=True)
class PhraseKind:
    """A kind of phrase: an example, how one may begin, and the function that reads the rest. It
    returns None where the phrase may mean anything else."""

    example: str
    patterns: Sequence[re.Pattern[str]]
    read: Callable[[Place, re.Match[str]], Phrase | None]


_PHRASE_KINDS = (
    PhraseKind("who died before 2000", lives.EVENT, lives.read_event),
    PhraseKind("who lived in the 18th century", lives.LIFETIME, lives.read_lifetime),
    PhraseKind("older than 80", lives.AGE, lives.read_age),
    PhraseKind("still alive", lives.STATE, lives.read_state),
    PhraseKind("living composers", lives.STATE_ADJECTIVE, lives.read_state_adjective),
    PhraseKind("poets from France", attributes.ORIGIN, attributes.read_origin),
    PhraseKind("French chemists", attributes.ADJECTIVE, attributes.read_adjectives),
)


def phrase_kinds(schema: Schema) -> Sequence[PhraseKind]:
    """Return the kinds of phrases that can be read with the fields of a schema."""
    field_value = attributes.field_value_patterns(schema)
    return [
        *_PHRASE_KINDS,
        PhraseKind("whose field is physics", field_value, attributes.read_field_value),
    ]

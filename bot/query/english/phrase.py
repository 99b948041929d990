"""What phrases of every kind have in common."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.query.english.context import ENDS_WITH_NOT, is_about_people
from bot.query.filters import Filter, negate

if TYPE_CHECKING:
    from bot.query.english.reader import EnglishReader

LEAD = (
    r"(?:(?P<pronoun>who|that|which)(?:['’]?s)?\s+)?"
    r"(?:(?P<verb>(?:was|were|is|are|had|has|have)(?P<short>n['’]?t)?)\s+)?(?P<not>not\s+)?"
)
"""The words that may begin a phrase: a pronoun, a verb, not."""

JOINED = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
"""What may stand between two items of a list."""


@dataclass(frozen=True)
class Phrase:
    """A phrase that was read, up to ``end``, as a filter."""

    end: int
    filter: Filter


@dataclass(slots=True)
class PhraseStart:
    """A place in a query where a phrase may begin. ``before`` is the words between the last
    condition and this place, without those in quotes."""

    reader: "EnglishReader"
    query: str
    position: int
    before: str

    @property
    def follows_not(self) -> bool:
        """Whether the last word before is ``not``."""
        return bool(ENDS_WITH_NOT.search(self.before))


def has_negation(match: re.Match[str]) -> bool:
    """Whether the LEAD of a match has a ``not`` or a verb like ``wasn't``."""
    groups = match.groupdict()
    return bool(groups.get("not") or groups.get("short"))


def make_phrase(match: re.Match[str], end: int, filter: Filter) -> Phrase:
    """Return the phrase for a filter, negated if the LEAD of its match has a negation."""
    return Phrase(end, negate(filter) if has_negation(match) else filter)


def is_about_asked_people(
    match: re.Match[str], start: PhraseStart, *, is_adjacent: bool = False
) -> bool:
    """Whether a phrase is about the people searched for, and isn't a title like ``Born in 1984``.

    With ``is_adjacent`` it must have a pronoun or be about the last word before it.
    """
    event = match.groupdict().get("event", "")
    is_title = event[:1].isupper() and bool(start.before.strip())
    has_pronoun = bool(match["pronoun"])
    return not is_title and is_about_people(
        start.before, has_pronoun=has_pronoun, is_adjacent=is_adjacent and not has_pronoun
    )

"""Spotting names in a text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.person import fold

MAX_WORDS = 150  # of a text, in which names are spotted
MAX_NAME_WORDS = 8
_WORD = re.compile(r"[^\s/|—–]+")
_LEADING_PUNCTUATION = re.compile(r"^[\W_]+")
_TRAILING_PUNCTUATION = re.compile(r"(?:['’]s)?[\W_]*$", re.IGNORECASE)


class WordSpan(NamedTuple):
    """The words of a text from index ``start`` up to, but not including, ``end``."""

    start: int
    end: int

    def is_within(self, other: "WordSpan") -> bool:
        """Return whether all of these words are part of a longer span."""
        return self != other and other.start <= self.start and self.end <= other.end


def possible_names(text: str) -> dict[str, WordSpan]:
    """Return each run of words that could be a name, folded, with its first position. Each run is
    returned as typed, and also without the punctuation around it."""
    words = _WORD.findall(text)[:MAX_WORDS]
    found: dict[str, WordSpan] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + MAX_NAME_WORDS, len(words)) + 1):
            typed = " ".join(words[start:end])
            bare = _LEADING_PUNCTUATION.sub("", _TRAILING_PUNCTUATION.sub("", typed))
            for name in (fold(typed), fold(bare), fold(typed.rstrip(",;:!?"))):
                found.setdefault(name, WordSpan(start, end))
    found.pop("", None)
    return found


def sort_by_position(names: Sequence[str], positions: dict[str, WordSpan]) -> list[str]:
    """Return names in the order in which they appear in a text, without those that are part of a
    longer one. ``positions`` are those of ``possible_names``."""
    spans = {name: positions[fold(name)] for name in names}
    longest = [
        name
        for name, span in spans.items()
        if not any(span.is_within(other) for other in spans.values())
    ]
    return sorted(longest, key=lambda name: spans[name])

"""Which names may stand in a text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.person import fold

WORDS_MAX = 150  # of a text, in which names are looked for
NAME_WORDS_MAX = 8
_WORD = re.compile(r"[^\s/|—–]+")
_BEFORE = re.compile(r"^[\W_]+")
_AFTER = re.compile(r"(?:['’]s)?[\W_]*$", re.IGNORECASE)


class Span(NamedTuple):
    """Words of a text, from ``start`` on, before ``end``."""

    start: int
    end: int


def possible_names(text: str) -> dict[str, Span]:
    """Each run of words, folded, as it is typed and without the punctuation round it; where it
    first stands."""
    words = _WORD.findall(text)[:WORDS_MAX]
    found: dict[str, Span] = {}
    for start in range(len(words)):
        for end in range(start + 1, min(start + NAME_WORDS_MAX, len(words)) + 1):
            typed = " ".join(words[start:end])
            bare = _BEFORE.sub("", _AFTER.sub("", typed))
            for name in (fold(typed), fold(bare), fold(typed.rstrip(",;:!?"))):
                found.setdefault(name, Span(start, end))
    found.pop("", None)
    return found


def in_order(names: Sequence[str], where: dict[str, Span]) -> list[str]:
    """The names in the order in which they stand in the text, without those that stand within
    another."""
    spans = {name: where[fold(name)] for name in names}
    whole = [
        name
        for name, span in spans.items()
        if not any(
            other != span and other.start <= span.start and span.end <= other.end
            for other in spans.values()
        )
    ]
    return sorted(whole, key=lambda name: spans[name])

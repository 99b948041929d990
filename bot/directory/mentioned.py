"""Which names may stand in a text."""

import re
from collections.abc import Sequence

from bot.person import fold

WORDS_MAX = 200  # of a text, in which names are looked for
NAME_WORDS_MAX = 5
_WORD = re.compile(r"[^\s,;:!?()\[\]{}\"“”„«»*_~`|<>]+")
_ENDS = re.compile(r"^['‘’]+|(?:['’]s)?['‘’.…]*$", re.IGNORECASE)


def possible_names(text: str) -> list[str]:
    """Each run of up to NAME_WORDS_MAX words, the longest first."""
    words = _words(text)
    return [
        " ".join(words[start : start + length])
        for length in range(min(NAME_WORDS_MAX, len(words)), 0, -1)
        for start in range(len(words) - length + 1)
    ]


def in_order(names: Sequence[str], text: str) -> list[str]:
    """The names in the order in which they begin in the text, without those that are only a part
    of another one."""
    said = f" {fold(' '.join(_words(text)))} "
    whole = [
        name
        for name in names
        if not any(
            fold(name) != fold(other) and f" {fold(name)} " in f" {fold(other)} " for other in names
        )
    ]
    return sorted(whole, key=lambda name: said.find(f" {fold(name)} "))


def _words(text: str) -> list[str]:
    words = (_ENDS.sub("", word) for word in _WORD.findall(text)[:WORDS_MAX])
    return [word for word in words if word]

"""Text as it was typed, whatever Discord would make of it."""

import re
import unicodedata

MARKS_MAX = 3  # accents on one letter; more climb over the lines around

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_MARKDOWN = re.compile(
    r"([\\*_~`|<\[\]]|^[-+#>]|:(?=[\w+-]+:)|&(?=#?\w+;))"  # a backslash keeps it as it is
    r"|^(\d+)(?=[.)])"
    r"|(@|:(?=//)|\.(?=[a-z]{2,}/))",  # it does not keep @everyone, or a link, from standing out
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """``text`` as a message shows it literally, in one line: no markdown, mention, emoji, link or
    timestamp, and no reordering of what stands around it."""

    def escape(match: re.Match[str]) -> str:
        symbol, number, active = match.groups()
        if active:
            return f"{active}\u200b"
        return f"{number}\\" if number else f"\\{symbol}"

    text = _MARKDOWN.sub(escape, _seen(text))
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"\u2068{text}\u2069"  # isolated, so that a year beside it stays beside it
    return text


def chip(text: str) -> str:
    """``text`` as a message shows a piece of code."""
    return f"`{_seen(text).replace('`', 'ˋ')}`"


def label(text: str, most: int) -> str:
    """``text`` for a button or a choice, which know no markdown, cut to ``most`` characters."""
    text = _seen(text) or "…"
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _seen(text: str) -> str:
    """``text`` in one line, without what is not seen, and with few enough marks on a letter; of
    what is not seen at all, that it is there."""
    seen = _UNSEEN.sub("", _CONTROL.sub(" ", text)).strip()
    if seen.isascii():
        return seen or (text and "…")
    shown: list[str] = []
    marks = 0
    for character in seen:
        # Not unicodedata.combining: marks that do not move, as the Thai ones, climb as well.
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_MAX:
            shown.append(character)
    return "".join(shown)

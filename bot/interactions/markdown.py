"""Showing text literally, without Markdown, mentions or links."""

import re
import unicodedata

MARKS_MAX = 3  # combining marks on one letter; more would cover the lines around it

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\U000e0000-\U000e0fff]+"
)
_MARKDOWN = re.compile(
    r"([\\*_~`|<\[\]]|^[-+#>]|:(?=[\w+-]+:)|&(?=#?\w+;))"  # a backslash escapes these
    r"|^(\d+)(?=[.)])"
    r"|(@|:(?=//)|\.(?=[a-z]{2,}/))",  # but not mentions and links
    re.IGNORECASE,
)


def plain(text: str, max_length: int | None = None) -> str:
    """Escape *text*, so that a message shows it literally and in one line.

    The result has no active Markdown, mention, emoji, link or timestamp, and doesn't reorder the
    text around it. *text* is truncated to *max_length* characters before it is escaped.
    """

    def escape(match: re.Match[str]) -> str:
        symbol, number, active = match.groups()
        if active:
            return f"{active}\u200b"
        return f"{number}\\" if number else f"\\{symbol}"

    if max_length is not None:
        text = truncate(text, max_length)
    text = _MARKDOWN.sub(escape, _visible(text))
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        return f"\u2068{text}\u2069"  # isolated, so that a year next to it stays there
    return text


def chip(text: str) -> str:
    """Format *text* as inline code."""
    return f"`{_visible(text).replace('`', 'ˋ')}`"


def label(text: str, max_length: int) -> str:
    """Return *text* for a button or a choice, which show no Markdown, cut to *max_length*."""
    text = _visible(text) or "…"
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def truncate(text: str, max_length: int) -> str:
    """Return *text*, or its first words and ``…`` if it has more than *max_length* characters."""
    if len(text) <= max_length:
        return text
    start = text[: max(0, max_length - 1)]
    return f"{start.rpartition(' ')[0] or start}…" if start else ""


def _visible(text: str) -> str:
    """Return *text* in one line, without invisible characters and stacked combining marks.

    A text of only invisible characters becomes ``…``.
    """
    visible = _INVISIBLE.sub("", _CONTROL.sub(" ", text)).strip()
    if visible.isascii():
        return visible or (text and "…")
    shown: list[str] = []
    marks = 0
    for character in visible:
        # Not unicodedata.combining: marks of class 0, such as the Thai ones, stack as well.
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MARKS_MAX:
            shown.append(character)
    return "".join(shown)

"""Text: how it is compared, and how it is cleaned before it is stored."""

import re
import unicodedata

from bot.errors import InvalidPerson
from bot.language import _

_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_IGNORED = re.compile(  # accents, and characters that can't be seen
    f"[\u0300-\u036f\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u2060-\u2065\u3164\ufeff\uffa0"
    f"{_DIRECTION}]"
)
_REFUSED = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\ud800-\udfff{_DIRECTION}]")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'\"\\`´‘’‚‛“”„‟′″ʻʼ")
)


def fold(text: str) -> str:
    """Return text in the form in which it is compared: without case, accents, quotes, backslashes
    and extra spaces.

    Only the marks on Latin, Greek and Cyrillic letters are accents. Those of other scripts make a
    different letter and are kept. Redis can't escape a quote in a FILTER, so quotes are dropped.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = _IGNORED.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().translate(_PLAIN_LETTERS).split())


def clean_text(text: str, label: str) -> str:
    """Return text with single spaces for all white space. Raises InvalidPerson for characters that
    can't be stored or that would change how the text around them is displayed. ``label`` says what
    the text is: ``name``, ``description`` or a field."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if refused := _REFUSED.search(text):
        raise InvalidPerson(_character_refused(label, refused[0]))
    return text


def _character_refused(label: str, character: str) -> str:
    code = f"U+{ord(character):04X}"
    if label == "name":
        return _(
            "The name contains a control character ({code}). Remove it and try again.", code=code
        )
    if label == "description":
        return _(
            "The description contains a control character ({code}). Remove it and try again.",
            code=code,
        )
    return _(
        "The value of {attribute} contains a control character ({code}). Remove it and try again.",
        attribute=label,
        code=code,
    )


def has_alphanumeric(text: str) -> bool:
    """Whether a text has a letter or digit of any script."""
    return any(character.isalnum() for character in text)

"""How text is compared, and made fit to be stored."""

import re
import unicodedata

from bot import sentences
from bot.errors import InvalidPerson

_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_IGNORED = re.compile(  # accents, and what is not seen
    f"[\u0300-\u036f\u00ad\u061c\u115f\u1160\u200b\u200e\u200f\u2060-\u2065\u3164\ufeff\uffa0"
    f"{_DIRECTION}]"
)
_REFUSED = re.compile(f"[\\x00-\\x1f\\x7f-\\x9f\ud800-\udfff{_DIRECTION}]")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'\"\\`´‘’‚‛“”„‟′″ʻʼ")
)


def fold(text: str) -> str:
    """``text`` as it is compared: without case, accents, quotes, backslashes and extra spaces.

    Only the marks of Latin, Greek and Cyrillic letters are accents; those of other scripts make
    another letter and stay. Redis cannot escape a quote in a FILTER, hence no quotes.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold()
        text = _IGNORED.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().translate(_PLAIN_LETTERS).split())


def clean(text: str, what: str) -> str:
    """``text`` with its white space made single spaces. Raises InvalidPerson for characters that
    cannot be stored or that would change how the text around them is shown."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if refused := _REFUSED.search(text):
        raise InvalidPerson(sentences.people.control_character(what, refused[0]))
    return text


def has_letters(text: str) -> bool:
    """Whether there is a letter or digit of any script in ``text``."""
    return any(character.isalnum() for character in text)

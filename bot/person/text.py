"""How text is compared, and made fit to be stored."""

import re
import unicodedata

from bot.errors import InvalidPerson

_ACCENTS = re.compile("[\u0300-\u036f]")
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
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().translate(_PLAIN_LETTERS).split())


def clean(text: str, what: str) -> str:
    """``text`` with its white space made single spaces. Raises InvalidPerson for characters that
    cannot be stored or that would change how the text around them is shown."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    for character in text:
        if (
            unicodedata.category(character) in ("Cc", "Cs")
            or character in "\u202a\u202b\u202d\u202e"
        ):
            raise InvalidPerson(
                f"The {what} has a control character (U+{ord(character):04X}) in it. "
                "Type it again without it."
            )
    return text


def has_letters(text: str) -> bool:
    """Whether there is a letter or digit of any script in ``text``."""
    return any(character.isalnum() for character in text)

"""The words around a phrase: do they make it surely a condition on the people searched for?

``before`` is the words between the last condition and the phrase.
"""

import re
from collections.abc import Iterator

from bot.person import fold, has_alphanumeric
from bot.query.english.vocabulary import (
    ADJECTIVES,
    ASKING_WORDS,
    DOUBTFUL_WORDS,
    MODIFIERS,
    NATIONALITIES,
    PEOPLE_NOUNS,
    POLITE_WORDS,
    PREPOSITIONS,
    QUALITIES,
    SEXES,
    VERBS,
)

VALUE_WORDS_MAX = 5  # of a value

_WORD = re.compile(r"[^\s,;:()\"“”?!]+")
_SPACE = re.compile(r"\s+")
ENDS_WITH_NOT = re.compile(r"\bnot\s*$", re.IGNORECASE)
_PAST_TENSE = re.compile(r"\b[a-z]{2,}[^e\W]ed\b")
_INDEFINITE = ("a", "an", "any", "anyone", "anybody", "someone", "somebody", "there")
_OPENING_WORDS = ASKING_WORDS | QUALITIES
_EMPTY_WORDS = ASKING_WORDS | POLITE_WORDS | {"whose", "with"}
_VERB_FORM = re.compile(r".*(?:[^sc]|[^i]c)s|.*ing")  # hates, dating; not chess, physics
_AGENT_NOUN = re.compile(r"\w+(?:ers?|ors?|ists?|ians?|m[ae]n|[^su]s)")

_POLITE_END = (
    rf"\s*(?:(?:in\s+here|{'|'.join(sorted(POLITE_WORDS))})\b\s*|[^\w\s,<>=:&|\"“”()-]\s*)*$"
)
_CLOSED = rf"{_POLITE_END}|\s*[\"“”)]"
_CONDITION = r"[-!−(.]*\w+\s*(?:[<>=≤≥≠:]|!=)"
_PHRASE_STARTS = (
    "who|whose|that|which|born|died|dead|lived|living|still|alive|aged|older|younger|from"
    "|and|or|but|not"
)
_NOUN_FOLLOWERS = (
    "under|over|with|in|at|of|during|for|before|after|is|are|was|were|has|have|had|did|won|wrote"
)
_PHRASE_END = re.compile(
    rf"{_CLOSED}|\s*,|\s+(?:(?:{_PHRASE_STARTS})\b|{_CONDITION})", re.IGNORECASE
)
_TIME_END = re.compile(r"\s+(?:in|at|near|during|on)\b", re.IGNORECASE)
_NOUN_END = re.compile(
    rf"{_CLOSED}|\s+(?!(?:and|or|but)\b)(?:(?:{_PHRASE_STARTS}|{_NOUN_FOLLOWERS})\b|{_CONDITION})",
    re.IGNORECASE,
)
_CONDITION_START = re.compile(_CONDITION)
_JOINED = re.compile(r"\s*(?:,\s*(?:(?:and|or|but)\s+)?|(?:and|or|but)\s+)", re.IGNORECASE)
_LIST_WORDS = frozenset(
    {"the", "a", "an", "in", "before", "after", "not", "later", "earlier", "kicking", "well"}
)
_LIST_FORM = re.compile(r"\d|[^\W\d_a-z]|.*[^si]s$")  # a number, a name, several things


def find_word_ends(query: str, position: int) -> Iterator[int]:
    """Yield where each of the next words ends, as long as only space is between them."""
    for _ in range(VALUE_WORDS_MAX):
        word = _WORD.match(query, position)
        if word is None:
            return
        yield word.end()
        space = _SPACE.match(query, word.end())
        if space is None:
            return
        position = space.end()


def ends_phrase(query: str, position: int, *, is_time: bool = False) -> bool:
    """Whether a phrase may end here: nothing follows or another phrase does, and a list doesn't go
    on. ``is_time`` says that the phrase ends with a time, which a place may follow."""
    if not (_PHRASE_END.match(query, position) or (is_time and _TIME_END.match(query, position))):
        return False
    joined = _JOINED.match(query, position)
    word = joined and _WORD.match(query, joined.end())
    if not joined or not word or _CONDITION_START.match(query, joined.end()):
        return True
    return not _continues_list(word[0])


def _continues_list(word: str) -> bool:
    """Whether a list of values or nouns may go on with this word, after ``and``."""
    folded = fold(word)
    if folded in ("is", "was", "has"):
        return False
    is_item = folded in PEOPLE_NOUNS or folded in NATIONALITIES or folded in _LIST_WORDS
    return is_item or bool(_LIST_FORM.match(word))


def precedes_people_nouns(query: str, position: int) -> bool:
    """Whether one or several nouns for people follow, perhaps after more adjectives, and end the
    phrase: ``French poets and novelists``."""
    while (space := _SPACE.match(query, position)) and (
        adjective := match_adjective(query, space.end())
    ):
        position = adjective[1]
    word = space and _WORD.match(query, space.end())
    if word and fold(word[0]) in MODIFIERS and (space := _SPACE.match(query, word.end())):
        word = _WORD.match(query, space.end())
    while word and fold(word[0]) in PEOPLE_NOUNS:
        if _NOUN_END.match(query, word.end()):
            return True
        joined = _JOINED.match(query, word.end())
        word = joined and _WORD.match(query, joined.end())
    return False


def match_adjective(query: str, position: int) -> tuple[str, int] | None:
    """Return the longest adjective of a country or a sex that begins here, and its end."""
    texts = [(fold(query[position:end]), end) for end in find_word_ends(query, position)]
    return next((text for text in texts[1::-1] if text[0] in ADJECTIVES), None)


def leaves_subject_open(before: str) -> bool:
    """Whether the words before an adjective don't say what kind of people are searched for, as in
    ``all famous``."""
    return all(word in _OPENING_WORDS or word in SEXES for word in _fold_words(before))


def last_word(before: str) -> str:
    """Return the last word before a phrase in lower case, skipping a ``not``. Empty if there is
    none."""
    return next(reversed(ENDS_WITH_NOT.sub("", before).lower().split()), "")


def only_asks(text: str) -> bool:
    """Whether the words ask for people in general, like ``show me everyone with``."""
    return all(word in _EMPTY_WORDS for word in _fold_words(text))


def strip_asking_words(text: str) -> str:
    """Return the words without a start like ``show me the`` and an end like ``please``."""
    words = text.split()
    while words and all(word in ASKING_WORDS for word in _fold_words(words[0])):
        words.pop(0)
    while words and all(word in POLITE_WORDS for word in _fold_words(words[-1])):
        words.pop()
        words = words[: -1 if words[-1:] == ["in"] else None]  # in here
    return " ".join(words).rstrip(",;.?!")


def is_about_people(before: str, *, has_pronoun: bool = True, is_adjacent: bool = False) -> bool:
    """Whether a phrase after these words is surely about the people searched for.

    It is if they name nobody in particular, or if they are one noun. That must be a noun for people
    if no pronoun follows it, or if the phrase must be about the last word (``is_adjacent``). After
    ``founder of a company`` or ``killed a man``, a phrase may be about the company or the man.
    """
    words = _fold_words(before)
    goes_on = bool(words) and words[-1] in ("and", "but", "or")
    words = words[:-1] if goes_on else words
    if has_pronoun and words[-1:] in (["the"], ["doctor"]):  # The Who, Doctor Who
        return False
    if words[:1] in (["is"], ["was"]) and words[1:2] and words[1] not in _INDEFINITE:
        return False  # is Elvis still alive
    while words and words[0] in _OPENING_WORDS:
        words.pop(0)
    if any(word in DOUBTFUL_WORDS for word in words):
        return False
    if goes_on or not words:
        return not set(words) & {"born", "died", "dead", "lived"}
    if _has_verb(words, before):
        return False
    places = [place for place, word in enumerate(words) if word in PREPOSITIONS]
    if places:
        is_name = before.split()[-1][0].isupper()
        object_ = words[places[-1] + 1 :]
        return not is_adjacent and places[0] > 0 and _is_thing(object_, is_name, has_pronoun)
    if any(word in ("a", "an", "the") for word in words):
        return False
    if words[-1] in ("who", "that", "was", "were", "is", "are", "has", "been"):
        return False
    is_agent = bool(_AGENT_NOUN.fullmatch(words[-1])) and not is_adjacent
    return has_pronoun or is_agent or words[-1] in PEOPLE_NOUNS


def _has_verb(words: list[str], before: str) -> bool:
    """Whether the last word may be the object of a verb."""
    if any(word in VERBS for word in words) or _PAST_TENSE.search(before):
        return True
    has_verb_form = any(_VERB_FORM.fullmatch(word) for word in words[:-1])
    return has_verb_form and (words[-1] in PEOPLE_NOUNS or words[-1] in ASKING_WORDS)


def _is_thing(object_: list[str], is_name: bool, has_pronoun: bool) -> bool:
    """Whether a phrase is surely not about the object of a preposition."""
    if not object_ or object_[0] in ("a", "an") or any(word in PEOPLE_NOUNS for word in object_):
        return False
    if object_[-1] in ("child", "children", "someone", "somebody", "anyone"):
        return False
    return "the" in object_ or is_name or (has_pronoun and not object_[-1].endswith("s"))


def _fold_words(text: str) -> list[str]:
    """Return the folded words, except a ``not`` at the end, which is an operator."""
    text = ENDS_WITH_NOT.sub("", text)
    folded = (fold(word.strip(',;:.()"“”?!')) for word in text.split())
    return [word for word in folded if has_alphanumeric(word)]

"""What may stand around a phrase, so that it is surely a condition on who is asked for."""

import re
from collections.abc import Iterator

from bot.person import fold, has_alphanumeric
from bot.query.english.words import (
    ADJECTIVES,
    DOUBTFUL,
    GENERIC,
    MODIFIERS,
    NATIONALITIES,
    PEOPLE_NOUNS,
    POLITE,
    PREPOSITIONS,
    QUALITIES,
    SEXES,
    VERBS,
)

VALUE_WORDS = 5  # of a value, at most
_WORD = re.compile(r"[^\s,;:()\"“”?!]+")
_SPACE = re.compile(r"\s+")
_NOT = re.compile(r"\bnot\s*$", re.IGNORECASE)
_PAST = re.compile(r"\b[a-z]{2,}[^e\W]ed\b")
_ANYBODY = ("a", "an", "any", "anyone", "anybody", "someone", "somebody", "there")
_OPENING = GENERIC | QUALITIES
_ASKING = GENERIC | POLITE | {"whose", "with"}
_ACTS = re.compile(r".*(?:[^sc]|[^i]c)s|.*ing")  # hates, dating; not chess, physics
_AGENT = re.compile(r"\w+(?:ers?|ors?|ists?|ians?|m[ae]n|[^su]s)")

_POLITE = rf"\s*(?:(?:in\s+here|{'|'.join(sorted(POLITE))})\b\s*|[^\w\s,<>=:&|\"“”()-]\s*)*$"
_CLOSED = rf"{_POLITE}|\s*[\"“”)]"
_TERM = r"[-!−(.]*\w+\s*(?:[<>=≤≥≠:]|!=)"
_STARTS = (
    "who|whose|that|which|born|died|dead|lived|living|still|alive|aged|older|younger|from"
    "|and|or|but|not"
)
_INSIDE = (
    "under|over|with|in|at|of|during|for|before|after|is|are|was|were|has|have|had|did|won|wrote"
)
_END = re.compile(rf"{_CLOSED}|\s*,|\s+(?:(?:{_STARTS})\b|{_TERM})", re.IGNORECASE)
_TIME_END = re.compile(r"\s+(?:in|at|near|during|on)\b", re.IGNORECASE)
_NOUN_END = re.compile(
    rf"{_CLOSED}|\s+(?!(?:and|or|but)\b)(?:(?:{_STARTS}|{_INSIDE})\b|{_TERM})",
    re.IGNORECASE,
)
_ALSO = re.compile(r"\s*(?:,\s*(?:(?:and|or|but)\s+)?|(?:and|or|but)\s+)", re.IGNORECASE)
_MORE = frozenset(
    {"the", "a", "an", "in", "before", "after", "not", "later", "earlier", "kicking", "well"}
)
_LISTED = re.compile(r"\d|[^\W\d_a-z]|.*[^si]s$")  # a number, a name, several things


def ends_of_words(query: str, position: int) -> Iterator[int]:
    """Where each of the words ends that stand there with nothing but space between them."""
    for _ in range(VALUE_WORDS):
        word = _WORD.match(query, position)
        if word is None:
            return
        yield word.end()
        space = _SPACE.match(query, word.end())
        if space is None:
            return
        position = space.end()


def phrase_ends(query: str, position: int, *, time: bool = False) -> bool:
    """Whether a phrase may end there: what follows is another phrase, or nothing, and not more of
    a list."""
    if not (_END.match(query, position) or (time and _TIME_END.match(query, position))):
        return False
    also = _ALSO.match(query, position)
    word = also and _WORD.match(query, also.end())
    if not also or not word or re.match(_TERM, query[also.end() :]):
        return True
    return not _is_more(word[0])


def _is_more(word: str) -> bool:
    """Whether ``and`` before this word may go on with a list of values or of nouns."""
    folded = fold(word)
    if folded in ("is", "was", "has"):
        return False
    listed = folded in PEOPLE_NOUNS or folded in NATIONALITIES or folded in _MORE
    return listed or bool(_LISTED.match(word))


def names_people(query: str, position: int) -> bool:
    """Whether a word for people follows, or several, but for adjectives before the first, and
    ends its phrase."""
    while (space := _SPACE.match(query, position)) and (also := adjective(query, space.end())):
        position = also[1]
    word = space and _WORD.match(query, space.end())
    if word and fold(word[0]) in MODIFIERS and (space := _SPACE.match(query, word.end())):
        word = _WORD.match(query, space.end())
    while word and fold(word[0]) in PEOPLE_NOUNS:
        if _NOUN_END.match(query, word.end()):
            return True
        also = _ALSO.match(query, word.end())  # French poets and novelists
        word = also and _WORD.match(query, also.end())
    return False


def adjective(query: str, position: int) -> tuple[str, int] | None:
    """The longest adjective that names a country or a sex there, and its end."""
    texts = [(fold(query[position:end]), end) for end in ends_of_words(query, position)]
    return next((found for found in texts[1::-1] if found[0] in ADJECTIVES), None)


def asks_for(before: str) -> bool:
    """Whether the words before an adjective leave open who is asked for."""
    return all(word in _OPENING | SEXES for word in _folded(before))


def last_word(before: str) -> str:
    """The last word before a phrase, but for a ``not``, in small letters; empty if none."""
    return next(reversed(_NOT.sub("", before).lower().split()), "")


def only_asks(text: str) -> bool:
    """Whether all words ask for somebody without saying for whom."""
    return all(word in _ASKING for word in _folded(text))


def without_asking(text: str) -> str:
    """The words but for those at their beginning that only ask, like ``show me the``, and at their
    end that say no more, like ``please``."""
    words = text.split()
    while words and all(word in GENERIC for word in _folded(words[0])):
        words.pop(0)
    while words and all(word in POLITE for word in _folded(words[-1])):
        words.pop()
        words = words[: -1 if words[-1:] == ["in"] else None]  # in here
    return " ".join(words).rstrip(",;.?!")


def is_about_people(before: str, *, pronoun: bool = True, near: bool = False) -> bool:
    """Whether the words before a phrase name whom it is about: nobody in particular, or one noun,
    for people if no ``pronoun`` follows or if the phrase must stand ``near`` it: not ``founder of
    a company``, ``killed a man``."""
    words = _folded(before)
    goes_on = bool(words) and words[-1] in ("and", "but", "or")
    words = words[:-1] if goes_on else words
    if pronoun and words[-1:] in (["the"], ["doctor"]):  # The Who, Doctor Who
        return False
    if words[:1] in (["is"], ["was"]) and words[1:2] and words[1] not in _ANYBODY:
        return False  # is Elvis still alive
    while words and words[0] in _OPENING:
        words.pop(0)
    if any(word in DOUBTFUL for word in words):
        return False
    if goes_on or not words:
        return not set(words) & {"born", "died", "dead", "lived"}
    if _has_verb(words, before):
        return False
    places = [place for place, word in enumerate(words) if word in PREPOSITIONS]
    if places:
        named = before.split()[-1][0].isupper()
        return not near and _is_no_one(words[places[-1] + 1 :], named, pronoun) and places[0] > 0
    if any(word in ("a", "an", "the") for word in words):
        return False
    if words[-1] in ("who", "that", "was", "were", "is", "are", "has", "been"):
        return False
    agent = bool(_AGENT.fullmatch(words[-1])) and not near
    return pronoun or agent or words[-1] in PEOPLE_NOUNS


def _has_verb(words: list[str], before: str) -> bool:
    """Whether somebody does something to whom the last word names."""
    if any(word in VERBS for word in words) or _PAST.search(before):
        return True
    acts = any(_ACTS.fullmatch(word) for word in words[:-1])
    return acts and (words[-1] in PEOPLE_NOUNS or words[-1] in GENERIC)


def _is_no_one(object_: list[str], named: bool, pronoun: bool) -> bool:
    """Whether what a preposition stands before is surely not whom a phrase is about."""
    if not object_ or object_[0] in ("a", "an") or any(word in PEOPLE_NOUNS for word in object_):
        return False
    if object_[-1] in ("child", "children", "someone", "somebody", "anyone"):
        return False
    return "the" in object_ or named or (pronoun and not object_[-1].endswith("s"))


def _folded(text: str) -> list[str]:
    """The words, but for a ``not`` at their end, which is an operator."""
    folded = (fold(word.strip(',;:.()"“”?!')) for word in _NOT.sub("", text).split())
    return [word for word in folded if has_alphanumeric(word)]

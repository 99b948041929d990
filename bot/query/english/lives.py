"""Phrases about lives: ``who died before 2000``, ``who lived in the 18th century``, ``older than
80``, ``still alive``, ``living`` composers."""

import re

from bot.person import Kind
from bot.query.english.context import (
    ends_phrase,
    last_word,
    leaves_subject_open,
    precedes_people_nouns,
)
from bot.query.english.phrase import (
    LEAD,
    Phrase,
    PhraseStart,
    has_negation,
    is_about_asked_people,
    make_phrase,
)
from bot.query.english.times import NUMBER_END, read_times, read_years
from bot.query.english.vocabulary import INDEFINITE_PRONOUNS, PEOPLE_NOUNS
from bot.query.filters import Comparison, all_of
from bot.query.lifetimes import LIFE_MAX, alive_filter, dead_filter, lived_filter

_NOW = r"(?:\s+(?:today|now|anymore))?"

EVENT = (
    re.compile(rf"(?i:{LEAD}(?P<event>born|died|passed\s+away)\s+)"),
    re.compile(rf"(?i:{LEAD}(?P<event>dead)\s+(?=(?:by|before)\s))"),
)
LIFETIME = (re.compile(rf"(?i:{LEAD}(?P<event>lived|living|alive)\s+(?:in|during|throughout)\s+)"),)
AGE = (
    re.compile(
        rf"(?i:{LEAD}(?:(?P<more>older|over)|younger|under)"
        r"(?P<than>(?<=er)\s+than)?\s+(?P<age>\d{1,3})(?P<years>\s+years?(?:\s+(?:old|of\s+age))?)?)"
        rf"{NUMBER_END}"
    ),
    re.compile(rf"(?i:{LEAD}aged\s+(?:(?P<more>over)|under)\s+(?P<age>\d{{1,3}})){NUMBER_END}"),
)
STATE = (
    re.compile(rf"(?i:{LEAD}(?P<event>still|currently)\s+)(?P<alive>alive|living){_NOW}\b"),
    re.compile(rf"(?i:{LEAD}(?P<event>alive|living))\s+(?P<alive>today|now)\b"),
    re.compile(rf"(?i:{LEAD}(?P<event>no)\s+longer)\s+(?:alive|living)\b"),
    re.compile(rf"(?i:{LEAD}(?:now\s+)?)(?P<event>(?P<alive>alive)|dead|deceased){_NOW}\b"),
    re.compile(rf"(?i:{LEAD})(?P<event>(?P<alive>living))(?=\W*$)"),
    re.compile(r"(?i:(?:(?P<pronoun>who|that)\s+)?(?P<event>has|have)\s+(?P<not>not\s+)?died)\b"),
)
STATE_ADJECTIVE = (
    re.compile(
        r"(?i:(?P<alive>(?:still\s+)?living)"
        r"|(?:deceased|late|dead)(?!\s+(?:member|user|student|player)s?\b))"
        r"(?=\s+[a-z]|\s+[A-Z]\w+\s+[a-z])"
    ),
)

_DEATH = re.compile(r"\b(?:died|dead|passed|killed)\b", re.IGNORECASE)
_FROM_TIME = re.compile(r"\s+from\s+(?:the\s+)?\d", re.IGNORECASE)  # alive from 1900 on


def read_event(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``who died before 2000`` or ``born after 1900 but before 1910``."""
    if not is_about_asked_people(match, start):
        return None
    field = "born" if match["event"].lower() == "born" else "died"
    is_negated = has_negation(match) or start.follows_not
    times = read_times(field, start.query, match.end(), is_single=is_negated)
    if not times or not ends_phrase(start.query, times.end, is_time=True):
        return None
    return make_phrase(match, times.end, times.filter)


def read_lifetime(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``who lived in the 18th century``."""
    named = read_years(start.query, match.end())
    if not named or not is_about_asked_people(match, start):
        return None
    if last_word(start.before) == "still" or not ends_phrase(start.query, named.end):
        return None
    return make_phrase(match, named.end, lived_filter(named.span, start.reader.year))


def read_age(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``older than 80``, which means alive and born early enough."""
    if not _is_age(match, start.before) or not ends_phrase(start.query, match.end()):
        return None
    age, year = int(match["age"]), start.reader.year
    if not 0 < age < LIFE_MAX or has_negation(match) or start.follows_not:
        return None
    if _DEATH.search(start.query, 0, start.position):
        return None
    if not is_about_asked_people(match, start, is_adjacent=True):
        return None
    born = Comparison("born", Kind.NUMBER, "<" if match["more"] else ">", year - age)
    return Phrase(match.end(), all_of([alive_filter(year), born]))


def _is_age(match: re.Match[str], before: str) -> bool:
    """Whether a number is surely an age: ``over 80`` alone may count anything."""
    groups = match.groupdict()
    is_aged = "than" not in groups
    if is_aged or groups["than"] or "o" in (groups["years"] or ""):  # years old, years of age
        return True
    last = last_word(before)
    is_plural = last in PEOPLE_NOUNS and last[-1] in "sn"
    return bool(match["pronoun"]) or last in INDEFINITE_PRONOUNS or is_plural


def read_state(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``still alive`` or ``who are dead``."""
    if not ends_phrase(start.query, match.end()) or _FROM_TIME.match(start.query, match.end()):
        return None
    is_bare = match["event"].lower() in ("alive", "dead", "deceased", "living")
    if not is_about_asked_people(match, start, is_adjacent=is_bare):
        return None
    life_filter = alive_filter if match.groupdict().get("alive") else dead_filter
    return make_phrase(match, match.end(), life_filter(start.reader.year))


def read_state_adjective(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``living`` composers or the ``late`` actor."""
    if not leaves_subject_open(start.before):
        return None
    if not precedes_people_nouns(start.query, match.end()):
        return None
    life_filter = alive_filter if match["alive"] else dead_filter
    return Phrase(match.end(), life_filter(start.reader.year))

"""Phrases about attributes: poets ``from France``, ``French`` chemists, ``whose field is
physics``. They are read only if someone in the directory has the value."""

import re
from collections.abc import Sequence

from bot.person import Kind, Schema, fold
from bot.query.english.context import (
    ENDS_WITH_NOT,
    ends_phrase,
    find_word_ends,
    is_about_people,
    last_word,
    leaves_subject_open,
    match_adjective,
    precedes_people_nouns,
)
from bot.query.english.phrase import JOINED, LEAD, Phrase, PhraseStart, make_phrase
from bot.query.english.vocabulary import (
    ADJECTIVES,
    ASKING_WORDS,
    INDEFINITE_PRONOUNS,
    PEOPLE_NOUNS,
    PLACE_FIELDS,
)
from bot.query.filters import Filter, any_of

ORIGIN = (
    re.compile(
        r"(?i:(?:(?P<pronoun>who|that)(?:['’]?s)?\s+)?(?:(?:was|were|is|are|came|comes?)\s+)?"
        r"(?P<not>not\s+)?from\s+)"
    ),
)
ADJECTIVE = (re.compile(rf"(?i:{LEAD})"),)

_ENDS_IN_LIST = re.compile(r"(?:\b(?:and|or)\s+|[,/-]\s*)$", re.IGNORECASE)
_ARTICLE = re.compile(r"the\s+", re.IGNORECASE)
_SPACE = re.compile(r"\s")


def field_value_patterns(schema: Schema) -> Sequence[re.Pattern[str]]:
    """Return how phrases like ``whose field is`` begin, up to the value, for the fields of a
    schema. Empty if none of them is of text or tags."""
    fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
    if not fields:
        return ()
    names = "|".join(name.replace("_", r"[\s_]") for name in fields)
    pattern = re.compile(
        rf"(?P<lead>(?:with|whose|where)\s+(?:(?:a|an|the|their)\s+)?)?(?P<field>{names})"
        r"(?:\s+(?P<verb>is|are|was|were))?\s+(?P<not>not\s+)?",
        re.IGNORECASE,
    )
    return (pattern,)


def read_origin(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read poets ``from France`` or ``from France or Italy``."""
    has_pronoun = bool(match["pronoun"])
    if not is_about_people(start.before, has_pronoun=has_pronoun):
        return None
    words = ENDS_WITH_NOT.sub("", start.before).split()
    words = words[: -1 if words[-1:] in (["and"], ["but"]) else None]
    if words and not has_pronoun:
        noun = words[-1].strip(",;")
        if fold(noun) not in PEOPLE_NOUNS and fold(noun) not in ASKING_WORDS:
            return None
        if len(words) > 1 and noun[0].isupper():  # part of a name
            return None
    values = _read_values(start, match.end(), PLACE_FIELDS)
    return values and make_phrase(match, values.end, values.filter)


def read_adjectives(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``French`` chemists, ``German or Austrian`` composers, or who are ``female``."""
    query, before = start.query, start.before
    adjectives, end = _find_adjectives(query, match.end())
    if not adjectives or not _are_alternatives(adjectives, query, end):
        return None
    if _ENDS_IN_LIST.search(before) and not match["verb"]:
        return None  # the first items of the list were not read
    is_predicate = match["pronoun"] or match["verb"] or last_word(before) in INDEFINITE_PRONOUNS
    if not (
        (is_predicate and ends_phrase(query, end) and is_about_people(before, is_adjacent=True))
        or (leaves_subject_open(before) and precedes_people_nouns(query, end))
    ):
        return None
    filters = [_adjective_filter(start, adjective) for adjective in adjectives]
    known = [filter for filter in filters if filter]
    return make_phrase(match, end, any_of(known)) if len(known) == len(filters) else None


def _find_adjectives(query: str, position: int) -> tuple[list[str], int]:
    """Return the adjectives of the list that begins here, and its end."""
    adjectives: list[str] = []
    end = position
    while found := match_adjective(query, position):
        adjectives.append(found[0])
        end = found[1]
        joined = JOINED.match(query, end)
        if joined is None or not match_adjective(query, joined.end()):
            break
        position = joined.end()
    return adjectives, end


def _are_alternatives(adjectives: Sequence[str], query: str, end: int) -> bool:
    """Whether the adjectives of a list are all for countries or all for sexes, and no other one of
    them follows without a comma, as in ``Irish American``."""
    following = match_adjective(query, end + 1)
    fields = {ADJECTIVES[adjective][0] for adjective in adjectives}
    return len(fields) == 1 and (following is None or ADJECTIVES[following[0]][0] not in fields)


def _adjective_filter(start: PhraseStart, adjective: str) -> Filter | None:
    fields, values = ADJECTIVES[adjective]
    filters = [start.reader.find_value(fields, value) for value in values]
    known = [filter for filter in filters if filter]
    return any_of(known) if known else None


def read_field_value(start: PhraseStart, match: re.Match[str]) -> Phrase | None:
    """Read ``whose country is France`` or ``with field physics``."""
    has_lead = bool(match["lead"])
    if not (has_lead or (match["verb"] and leaves_subject_open(start.before))):
        return None
    if not is_about_people(start.before, has_pronoun=has_lead):
        return None
    field = _SPACE.sub("_", match["field"]).lower()
    values = _read_values(start, match.end(), (field,))
    return values and make_phrase(match, values.end, values.filter)


def _read_values(start: PhraseStart, position: int, fields: Sequence[str]) -> Phrase | None:
    """Read a value of one of these fields, or several that are alternatives. None if there is none,
    or if the list may go on with something that isn't a value."""
    query = start.query
    first = _read_longest_value(start, position, fields)
    if first is None:
        return None
    joined = JOINED.match(query, first.end)
    if joined is None:
        return first if ends_phrase(query, first.end) else None
    if rest := _read_values(start, joined.end(), fields):
        return Phrase(rest.end, any_of([first.filter, rest.filter]))
    is_last = joined.end() == len(query)
    if not is_last and not start.reader.read(query, joined.end(), first.end):
        return None
    return first if ends_phrase(query, first.end) else None


def _read_longest_value(start: PhraseStart, position: int, fields: Sequence[str]) -> Phrase | None:
    """Read the longest value that begins here, with its article or without."""
    query = start.query
    article = _ARTICLE.match(query, position)
    for value_start in [position, article.end()] if article else [position]:
        found = [
            Phrase(end, filter)
            for end in find_word_ends(query, value_start)
            if (filter := start.reader.find_value(fields, query[value_start:end]))
        ]
        if found:
            return found[-1]
    return None

"""Plain English that filters: ``who died before 2000``, ``still alive``, ``French`` chemists."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.person import Kind, Schema, fold
from bot.query.english.context import (
    adjective,
    asks_for,
    ends_of_words,
    is_about_people,
    last_word,
    names_people,
    phrase_ends,
)
from bot.query.english.times import NUMBER_GOES_ON, Phrase, relation, years
from bot.query.english.words import (
    ADJECTIVES,
    GENERIC,
    PEOPLE_NOUNS,
    PLACE_FIELDS,
)
from bot.query.filters import Compare, Filter, either, every, negate
from bot.query.values import LIFE_MAX, alive, dead, lived, number

Lookup = Callable[[str], Mapping[str, str]]
"""For a folded value, the fields in which somebody has it, and how it is typed there."""

_LEAD = (
    r"(?:(?P<pronoun>who|that|which)(?:['’]?s)?\s+)?"
    r"(?:(?P<verb>(?:was|were|is|are|had|has|have)(?P<short>n['’]?t)?)\s+)?(?P<not>not\s+)?"
)
_QUOTED = re.compile('["“”][^"“”]*["“”]')
_NEGATED = re.compile(r"\bnot\s*$", re.IGNORECASE)
_LED = re.compile(rf"(?i:{_LEAD})")
_EVENT = re.compile(rf"(?i:{_LEAD}(?P<event>born|died|passed\s+away)\s+)")
_DEAD = re.compile(rf"(?i:{_LEAD}(?P<event>dead)\s+(?=(?:by|before)\s))")
_LIVED = re.compile(rf"(?i:{_LEAD}(?P<event>lived|living|alive)\s+(?:in|during|throughout)\s+)")
_AGE = re.compile(
    rf"(?i:{_LEAD}(?:(?P<more>older|over)|younger|under)"
    r"(?P<than>(?<=er)\s+than)?\s+(?P<age>\d{1,3})(?P<years>\s+years?(?:\s+(?:old|of\s+age))?)?)"
    rf"{NUMBER_GOES_ON}"
)
_AGED = re.compile(
    rf"(?i:{_LEAD}aged\s+(?:(?P<more>over)|under)\s+(?P<age>\d{{1,3}})){NUMBER_GOES_ON}"
)
_NOW = r"(?:\s+(?:today|now|anymore))?"
_STATES = [
    re.compile(rf"(?i:{_LEAD}(?P<event>still|currently)\s+)(?P<alive>alive|living){_NOW}\b"),
    re.compile(rf"(?i:{_LEAD}(?P<event>alive|living))\s+(?P<alive>today|now)\b"),
    re.compile(rf"(?i:{_LEAD}(?P<event>no)\s+longer)\s+(?:alive|living)\b"),
    re.compile(rf"(?i:{_LEAD}(?:now\s+)?)(?P<event>(?P<alive>alive)|dead|deceased){_NOW}\b"),
    re.compile(rf"(?i:{_LEAD})(?P<event>(?P<alive>living))(?=\W*$)"),
    re.compile(r"(?i:(?:(?P<pronoun>who|that)\s+)?(?P<event>has|have)\s+(?P<not>not\s+)?died)\b"),
]
_ADJECTIVE_STATE = re.compile(
    r"(?i:(?P<alive>(?:still\s+)?living)"
    r"|(?:deceased|late|dead)(?!\s+(?:member|user|student|player)s?\b))"
    r"(?=\s+[a-z]|\s+[A-Z]\w+\s+[a-z])"
)
_ANYONE = frozenset({"anyone", "anybody", "someone", "somebody", "everyone", "everybody"})
_PEOPLE = PEOPLE_NOUNS | GENERIC
_DEATH = re.compile(r"\b(?:died|dead|passed|killed)\b", re.IGNORECASE)
_FROM = re.compile(r"\s+from\s+(?:the\s+)?\d", re.IGNORECASE)  # alive from 1900 on
_JOINED = re.compile(r"\s*,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)
_LIST = re.compile(r"(?:\b(?:and|or)\s+|[,/-]\s*)$", re.IGNORECASE)
_ARTICLE = re.compile(r"the\s+", re.IGNORECASE)
_ORIGIN = re.compile(
    r"(?i:(?:(?P<pronoun>who|that)(?:['’]?s)?\s+)?(?:(?:was|were|is|are|came|comes?)\s+)?"
    r"(?P<not>not\s+)?from\s+)"
)


class English:
    """Reads phrases about people with the fields of a schema, in ``year``.

    Each is read only where nothing else can be meant; in doubt it stays words. A number before
    several things counts them (``1000 ways``); an adjective is read before a word for people only
    (``French horn``), and a value only if ``known`` has it."""

    def __init__(self, schema: Schema, year: int, known: Lookup) -> None:
        self._schema = schema
        self._year = year
        self._known = known
        self._valued = _valued(schema)
        self._readers: tuple[Callable[[str, int, str], Phrase | None], ...] = (
            self._event,
            self._lifetime,
            self._age,
            self._state,
            self._adjective_state,
            self._origin,
            self._adjectives,
            self._value,
        )

    def phrase(self, query: str, position: int, since: int) -> Phrase | None:
        """The phrase that begins there, at the start of a word; ``since`` is where the last
        condition ended."""
        before = _QUOTED.sub("", query[since:position])
        found = (read(query, position, before) for read in self._readers)
        return next(filter(None, found), None)

    def _event(self, query: str, position: int, before: str) -> Phrase | None:
        """``who died before 2000``, ``born after 1900 but before 1910``."""
        match = _EVENT.match(query, position) or _DEAD.match(query, position)
        if not match or not _is_said(match, before):
            return None
        field = "born" if match["event"].lower() == "born" else "died"
        single = _is_denied(match) or bool(_NEGATED.search(before))
        times = relation(field, query, match.end(), single=single)
        if not times or not phrase_ends(query, times.end, time=True):
            return None
        return _phrase(match, times.end, times.filter)

    def _lifetime(self, query: str, position: int, before: str) -> Phrase | None:
        """``who lived in the 18th century``."""
        match = _LIVED.match(query, position)
        named = match and years(query, match.end())
        if not match or not named or not _is_said(match, before):
            return None
        if last_word(before) == "still" or not phrase_ends(query, named.end):
            return None
        return _phrase(match, named.end, lived(named.span, self._year))

    def _age(self, query: str, position: int, before: str) -> Phrase | None:
        """``older than 80``: alive, and born in time."""
        match = _AGE.match(query, position) or _AGED.match(query, position)
        if not match or not _is_age(match, before) or not phrase_ends(query, match.end()):
            return None
        age, older = int(match["age"]), bool(match["more"])
        if not 0 < age < LIFE_MAX or _is_denied(match) or _NEGATED.search(before):
            return None
        if _DEATH.search(query, 0, position) or not _is_said(match, before, near=True):
            return None
        born = number("born", "<" if older else ">", self._year - age)
        return Phrase(match.end(), every([alive(self._year), born]))

    def _state(self, query: str, position: int, before: str) -> Phrase | None:
        """``still alive``, ``who are dead``."""
        for state in _STATES:
            match = state.match(query, position)
            if match and phrase_ends(query, match.end()) and not _FROM.match(query, match.end()):
                bare = match["event"].lower() in ("alive", "dead", "deceased", "living")
                if not _is_said(match, before, near=bare):
                    return None
                life = alive if match.groupdict().get("alive") else dead
                return _phrase(match, match.end(), life(self._year))
        return None

    def _adjective_state(self, query: str, position: int, before: str) -> Phrase | None:
        """``living`` composers, the ``late`` actor."""
        match = _ADJECTIVE_STATE.match(query, position)
        if not match or not asks_for(before) or not names_people(query, match.end()):
            return None
        return Phrase(match.end(), (alive if match["alive"] else dead)(self._year))

    def _origin(self, query: str, position: int, before: str) -> Phrase | None:
        """Poets ``from France``, ``from France or Italy``."""
        match = _ORIGIN.match(query, position)
        if not match or not is_about_people(before, pronoun=bool(match["pronoun"])):
            return None
        words = _NEGATED.sub("", before).split()
        words = words[: -1 if words[-1:] in (["and"], ["but"]) else None]
        if words and not match["pronoun"]:
            noun = words[-1].strip(",;")
            if fold(noun) not in _PEOPLE or (len(words) > 1 and noun[0].isupper()):
                return None
        values = self._listed(query, match.end(), lambda text: self._in(PLACE_FIELDS, text))
        return values and _phrase(match, values.end, values.filter)

    def _adjectives(self, query: str, position: int, before: str) -> Phrase | None:
        """``French`` chemists, ``German or Austrian`` composers, who are ``female``."""
        match = _LED.match(query, position)
        assert match is not None
        words, end = _adjectives(query, match.end())
        if not words or not _of_one_kind(words, query, end):
            return None
        if _LIST.search(before) and not match["verb"]:
            return None  # of a list whose first was not read
        asked = match["pronoun"] or match["verb"] or last_word(before) in _ANYONE
        is_said = asked and phrase_ends(query, end) and is_about_people(before, near=True)
        if not (is_said or (asks_for(before) and names_people(query, end))):
            return None
        nodes = [self._named_by(word) for word in words]
        known = [node for node in nodes if node]
        return _phrase(match, end, either(known)) if len(known) == len(words) else None

    def _named_by(self, word: str) -> Filter | None:
        """That a person is what an adjective says."""
        fields, names = ADJECTIVES[word]
        nodes = [self._in(fields, name) for name in names]
        known = [node for node in nodes if node]
        return either(known) if known else None

    def _value(self, query: str, position: int, before: str) -> Phrase | None:
        """``whose country is France``, ``with field physics``."""
        match = self._valued and self._valued.match(query, position)
        if not match or not (match["lead"] or (match["verb"] and asks_for(before))):
            return None
        if not is_about_people(before, pronoun=bool(match["lead"])):
            return None
        field = re.sub(r"\s", "_", match["field"]).lower()
        values = self._listed(query, match.end(), lambda text: self._in((field,), text))
        return values and _phrase(match, values.end, values.filter)

    def _listed(
        self, query: str, position: int, read: Callable[[str], Filter | None]
    ) -> Phrase | None:
        """The values that stand there, any of which it may be; None if some may be left over."""
        found = _longest(query, position, read)
        if found is None:
            return None
        joined = _JOINED.match(query, found.end)
        more = joined and self._listed(query, joined.end(), read)
        if more:
            return Phrase(more.end, either([found.filter, more.filter]))
        if joined and not self._begins(query, joined.end(), found.end):
            return None
        return found if phrase_ends(query, found.end) else None

    def _begins(self, query: str, position: int, since: int) -> bool:
        """Whether another phrase begins after ``and``."""
        return bool(self.phrase(query, position, since)) or position == len(query)

    def _in(self, fields: Iterable[str], text: str) -> Filter | None:
        """That the first of these fields which anybody has this value in has it."""
        values = self._known(fold(text))
        for field in fields:
            kind = self._schema.get(field)
            if kind is not None and field in values:
                return Compare(field, kind, "=", values[field])
        return None


def _is_said(match: re.Match[str], before: str, *, near: bool = False) -> bool:
    """Whether a phrase is about whom the words before it name, ``near`` if by the last of them or
    a pronoun, and no title: ``Born in 1984``."""
    event = match.groupdict().get("event", "")
    titled = event[:1].isupper() and bool(before.strip())
    pronoun = bool(match["pronoun"])
    return not titled and is_about_people(before, pronoun=pronoun, near=near and not pronoun)


def _is_age(match: re.Match[str], before: str) -> bool:
    """Not ``over 80`` alone, which may count anything."""
    groups = match.groupdict()
    said = groups.get("than") or "o" in (groups.get("years") or "") or "than" not in groups
    last = last_word(before)
    several = last in PEOPLE_NOUNS and last[-1] in "sn"
    return bool(said or match["pronoun"] or last in _ANYONE or several)


def _phrase(match: re.Match[str], end: int, node: Filter) -> Phrase:
    return Phrase(end, negate(node) if _is_denied(match) else node)


def _is_denied(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return bool(groups.get("not") or groups.get("short"))


def _adjectives(query: str, position: int) -> tuple[list[str], int]:
    """The adjectives of one list, and its end."""
    words: list[str] = []
    end = position
    while read := adjective(query, position):
        words.append(read[0])
        end = read[1]
        joined = _JOINED.match(query, end)
        if joined is None or not adjective(query, joined.end()):
            break
        position = joined.end()
    return words, end


def _of_one_kind(words: Sequence[str], query: str, end: int) -> bool:
    """Whether the adjectives of a list are all of a country, or all of a sex, and one that follows
    without a comma is not: nobody is both Irish and American."""
    follows = adjective(query, end + 1)
    kinds = {ADJECTIVES[word][0] for word in words}
    return len(kinds) == 1 and (follows is None or ADJECTIVES[follows[0]][0] not in kinds)


def _longest(query: str, position: int, read: Callable[[str], Filter | None]) -> Phrase | None:
    """The longest value that stands there, with its article or without."""
    article = _ARTICLE.match(query, position)
    for start in [position, article.end()] if article else [position]:
        ends = ends_of_words(query, start)
        found = [Phrase(end, node) for end in ends if (node := read(query[start:end]))]
        if found:
            return found[-1]
    return None


def _valued(schema: Schema) -> re.Pattern[str] | None:
    """Of a text or tags field, up to where its value stands; None if there is no such field."""
    fields = [name for name, kind in schema.items() if kind in (Kind.TEXT, Kind.TAGS)]
    if not fields:
        return None
    names = "|".join(name.replace("_", r"[\s_]") for name in fields)
    return re.compile(
        rf"(?P<lead>(?:with|whose|where)\s+(?:(?:a|an|the|their)\s+)?)?(?P<field>{names})"
        r"(?:\s+(?P<verb>is|are|was|were))?\s+(?P<not>not\s+)?",
        re.IGNORECASE,
    )

"""One condition in symbols: an attribute, an operator, and values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot import sentences
from bot.errors import QueryError, UnknownField
from bot.person import ERA_PATTERN, Kind, Schema, similarly_spelt
from bot.query.filters import THOUSANDS, Filter, Known, Not, either, negate
from bot.query.values import alive, dead, lived, read_span, read_value

OPERATOR = "<=|>=|!=|==|=<|=>|[=<>≤≥≠＝＜＞]"
QUOTED = '["“”][^"“”]*["“”]'
SINGLE = "'[^']*'|‘[^’]*’"  # around values only, for elsewhere it is an apostrophe

_SPELLINGS = {"==": "=", "=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "≠": "!=", ":": "="}
_SPELLINGS |= {"＝": "=", "＜": "<", "＞": ">"}

_CHARACTER = rf"(?!{OPERATOR}|&&|\|\|)[^\s,\"“”()]"
_RANGE = r"\s*(?:\.{2,3}|…|[-–—](?=\s)|to\b)\s*(?=[-−]?\d)"
_TEXT = rf"{QUOTED}|{SINGLE}|(?:{_CHARACTER})+"
_NUMBER = rf"{QUOTED}|{SINGLE}|(?:(?<=[\w.]){_RANGE}|(?<=[\dcCs])\s*{ERA_PATTERN}|{_CHARACTER})+"
_VALUE = {kind: re.compile(_NUMBER if kind is Kind.NUMBER else _TEXT) for kind in Kind}
_VALUES = {
    kind: re.compile(rf"(?:{one.pattern})(?:,(?:{one.pattern}))*") for kind, one in _VALUE.items()
}
_ATTACHED = re.compile(r"[\w\"'“”]|[-−.]+\d")  # to the colon of a field that is not there
_LEFT_OUT = re.compile(r",(?=,)")
_GLUED = re.compile(r"(?<=\W)(?P<field>[^\W\d]\w*)[:：]")
_BEFORE = re.compile(r"(?<=[^\s\w.])(?P<field>[^\W\d]\w*)\s*$")
_SPACE = re.compile(r"\s+")
_DENIED = re.compile(r"[-!−]\w")  # is:-alive
_NAME = re.compile(r"\s*(\w+)")
_GOES_ON = re.compile(r"[/:|-]|,\s*\w")
_TURNED = re.compile(r"\s*([^\W\d]\w*)")  # the attribute of 1900<born
_OPPOSITE = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": ":"}
_ABOUT = ("is", "has", "no")
_LIVES = {"alive": alive, "dead": dead, "living": alive, "deceased": dead}
_MEANT = {"birth": "born", "birthday": "born", "dob": "born", "death": "died", "dod": "died"}
_DIRECT = {  # what takes no attribute
    "name": sentences.query.FOR_A_NAME,
    "description": sentences.query.FOR_A_DESCRIPTION,
    "age": sentences.query.FOR_AN_AGE,
}
_QUOTES = tuple("\"“”'‘")
_HINTS = {  # after "a value is missing", by what stands there
    "(": sentences.query.SEVERAL_WITH_COMMAS,
    "<": sentences.query.LEAVE_OUT_THE_COLON,
    ">": sentences.query.LEAVE_OUT_THE_COLON,
}


@dataclass(frozen=True)
class Term:
    """What a condition says up to ``end``; and if a list of values ends it, the ``kind`` of these
    and the ``last``, as it is typed."""

    end: int
    filter: Filter
    kind: Kind | None = None
    last: str = ""


class Terms:
    """Reads the conditions of a query by the fields of a schema, in ``year``; raises QueryError."""

    def __init__(self, query: str, schema: Schema, year: int) -> None:
        self._query = query
        self._schema = schema
        self._year = year

    def member(self, match: re.Match[str]) -> Term:
        """Redis's ``"physics" in .field``, as the groups ``tag`` and ``tags``."""
        value = (match["tag"], match.start())
        return Term(match.end(), self._filter(match, "tags", "=", [value]))

    def choice(self, match: re.Match[str]) -> Term:
        """Redis's ``.country in ["france", "italy"]``, as the groups ``text`` and ``values``."""
        values = self._values(Kind.TEXT, *match.span("values"))
        if not values:
            raise self._error(sentences.query.IN_WHAT, match.start("values"))
        return Term(match.end(), self._filter(match, "text", "=", values))

    def term(self, match: re.Match[str]) -> Term | None:
        """The condition that begins with the groups ``field``, and ``operator`` or ``colon``; None
        if these are words."""
        field, written = match["field"].lower(), match["operator"] or ":"
        operator = _SPELLINGS.get(written, written)
        if field in _ABOUT and operator in ("=", "!="):
            return self._about(match, field, operator)
        known = field in self._schema or field == "lived"
        spaced = bool(match["colon"]) and match["colon"][0].isspace()
        attached = _ATTACHED.match(self._query, match.end()) and not spaced
        if match["colon"] and not known and not attached:
            return None
        kind = self._kind(field, match.start("field"))
        start = self._after_space(match.end())
        found = _VALUES[kind].match(self._query, start)
        end = start + len(without_punctuation(found[0])) if found else start
        values = self._values(kind, start, end)
        self._check_values(match[0].strip(), kind, values, start, end)
        node = self._filter(match, "field", operator, values)
        return Term(end, node, kind if operator == "=" else None, values[-1][0])

    def _after_space(self, position: int) -> int:
        space = _SPACE.match(self._query, position)
        return space.end() if space else position

    def refuse_glued(self, start: int, end: int) -> None:
        """Raises QueryError where a condition stands right behind something else than space."""
        for glued in _GLUED.finditer(self._query, start, end):
            self._refuse(glued)

    def refuse_stray(self, stray: re.Match[str]) -> NoReturn:
        """Raises QueryError for an operator with no attribute before it."""
        if glued := _BEFORE.search(self._query, 0, stray.start()):
            self._refuse(glued)
        sentence = sentences.query.attribute_missing(stray[0], self._turned(stray))
        raise self._error(sentence, stray.start())

    def refuse_bare(self, word: re.Match[str]) -> None:
        """Raises QueryError for Redis's ``.field`` without an operator."""
        if word[0][0] == "." and word[0][1:].lower() in self._schema:
            raise self._error(sentences.query.operator_missing(word[0][1:]), word.end())

    def _refuse(self, glued: re.Match[str]) -> None:
        if self._is_head(glued["field"]):
            sentence = sentences.query.space_before(glued["field"])
            raise self._error(sentence, glued.start("field"))

    def _turned(self, stray: re.Match[str]) -> str:
        """``born>1900`` for the operator of ``1900<born``; empty where no such thing stands."""
        turned = _TURNED.match(self._query, stray.end())
        value = re.search(r"\S+\s*$", self._query[: stray.start()])
        if turned and value and self._is_head(turned[1]) and stray[0] in _OPPOSITE:
            return f"{turned[1]}{_OPPOSITE[stray[0]]}{value[0].strip()}"
        return ""

    def _is_head(self, name: str) -> bool:
        """Whether a term may begin with this name."""
        return name.lower() in (*self._schema, *_ABOUT, "lived")

    def _check_values(
        self, head: str, kind: Kind, values: Sequence[tuple[str, int]], start: int, end: int
    ) -> None:
        """Raises QueryError where values are missing, or some may be meant that are not read."""
        missing = _LEFT_OUT.match(self._query, end)
        if missing or not values or not all(_unquoted(text).strip() for text, _ in values):
            hint = _HINTS.get(self._query[start : start + 1], "") if head[-1] in ":：" else ""
            place = missing.end() if missing else len(self._query[:start].rstrip())
            raise self._error(sentences.query.value_missing(head, hint), place)
        for value, place in values:
            self._check_value(head, kind, value, place)
        last = values[-1][0]
        if last[0] in _QUOTES and self._query[end : end + 1].strip(" ,;.?!)"):
            raise self._error(sentences.query.SPACE_AFTER_QUOTE, end)
        if kind is Kind.NUMBER and (thousands := THOUSANDS.fullmatch(self._query, start, end)):
            number = thousands[0].replace(",", "")
            raise self._error(sentences.query.without_comma(number), start)

    def _check_value(self, head: str, kind: Kind, value: str, place: int) -> None:
        """Raises QueryError for a value that is surely not meant as it stands."""
        if value[0] in "'‘" and (len(value) == 1 or value[-1] not in "'’"):
            raise self._error(sentences.query.QUOTE_NEVER_CLOSED, place)
        if value[0] not in _QUOTES:
            self.refuse_glued(place, place + len(value))
        if re.search("[;|]", value) and value[0] not in _QUOTES:
            raise self._error(sentences.query.COMMAS_BETWEEN_VALUES, place)
        if value[0] in ":~[{":
            raise self._error(sentences.query.leave_out(value[0]), place)
        negative = value.lower() == "not" or (value[0] in "-!−" and kind is not Kind.NUMBER)
        if negative:
            raise self._error(sentences.query.minus_before(head.rstrip(":=! ")), place)

    def _about(self, match: re.Match[str], field: str, operator: str) -> Term | None:
        """``is:alive``, ``has:country``, ``no:country``; else a word."""
        if _DENIED.match(self._query, match.end()):
            raise self._error(sentences.query.minus_before(field), match.end())
        known = _LIVES if field == "is" else self._schema
        value = _NAME.match(self._query, match.end())
        if value is None or (value[0][0].isspace() and value[1].lower() not in known):
            return None
        name, end = value[1].lower(), value.end()
        if field == "is" and name not in _LIVES:
            raise self._error(sentences.query.alive_or_dead(value[1]), value.start(1))
        if name not in known:
            raise self._unknown(name, value.start(1))
        if more := _GOES_ON.match(self._query, end):
            raise self._error(sentences.query.one_word(field), more.start())
        node = _LIVES[name](self._year) if field == "is" else Known(name)
        node = Not(node) if (field == "no") != (operator == "!=") else node
        return Term(end, node)

    def _values(self, kind: Kind, start: int, end: int) -> list[tuple[str, int]]:
        """The values that stand there, with their quotes, and where each begins."""
        return [(v[0].strip(), v.start()) for v in _VALUE[kind].finditer(self._query, start, end)]

    def _filter(
        self, match: re.Match[str], group: str, written: str, values: list[tuple[str, int]]
    ) -> Filter:
        """The filter for the field that is the match's ``group``, and any of the values."""
        field = match[group].lower()
        operator = written.replace("!=", "=")
        if operator != "=" and len(values) > 1:
            raise self._error(sentences.query.one_value(field, operator), values[0][1])
        nodes: list[Filter] = []
        for text, position in values:
            try:
                nodes.append(self._compare(field, match.start(group), operator, text))
            except ValueError as error:
                raise self._error(str(error), position) from None
        node = either(nodes)
        return negate(node) if written == "!=" else node

    def _compare(self, field: str, position: int, operator: str, text: str) -> Filter:
        kind = self._kind(field, position)
        if field in self._schema:
            return read_value(field, kind, operator, _unquoted(text), quoted=text[0] in _QUOTES)
        span = read_span(field, text)
        if operator != "=" or None in span:
            raise ValueError(sentences.query.LIVED_TAKES_YEARS)
        return lived(span, self._year)

    def _kind(self, field: str, position: int) -> Kind:
        if field in self._schema:
            return self._schema[field]
        if field == "lived":
            return Kind.NUMBER
        raise self._unknown(field, position)

    def _unknown(self, field: str, position: int) -> UnknownField:
        near = similarly_spelt(field, self._schema, limit=2, min_similarity=0.5)
        near = [_MEANT[field]] if field in _MEANT else near
        hint = sentences.query.you_can_ask_by(self._schema)
        if near:
            hint = sentences.hints.did_you_mean(near)
        elif field in _DIRECT:
            hint = _DIRECT[field]
        return UnknownField(sentences.query.unknown_field(field, hint), self._query, position)

    def _error(self, sentence: str, position: int) -> QueryError:
        return QueryError(sentence, self._query, position)


def without_punctuation(values: str) -> str:
    """``values`` without what ends a sentence; the points of ``U.S.`` and ``1900..`` stay."""
    values = re.sub(r"[?!;]$", "", values)
    single = values.endswith(".") and values.rpartition(",")[2].count(".") == 1
    return values[:-1] if single else values


def _unquoted(text: str) -> str:
    """What stands in the quotes, without others that could not be written back."""
    return re.sub('["“”]', "", text[1:-1]) if text[:1] in _QUOTES and len(text) > 1 else text

"""What may follow where a query ends: fields, operators and values, while it is being typed."""

import re
from dataclasses import dataclass

from bot.person import BASE_SCHEMA, Kind, Schema

_OPERATORS = {
    Kind.NUMBER: ("<", ">", ":"),
    Kind.TEXT: (":", "!="),
    Kind.TAGS: (":", "!="),
    Kind.FLAG: (":yes", ":no"),
}
_LIVES = ("alive", "dead")
_SPANS = ("1900..1950", "1960s", "19c")

_BEFORE = r"(?:^|[\s(])[!−–—-]?\.?"
_VALUE = re.compile(
    rf"""{_BEFORE}(?P<field>[a-z_]\w*)\s*(?:!=|==|=|:|：)\s*
    (?P<listed>(?:(?:["“”][^"“”]*["“”]|[^\s"“”,()]+),)*)
    (?P<value>["“”][^"“”]*|['‘][^'’]*|[^\s"“”,()]*)$""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(rf"{_BEFORE}(?P<field>[a-z_]\w*|)$", re.IGNORECASE)
_APART = re.compile(r"[-!−–—]\s+$")  # which the parser refuses
_QUOTES = re.compile('["“”]')


@dataclass(frozen=True)
class Completion:
    """``head`` and one of ``options`` make a longer query; or, if there is a ``field``, one of its
    values that start with ``start`` and are not ``listed`` yet."""

    head: str
    options: list[str]
    field: str = ""
    start: str = ""
    listed: tuple[str, ...] = ()


def complete(typed: str, schema: Schema) -> Completion:
    """How the last term of ``typed`` may go on; without options where it is a word."""
    value = _VALUE.search(typed)
    if value and not _in_quotes(typed[: value.start("field")]):
        return _complete_value(typed, value, schema)
    field = _FIELD.search(typed)
    if (
        not field
        or _in_quotes(typed)
        or _APART.search(typed[: field.start("field")])
        or (typed.strip() and not field["field"])
    ):
        return Completion(typed, [])
    terms = [f"{name}{after}" for name, kind in schema.items() for after in _OPERATORS[kind]]
    terms += [*(f"is:{life}" for life in _LIVES), "has:", "no:", "lived:"]
    start = field["field"].lower()
    fitting = [term for term in terms if term.startswith(start)]
    return Completion(typed[: field.start("field")], fitting)


def _in_quotes(typed: str) -> bool:
    return len(_QUOTES.findall(typed)) % 2 == 1


def _complete_value(typed: str, match: re.Match[str], schema: Schema) -> Completion:
    name, head = match["field"].lower(), typed[: match.start("value")]
    start = _QUOTES.sub("", match["value"]).lstrip("'‘")
    kind = Kind.NUMBER if name == "lived" else schema.get(name)
    if kind in (Kind.TEXT, Kind.TAGS):
        listed = tuple(_QUOTES.sub("", value) for value in match["listed"].split(","))
        return Completion(head, [], name, start, listed)
    options: tuple[str, ...] = ()
    if not match["listed"]:
        abouts = {"is": _LIVES, "has": tuple(schema), "no": tuple(schema)}
        years = _SPANS if name in (*BASE_SCHEMA, "lived") else ()
        flags = ("yes", "no") if kind is Kind.FLAG else ()
        options = abouts.get(name) or years or flags
    return Completion(head, [option for option in options if option.startswith(start.lower())])

"""Complete a query that is being typed: fields, operators and values."""

import re
from dataclasses import dataclass

from bot.person import BASE_SCHEMA, Kind, Schema
from bot.query.conditions import DOUBLE_QUOTE

_OPERATORS = {
    Kind.NUMBER: ("<", ">", ":"),
    Kind.TEXT: (":", "!="),
    Kind.TAGS: (":", "!="),
    Kind.FLAG: (":yes", ":no"),
}
_LIVES = ("alive", "dead")
_SPAN_EXAMPLES = ("1900..1950", "1960s", "19c")

_BEFORE = r"(?:^|[\s(])[!−–—-]?\.?"
_VALUE = re.compile(
    rf"""{_BEFORE}(?P<field>[a-z_]\w*)\s*(?:!=|==|=|:|：)\s*
    (?P<listed>(?:(?:["“”][^"“”]*["“”]|[^\s"“”,()]+),)*)
    (?P<value>["“”][^"“”]*|['‘][^'’]*|[^\s"“”,()]*)$""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(rf"{_BEFORE}(?P<field>[a-z_]\w*|)$", re.IGNORECASE)
_DETACHED_MINUS = re.compile(r"[-!−–—]\s+$")  # the parser refuses one


@dataclass(frozen=True)
class Completion:
    """How a query may go on: ``prefix`` followed by one of ``options``.

    If there is a ``field``, the caller has to look up the options: the values of the field that
    start with ``value_start``, except those already ``listed``.
    """

    prefix: str
    options: list[str]
    field: str = ""
    value_start: str = ""
    listed: tuple[str, ...] = ()


def complete(typed: str, schema: Schema) -> Completion:
    """Return how the last condition of ``typed`` may go on, without options for a word."""
    value = _VALUE.search(typed)
    if value and not _is_in_quotes(typed[: value.start("field")]):
        return _complete_value(typed, value, schema)
    field = _FIELD.search(typed)
    if field is None or not _may_be_field(typed, field):
        return Completion(typed, [])
    conditions = [f"{name}{end}" for name, kind in schema.items() for end in _OPERATORS[kind]]
    conditions += [*(f"is:{life}" for life in _LIVES), "has:", "no:", "lived:"]
    start = field["field"].lower()
    options = [condition for condition in conditions if condition.startswith(start)]
    return Completion(typed[: field.start("field")], options)


def _may_be_field(typed: str, field: re.Match[str]) -> bool:
    """Whether what is being typed may become a field. An empty query may, but not the end of a
    longer one."""
    before = typed[: field.start("field")]
    is_begun = bool(field["field"]) or not typed.strip()
    return is_begun and not _is_in_quotes(typed) and not _DETACHED_MINUS.search(before)


def _is_in_quotes(typed: str) -> bool:
    return len(DOUBLE_QUOTE.findall(typed)) % 2 == 1


def _complete_value(typed: str, match: re.Match[str], schema: Schema) -> Completion:
    name, prefix = match["field"].lower(), typed[: match.start("value")]
    start = DOUBLE_QUOTE.sub("", match["value"]).lstrip("'‘")
    kind = Kind.NUMBER if name == "lived" else schema.get(name)
    if kind in (Kind.TEXT, Kind.TAGS):
        listed = tuple(DOUBLE_QUOTE.sub("", value) for value in match["listed"].split(","))
        return Completion(prefix, [], name, start, listed)
    options: tuple[str, ...] = ()
    if not match["listed"]:
        keywords = {"is": _LIVES, "has": tuple(schema), "no": tuple(schema)}
        years = _SPAN_EXAMPLES if name in (*BASE_SCHEMA, "lived") else ()
        flags = ("yes", "no") if kind is Kind.FLAG else ()
        options = keywords.get(name) or years or flags
    return Completion(prefix, [option for option in options if option.startswith(start.lower())])

"""What may follow where a query ends: fields, operators and values, while it is being typed."""

import re
from dataclasses import dataclass

from bot.person import Kind, Schema

_OPERATORS = {
    Kind.NUMBER: ("<", ">", ":"),
    Kind.TEXT: (":", "!="),
    Kind.TAGS: (":", "!="),
    Kind.FLAG: (":yes", ":no"),
}
_SPANS = ("1900..1950", "1960s", "19c")
_LIVES = ("is:alive", "is:dead")

_VALUE = re.compile(
    r"""(?:^|[\s(!-])\.?(?P<field>[a-z_]\w*)(?P<operator>\s*(?:!=|==|=)\s*|:)
    (?P<before>(?:(?:"[^"]*"|[^\s",()]+),)*) (?P<value>"[^"]*|[^\s",()]*)$""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(r"(?:^|[\s(!-])\.?(?P<field>[a-z_]\w*|)$", re.IGNORECASE)


@dataclass(frozen=True)
class Completion:
    """``head`` and one of ``options`` make a longer query; or, if there is a ``field``, one of its
    values that start with ``start``."""

    head: str
    options: list[str]
    field: str = ""
    start: str = ""


def complete(typed: str, schema: Schema) -> Completion:
    """How the last term of ``typed`` may go on; without options where it is a word."""
    if match := _VALUE.search(typed):
        name, start = match["field"].lower(), match["value"].removeprefix('"')
        head = typed[: match.start("value")]
        options = _values(name, schema)
        if options is None:
            return Completion(head, [], name, start)
        return Completion(head, [option for option in options if option.startswith(start.lower())])
    match = _FIELD.search(typed)
    if not match or (typed.strip() and not match["field"]):
        return Completion(typed, [])
    start = match["field"].lower()
    terms = [f"{name}{after}" for name, kind in schema.items() for after in _OPERATORS[kind]]
    terms += [*_LIVES, "has:", "no:", "lived:"]
    return Completion(
        typed[: match.start("field")], [term for term in terms if term.startswith(start)]
    )


def _values(name: str, schema: Schema) -> list[str] | None:
    """What can stand after the field; None where that is what people in the directory have."""
    if name == "is":
        return [life.removeprefix("is:") for life in _LIVES]
    if name in ("has", "no"):
        return list(schema)
    kind = Kind.NUMBER if name == "lived" else schema.get(name)
    if kind in (Kind.TEXT, Kind.TAGS):
        return None
    return {Kind.NUMBER: list(_SPANS), Kind.FLAG: ["yes", "no"]}.get(kind, []) if kind else []

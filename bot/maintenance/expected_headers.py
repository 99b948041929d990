"""The headers of operations, beside what their steps say of them."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.directory.history import What, read_operation

Header = dict[str, Any]


@dataclass
class Traced:
    """What the steps of an operation say of it: its first and last, how many people they changed,
    and the schema before them."""

    last: str
    first: str = ""
    people: int = 0
    schema: str = ""
    oldest: bool = False


def read_header(stored: str | None) -> Header | None:
    """A header from what was stored, if there is one."""
    with suppress(ValueError, RecursionError):
        header = json.loads(stored or "")
        if isinstance(header, dict) and isinstance(header.get("at"), int | float):
            return header
    return None


def is_read(number: int, header: Header) -> bool:
    """Whether the bot can read a header."""
    try:
        read_operation(number, header, None)
    except ValueError:
        return False
    return True


def mended(header: Header, traced: Traced) -> Header:
    """The header as the steps are; ``cut`` if some of them are gone."""
    right = dict(header)
    if not isinstance(header.get("by"), str):
        right["by"] = ""
    if header.get("what") not in [*What]:
        right["what"] = What.OUTSIDE
    whole = header.get("first") == traced.first and header.get("count") == traced.people
    if header.get("last") != traced.last or not (whole or header.get("cut")):
        ids = (traced.first, traced.last)
        counted = header.get("count")
        known = isinstance(counted, int | float) and counted <= traced.people
        if not known or (header.get("first"), header.get("last")) != ids:
            right["cut"] = True
        right |= {"first": traced.first, "last": traced.last, "count": traced.people}
    return right


def rebuilt(traced: Traced, model: str, by: str) -> Header:
    """What can be known of an operation of which there are only steps."""
    return {
        "by": by,
        "at": int(traced.first.partition("-")[0]),
        "what": What.OUTSIDE,
        "note": "",
        "count": traced.people,
        "first": traced.first,
        "last": traced.last,
        "model": model,
        "schema": traced.schema,
        **({"cut": True} if traced.oldest else {}),
    }

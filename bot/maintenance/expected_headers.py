"""What the entries of an operation say its header should be."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot.directory.history.operations import OperationKind

Header = dict[str, Any]
"""The header of an operation; lua/directory.lua lists its fields."""


@dataclass
class ExpectedHeader:
    """What the entries of an operation say about it: the ids of the first and the last one, how
    many people they changed, and the schema before them. ``is_oldest`` is set for the oldest
    operation in the history, whose first entries may have been deleted."""

    last: str
    first: str = ""
    people: int = 0
    schema: str = ""
    is_oldest: bool = False


def read_header(stored: str | None) -> Header | None:
    """Return the header that is stored, or None if it isn't an object with a time."""
    with suppress(ValueError, RecursionError):
        header = json.loads(stored or "")
        if isinstance(header, dict) and isinstance(header.get("at"), int | float):
            return header
    return None


def correct_header(header: Header, expected: ExpectedHeader) -> Header:
    """Return the header, corrected where it contradicts the operation's entries, and marked as
    ``cut`` if some of the entries are gone."""
    corrected = dict(header)
    if not isinstance(header.get("by"), str):
        corrected["by"] = ""
    if header.get("what") not in [*OperationKind]:
        corrected["what"] = OperationKind.OUTSIDE
    first, last, count = header.get("first"), header.get("last"), header.get("count")
    is_complete = first == expected.first and count == expected.people
    if last != expected.last or not (is_complete or header.get("cut")):
        counts_more = not isinstance(count, int | float) or count > expected.people
        if counts_more or (first, last) != (expected.first, expected.last):
            corrected["cut"] = True
        corrected |= {"first": expected.first, "last": expected.last, "count": expected.people}
    return corrected


def make_header(expected: ExpectedHeader, model: str, by: str) -> Header:
    """Return a header for an operation of which only the entries are known."""
    return {
        "by": by,
        "at": int(expected.first.partition("-")[0]),
        "what": OperationKind.OUTSIDE,
        "note": "",
        "count": expected.people,
        "first": expected.first,
        "last": expected.last,
        "model": model,
        "schema": expected.schema,
        **({"cut": True} if expected.is_oldest else {}),
    }

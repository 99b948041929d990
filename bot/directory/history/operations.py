"""Operations: what someone asked a directory to change, and what the history stores about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from bot.directory.schema_json import load_schema
from bot.language import _
from bot.person import Schema

_MS_PER_DAY = 24 * 3600 * 1000


class OperationKind(StrEnum):
    """The kinds of operations, as the history stores them."""

    ADD = "add"
    EDIT = "edit"
    REMOVE = "remove"
    BULK = "bulk"
    IMPORT = "import"
    FIELD_ADD = "field add"
    FIELD_RENAME = "field rename"
    FIELD_REMOVE = "field remove"
    UNDO = "undo"
    OUTSIDE = "outside"
    """A change by another program, found by ``check``."""


@dataclass(frozen=True)
class Author:
    """The author of a change: the ID and display name of a Discord user, or of something else that
    makes changes."""

    id: str
    name: str


UNKNOWN_AUTHOR = Author("", "")
"""The author of changes made without naming one, for example by a program that uses Directory."""


def unknown_author() -> str:
    """Return what stands for a member who isn't known, or who removed their name."""
    return _("someone")


@dataclass(frozen=True)
class HistoryLimits:
    """How much history a directory keeps: the number of changed people, and the number of days.
    The latest operation is always kept whole."""

    changes: int = 100_000
    days: int = 365


DEFAULT_LIMITS = HistoryLimits()


@dataclass
class OperationRequest:
    """An operation to carry out, in one or more transactions.

    ``number`` is set once the first transaction is in the history. An operation with ``is_open``
    can have more entries until it is finished. A request with the same ``source`` as an
    interrupted operation continues that one. ``undoes`` is the number of the operation that an undo
    reverts."""

    kind: OperationKind
    author: Author = UNKNOWN_AUTHOR
    note: str = ""
    is_open: bool = False
    source: str | None = None
    undoes: int | None = None
    number: int | None = None

    def dump(self, limits: HistoryLimits) -> str:
        """Return the request as the JSON that lua/directory.lua reads."""
        values = {
            "what": self.kind,
            "by": self.author.id,
            "name": self.author.name,
            "note": self.note,
            "open": self.is_open or None,
            "max_people": limits.changes,
            "max_age": limits.days * _MS_PER_DAY,
            "source": self.source,
            "undoes": self.undoes,
            "number": self.number,
        }
        known = {key: value for key, value in values.items() if value is not None}
        return json.dumps(known, ensure_ascii=False)


@dataclass(frozen=True)
class Operation:
    """An operation in the history.

    ``author`` is None if the name was removed from the history. ``schema`` and ``model`` are those
    from before the operation. ``undoes`` and ``undone_by`` are numbers of operations.
    ``first_entry`` and ``last_entry`` are IDs in the stream of history entries. An operation
    ``is_truncated`` if its oldest entries were dropped, and ``is_open`` if it wasn't finished."""

    number: int
    kind: OperationKind
    time: datetime
    author: Author | None
    note: str
    people_count: int
    schema: Schema
    model: str
    undoes: int | None
    undone_by: int | None
    is_truncated: bool
    is_open: bool
    first_entry: str
    last_entry: str
    source: str | None


def parse_operation(number: int, header: Mapping[str, Any], author: Author | None) -> Operation:
    """Parse an operation from its header as lua/directory.lua writes it. Raises ValueError if the
    header is invalid."""
    try:
        return Operation(
            number=number,
            kind=OperationKind(header["what"]),
            time=from_milliseconds(header["at"]),
            author=author,
            note=str(header.get("note") or ""),
            people_count=int(header["count"]),
            schema=load_schema(header["schema"]),
            model=header["model"],
            undoes=header.get("undoes") or None,
            undone_by=header.get("undone") or None,
            is_truncated=bool(header.get("cut")),
            is_open=bool(header.get("open")),
            first_entry=header.get("first", ""),
            last_entry=header.get("last", ""),
            source=header.get("source") or None,
        )
    except (LookupError, TypeError, OverflowError, OSError) as error:
        raise ValueError(error) from error


def from_milliseconds(milliseconds: float) -> datetime:
    """Return the UTC time of a Redis timestamp."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)

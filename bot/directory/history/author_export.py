"""Exporting what the history of a directory has about one author, as a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory.history.history import History
from bot.directory.history.operations import Author, Operation

PAGE = 100  # operations read at once
MAX_NAMES = 1000  # of the people that one operation changed; their number is always exported
MAX_SIZE = 5_000_000  # bytes of JSON before it is indented; Discord accepts 10 MiB


@dataclass(frozen=True)
class AuthorExport:
    """The operations of an author as a JSON ``file``. ``exported_count`` of the author's
    ``operation_count`` operations are in it: all of them, or as many of the newest as fit."""

    author: Author
    operation_count: int
    exported_count: int
    file: bytes


async def export_author(history: History, author_id: str) -> AuthorExport | None:
    """Export the operations of an author. Returns None if the history has none."""
    author = next((each for each in await history.authors() if each.id == author_id), None)
    if author is None:
        return None
    changes = await _export_operations(history, author_id)
    count = max(len(changes), await history.count(author_id=author_id))
    content = {"id": author_id, "name": author.name, "count": count, "changes": changes}
    file = json.dumps(content, ensure_ascii=False, indent=2).encode()
    return AuthorExport(author, count, len(changes), file)


async def _export_operations(history: History, author_id: str) -> Sequence[dict[str, Any]]:
    """Return the author's operations as JSON objects, newest first, up to MAX_SIZE."""
    exported: list[dict[str, Any]] = []
    size = 0
    while page := await history.page(len(exported), PAGE, author_id=author_id):
        for operation in page:
            values = await _export_operation(history, operation)
            size += len(json.dumps(values, ensure_ascii=False).encode())
            if size > MAX_SIZE:
                return exported
            exported.append(values)
    return exported


async def _export_operation(history: History, operation: Operation) -> dict[str, Any]:
    names = [change.name for change in await history.changes(operation, MAX_NAMES)]
    values = {
        "number": operation.number,
        "time": operation.time.isoformat(timespec="seconds"),
        "what": operation.kind,
        "note": operation.note,
        "people": operation.people_count,
        "names": list(dict.fromkeys(names)),
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
    }
    return {key: value for key, value in values.items() if value}

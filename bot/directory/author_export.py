"""What the history of a directory holds of an author, as a file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory.history import History
from bot.directory.operations import Author, Operation

BATCH = 100  # operations read at once
NAMES_MAX = 1000  # of the people that one operation changed; how many these are is there, too
FILE_MAX = 5_000_000  # bytes before it is indented: Discord takes 10 MiB


@dataclass(frozen=True)
class AuthorExport:
    """An author; how many operations are theirs, and how many of these, the newest, are ``written``
    in the file, which is JSON."""

    author: Author
    operations: int
    written: int
    file: bytes


async def export_author(history: History, id: str) -> AuthorExport | None:
    """What there is of the author of this id; None if there is nothing."""
    author = next((author for author in await history.authors() if author.id == id), None)
    if author is None:
        return None
    changes = await _changes(history, id)
    count = max(len(changes), await history.count(author_id=id))
    content = {"id": id, "name": author.name, "count": count, "changes": changes}
    file = json.dumps(content, ensure_ascii=False, indent=2).encode()
    return AuthorExport(author, count, len(changes), file)


async def _changes(history: History, id: str) -> Sequence[dict[str, Any]]:
    """The author's operations, the newest first; as many as the file takes."""
    changes: list[dict[str, Any]] = []
    size = 0
    while page := await history.page(len(changes), BATCH, author_id=id):
        for operation in page:
            change = await _change(history, operation)
            size += len(json.dumps(change, ensure_ascii=False).encode())
            if size > FILE_MAX:
                return changes
            changes.append(change)
    return changes


async def _change(history: History, operation: Operation) -> dict[str, Any]:
    """What is known of an operation."""
    names = [change.name for change in await history.changes(operation, NAMES_MAX)]
    known = {
        "number": operation.number,
        "time": operation.time.isoformat(timespec="seconds"),
        "what": operation.kind,
        "note": operation.note,
        "people": operation.people_count,
        "names": list(dict.fromkeys(names)),
        "undoes": operation.undoes,
        "undone_by": operation.undone_by,
    }
    return {key: value for key, value in known.items() if value}

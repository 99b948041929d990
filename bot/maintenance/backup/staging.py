"""Loads the records of a directory under temporary keys."""

import json
import secrets
from collections.abc import Iterator, Sequence

from bot.directory.history.entries import format_entry
from bot.directory.lua import FORMAT
from bot.directory.redis import Argument
from bot.directory.redis.commands import Command
from bot.directory.storage import Storage
from bot.errors import DirectoryUnavailable
from bot.language import _
from bot.maintenance.backup.format import BackupRecord
from bot.maintenance.backup.records import parse_entry_record, parse_vector, permanent_meta
from bot.person import fold


class StagedDirectory:
    """A directory that is being restored under temporary keys, until it replaces the one of
    ``storage``. Only one restore of a directory can run: the latest to begin ends the others."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._staged = Storage(storage.redis, storage.keys.staged)
        self._token = secrets.token_hex(8)
        self._schema = ""
        self._form: Sequence[Argument] = ()
        self._dimension = 0
        self._counts = {"person": 0, "operation": 0, "step": 0}

    async def begin(self, directory: BackupRecord) -> None:
        """Begin with a directory's own record. Deletes what an earlier restore left."""
        self._schema = directory["meta"]["schema"]
        self._form, self._dimension = directory["form"], directory["dimension"]
        meta = permanent_meta({**directory["meta"], "format": FORMAT})
        fields = [part for pair in meta.items() for part in pair]
        await self._staged.call("begin_copy", self._token, *fields)

    async def add(self, records: Sequence[BackupRecord]) -> None:
        """Add other records of the directory. Raises DirectoryUnavailable if another restore of it
        has begun, or a repair has deleted what was loaded."""
        people = [record for record in records if "person" in record]
        arguments: list[Argument] = []
        for person in people:
            vector = parse_vector(person["vector"], self._dimension)
            name, attributes = person["person"], person["attributes"] or ""
            arguments += [name, fold(name), vector, attributes]
        for command in (command for record in records for command in self._commands(record)):
            arguments += [len(command), *command]
        begun = (self._token, self._schema, *self._form, len(people))
        if not await self._staged.call("add_to_copy", *begun, *arguments):
            raise DirectoryUnavailable(
                _(
                    "This restore was cancelled, because another restore of the directory or "
                    "check --repair removed what it had loaded. If none is running, run it "
                    "again."
                )
            )
        for kind in self._counts:
            self._counts[kind] += sum(next(iter(record)) == kind for record in records)

    async def put_in_place(self, *, replace: bool) -> bool:
        """Replace the existing directory, if any, in one transaction. Returns False if there is one
        and ``replace`` isn't set. Raises DirectoryUnavailable as ``add`` does."""
        arguments = (self._token, *self._counts.values(), int(replace))
        is_replaced = await self._storage.call(
            "replace_by_copy", *arguments, more_keys=self._staged.keys
        )
        if is_replaced is None:
            raise DirectoryUnavailable(
                _(
                    "This restore was cancelled, because another restore of the directory or "
                    "check --repair removed what it had loaded. If none is running, run it "
                    "again."
                )
            )
        if is_replaced:  # an unfinished re-embedding has the people of the replaced directory
            await self._storage.redis.execute("UNLINK", self._storage.keys.next_vset)
        return bool(is_replaced)

    async def delete(self) -> None:
        """Delete what was loaded, unless another restore has begun."""
        await self._staged.call("delete_copy", self._token)

    def _commands(self, record: BackupRecord) -> Iterator[Command]:
        """Yield the commands that add a record of an operation, an author or an entry."""
        keys = self._staged.keys
        marks: list[str] = []
        if "header" in record:
            number, header = record["operation"], record["header"]
            yield "HSET", keys.operations, number, header
            author = json.loads(header)["by"]
            marks = [f"all\0{number:012}", f"by\0{author}\0{number:012}"]
        elif "author" in record:
            yield "HSET", keys.authors, record["author"], record["value"]
        elif "step" in record:
            entry, number = parse_entry_record(record), record["operation"]
            yield "XADD", keys.history, entry.id, "operation", number, *format_entry(entry)
            marks = sorted(entry.marks(number))
        for mark in marks:
            yield "ZADD", keys.marks, 0, mark

"""Changing people and fields in one directory: what every change is made of."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bot import sentences
from bot.directory import lua
from bot.directory.finding import ATTEMPTS, Finder
from bot.directory.history import History
from bot.directory.history_entries import PACKED_SIZES, Change, name_digests, pack_changes
from bot.directory.operations import (
    DEFAULT_LIMITS,
    UNKNOWN_AUTHOR,
    Author,
    HistoryLimits,
    OperationKind,
    OperationRequest,
)
from bot.directory.redis import Argument, Redis
from bot.directory.schema_json import dump_schema
from bot.embedding import Embeds, Vectors
from bot.errors import DirectoryUnavailable, InvalidPerson
from bot.person import (
    BASE_SCHEMA,
    FIELDS_MAX,
    Kind,
    Person,
    Schema,
    clean_field_name,
    fold,
)

LAST = "description"  # the key that follows the fields in what Redis stores of a person


Progress = Callable[[int, int], None]
"""Hears how many of how many are done."""


def unheard(done: int, total: int) -> None:
    """The progress of what nobody waits for."""


@dataclass(frozen=True)
class Edit:
    """A person to be stored: from the attributes as Redis has them (``before``, '' for nobody) to
    ``after`` (None for nobody), and a vector, float32[dimension], if it is another. What another
    program stored stays from ``kept``, which is ``before`` if it is empty."""

    name: str
    before: str
    after: Person | None
    vector: Vectors | None = None
    kept: str = ""


class Keeper(Finder):
    """Changes the people under ``key``, each change whole or not at all and in the history; raises
    DirectoryError throughout."""

    def __init__(
        self,
        redis: Redis,
        embedder: Embeds,
        key: str,
        schema: Schema,
        limits: HistoryLimits = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(redis, embedder, key, schema)
        self.history = History(redis, self._keys, limits)

    async def apply(self, edits: Sequence[Edit], asked: OperationRequest) -> dict[str, str]:
        """Carry out edits in one transaction, as a step of an operation. Whoever is not as before
        stays; returned is what there is instead: the name of who is there, or attributes, or ''."""
        used = {name for edit in edits if edit.after for name in edit.after.attributes}
        kinds = {name: self.schema.get(name) for name in used}
        for _ in range(ATTEMPTS):
            changes = [self._change(edit) for edit in edits]
            arguments: list[Argument] = [*_packed(changes)]
            for edit, change in zip(edits, changes, strict=True):
                vector = b"" if edit.vector is None else edit.vector.tobytes()
                arguments += [edit.name, fold(edit.name), change.before, change.after, vector]
            answer = await self._run("change", *self._asked(asked), *arguments)
            if answer is not None:
                number, *refused = answer
                asked.number = int(number) or asked.number
                return dict(zip(refused[::2], refused[1::2], strict=True))
            await self.refresh()
            if kinds != {name: self.schema.get(name) for name in used}:
                break  # the values would be lost, or of a wrong kind
        raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)

    def _change(self, edit: Edit) -> Change:
        kept = edit.kept or edit.before
        after = edit.after.dump(self.schema, kept) if edit.after else ""
        return Change(edit.name, edit.before, after)

    async def stored(self, names: Sequence[str]) -> list[str | None]:
        """The attributes of people as Redis has them; None for who is not there."""
        return await self._redis.execute_all([("VGETATTR", self.key, name) for name in names])

    async def held(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Who has one of these names, case and accents aside: by the folded name, the name and the
        attributes as Redis has them."""
        return await self._held(await self._names.all_called(names))

    async def held_apart(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The same of who has one of these names with something in brackets, that tells apart."""
        return await self._held(await self._names.told_apart(names))

    async def _held(self, found: Sequence[str]) -> dict[str, tuple[str, str]]:
        stored = zip(found, await self.stored(found), strict=True)
        return {fold(name): (name, text) for name, text in stored if text is not None}

    @property
    def model(self) -> str:
        """The name of the model that people are embedded by."""
        return self._embedder.name

    async def finish(self, asked: OperationRequest) -> None:
        """Close an open operation, of which no more steps will come; also one that was interrupted
        just before."""
        if asked.number is None and asked.source:
            number = await self._redis.execute("HGET", self._keys.meta, f"open:{asked.source}")
            asked.number = int(number) if number else None
        if asked.number is not None:
            await self._run("finish_operation", asked.number)

    # Fields

    async def add_field(self, name: str, kind: Kind, *, by: Author = UNKNOWN_AUTHOR) -> str:
        """Add a field that nobody has a value of yet; returns its name as stored. Raises
        InvalidPerson."""
        name = clean_field_name(name)
        await self.refresh()
        if not await self.define(
            {name: kind}, OperationRequest(OperationKind.FIELD_ADD, by, note=name)
        ):
            raise InvalidPerson(sentences.people.attribute_there(name, self.schema[name]))
        return name

    async def rename_field(self, old: str, new: str, *, by: Author = UNKNOWN_AUTHOR) -> str:
        """Give a field another name, in one transaction; returns it as stored. Raises
        InvalidPerson."""
        for _ in range(ATTEMPTS):
            await self.refresh()
            old, new = self._own(old), clean_field_name(new)
            if new in self.schema:
                raise InvalidPerson(sentences.people.attribute_there(new, self.schema[new]))
            asked = OperationRequest(OperationKind.FIELD_RENAME, by, note=f"{old} {new}")
            if await self.try_rename(old, new, asked):
                return new
        raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)

    async def define(
        self, fields: Schema, asked: OperationRequest | None = None, order: Sequence[str] = ()
    ) -> list[str]:
        """Make sure that the schema has these fields, and return those that it had not. Everybody
        gets a new field, as unknown, in the same transaction. It stands last, or before the first
        of those that follow it in ``order``. Raises InvalidPerson."""
        asked = asked or OperationRequest(OperationKind.FIELD_ADD, note=" ".join(fields))
        for _ in range(ATTEMPTS):
            new = {name: kind for name, kind in fields.items() if name not in self.schema}
            if not new:
                return []
            if len(self.schema) + len(new) > FIELDS_MAX:
                raise InvalidPerson(sentences.people.too_many_attributes(FIELDS_MAX))
            following = _following(next(iter(new)), order, self.schema)
            after = _inserted(self.schema, new, following)
            nulls = "".join(f"{json.dumps(name)}:null," for name in new)
            arguments = (dump_schema(after), nulls, following)
            number = await self._run("define_fields", *self._asked(asked), *arguments)
            if number is not None:
                asked.number = int(number)
                self.schema = after
                return list(new)
            await self.refresh()
        raise DirectoryUnavailable(sentences.service.DIRECTORY_BUSY)

    async def try_rename(self, old: str, new: str, asked: OperationRequest) -> bool:
        """Rename a field; False if the schema is another than ours."""
        after = {new if name == old else name: kind for name, kind in self.schema.items()}
        arguments = (dump_schema(after), old, new)
        number = await self._run("rename_field", *self._asked(asked), *arguments)
        return self._settle(number, after, asked)

    async def try_drop(self, name: str, asked: OperationRequest) -> bool | None:
        """Remove a field that nobody has a value of; False if the schema is another than ours, None
        if somebody has one."""
        after = {other: kind for other, kind in self.schema.items() if other != name}
        arguments = (dump_schema(after), name)
        number = await self._run("remove_field", *self._asked(asked), *arguments)
        return None if number == 0 else self._settle(number, after, asked)

    def _settle(self, number: int | None, after: Schema, asked: OperationRequest) -> bool:
        if number is None:
            return False
        asked.number = int(number)
        self.schema = after
        return True

    async def own_field(self, name: str) -> str:
        """The name of a field that can be renamed or removed, as stored. Raises InvalidPerson."""
        await self.refresh()
        return self._own(name)

    def _own(self, name: str) -> str:
        name = clean_field_name(name)
        if name in BASE_SCHEMA:
            raise InvalidPerson(sentences.people.attribute_of_everybody(name))
        if name not in self.schema:
            raise InvalidPerson(sentences.people.no_attribute(name, [], list(self.schema)))
        return name

    async def compact(self) -> None:
        """Have Redis rewrite its append-only file in the background, unless it is at it: without
        that, its next start would add everybody again."""
        with suppress(DirectoryUnavailable):  # not allowed, say: it is speed alone
            if not await self._rewriting():
                await self._redis.execute("BGREWRITEAOF", near=self.key)

    async def _rewriting(self) -> bool:
        info = await self._redis.execute("INFO", "persistence", near=self.key)
        return bool(info["aof_rewrite_in_progress"])

    def _asked(self, asked: OperationRequest) -> tuple[str, str, str]:
        """What each script that changes something begins with."""
        limits = self.history.limits
        return dump_schema(self.schema), self._embedder.name, asked.dump(limits)

    async def _run(self, function: lua.Function, *arguments: Argument) -> Any:
        return await lua.call(self._redis, function, self._keys, *arguments)


def _packed(changes: Sequence[Change]) -> tuple[Argument, Argument]:
    """How the history holds many people, and their prints; nothing for few."""
    if len(changes) not in PACKED_SIZES:
        return b"", ""
    return pack_changes(changes), name_digests(change.name for change in changes)


def _following(name: str, order: Sequence[str], schema: Schema) -> str:
    later = list(order)[list(order).index(name) + 1 :] if name in order else []
    return next((other for other in later if other in schema), LAST)


def _inserted(schema: Schema, new: Schema, following: str) -> dict[str, Kind]:
    after: dict[str, Kind] = {}
    for name, kind in schema.items():
        after |= new if name == following else {}
        after[name] = kind
    return {**after, **new}


def changed_fields(old: Person, new: Person) -> Mapping[str, tuple[Any, Any]]:
    """The attributes that differ between two versions of a person, from what to what."""
    names = dict.fromkeys([*old.attributes, *new.attributes])
    values = {name: (old.attributes.get(name), new.attributes.get(name)) for name in names}
    return {name: pair for name, pair in values.items() if pair[0] != pair[1]}

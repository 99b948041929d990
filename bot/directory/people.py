"""The people of one directory: finding, listing, embedding and changing them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory import name_spotting
from bot.directory.fields import Attempts, Fields, clean_names, fields_busy
from bot.directory.history.entries import PACKED_SIZES, Change, name_digests, pack_changes
from bot.directory.history.operations import UNKNOWN_AUTHOR, Author, OperationKind, OperationRequest
from bot.directory.names import NameIndex, name_of
from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.directory.vector_search import VectorSearch
from bot.directory.vectors import read_vectors
from bot.embedding import TextEmbedder, Vectors
from bot.errors import DirectoryEmpty, PersonChanged, PersonExists, PersonNotFound
from bot.person import Person, fold
from bot.query import Query

BATCH = 64  # people in a transaction or a pipeline: short enough not to hold up other clients


@dataclass(frozen=True)
class Edit:
    """A change to one person.

    ``before`` is the JSON of the attributes stored now, '' to add the person. ``after`` is the
    person to store, None to remove them. ``vector``, float32[dimension], is None to keep the one
    stored. ``foreign`` is JSON that has what other programs stored with the person, by default
    ``before``.
    """

    name: str
    before: str
    after: Person | None
    vector: Vectors | None = None
    foreign: str = ""


class People:
    """The people of one directory. Each change is made as a whole or not at all, and is in the
    history; ``by`` is its author. Raises DirectoryError."""

    def __init__(
        self,
        storage: Storage,
        embedder: TextEmbedder,
        fields: Fields,
        names: NameIndex,
        vector_search: VectorSearch,
    ) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._key = storage.keys.vset
        self._embedder = embedder
        self._fields = fields
        self._names = names
        self._vector_search = vector_search

    # One by one

    async def find(self, name: str) -> Person | None:
        """Return the person of exactly this name or, if there is none, of this name regardless of
        case and accents."""
        exact, entries = await self._redis.execute_all(
            [("VGETATTR", self._key, name), self._names.find_command(name)]
        )
        if exact is not None:
            return Person.load(name, exact)
        if not entries:
            return None
        people = await self._storage.load_people([name_of(entries[0])])
        return people[0] if people else None

    async def get(self, name: str) -> Person:
        """Find a person, as ``find`` does. Raises PersonNotFound, which suggests similar names."""
        person = await self.find(name)
        if person is None:
            raise PersonNotFound(name, await self._names.similar(name))
        return person

    async def find_named(self, name: str, count: int) -> list[Person]:
        """Return up to ``count`` people: the one of this name, then those with something in
        brackets after it, like ``Ada (2)``, then those whose names end with it. Case and accents
        don't matter."""
        names = await self._names.find_or_ending_with(name, count)
        return await self._storage.load_people(names)

    async def find_mentioned(self, text: str, count: int) -> list[Person]:
        """Return up to ``count`` people whose full names appear in a text, in the order of the
        text."""
        possible = name_spotting.possible_names(text)
        names = await self._names.find(possible)
        mentioned = name_spotting.sort_by_position(names, possible)
        return await self._storage.load_people(mentioned[:count])

    async def find_stored(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return the names and the attributes, as stored, of the people with these names, by their
        folded names. Case and accents don't matter."""
        return await self._read_stored(await self._names.find(names))

    async def find_disambiguated(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return what ``find_stored`` returns, for people with one of these names followed by
        something in brackets."""
        return await self._read_stored(await self._names.find_disambiguated(names))

    async def _read_stored(self, names: Sequence[str]) -> dict[str, tuple[str, str]]:
        stored = await self._storage.read_attributes(names)
        pairs = zip(names, stored, strict=True)
        return {fold(name): (name, text) for name, text in pairs if text is not None}

    async def random(self) -> Person:
        """Return a random person. Raises DirectoryEmpty."""
        name = await self._redis.execute("VRANDMEMBER", self._key)
        if name is None:
            raise DirectoryEmpty
        return await self.get(name)

    # Many

    async def count(self) -> int:
        """Return how many people there are."""
        return await self._storage.count()

    async def list_names(self, query: Query | None = None) -> list[str]:
        """Return the names of everyone, or of those who match a query's conditions, in order."""
        if query is None or query.filter is None:
            return await self._names.all()
        return await self._vector_search.list_names(query.filter)

    async def iterate(self, query: Query | None = None) -> AsyncIterator[Person]:
        """Yield everyone, or those who match a query's conditions, in the order of their names.
        Anyone removed meanwhile is left out, and so is anyone added."""
        names = await self.list_names(query)
        for start in range(0, len(names), BATCH):
            for person in await self._storage.load_people(names[start : start + BATCH]):
                yield person

    async def sample(self, max_count: int) -> list[Person]:
        """Return everyone or, if there are more, ``max_count`` people at random."""
        names = await self._redis.execute("VRANDMEMBER", self._key, max_count)
        return await self._storage.load_people(names or [])

    # Vectors

    async def vectors(self, names: Sequence[str]) -> tuple[list[str], Vectors]:
        """Return those of these names that exist, and their unit vectors, float32[n, dimension]."""
        return await read_vectors(self._storage, names)

    async def embed(self, people: Sequence[Person]) -> Vectors:
        """Embed people's descriptions as unit vectors, float32[n, dimension]. People whom another
        program added may have no description: their names are embedded."""
        return await self._embedder.embed_all(list(map(_text_to_embed, people)))

    async def embedding_costs(self, people: Sequence[Person]) -> list[int]:
        """Return the number of tokens to embed for each person. Embedding people with similar
        numbers together is fastest."""
        return await self._embedder.lengths(list(map(_text_to_embed, people)))

    # Changes

    async def add(
        self,
        name: str,
        description: str,
        values: Mapping[str, Any],
        *,
        by: Author = UNKNOWN_AUTHOR,
    ) -> Person:
        """Add one person, and the fields that don't exist yet; return the person as stored. Raises
        PersonExists or InvalidPerson if nothing was changed."""
        request = OperationRequest(OperationKind.ADD, by)
        while True:
            new_fields = self._fields.infer_new(values)
            schema = {**self._fields.schema, **new_fields}
            person = Person.create(name, description, clean_names(values), schema)
            # Reading first also makes sure that Redis is reachable: a read can be retried, but
            # a change can't, because it may have been made.
            existing = await self.find(person.name)
            if existing is not None:
                raise PersonExists(existing.name)
            if not new_fields:
                break
            await self._fields.define(new_fields, request)
        vector = await self._embedder.embed(person.description)
        conflicts = await self.apply([Edit(person.name, "", person, vector)], request)
        if conflicts:
            raise PersonExists(conflicts[person.name])
        return person

    async def add_many(
        self, people: Sequence[Person], request: OperationRequest | None = None
    ) -> dict[str, str]:
        """Add people, except those whose names are taken regardless of case and accents. Returns
        these names, each with the name of the person who has it. The directory must have all the
        people's fields: see Fields.define."""
        request = request or OperationRequest(OperationKind.IMPORT)
        conflicts: dict[str, str] = {}
        for start in range(0, len(people), BATCH):
            batch = people[start : start + BATCH]
            vectors = await self._embedder.embed_all([person.description for person in batch])
            edits = [
                Edit(person.name, "", person, vector)
                for person, vector in zip(batch, vectors, strict=True)
            ]
            conflicts |= await self.apply(edits, request)
        return conflicts

    async def update(
        self,
        name: str,
        description: str | None,
        values: Mapping[str, Any],
        *,
        by: Author = UNKNOWN_AUTHOR,
        expected: Person | None = None,
    ) -> Person:
        """Change a person's description, if it isn't None, and some attributes; return the person
        as stored. Raises PersonNotFound, InvalidPerson or, if the person isn't ``expected`` any
        more, PersonChanged, without having changed anything."""
        name = (await self.get(name)).name
        request = OperationRequest(OperationKind.EDIT, by)
        old = None
        async for _ in Attempts(self._fields):
            (before,) = await self._storage.read_attributes([name])
            if before is None:
                raise PersonNotFound(name)
            old = Person.load(name, before)
            if expected is not None and old != expected:
                break
            new_fields = self._fields.infer_new(values)
            schema = {**self._fields.schema, **new_fields}
            new = old.with_changes(description, clean_names(values), schema)
            if new_fields:
                await self._fields.define(new_fields, request)
                continue  # it changed the stored attributes, and someone else may have been first
            changed = new.description != old.description
            vector = await self._embedder.embed(new.description) if changed else None
            if not await self.apply([Edit(name, before, new, vector)], request):
                return new
        raise PersonChanged(name, old)

    async def remove(
        self, name: str, *, by: Author = UNKNOWN_AUTHOR, expected: Person | None = None
    ) -> None:
        """Remove the person of exactly this name. Raises PersonNotFound or, if the person isn't
        ``expected`` any more, PersonChanged."""
        request = OperationRequest(OperationKind.REMOVE, by)
        async for _ in Attempts(self._fields):
            (before,) = await self._storage.read_attributes([name])
            if before is None:
                raise PersonNotFound(name, await self._names.similar(name))
            person = Person.load(name, before)
            if expected is not None and person != expected:
                raise PersonChanged(name, person)
            if not await self.apply([Edit(name, before, None)], request):
                return
        raise PersonChanged(name, None)

    async def apply(self, edits: Sequence[Edit], request: OperationRequest) -> dict[str, str]:
        """Make edits in one transaction, as one entry of an operation. An edit is refused if its
        ``before`` isn't what is stored.

        Returns, by the names of refused edits, the attributes stored now ('' if the person was
        removed) or, for an addition, the name of the person who already has the name."""
        used = {name for edit in edits if edit.after for name in edit.after.attributes}
        kinds = {name: self._fields.schema.get(name) for name in used}
        async for _ in Attempts(self._fields):
            if kinds != {name: self._fields.schema.get(name) for name in used}:
                break  # the values would be lost, or of the wrong kind
            arguments = (*self._fields.stamp(request), *self._format(edits))
            answer = await self._storage.call("change", *arguments)
            if answer is not None:
                number, *conflicts = answer
                request.number = int(number) or request.number
                return dict(zip(conflicts[::2], conflicts[1::2], strict=True))
        raise fields_busy()

    def _format(self, edits: Sequence[Edit]) -> list[Argument]:
        """Return edits as arguments of the Lua function ``change``: for many people, the changes
        as packed in the history, and digests of the names; then the parts of each edit."""
        changes: list[Change] = []
        parts: list[Argument] = []
        for edit in edits:
            foreign = edit.foreign or edit.before
            after = edit.after.dump(self._fields.schema, foreign) if edit.after else ""
            vector = b"" if edit.vector is None else edit.vector.tobytes()
            changes.append(Change(edit.name, edit.before, after))
            parts += [edit.name, fold(edit.name), edit.before, after, vector]
        if len(edits) not in PACKED_SIZES:
            return [b"", "", *parts]
        return [pack_changes(changes), name_digests(edit.name for edit in edits), *parts]


def _text_to_embed(person: Person) -> str:
    return person.description or person.name

"""The people of one directory, by their names, and all of them."""

from collections.abc import AsyncIterator, Sequence

from bot.directory import name_spotting, statistics
from bot.directory.keys import Keys
from bot.directory.names import NameIndex
from bot.directory.reading import Reader
from bot.directory.redis import Redis
from bot.directory.search import Searcher
from bot.directory.vectors import read_vectors
from bot.embedding import Embeds, Vectors
from bot.errors import DirectoryEmpty, PersonNotFound
from bot.person import Person, Schema
from bot.query import Query

BATCH = 64  # people in a pipeline: short enough not to hold up other clients


class Listing(Reader):
    """Lists the people under ``key``; raises DirectoryError throughout."""

    def __init__(self, redis: Redis, embedder: Embeds, key: str, schema: Schema) -> None:
        super().__init__(redis, embedder, key, schema)
        self._names = NameIndex(redis, self._keys)
        self._searcher = Searcher(redis, self._keys, self._names, embedder.name)

    @property
    def kept(self) -> tuple[Redis, Keys]:
        """Where all of the directory is kept, for who looks after it as a whole."""
        return self._redis, self._keys

    # By name

    async def find(self, name: str) -> Person | None:
        """The person of this name, else of this name case and accents aside."""
        exact = await self._redis.execute("VGETATTR", self.key, name)
        if exact is not None:
            return Person.load(name, exact)
        called = await self._searcher.load(await self._names.called(name))
        return next(iter(called), None)

    async def get(self, name: str) -> Person:
        """As ``find``. Raises PersonNotFound, which offers near names."""
        person = await self.find(name)
        if person is None:
            raise PersonNotFound(name, await self._names.near(name))
        return person

    async def named(self, name: str, count: int) -> list[Person]:
        """Up to ``count`` people of this name, who were told apart from others of it (``Ada (2)``),
        or whose names end with these words (``Curie``), case and accents aside; in that order."""
        names = await self._names.called_or_ending(name, count)
        return await self._searcher.load(names)

    async def named_in(self, text: str, count: int) -> list[Person]:
        """Up to ``count`` people whose whole names stand in a text, in the order of the text."""
        possible = name_spotting.possible_names(text)
        names = await self._names.all_called(possible)
        return await self._searcher.load(name_spotting.in_order(names, possible)[:count])

    async def near(self, name: str, likeness: float) -> list[str]:
        """Up to three names like this one: at least so much, up to 1."""
        return await self._names.near(name, likeness)

    async def names_starting(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts so; by name."""
        return await self._names.starting(prefix, count)

    async def complete(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, or with what
        differs from it by one slip if there is none; the best known first, then by name."""
        return await self._names.complete(prefix, count)

    # All of them

    async def count(self) -> int:
        """How many people there are."""
        return int(await self._redis.execute("VCARD", self.key))

    async def version(self) -> tuple[str, int]:
        """What is another value after each change, also after most by other programs."""
        counted = ("HGET", self._keys.meta, "changes")
        changes, size = await self._redis.execute_all([counted, ("VCARD", self.key)])
        return str(changes), int(size)

    async def random(self) -> Person:
        """Anybody. Raises DirectoryEmpty."""
        name = await self._redis.execute("VRANDMEMBER", self.key)
        if name is None:
            raise DirectoryEmpty
        return await self.get(name)

    async def everybody(self, query: Query | None = None) -> AsyncIterator[Person]:
        """All people by name, or who match a query's conditions, as they were when this began;
        removed ones are left out."""
        names = await self.all_names(query)
        for start in range(0, len(names), BATCH):
            for person in await self._searcher.load(names[start : start + BATCH]):
                yield person

    async def all_names(self, query: Query | None = None) -> list[str]:
        """The names of all, or of who match a query's conditions, in their order."""
        if query is None or query.filter is None:
            return await self._names.all()
        return await self._searcher.names(query.filter)

    async def sample(self, most: int) -> list[Person]:
        """Everybody, or ``most`` people at random."""
        names = await self._redis.execute("VRANDMEMBER", self.key, most)
        return await self._searcher.load(names or [])

    async def vectors(self, names: Sequence[str]) -> tuple[list[str], Vectors]:
        """Those of these names who are there, and their unit vectors, float32[n, dimension]."""
        return await read_vectors(self._redis, self._keys, names)

    async def embed(self, words: str) -> Vectors:
        """Words as a unit vector, float32[dimension]."""
        return await self._embedder.embed(words)

    async def embed_people(self, people: Sequence[Person]) -> Vectors:
        """People as unit vectors, float32[n, dimension]: by their descriptions, or by their names
        where another program wrote none."""
        return await self._embedder.embed_all(list(map(_embedded, people)))

    async def lengths(self, people: Sequence[Person]) -> list[int]:
        """What each person costs to embed; those of like length are best embedded together."""
        return await self._embedder.lengths(list(map(_embedded, people)))

    async def describe(self) -> statistics.DirectoryStatistics:
        """The directory in figures."""
        people = await self.sample(statistics.SAMPLE)
        model = self._embedder.name
        return await statistics.describe(self._redis, self._keys, self.schema, model, people)


def _embedded(person: Person) -> str:
    return person.description or person.name

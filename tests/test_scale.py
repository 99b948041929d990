"""A directory of 100,000 people, with small vectors."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from bot.directory import Directories, Directory, Redis
from bot.embedder import Vectors
from bot.person import BASE_SCHEMA, Person

pytestmark = pytest.mark.slow

PEOPLE = 100_000
FIRST = ["Ann", "Bob", "Çelik", "Dmitri", "Eve", "Фёдор", "García", "Hana", "Ivo", "José"]


class RandomEmbedder:
    name = "random"

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)

    async def embed(self, text: str) -> Vectors:
        return (await self.embed_all([text]))[0]

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        return self._random.normal(size=(len(texts), 8)).astype(np.float32)


@pytest.fixture(scope="module")
async def crowd(redis: Redis) -> Directory:
    directories = Directories(redis, RandomEmbedder(), "crowd:{guild}", lambda: (BASE_SCHEMA, ()))
    directory = await directories.get_or_create("all")
    people = [
        Person(f"{FIRST[number % 10]} Middle {number:06} Last", "x", {"born": number % 1000})
        for number in range(PEOPLE)
    ]
    await directory.add_all(people)
    assert await directory.count() == PEOPLE
    return directory


@pytest.mark.parametrize("typed", ["", "a", "mid", "last", "04999", "jose middle 0", "фёд", "zzz"])
async def test_names_complete_within_100_ms(crowd: Directory, typed: str):
    times, names = [], []
    for _ in range(5):
        start = time.perf_counter()
        names = await crowd.complete(typed, 25)
        times.append(time.perf_counter() - start)
    assert len(names) == {"04999": 10, "zzz": 0}.get(typed, 25)
    assert sorted(times)[2] < 0.1


async def test_terms_alone_find_all_of_many(crowd: Directory):
    results = await crowd.search("born=7", 1000)
    assert results.total == len(results.matches) == 100
    assert (await crowd.search("born<500", 10)).total == PEOPLE // 2


async def test_a_new_field_is_given_to_all_at_once(crowd: Directory):
    await crowd.update("Ann Middle 000000 Last", None, {"prize": "x"})
    assert (await crowd.search("prize!=x born=7", 1)).total == 100

"""What makes the bot fast, counted rather than timed."""

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from bot.directory import Directory, Redis
from bot.directory.closeness import SimilarityScale
from bot.embedding import Embedder, Vectors
from bot.embedding.model import Model
from bot.files import FileContents, FileRecord, Place
from tests.import_helpers import import_people

BLOCKED = 0.05  # seconds of the event loop, in which it answers nobody else
PEOPLE = 4000
FIELDS = {"born": 1815, "died": 1852, "country": "England", "field": ["mathematics", "poetry"]}


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().open("x")
    await directory.people.add("Ada Lovelace", "mathematician", FIELDS)
    await directory.people.add("Björk", "singer", {"born": 1965, "country": "Iceland"})
    return directory


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Records the round trips to Redis, by their first commands."""
    trips: list[str] = []

    execute_all = Redis.execute_all

    async def counted(self: Redis, commands: Any, **options: Any) -> Any:
        trips.append(str(commands[0][0]))
        return await execute_all(self, commands, **options)

    monkeypatch.setattr(Redis, "execute_all", counted)
    return trips


@pytest.mark.parametrize(
    "query",
    [
        "mathematician",
        "mathematician born<1900",
        "mathematician country:england",
        "English mathematicians who died before 1900",
        "people from England who liked poetry",
        "somebody from Atlantis",
    ],
)
async def test_a_search_takes_one_round_trip(directory: Directory, trips: list[str], query: str):
    await directory.search("singer", 10)
    trips.clear()
    assert (await directory.search(query, 10)).matches
    assert trips == ["VSIM"]


async def test_looking_up_a_name_takes_one_round_trip_and_similar_people_two(
    directory: Directory, trips: list[str]
):
    await directory.search("singer", 10)
    trips.clear()
    assert not await directory.people.find_named("mathematician", 10)
    assert trips == ["VISMEMBER"]
    trips.clear()
    assert (await directory.similar("Björk", "", 10)).matches
    assert trips == ["VGETATTR", "VSIM"]


async def test_a_search_is_repeated_only_if_another_process_changed_what_it_means(
    directory: Directory, redis: Redis, trips: list[str], monkeypatch: pytest.MonkeyPatch
):
    """The text is searched for again only if it now means something else."""
    monkeypatch.setattr(SimilarityScale, "fits", lambda *_: True)  # measuring searches, too
    other = Directory(directory.storage, directory.embedder, directory.fields.schema)
    query = "singers from Norway"
    assert not (await directory.search(query, 10)).query.filter
    await other.people.add("Aurora", "singer", {"born": 1996, "country": "Norway"})
    trips.clear()
    results = await directory.search(query, 10)
    assert [match.person.name for match in results.matches] == ["Aurora"]
    assert results.query.conditions == ["country:Norway"]
    assert trips.count("VSIM") == 2
    await other.people.add("Sigrid", "singer", {"country": "Sweden"})
    trips.clear()
    assert len((await directory.search("poets", 10)).matches) == 4
    assert trips.count("VSIM") == 1
    await other.people.remove("Aurora")
    assert not (await directory.search(query, 10)).query.filter


async def test_values_too_many_to_cache_are_looked_up(
    directory: Directory, trips: list[str], monkeypatch
):
    monkeypatch.setattr("bot.directory.values.MAX_CACHED", 2)
    directory.values.is_loaded = False
    results = await directory.search("mathematicians from England", 10)
    assert results.query.conditions == ["country:England"]
    trips.clear()
    await directory.search("mathematicians from England", 10)
    assert "VSIM" in trips and len(trips) <= 5


async def test_a_repeated_query_is_not_encoded_again(
    make_directories, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    directory = await make_directories(embedder).open("x")
    await directory.people.add("Björk", "singer", {})
    await directory.search("who sings", 10)
    encoded: list[Sequence[str]] = []
    monkeypatch.setattr(Model, "encode", lambda _, texts: encoded.append(texts))
    assert (await directory.search("who sings", 10)).matches
    assert not encoded


class ReadyEmbedder:
    """An embedder that takes no time."""

    name = "ready"

    async def embed(self, text: str) -> Vectors:
        return (await self.embed_all([text]))[0]

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), 384))
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        return list(map(len, texts))

    async def knows(self, text: str) -> bool:
        return True


@contextmanager
def record_blocking(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Record how long each callback blocks the event loop that does so for longer than BLOCKED. The
    thread's CPU time counts, because the machine may be busy with other work."""
    found: list[float] = []
    run = asyncio.Handle._run
    loop = threading.get_ident()

    def timed(handle: asyncio.Handle) -> None:
        start = time.thread_time()
        run(handle)
        taken = time.thread_time() - start
        if taken > BLOCKED and threading.get_ident() == loop:
            found.append(taken)

    with monkeypatch.context() as patched:
        patched.setattr(asyncio.Handle, "_run", timed)
        yield found


async def test_a_blocking_callback_is_detected(monkeypatch: pytest.MonkeyPatch):
    with record_blocking(monkeypatch) as found:
        await asyncio.sleep(0)
        end = time.thread_time() + 2 * BLOCKED
        while time.thread_time() < end:
            pass
        await asyncio.sleep(0)
    assert len(found) == 1


async def test_an_import_does_not_hold_up_the_event_loop(
    make_directories, monkeypatch: pytest.MonkeyPatch
):
    directory = await make_directories(ReadyEmbedder()).open("x")
    records = [
        FileRecord(
            Place(n, f"row {n}"),
            f"Somebody Number {n}",
            f"did {n} things",
            {**FIELDS, "died": n + 1900},
        )
        for n in range(PEOPLE)
    ]
    with record_blocking(monkeypatch) as found:
        _, report = await import_people(directory, FileContents(records, ()))
    assert report.added == PEOPLE and not report.refused
    assert not found

"""The Redis walkthrough "Vector set embeddings" (redis-py), which this bot began as: its people,
its queries, and a vector set written by its code, with the real model."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import redis as redis_py

from bot.directory import Directories, Directory, Redis
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import Embedder
from bot.files import read_file
from tests.conftest import ROOT, shared
from tests.import_helpers import import_people

RESULTS = {
    "actors": [
        "Masako Natsume",
        "Chaim Topol",
        "Linus Pauling",
        "Marie Fredriksson",
        "Maryam Mirzakhani",
        "Marie Curie",
        "Freddie Mercury",
        "Paul Erdos",
    ],
    "science": [
        "Marie Curie",
        "Linus Pauling",
        "Maryam Mirzakhani",
        "Paul Erdos",
        "Marie Fredriksson",
        "Freddie Mercury",
        "Masako Natsume",
        "Chaim Topol",
    ],
    "science died<2000": [
        "Marie Curie",
        "Linus Pauling",
        "Paul Erdos",
        "Freddie Mercury",
        "Masako Natsume",
    ],
}
ENTERTAINERS = ["Chaim Topol", "Freddie Mercury", "Marie Fredriksson"]


async def names(directory: Directory, query: str, count: int = 10) -> list[str]:
    return [match.person.name for match in (await directory.search(query, count)).matches]


async def assert_printed_results(directory: Directory) -> None:
    for query, expected in RESULTS.items():
        assert await names(directory, query) == expected, query
    assert await names(directory, "actors", 2) == RESULTS["actors"][:2]
    # Exact arithmetic has the fourth and fifth in the opposite order of the page.
    assert (await names(directory, "entertainer"))[:3] == ENTERTAINERS


@pytest.fixture
def directories(make_directories, embedder: Embedder) -> Directories:
    return make_directories(embedder)


async def test_its_people_imported_give_its_results(directories: Directories, redis: Redis):
    directory = await directories.get_or_create("default")
    path = shared("walkthrough_people.json")
    _, report = await import_people(directory, read_file(path))
    assert report.added == 8
    await assert_printed_results(directory)
    stored = json.loads(await redis.execute("VGETATTR", directory.key, "Marie Curie"))
    assert (stored["born"], stored["died"]) == (1867, 1934)
    # Filters of other programs work as on the page.
    vector = (await directories._embedder.embed("science")).tobytes()
    command = ("VSIM", directory.key, "FP32", vector, "FILTER", ".died < 2000")
    assert await redis.execute(*command) == RESULTS["science died<2000"]


@pytest.fixture
def client(server: EmbeddedRedis) -> Iterator[redis_py.Redis]:
    with redis_py.Redis(unix_socket_path=str(server.socket), decode_responses=True) as client:
        yield client


@pytest.mark.parametrize("form", ["bytes", "list"])
async def test_a_set_written_by_its_code_gives_its_results(
    directories: Directories, embedder: Embedder, client: redis_py.Redis, form: str
):
    """As on the page: ``vset().vadd`` with bytes or a list, then ``vsetattr`` with the years."""
    key = directories.key("default")
    people = json.loads(shared("walkthrough_people.json").read_text())
    for name, details in people.items():
        vector = await embedder.embed(details["description"])
        blob = vector.tobytes() if form == "bytes" else np.asarray(vector, float).tolist()
        client.vset().vadd(key, blob, name)
        years = {"born": details["born"], "died": details["died"]}
        client.vset().vsetattr(key, name, years)
    directory = await directories.get("default")
    await assert_printed_results(directory)
    assert await names(directory, "died=1934") == ["Marie Curie"]
    assert (await directory.people.get("paul erdős")).years == "1913–1996"
    assert await directory.names.complete("top", 25) == ["Chaim Topol"]
    saved = await directory.people.update("Chaim Topol", None, {"country": "Israel"})
    assert saved.description == ""
    stored: Any = client.vset().vgetattr(key, "Chaim Topol")
    assert stored["country"] == "israel"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("actors", {"acting"}),
        ("entertainer", {"acting", "music", "film"}),
        ("scientist", {"physics", "chemistry", "biology", "astronomy", "medicine"}),
        ("lead singer of a rock band", {"music"}),
        ("chess player", {"chess"}),
    ],
)
async def test_the_starter_set_answers_questions_about_occupations(
    make_directories, embedder: Embedder, query: str, fields: set[str]
):
    directory = await make_directories(embedder, ROOT / "data" / "people.json").open("starter")
    for match in (await directory.search(query, 2)).matches:
        assert fields & set(map(str, match.person.attributes["known_for"])), match.person

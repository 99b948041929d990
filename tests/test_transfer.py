import json
from pathlib import Path

import pytest

from bot.directory import Directory, connect
from bot.people_file import read
from bot.redis_server import EmbeddedRedis
from bot.transfer import export_people, import_people, read_starter
from tests.conftest import ROOT

STARTER = ROOT / "data" / "people.json"


def quiet(done: int, total: int) -> None:
    pass


def save(path: Path, people: list[dict]) -> Path:
    path.write_text(json.dumps(people, ensure_ascii=False), "utf-8")
    return path


@pytest.fixture
async def directory(make_directories) -> Directory:
    return await make_directories().get_or_create("here")


async def test_import_says_what_it_did(directory: Directory, tmp_path: Path):
    await directory.add("There", "the same", {"born": 1})
    await directory.add("Differs", "one thing", {})
    people = [
        {"name": "New", "description": "somebody", "prize": 1903},
        {"name": "there", "description": "the same", "born": 1},
        {"name": "There", "description": "the same", "born": 1},
        {"name": "Differs", "description": "another thing"},
        {"name": "Twin", "description": "one", "born": 1},
        {"name": "Twin", "description": "two", "born": 2},
        {"name": "Bad", "description": " "},
    ]
    steps: list[tuple[int, int]] = []
    path = save(tmp_path / "people.json", [people[0], *people[2:]])
    report = await import_people(directory, read(path), lambda *step: steps.append(step))
    assert report.added == 3
    assert report.same == ["There"]
    assert report.different == ["Differs"]
    assert report.renamed == {"Twin": ["Twin (1)", "Twin (2)"]}
    assert [row.where for row in report.refused] == ["person 6 (Bad)"]
    assert report.fields == ["prize"]
    assert steps[-1] == (5, 5)
    assert (await directory.get("Differs")).description == "one thing"


async def test_nobody_makes_a_field(directory: Directory, tmp_path: Path):
    people = [
        {"name": "Bad", "description": " ", "junk": 1},
        {"name": "Good", "description": "somebody", "empty": None},
    ]
    report = await import_people(directory, read(save(tmp_path / "p.json", people)), quiet)
    assert report.fields == [] and set(directory.schema) == {"born", "died"}


async def test_a_restart_after_an_import_adds_nobody_again(tmp_path: Path, make_directories):
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directories = make_directories()
            directories._redis = redis
            directory = await directories.get_or_create("here")
            await import_people(directory, read(STARTER), quiet)
    increments = (tmp_path / "appendonlydir").glob("*.incr.aof")
    assert [path.stat().st_size for path in increments] == [0]


async def test_importing_again_adds_nobody(directory: Directory):
    first = await import_people(directory, read(STARTER), quiet)
    again = await import_people(directory, read(STARTER), quiet)
    assert first.added == len(again.same) > 100
    assert again.added == 0 and not again.different


@pytest.mark.parametrize("ending", ["json", "jsonl"])
async def test_export_and_import_give_the_same_directory(
    directory: Directory, make_directories, tmp_path: Path, ending: str
):
    await import_people(directory, read(STARTER), quiet)
    odd = {"motto": 'He said: "a=b", \\ ok', "tags": "ünïcode,漢字", "height": "1.5", "ok": "yes"}
    await directory.add("Conan O’Brien «x» *y*", "Odd\n\tspaces — and 🎸", odd)
    path = tmp_path / f"people.{ending}"
    assert await export_people(directory, path) == await directory.count()
    other = await make_directories().get_or_create("there")
    await import_people(other, read(path), quiet)
    assert other.schema == directory.schema
    assert [p async for p in other.everybody()] == [p async for p in directory.everybody()]
    for query in ("physicist", "singer born>1900", "field=music died=none", "ok=yes", "tags=漢字"):
        ours, theirs = await directory.search(query, 30), await other.search(query, 30)
        assert [m.person for m in ours.matches] == [m.person for m in theirs.matches], query
    again = tmp_path / f"again.{ending}"
    await export_people(other, again)
    assert again.read_bytes() == path.read_bytes()


def test_the_starter_set_is_as_the_readme_says():
    schema, people = read_starter(STARTER)
    rows = json.loads(STARTER.read_text("utf-8"))
    assert len(people) == len(rows) == 112
    assert list(schema) == ["born", "died", "country", "field"]
    living = [p for p in people if "died" not in p.attributes]
    assert len(living) == 37
    walkthrough = ["Marie Curie", "Linus Pauling", "Freddie Mercury", "Marie Fredriksson"]
    walkthrough += ["Paul Erdos", "Maryam Mirzakhani", "Masako Natsume", "Chaim Topol"]
    assert [person.name for person in people[:8]] == walkthrough
    for person in living:
        assert isinstance(born := person.attributes["born"], int) and born > 1950
    births = [row["born"] for row in rows if row["born"] is not None]
    assert min(births) < 0 and max(births) > 2000

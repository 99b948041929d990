"""Directories as one file, and back to the byte."""

# ruff: noqa: ASYNC240 nobody waits for these files

import asyncio
import gzip
import hashlib
import json
import random
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.cli.maintenance import back_up
from bot.directory import Directories, Directory, Redis, StagedDirectory
from bot.directory.keys import Keys
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.maintenance import Problem, check, repair
from bot.maintenance.backup import BackupFile, reader, restore_backup, write_backup
from bot.maintenance.backup.format import RECORD_KINDS
from bot.person import Person
from tests.dying import dying
from tests.embedders import WordEmbedder
from tests.test_history import BEN, CHANGES

WORDS = ["chemist", "physicist", "singer", "painter", "poet", "queen", "actor", "of", "the"]


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


async def filled(directories: Directories, name: str = "1", people: int = 150) -> Directory:
    directory = await directories.get_or_create(name)
    dice = random.Random(people)
    await directory.add("Björk", "singer", {"country": "Ísland", "fame": 9, "born": 1965}, by=BEN)
    everybody = [
        Person(f"Person {number}", " ".join(dice.choices(WORDS, k=6))) for number in range(people)
    ]
    await directory.add_all(everybody)
    await directory.update("Person 0", "a poet", {"field": ("A b", "Ç")}, by=BEN)
    await directory.remove("Person 1", by=BEN)
    await directory.rename_field("country", "land", by=BEN)
    return directory


async def stored(redis: Redis, keys: Keys) -> dict[str, Any]:
    """All under a directory's keys but the number of changes, vectors as they are to the bit."""
    names = sorted(await redis.execute("VRANDMEMBER", keys.vset, 10_000) or [])
    attributes = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    vectors = await redis.execute_raw([("VEMB", keys.vset, name, "RAW") for name in names])
    sets = (keys.names, keys.words, keys.values, keys.fame, keys.marks)
    hashes = (keys.counts, keys.operations, keys.authors, keys.meta)
    return {
        "people": dict(zip(names, attributes, strict=True)),
        "vectors": [blob for kind, blob, *_ in vectors if kind != b"f32"],
        "floats": np.array([np.frombuffer(v[1], "<f4") for v in vectors if v[0] == b"f32"]),
        "scales": np.array([scale for _, _, *scale in vectors]),
        "sets": [await redis.execute("ZRANGE", key, 0, -1, "WITHSCORES") for key in sets],
        "hashes": [
            {
                field: value
                for field, value in (await redis.execute("HGETALL", key)).items()
                if field not in ("changes", "values")
            }
            for key in hashes
        ],
        "history": await redis.execute_raw([("XRANGE", keys.history, "-", "+")]),
        "form": [
            value
            for field, value in (await redis.execute("VINFO", keys.vset)).items()
            if field in ("quant-type", "hnsw-m", "vector-dim", "size")
        ]
        if names
        else [],
    }


def same(one: dict[str, Any], other: dict[str, Any]) -> None:
    for part in one:
        if part in ("scales", "floats"):  # but for the last bit
            np.testing.assert_allclose(one[part], other[part], rtol=1e-5)
        else:
            assert one[part] == other[part], part


async def answers(directory: Directory, queries: int = 50) -> list[list[str]]:
    dice = random.Random(queries)
    asked = [" ".join(dice.choices(WORDS, k=3)) for _ in range(queries)]
    found = [await directory.search(query, 20) for query in asked]
    return [[match.person.name for match in results.matches] for results in found]


async def restored(path: Path, directories: Directories, **how: Any) -> dict[str, int]:
    with BackupFile(path) as file:
        people = file.verify(quiet)
        await restore_backup(file, directories, people.keys(), quiet, **how)
    return people


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.gz"


async def test_all_is_there_again(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    one = await filled(directories)
    other = await filled(directories, "2", 5)
    await CHANGES["add with a field"](one)
    await CHANGES["add a field"](one)
    before = [await stored(redis, Keys.of(each.key)) for each in (one, other)]
    found = await answers(one)
    assert await write_backup(path, {"1": one, "2": other}, quiet) == 156
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    elsewhere = make_directories()
    assert await restored(path, elsewhere) == {"1": 151, "2": 5}
    again = await elsewhere.get("1")
    same(before[0], await stored(redis, Keys.of(again.key)))
    same(before[1], await stored(redis, Keys.of(elsewhere.key("2"))))
    assert await answers(again) == found
    assert (await check(again)).is_clean
    number = await again.last_of(BEN)
    await again.undo(number or 0, by=BEN)
    assert (await check(again)).is_clean
    assert await redis.execute("EXISTS", *Keys.of(again.key).beside("restored")) == 0


@pytest.mark.parametrize("options", [["NOQUANT"], ["BIN"], ["M", "32"]])
async def test_sets_of_another_form(make_directories, redis: Redis, path: Path, options):
    directories = make_directories()
    vectors = np.random.default_rng(3).normal(size=(40, WordEmbedder.dimension)).astype("<f4")
    for number, vector in enumerate(vectors):
        command = ("VADD", directories.key("1"), "FP32", vector.tobytes(), f"P{number}")
        await redis.execute(*command, *options)
    directory = await directories.get("1")
    await redis.execute("VSETATTR", directory.key, "P1", "")  # damage stays, too
    before = await stored(redis, Keys.of(directory.key))
    await write_backup(path, {"1": directory}, quiet)
    await restored(path, directories, replace=True)
    same(before, await stored(redis, Keys.of(directory.key)))


async def test_an_emptied_directory(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.add("Ada", "somebody", {})
    await directory.remove("Ada")
    before = await stored(redis, Keys.of(directory.key))
    await write_backup(path, {"1": directory}, quiet)
    elsewhere = make_directories()
    await restored(path, elsewhere)
    same(before, await stored(redis, Keys.of(elsewhere.key("1"))))
    await (await elsewhere.get("1")).undo(2)
    assert await (await elsewhere.get("1")).count() == 1


async def test_a_directory_that_is_there_stays(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    directory = await filled(directories)
    await write_backup(path, {"1": directory}, quiet)
    await directory.add("New", "somebody new", {})
    before = await stored(redis, Keys.of(directory.key))
    version = await directory.version()
    with pytest.raises(DirectoryError, match="is there already"):
        await restored(path, directories)
    same(before, await stored(redis, Keys.of(directory.key)))
    assert await redis.execute("EXISTS", *Keys.of(directory.key).beside("restored")) == 0
    await restored(path, directories, replace=True)
    assert await directory.find("New") is None  # also who has it open sees it
    assert await directory.version() != version
    await directory.add("New", "somebody new", {})


async def test_a_live_directory_is_written_as_it_is_at_one_moment(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    directory = await filled(directories, people=400)
    late = iter(["New 0", "New 1", "New 2"])

    class Live(Directory):
        """Somebody comes each time that it was looked at."""

        async def version(self):
            version = await super().version()
            if name := next(late, None):
                await directory.add(name, "somebody", {})
            return version

    live = Live(redis, directory._embedder, directory.key, directory.schema)
    await write_backup(path, {"1": live}, quiet)
    elsewhere = make_directories()
    await restored(path, elsewhere)
    assert (await check(await elsewhere.get("1"))).is_clean
    written = await stored(redis, Keys.of(elsewhere.key("1")))
    assert "New 2" in written["people"]
    same(written, await stored(redis, Keys.of(directory.key)))


async def test_a_directory_that_never_stands_still(make_directories, redis: Redis, path: Path):
    directory = await filled(make_directories(), people=3)

    class Busy(Directory):
        async def version(self):
            await redis.execute("HINCRBY", self._keys.meta, "changes", 1)
            return await super().version()

    path.write_text("what was there before")
    busy = Busy(redis, directory._embedder, directory.key, directory.schema)
    with pytest.raises(DirectoryUnavailable, match="all the time"):
        await write_backup(path, {"1": busy}, quiet)
    assert path.read_text() == "what was there before" and len([*path.parent.iterdir()]) == 1


async def test_a_foreign_set_is_taken_over_first(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    await redis.execute("VADD", directories.key("1"), "VALUES", 1, 1, "Ada")
    with pytest.raises(DirectoryError, match=r"1 was not taken over .* check --repair"):
        await write_backup(path, {"1": await directories.as_it_is("1")}, quiet)


async def test_one_that_was_not_opened_since_an_update(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    for directory in (await filled(directories, "1", 3), await directories.get_or_create("2")):
        await redis.execute("HSET", Keys.of(directory.key).meta, "format", "4")
    await back_up(directories, await directories.names(), path)
    elsewhere = make_directories()
    assert await restored(path, elsewhere) == {"1": 3, "2": 0}
    for name in ("1", "2"):
        assert (await check(await elsewhere.get(name))).is_clean


async def test_what_is_left_of_a_directory_is_no_directory(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    await write_backup(path, {"1": await directories.get_or_create("1")}, quiet)
    elsewhere = make_directories()
    await redis.execute("HSET", Keys.of(elsewhere.key("1")).meta, "changes", 1)
    await restored(path, elsewhere)
    assert (await check(await elsewhere.get("1"))).is_clean


@pytest.mark.parametrize("after", range(0, 40, 3))
async def test_an_interrupted_restore_leaves_the_old_one_whole(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch, after: int
):
    directories = make_directories()
    await write_backup(path, {"1": await filled(make_directories(), people=900)}, quiet)
    directory = await filled(directories, people=9)
    before = await stored(redis, Keys.of(directory.key))
    with dying(monkeypatch, after) as death:
        await restored(path, directories, replace=True)
    if death.came:
        same(before, await stored(redis, Keys.of(directory.key)))
    await restored(path, directories, replace=True)
    assert await directory.count() == 900
    assert await redis.execute("EXISTS", *Keys.of(directory.key).beside("restored")) == 0
    assert await directories.names() == ["1"]


async def test_what_an_interrupted_restore_left_goes_with_the_rest(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch
):
    directories = make_directories()
    server = 1 << 60
    directory = await filled(directories, str(server), 9)
    await write_backup(path, {str(server): directory}, quiet)
    monkeypatch.setattr(StagedDirectory, "put_in_place", StagedDirectory.add)  # which fails,
    monkeypatch.setattr(StagedDirectory, "drop", StagedDirectory.add)  # and so does tidying up
    with pytest.raises(TypeError):
        await restored(path, directories, replace=True)
    beside = Keys.of(directory.key).beside("restored")
    assert await redis.execute("HEXISTS", beside.authors, f"id:{BEN.id}")
    assert await directory.history.forget_author(BEN)
    assert not await redis.execute("HEXISTS", beside.authors, f"id:{BEN.id}")
    await directories.leave(server)
    assert await directories.delete_left(server, 0) == 9
    assert await redis.execute("EXISTS", *Keys.of(directory.key), *beside) == 0


async def test_two_restores_at_once_do_not_mix(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    await write_backup(path, {"1": await filled(make_directories(), people=600)}, quiet)
    outcomes = await asyncio.gather(
        *(restored(path, directories, replace=True) for _ in range(3)), return_exceptions=True
    )
    *earlier, last = sorted(outcomes, key=lambda outcome: isinstance(outcome, dict))
    assert isinstance(last, dict), outcomes  # the one that was begun last
    assert all(isinstance(outcome, dict | DirectoryUnavailable) for outcome in earlier), outcomes
    directory = await directories.get("1")
    assert (await check(directory)).is_clean
    assert await redis.execute("EXISTS", *Keys.of(directory.key).beside("restored")) == 0


async def test_a_repair_ends_a_restore_that_runs_which_says_so(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch
):
    directories = make_directories()
    directory = await filled(directories, people=3)
    await write_backup(path, {"1": directory}, quiet)
    before = await stored(redis, Keys.of(directory.key))
    begin = StagedDirectory.begin

    async def repaired(copy: StagedDirectory, head: dict[str, Any]) -> None:
        await begin(copy, head)
        found = (await repair(directory)).found
        assert not found.is_damaged and [*found.problems] == [Problem.RESTORE_LEFTOVER]

    monkeypatch.setattr(StagedDirectory, "begin", repaired)
    with pytest.raises(DirectoryUnavailable, match=r"cleared away, as check --repair does\."):
        await restored(path, directories, replace=True)
    same(before, await stored(redis, Keys.of(directory.key)))


async def test_what_a_server_left_has_its_time_of_grace_again(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    server = 1 << 60
    directory = await filled(directories, str(server), 3)
    await directories.leave(server)
    await redis.execute("HSET", Keys.of(directory.key).meta, "left", 1)  # long ago
    await write_backup(path, {str(server): directory}, quiet)
    await restored(path, directories, replace=True)
    assert await directories.servers() == {server: False}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def rewrite(path: Path, records: list[dict[str, Any]]) -> None:
    """The records as a file whose checksum is right."""
    text = [json.dumps(record).encode() + b"\n" for record in records[:-1]]
    counted = {kind: sum(kind == next(iter(r), "") for r in records[:-1]) for kind in RECORD_KINDS}
    end = {"end": counted, "sha256": hashlib.sha256(b"".join(text)).hexdigest()}
    path.write_bytes(gzip.compress(b"".join(text) + json.dumps(end).encode() + b"\n"))


@pytest.fixture
async def whole(make_directories, path: Path) -> Path:
    await write_backup(path, {"1": await filled(make_directories(), people=9)}, quiet)
    return path


async def test_a_file_that_is_written_anew_is_read(whole: Path):
    rewrite(whole, lines(whole))
    with BackupFile(whole) as file:
        assert file.verify(quiet) == {"1": 9}


def first(kind: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    return next(record for record in records if kind in record)


TAMPERED = {
    "another version": lambda r: r[0].update(version=2),
    "another format": lambda r: r[0].update(format="zip"),
    "no header": lambda r: r.pop(0),
    "a person twice": lambda r: r.insert(3, r[2]),
    "a directory twice": lambda r: r.insert(-1, r[1]),
    "a person of no directory": lambda r: r.pop(1),
    "a name that is no text": lambda r: first("person", r).update(person=3),
    "a name that is no Unicode": lambda r: first("person", r).update(person="\udcff"),
    "attributes that are no text": lambda r: first("person", r).update(attributes={}),
    "a vector that is none": lambda r: first("person", r).update(vector="AAAA"),
    "a vector that is no base64": lambda r: first("person", r).update(vector="§"),
    "another dimension": lambda r: first("directory", r).update(dimension=31),
    "no schema": lambda r: first("directory", r)["meta"].pop("schema"),
    "a schema without years": lambda r: first("directory", r)["meta"].update(schema="{}"),
    "a schema that is none": lambda r: first("directory", r)["meta"].update(schema="["),
    "another format of keys": lambda r: first("directory", r)["meta"].update(format="3"),
    "meta that is no text": lambda r: first("directory", r)["meta"].update(held=3),
    "another form": lambda r: first("directory", r).update(form=["Q8 REDUCE", 16]),
    "a header that is none": lambda r: first("header", r).update(header="[]"),
    "a header without an author": lambda r: first("header", r).update(header='{"by":3}'),
    "an operation twice": lambda r: r.insert(-1, first("header", r)),
    "an author that is none": lambda r: first("author", r).update(author="x"),
    "steps out of order": lambda r: r.insert(-1, first("step", r)),
    "a step that changes nothing": lambda r: first("changes", r).update(changes=[]),
    "a step with half a person": lambda r: first("changes", r).update(changes=[["a", "b"]]),
    "a field too many": lambda r: first("person", r).update(more=1),
    "an unknown record": lambda r: r.insert(2, {"dance": 1}),
    "a method's name": lambda r: r.insert(2, {"check": 1}),
    "nothing": lambda r: r.insert(2, {}),
    "a version that is none": lambda r: r[0].update(version="\x1b[31m"),
    "a directory's name to print": lambda r: first("directory", r).update(directory="\x1b[31m"),
    "more changes than there can be": lambda r: first("directory", r)["meta"].update(
        changes=str(2**63 - 1)
    ),
    "links that are no whole number": lambda r: first("directory", r).update(form=["Q8", 16.0]),
    "a field that is no Unicode": lambda r: first("directory", r)["meta"].update(x="\udcff"),
    "a header without end": lambda r: first("header", r).update(header="[" * 100_000),
    "a time that is none": lambda r: first("header", r).update(
        header=first("header", r)["header"].replace('"at":', '"at":1e300,"then":')
    ),
    "an endless number of people": lambda r: first("header", r).update(
        header=first("header", r)["header"].replace('"count":', '"count":Infinity,"of":')
    ),
    "a negative operation": lambda r: first("header", r).update(operation=-1),
    "an operation that is true": lambda r: first("header", r).update(operation=True),
    "an author that is no Unicode": lambda r: first("author", r).update(value="\udcff"),
    "a change that is no Unicode": lambda r: first("changes", r).update(
        changes=[["\udcff", "", "{}", ""]]
    ),
    "the last step there can be": lambda r: r[-2].update(step=f"{2**64 - 1}-{2**64 - 1}"),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_what_the_bot_would_not_write_is_refused(whole: Path, how: str):
    records = lines(whole)
    TAMPERED[how](records)
    rewrite(whole, records)
    with BackupFile(whole) as file, pytest.raises(DirectoryError, match=r"Nothing was changed\.$"):
        file.verify(quiet)


async def test_no_damage_to_the_file_goes_unnoticed(whole: Path):
    content = whole.read_bytes()
    dice = random.Random(1)
    harmless = 0
    for place in [*range(12), *dice.sample(range(len(content)), 300)]:
        damaged = bytearray(content)
        damaged[place] ^= dice.randrange(1, 256)
        whole.write_bytes(damaged)
        try:
            with BackupFile(whole) as file:
                assert file.verify(quiet) == {"1": 9}
                harmless += 1  # of a gzip header, the system or the time
        except DirectoryError as error:
            assert str(error).endswith("Nothing was changed.")
    assert harmless < 30
    for length in dice.sample(range(len(content)), 100):
        whole.write_bytes(content[:length])
        with BackupFile(whole) as file, pytest.raises(DirectoryError):
            file.verify(quiet)


async def test_a_line_without_end_is_not_read_into_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader, "LINE_MAX", 1024)
    path.write_bytes(gzip.compress(b" " * 10_000_000))
    with BackupFile(path) as file, pytest.raises(DirectoryError, match="no backup"):
        file.verify(quiet)
    path.write_bytes(b"no gzip")
    with BackupFile(path) as file, pytest.raises(DirectoryError, match="no backup"):
        file.verify(quiet)
    with pytest.raises(DirectoryError, match="cannot be read: No such file"):
        BackupFile(path.with_name("none"))


async def test_where_no_file_can_be(make_directories, tmp_path: Path):
    directory = await filled(make_directories(), people=3)
    for place in (tmp_path, tmp_path / "none" / "x.gz"):
        with pytest.raises(DirectoryError, match="cannot be written"):
            await write_backup(place, {"1": directory}, quiet)


async def test_a_copy_is_no_directory(make_directories, redis: Redis):
    directories = make_directories()
    directories._key = f"people:{{app}}:{directories._key}"
    directory = await filled(directories, people=3)
    copy = StagedDirectory(redis, directory.key)
    head = {"meta": {"schema": '{"born":"number"}'}, "form": ["Q8", 16], "dimension": 1}
    await copy.begin(head)
    vector = "aW50OCAxLjAgMS4wIH8="  # int8 1.0 1.0 and 127
    await copy.add([{"person": "X", "attributes": "{}", "vector": vector}])
    assert await directories.names() == ["1"]
    await copy.drop()

"""Directories are saved to a file, and restored from it byte by byte."""

# ruff: noqa: ASYNC240 blocking on these small files does no harm

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
from bot.directory import Directories, Directory, Redis, no_progress
from bot.directory.keys import Keys
from bot.directory.storage import Storage
from bot.errors import DirectoryError, DirectoryUnavailable
from bot.maintenance import Problem, check, repair
from bot.maintenance.backup import BackupFile, reader, restore_backup, write_backup
from bot.maintenance.backup.format import RECORD_KINDS
from bot.maintenance.backup.staging import StagedDirectory
from bot.person import Person
from tests.changing_storage import ChangingStorage
from tests.embedders import WordEmbedder
from tests.interruptions import interrupted_after
from tests.test_history import BEN, CHANGES

WORDS = ["chemist", "physicist", "singer", "painter", "poet", "queen", "actor", "of", "the"]


async def fill_directory(directories: Directories, name: str = "1", people: int = 150) -> Directory:
    directory = await directories.get_or_create(name)
    dice = random.Random(people)
    await directory.people.add(
        "Björk", "singer", {"country": "Ísland", "fame": 9, "born": 1965}, by=BEN
    )
    everybody = [
        Person(f"Person {number}", " ".join(dice.choices(WORDS, k=6))) for number in range(people)
    ]
    await directory.people.add_many(everybody)
    await directory.people.update("Person 0", "a poet", {"field": ("A b", "Ç")}, by=BEN)
    await directory.people.remove("Person 1", by=BEN)
    await directory.fields.rename("country", "land", by=BEN)
    return directory


async def take_snapshot(redis: Redis, keys: Keys) -> dict[str, Any]:
    """Return everything stored under a directory's keys except the counters of changes. Vectors are
    the exact bytes."""
    names = sorted(await redis.execute("VRANDMEMBER", keys.vset, 10_000) or [])
    attributes = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    vectors = await redis.execute_all(
        [("VEMB", keys.vset, name, "RAW") for name in names], raw=True
    )
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
        "history": await redis.execute_all([("XRANGE", keys.history, "-", "+")], raw=True),
        "form": [
            value
            for field, value in (await redis.execute("VINFO", keys.vset)).items()
            if field in ("quant-type", "hnsw-m", "vector-dim", "size")
        ]
        if names
        else [],
    }


def assert_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    for part in one:
        if part in ("scales", "floats"):  # the last bit may differ
            np.testing.assert_allclose(one[part], other[part], rtol=1e-5)
        else:
            assert one[part] == other[part], part


async def search_names(directory: Directory, queries: int = 50) -> list[list[str]]:
    dice = random.Random(queries)
    asked = [" ".join(dice.choices(WORDS, k=3)) for _ in range(queries)]
    found = [await directory.search(query, 20) for query in asked]
    return [[match.person.name for match in results.matches] for results in found]


async def verify_and_restore(path: Path, directories: Directories, **how: Any) -> dict[str, int]:
    with BackupFile(path) as file:
        people = file.verify(no_progress)
        await restore_backup(file, directories, people.keys(), no_progress, **how)
    return people


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.gz"


async def test_a_restored_directory_equals_the_original(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    one = await fill_directory(directories)
    other = await fill_directory(directories, "2", 5)
    await CHANGES["add with a field"](one)
    await CHANGES["add a field"](one)
    before = [await take_snapshot(redis, Keys.of(each.key)) for each in (one, other)]
    found = await search_names(one)
    assert await write_backup(path, {"1": one.storage, "2": other.storage}, no_progress) == 156
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    elsewhere = make_directories()
    assert await verify_and_restore(path, elsewhere) == {"1": 151, "2": 5}
    again = await elsewhere.get("1")
    assert_equal(before[0], await take_snapshot(redis, Keys.of(again.key)))
    assert_equal(before[1], await take_snapshot(redis, Keys.of(elsewhere.key("2"))))
    assert await search_names(again) == found
    assert (await check(again)).is_clean
    number = await again.undo.last_undoable(BEN)
    await again.undo.run(number or 0, by=BEN)
    assert (await check(again)).is_clean
    assert await redis.execute("EXISTS", *Keys.of(again.key).staged) == 0


@pytest.mark.parametrize("options", [["NOQUANT"], ["BIN"], ["M", "32"]])
async def test_the_quantization_and_links_of_a_set_are_kept(
    make_directories, redis: Redis, path: Path, options
):
    directories = make_directories()
    vectors = np.random.default_rng(3).normal(size=(40, WordEmbedder.dimension)).astype("<f4")
    for number, vector in enumerate(vectors):
        command = ("VADD", directories.key("1"), "FP32", vector.tobytes(), f"P{number}")
        await redis.execute(*command, *options)
    directory = await directories.get("1")
    await redis.execute("VSETATTR", directory.key, "P1", "")  # damage is kept, too
    before = await take_snapshot(redis, Keys.of(directory.key))
    await write_backup(path, {"1": directory.storage}, no_progress)
    await verify_and_restore(path, directories, replace=True)
    assert_equal(before, await take_snapshot(redis, Keys.of(directory.key)))


async def test_a_directory_without_people_can_be_restored(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.people.add("Ada", "somebody", {})
    await directory.people.remove("Ada")
    before = await take_snapshot(redis, Keys.of(directory.key))
    await write_backup(path, {"1": directory.storage}, no_progress)
    elsewhere = make_directories()
    await verify_and_restore(path, elsewhere)
    assert_equal(before, await take_snapshot(redis, Keys.of(elsewhere.key("1"))))
    await (await elsewhere.get("1")).undo.run(2)
    assert await (await elsewhere.get("1")).people.count() == 1


async def test_an_existing_directory_is_replaced_only_if_asked(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    directory = await fill_directory(directories)
    await write_backup(path, {"1": directory.storage}, no_progress)
    await directory.people.add("New", "somebody new", {})
    before = await take_snapshot(redis, Keys.of(directory.key))
    version = await directory.storage.version()
    with pytest.raises(DirectoryError, match="already exists"):
        await verify_and_restore(path, directories)
    assert_equal(before, await take_snapshot(redis, Keys.of(directory.key)))
    assert await redis.execute("EXISTS", *Keys.of(directory.key).staged) == 0
    await verify_and_restore(path, directories, replace=True)
    assert await directory.people.find("New") is None  # for an open Directory, too
    assert await directory.storage.version() != version
    await directory.people.add("New", "somebody new", {})


async def test_a_directory_that_is_being_changed_is_written_as_it_is_at_one_moment(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    directory = await fill_directory(directories, people=400)
    new_names = iter(["New 0", "New 1", "New 2"])

    class GrowingStorage(Storage):
        """Adds someone after each of the first readings of the version."""

        async def version(self):
            version = await super().version()
            if name := next(new_names, None):
                await directory.people.add(name, "somebody", {})
            return version

    storage = GrowingStorage(redis, directory.storage.keys)
    await write_backup(path, {"1": storage}, no_progress)
    elsewhere = make_directories()
    await verify_and_restore(path, elsewhere)
    assert (await check(await elsewhere.get("1"))).is_clean
    written = await take_snapshot(redis, Keys.of(elsewhere.key("1")))
    assert "New 2" in written["people"]
    assert_equal(written, await take_snapshot(redis, Keys.of(directory.key)))


async def test_a_directory_that_keeps_changing_cannot_be_backed_up(
    make_directories, redis: Redis, path: Path
):
    directory = await fill_directory(make_directories(), people=3)

    path.write_text("what was there before")
    storage = ChangingStorage(redis, directory.storage.keys)
    with pytest.raises(DirectoryUnavailable, match="keeps changing"):
        await write_backup(path, {"1": storage}, no_progress)
    assert path.read_text() == "what was there before" and len([*path.parent.iterdir()]) == 1


async def test_a_foreign_set_must_be_adopted_before_a_backup(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    await redis.execute("VADD", directories.key("1"), "VALUES", 1, 1, "Ada")
    with pytest.raises(
        DirectoryError, match=r"hasn't adopted the directory 1 yet.* check --repair"
    ):
        await write_backup(path, {"1": directories.storage("1")}, no_progress)


async def test_a_directory_of_the_previous_format_can_be_backed_up(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    for directory in (
        await fill_directory(directories, "1", 3),
        await directories.get_or_create("2"),
    ):
        await redis.execute("HSET", Keys.of(directory.key).meta, "format", "4")
    await back_up(directories, await directories.names(), path)
    elsewhere = make_directories()
    assert await verify_and_restore(path, elsewhere) == {"1": 3, "2": 0}
    for name in ("1", "2"):
        assert (await check(await elsewhere.get(name))).is_clean


async def test_remains_of_a_directory_do_not_prevent_a_restore(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    await write_backup(path, {"1": (await directories.get_or_create("1")).storage}, no_progress)
    elsewhere = make_directories()
    await redis.execute("HSET", Keys.of(elsewhere.key("1")).meta, "changes", 1)
    await verify_and_restore(path, elsewhere)
    assert (await check(await elsewhere.get("1"))).is_clean


@pytest.mark.parametrize("after", range(0, 40, 3))
async def test_an_interrupted_restore_leaves_the_existing_directory_unchanged(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch, after: int
):
    directories = make_directories()
    await write_backup(
        path, {"1": (await fill_directory(make_directories(), people=900)).storage}, no_progress
    )
    directory = await fill_directory(directories, people=9)
    before = await take_snapshot(redis, Keys.of(directory.key))
    with interrupted_after(after, monkeypatch) as interruption:
        await verify_and_restore(path, directories, replace=True)
    if interruption.happened:
        assert_equal(before, await take_snapshot(redis, Keys.of(directory.key)))
    await verify_and_restore(path, directories, replace=True)
    assert await directory.people.count() == 900
    assert await redis.execute("EXISTS", *Keys.of(directory.key).staged) == 0
    assert await directories.names() == ["1"]


async def test_leftovers_of_a_restore_are_deleted_with_the_directory(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch
):
    directories = make_directories()
    server = 1 << 60
    directory = await fill_directory(directories, str(server), 9)
    await write_backup(path, {str(server): directory.storage}, no_progress)
    monkeypatch.setattr(StagedDirectory, "put_in_place", StagedDirectory.add)  # which fails,
    monkeypatch.setattr(StagedDirectory, "delete", StagedDirectory.add)  # and so does this
    with pytest.raises(TypeError):
        await verify_and_restore(path, directories, replace=True)
    beside = Keys.of(directory.key).staged
    assert await redis.execute("HEXISTS", beside.authors, f"id:{BEN.id}")
    assert await directory.history.forget_author(BEN)
    assert not await redis.execute("HEXISTS", beside.authors, f"id:{BEN.id}")
    await directories.mark_left(server)
    assert await directories.delete_left(server, 0) == 9
    assert await redis.execute("EXISTS", *Keys.of(directory.key), *beside) == 0


async def test_concurrent_restores_do_not_mix(make_directories, redis: Redis, path: Path):
    directories = make_directories()
    await write_backup(
        path, {"1": (await fill_directory(make_directories(), people=600)).storage}, no_progress
    )
    outcomes = await asyncio.gather(
        *(verify_and_restore(path, directories, replace=True) for _ in range(3)),
        return_exceptions=True,
    )
    *earlier, last = sorted(outcomes, key=lambda outcome: isinstance(outcome, dict))
    assert isinstance(last, dict), outcomes  # the one that began last
    assert all(isinstance(outcome, dict | DirectoryUnavailable) for outcome in earlier), outcomes
    directory = await directories.get("1")
    assert (await check(directory)).is_clean
    assert await redis.execute("EXISTS", *Keys.of(directory.key).staged) == 0


async def test_a_repair_ends_a_running_restore_with_an_error(
    make_directories, redis: Redis, path: Path, monkeypatch: pytest.MonkeyPatch
):
    directories = make_directories()
    directory = await fill_directory(directories, people=3)
    await write_backup(path, {"1": directory.storage}, no_progress)
    before = await take_snapshot(redis, Keys.of(directory.key))
    begin = StagedDirectory.begin

    async def begin_and_repair(staged: StagedDirectory, head: dict[str, Any]) -> None:
        await begin(staged, head)
        found = (await repair(directory)).found
        assert not found.is_damaged and [*found.problems] == [Problem.RESTORE_LEFTOVER]

    monkeypatch.setattr(StagedDirectory, "begin", begin_and_repair)
    with pytest.raises(DirectoryUnavailable, match=r"check --repair removed what it had loaded\."):
        await verify_and_restore(path, directories, replace=True)
    assert_equal(before, await take_snapshot(redis, Keys.of(directory.key)))


async def test_a_restored_directory_of_a_left_server_gets_a_new_grace_period(
    make_directories, redis: Redis, path: Path
):
    directories = make_directories()
    server = 1 << 60
    directory = await fill_directory(directories, str(server), 3)
    await directories.mark_left(server)
    await redis.execute("HSET", Keys.of(directory.key).meta, "left", 1)  # long ago
    await write_backup(path, {str(server): directory.storage}, no_progress)
    await verify_and_restore(path, directories, replace=True)
    assert await directories.servers() == {server: False}


def read_records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def rewrite_records(path: Path, records: list[dict[str, Any]]) -> None:
    """Write the records to a file with a valid checksum."""
    text = [json.dumps(record).encode() + b"\n" for record in records[:-1]]
    counted = {kind: sum(kind == next(iter(r), "") for r in records[:-1]) for kind in RECORD_KINDS}
    end = {"end": counted, "sha256": hashlib.sha256(b"".join(text)).hexdigest()}
    path.write_bytes(gzip.compress(b"".join(text) + json.dumps(end).encode() + b"\n"))


@pytest.fixture
async def valid_file(make_directories, path: Path) -> Path:
    await write_backup(
        path, {"1": (await fill_directory(make_directories(), people=9)).storage}, no_progress
    )
    return path


async def test_a_rewritten_file_with_a_valid_checksum_is_accepted(valid_file: Path):
    rewrite_records(valid_file, read_records(valid_file))
    with BackupFile(valid_file) as file:
        assert file.verify(no_progress) == {"1": 9}


def first_record(kind: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    return next(record for record in records if kind in record)


TAMPERING = {
    "a different version": lambda r: r[0].update(version=2),
    "a different file format": lambda r: r[0].update(format="zip"),
    "no header": lambda r: r.pop(0),
    "a person twice": lambda r: r.insert(3, r[2]),
    "a directory twice": lambda r: r.insert(-1, r[1]),
    "a person without a directory": lambda r: r.pop(1),
    "a name that is a number": lambda r: first_record("person", r).update(person=3),
    "a name that is not valid Unicode": lambda r: first_record("person", r).update(person="\udcff"),
    "attributes that are an object": lambda r: first_record("person", r).update(attributes={}),
    "a truncated vector": lambda r: first_record("person", r).update(vector="AAAA"),
    "a vector that is not base64": lambda r: first_record("person", r).update(vector="§"),
    "a wrong dimension": lambda r: first_record("directory", r).update(dimension=31),
    "no schema": lambda r: first_record("directory", r)["meta"].pop("schema"),
    "an empty schema": lambda r: first_record("directory", r)["meta"].update(schema="{}"),
    "a schema that is not JSON": lambda r: first_record("directory", r)["meta"].update(schema="["),
    "an unsupported format of keys": lambda r: first_record("directory", r)["meta"].update(
        format="3"
    ),
    "a number in meta": lambda r: first_record("directory", r)["meta"].update(held=3),
    "an unknown quantization": lambda r: first_record("directory", r).update(
        form=["Q8 REDUCE", 16]
    ),
    "a header that is a list": lambda r: first_record("header", r).update(header="[]"),
    "a header whose author is a number": lambda r: first_record("header", r).update(
        header='{"by":3}'
    ),
    "an operation twice": lambda r: r.insert(-1, first_record("header", r)),
    "an unknown kind of author field": lambda r: first_record("author", r).update(author="x"),
    "entries out of order": lambda r: r.insert(-1, first_record("step", r)),
    "an entry without changes": lambda r: first_record("changes", r).update(changes=[]),
    "an entry with an incomplete change": lambda r: first_record("changes", r).update(
        changes=[["a", "b"]]
    ),
    "an unknown field": lambda r: first_record("person", r).update(more=1),
    "an unknown kind of record": lambda r: r.insert(2, {"dance": 1}),
    "the name of a method as the kind of record": lambda r: r.insert(2, {"check": 1}),
    "an empty record": lambda r: r.insert(2, {}),
    "a version that is text": lambda r: r[0].update(version="\x1b[31m"),
    "a directory name with control characters": lambda r: first_record("directory", r).update(
        directory="\x1b[31m"
    ),
    "too many changes": lambda r: first_record("directory", r)["meta"].update(
        changes=str(2**63 - 1)
    ),
    "a fractional number of links": lambda r: first_record("directory", r).update(
        form=["Q8", 16.0]
    ),
    "meta that is not valid Unicode": lambda r: first_record("directory", r)["meta"].update(
        x="\udcff"
    ),
    "a deeply nested header": lambda r: first_record("header", r).update(header="[" * 100_000),
    "a time out of range": lambda r: first_record("header", r).update(
        header=first_record("header", r)["header"].replace('"at":', '"at":1e300,"then":')
    ),
    "an infinite number of people": lambda r: first_record("header", r).update(
        header=first_record("header", r)["header"].replace('"count":', '"count":Infinity,"of":')
    ),
    "a negative operation": lambda r: first_record("header", r).update(operation=-1),
    "an operation that is true": lambda r: first_record("header", r).update(operation=True),
    "an author that is not valid Unicode": lambda r: first_record("author", r).update(
        value="\udcff"
    ),
    "a change that is not valid Unicode": lambda r: first_record("changes", r).update(
        changes=[["\udcff", "", "{}", ""]]
    ),
    "the highest possible entry id": lambda r: r[-2].update(step=f"{2**64 - 1}-{2**64 - 1}"),
}


@pytest.mark.parametrize("change", TAMPERING)
async def test_invalid_records_are_refused(valid_file: Path, change: str):
    records = read_records(valid_file)
    TAMPERING[change](records)
    rewrite_records(valid_file, records)
    with (
        BackupFile(valid_file) as file,
        pytest.raises(DirectoryError, match=r"Nothing was changed\.$"),
    ):
        file.verify(no_progress)


async def test_any_damage_to_the_file_is_noticed(valid_file: Path):
    content = valid_file.read_bytes()
    dice = random.Random(1)
    harmless = 0
    for place in [*range(12), *dice.sample(range(len(content)), 300)]:
        damaged = bytearray(content)
        damaged[place] ^= dice.randrange(1, 256)
        valid_file.write_bytes(damaged)
        try:
            with BackupFile(valid_file) as file:
                assert file.verify(no_progress) == {"1": 9}
                harmless += 1  # the system or the time in the gzip header
        except DirectoryError as error:
            assert str(error).endswith("Nothing was changed.")
    assert harmless < 30
    for length in dice.sample(range(len(content)), 100):
        valid_file.write_bytes(content[:length])
        with BackupFile(valid_file) as file, pytest.raises(DirectoryError):
            file.verify(no_progress)


async def test_an_overlong_line_is_not_read_into_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reader, "LINE_MAX", 1024)
    path.write_bytes(gzip.compress(b" " * 10_000_000))
    with BackupFile(path) as file, pytest.raises(DirectoryError, match="isn't a backup"):
        file.verify(no_progress)
    path.write_bytes(b"no gzip")
    with BackupFile(path) as file, pytest.raises(DirectoryError, match="isn't a backup"):
        file.verify(no_progress)
    with pytest.raises(DirectoryError, match=r"Can't read .*: No such file"):
        BackupFile(path.with_name("none"))


async def test_a_path_that_cannot_be_written_is_reported(make_directories, tmp_path: Path):
    directory = await fill_directory(make_directories(), people=3)
    for place in (tmp_path, tmp_path / "none" / "x.gz"):
        with pytest.raises(DirectoryError, match="Can't write"):
            await write_backup(place, {"1": directory.storage}, no_progress)


async def test_a_staged_directory_is_not_listed(make_directories, redis: Redis):
    directories = make_directories()
    directories.key_pattern = f"people:{{app}}:{directories.key_pattern}"
    directory = await fill_directory(directories, people=3)
    staged = StagedDirectory(directory.storage)
    head = {"meta": {"schema": '{"born":"number"}'}, "form": ["Q8", 16], "dimension": 1}
    await staged.begin(head)
    vector = "aW50OCAxLjAgMS4wIH8="  # int8 1.0 1.0 and 127
    await staged.add([{"person": "X", "attributes": "{}", "vector": vector}])
    assert await directories.names() == ["1"]
    await staged.delete()

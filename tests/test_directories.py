"""Opening, creating, adopting and listing directories."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest

from bot.cli.maintenance import CLEAN, DAMAGED, NOT_REPAIRED, back_up, check_all
from bot.directory import Redis
from bot.directory.keys import Keys
from bot.directory.storage import Storage
from bot.errors import DirectoryError, DirectoryNotFound, SettingError
from bot.maintenance import check
from tests.conftest import ROOT
from tests.embedders import WordEmbedder

STARTER = ROOT / "data" / "people.json"


async def test_a_new_directory_gets_the_starter_set(make_directories):
    directories = make_directories(starter=STARTER)
    directory = await directories.open("1")
    assert await directory.people.count() == len(json.loads(STARTER.read_text()))
    assert (await directory.search("known_for=mathematics", 50)).total
    assert await directories.open("1") is directory
    await directory.people.remove("Marie Curie")
    again = await make_directories(starter=STARTER).open("1")
    assert await again.people.find("Marie Curie"), "another key is another directory"


async def test_opening_concurrently_creates_a_directory_once(make_directories):
    directories = make_directories(starter=STARTER)
    opened = await asyncio.gather(*(directories.open("1") for _ in range(5)))
    assert len({id(directory) for directory in opened}) == 1


async def test_two_processes_opening_concurrently_create_a_directory_once(make_directories):
    one = make_directories(starter=STARTER)
    other = make_directories(starter=STARTER)
    other.key_pattern = one.key_pattern
    first, second = await asyncio.gather(one.open("1"), other.open("1"))
    assert first is not second
    assert (
        await first.people.count()
        == await second.people.count()
        == len(json.loads(STARTER.read_text()))
    )


async def test_servers_share_a_directory_only_if_the_key_says_so(make_directories):
    directories = make_directories()
    await (await directories.open("1")).people.add("A", "one", {})
    assert await (await directories.open("2")).people.find("A") is None
    directories.key_pattern = directories.key("all")
    await (await directories.open("1")).people.add("B", "two", {})
    assert await (await directories.open("2")).people.find("B")


async def test_a_missing_directory_is_reported_with_those_there_are(make_directories):
    directories = make_directories()
    with pytest.raises(
        DirectoryNotFound, match=r"no directory called x\. There are no directories yet"
    ):
        await directories.get("x")
    for name in ("b", "a[1]*"):
        await (await directories.open(name)).people.add("A", "one", {})
    with pytest.raises(DirectoryNotFound, match=r"called x\. The directories are a\[1\]\* and b\."):
        await directories.get("x")


async def test_a_different_model_is_refused_with_a_way_out(make_directories):
    directories = make_directories()
    await (await directories.open("1")).people.add("A", "one", {})

    class Other(WordEmbedder):
        name = "other"

    other = make_directories(Other())
    other.key_pattern = directories.key_pattern
    with pytest.raises(SettingError, match=r"embedded with words.* Set EMBEDDING_MODEL to words"):
        await other.open("1")


@pytest.mark.parametrize("field", ["changes", "model"])
async def test_leftover_keys_are_not_a_directory(make_directories, redis, tmp_path, field: str):
    directories = make_directories(starter=STARTER)
    await directories.get_or_create("1")
    await redis.execute("HSET", Keys.of(directories.key("2")).meta, field, "1")
    assert await directories.names() == ["1"] and not await directories.servers()
    with pytest.raises(DirectoryNotFound, match=r"called 2\. The directories are 1\."):
        await directories.open_unchecked("2")
    assert await check_all(directories, await directories.names(), should_repair=True) == 0
    await back_up(directories, await directories.names(), tmp_path / "people.gz")
    directory = await directories.open("2")
    assert await directory.people.count() == len(json.loads(STARTER.read_text()))
    assert (await check(directory)).is_clean and await directories.names() == ["1", "2"]


async def test_an_empty_directory_is_listed(make_directories):
    directories = make_directories()
    await directories.get_or_create("1")
    assert await directories.names() == ["1"]
    directories.key_pattern = directories.key("all")
    assert await directories.names() == []
    await directories.get_or_create("1")
    assert await directories.names() == [directories.key_pattern]


async def test_keys_with_invalid_names_are_not_listed(make_directories, redis: Redis):
    directories = make_directories()
    for name in ("a\nb", "x}y"):
        key = directories.key_pattern.replace("{guild}", name)
        await redis.execute("VADD", key, "FP32", foreign(), "Ada")
        await redis.execute("HSET", Keys.of(key).meta, "schema", "{}")
    assert await directories.names() == []


def foreign(dimension: int = WordEmbedder.dimension) -> bytes:
    return np.random.default_rng(3).normal(size=dimension).astype("<f4").tobytes()


async def test_a_set_by_another_program_is_adopted(make_directories, redis: Redis):
    directories = make_directories()
    key = directories.key("1")
    people = {
        "Ada": {"born": 1815, "died": 1852},
        "Bo": {"born": 1990, "city": "Göteborg"},
        "Bare": None,
        "Broken": "no json",
    }
    for name, attributes in people.items():
        stored = attributes if isinstance(attributes, str) else json.dumps(attributes)
        tail = [] if attributes is None else ["SETATTR", stored]
        await redis.execute("VADD", key, "FP32", foreign(), name, *tail)
    directory = await directories.get("1")
    assert sorted(directory.fields.schema) == ["born", "city", "died"]
    results = await directory.search("died!=1852", 10)
    assert [match.person.name for match in results.matches] == ["Bare", "Bo", "Broken"]
    assert [m.person.name for m in (await directory.search("city=goteborg", 5)).matches] == ["Bo"]
    assert (await directory.people.get("bo")).attributes == {"born": 1990, "city": "Göteborg"}
    assert len((await directory.search("anything", 10)).matches) == 4
    assert await directory.names.complete("b", 5) == ["Bare", "Bo", "Broken"]


async def test_attributes_stored_by_another_program_are_kept(make_directories, redis: Redis):
    directories = make_directories()
    key = directories.key("1")
    stored = {"born": 1815, "Country": "France", "deep": {"a": 1}, "tags": ["X"]}
    await redis.execute("VADD", key, "FP32", foreign(), "Ada", "SETATTR", json.dumps(stored))
    await redis.execute("VADD", key, "FP32", foreign(), "Bo", "SETATTR", "[broken")
    directory = await directories.get("1")
    await directory.people.update("Ada", None, {"died": 1852})
    after = json.loads(await redis.execute("VGETATTR", key, "Ada"))
    assert after == {
        **stored,
        "died": 1852,
        "tags": ["x"],
        "description": "",
        "_typed": {"tags": ["X"]},
    }
    assert json.loads(await redis.execute("VGETATTR", key, "Bo"))["_foreign"] == "[broken"


@pytest.mark.parametrize("options", [["NOQUANT"], ["BIN"], ["M", "32"]])
async def test_a_set_with_other_options_is_adopted_and_changed(
    make_directories, redis: Redis, options: list[str]
):
    directories = make_directories()
    await redis.execute("VADD", directories.key("1"), "FP32", foreign(), "Ada", *options)
    directory = await directories.get("1")
    await directory.people.add("Bo", "somebody new", {})
    await directory.people.update("Ada", "a description", {"born": 1815})
    assert [m.person.name for m in (await directory.search("born=1815", 5)).matches] == ["Ada"]


async def test_people_removed_by_another_program_disappear_from_the_indexes(
    make_directories, redis: Redis
):
    directories = make_directories()
    directory = await directories.open("1")
    for name in ("Ada", "Bo"):
        await directory.people.add(name, "somebody", {})
        await redis.execute("VREM", directory.key, name)
    assert await directory.people.find("ada") is None
    await directory.people.add("ADA", "again", {})
    directories._open.clear()
    directory = await directories.open("1")
    assert await directory.names.complete("", 5) == ["ADA"]
    await redis.execute("VREM", directory.key, "ADA")
    directories._open.clear()
    assert await (await directories.open("1")).names.complete("", 5) == []


async def test_new_fields_are_added_to_elements_without_attributes(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.open("1")
    await directory.people.add("Ada", "somebody", {})
    for name, tail in (("Bare", []), ("Empty", ["SETATTR", "{}"])):
        await redis.execute("VADD", directory.key, "FP32", foreign(), name, *tail)
    await directory.people.update("Ada", None, {"prize": "x"})
    for name in ("Ada", "Bare", "Empty"):
        assert "prize" in json.loads(await redis.execute("VGETATTR", directory.key, name))


async def test_names_that_no_key_can_contain_are_refused(make_directories):
    for name in ("", "a\0b", "a\udcff", "x}y", "{}"):
        with pytest.raises(SettingError, match="can't be called"):
            await make_directories().get(name)


async def test_people_added_later_by_another_program_are_adopted(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.open("1")
    await directory.people.add("Ada", "first", {"country": "England"})
    await redis.execute("VADD", directory.key, "FP32", foreign(), "Bo")
    directories._open.clear()  # as after a restart
    directory = await directories.open("1")
    assert await directory.names.complete("b", 5) == ["Bo"]
    assert (await directory.search("country!=england", 5)).total == 1
    assert (await directory.people.get("Ada")).attributes == {"country": "England"}


async def test_a_set_with_a_different_dimension_is_refused(make_directories, redis: Redis):
    directories = make_directories()
    await redis.execute("VADD", directories.key("1"), "FP32", foreign(7), "Ada")
    with pytest.raises(SettingError, match=r"has 7 dimensions, .* DIRECTORY_KEY"):
        await directories.open("1")


@pytest.mark.parametrize("field", ["vset", "meta"])
async def test_a_key_of_the_wrong_type_is_refused(make_directories, redis: Redis, field: str):
    directories = make_directories()
    await redis.execute("SET", getattr(Keys.of(directories.key("1")), field), "text")
    for opening in (directories.open, directories.open_unchecked):
        with pytest.raises(SettingError, match=r"directory's keys in Redis.* set DIRECTORY_KEY"):
            await opening("1")


@pytest.mark.parametrize("should_repair", [False, True])
async def test_a_directory_that_cannot_be_checked_does_not_stop_the_check_of_others(
    make_directories, redis: Redis, capsys: pytest.CaptureFixture[str], should_repair: bool
):
    directories = make_directories()
    for name in ("1", "2"):
        await directories.get_or_create(name)
    vset = directories.key("1")
    await redis.execute("DEL", vset)
    await redis.execute("SET", vset, "text")
    worst = await check_all(directories, await directories.names(), should_repair=should_repair)
    assert worst == (NOT_REPAIRED if should_repair else DAMAGED)
    one, two = capsys.readouterr().out.splitlines()
    assert one.startswith("1 couldn't be checked. Another program has stored something in one of")
    assert two == "2: 0 people, no problems."


async def test_invalid_utf8_in_one_directory_does_not_stop_the_check_of_others(
    make_directories, redis: Redis, capsys: pytest.CaptureFixture[str]
):
    directories = make_directories()
    for name in ("1", "2"):
        await (await directories.get_or_create(name)).people.add("Ada", "first", {})
    names = await directories.names()
    await redis.execute("VADD", directories.key("1"), "FP32", foreign(), b"M\xfcller")
    for _ in range(3):  # nothing of an answer is left for the next command
        assert await check_all(directories, names, should_repair=True) == NOT_REPAIRED
        one, two = capsys.readouterr().out.splitlines()
        assert one.startswith(
            "1 couldn't be checked. The directory has a name or a value that isn't UTF-8"
        )
        assert two == "2: 1 person, no problems."
    await redis.execute("VREM", directories.key("1"), b"M\xfcller")
    assert await check_all(directories, names, should_repair=True) == CLEAN


async def test_a_directory_that_keeps_changing_does_not_stop_the_check_of_others(
    make_directories, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    directories = make_directories()
    for name in ("1", "2"):
        await directories.get_or_create(name)

    directory = await directories.get("1")
    version = Storage.version

    async def other_each_time(storage: Storage) -> tuple[str, int]:
        if storage.keys.vset == directory.key:
            await directory.people.add(f"P {await directory.people.count()}", "somebody", {})
        return await version(storage)

    monkeypatch.setattr(Storage, "version", other_each_time)
    assert await check_all(directories, ["1", "2"], should_repair=False) == DAMAGED
    one, two = capsys.readouterr().out.splitlines()
    assert one.startswith("1 couldn't be checked. The directory keeps changing.")
    assert two == "2: 0 people, no problems."


async def test_an_unreadable_starter_set_is_reported(make_directories, tmp_path: Path):
    directories = make_directories(starter=tmp_path / "none.json")
    with pytest.raises(DirectoryError, match=r"Can't read .*none\.json"):
        await directories.open("1")

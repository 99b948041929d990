"""The index of the best-known people is small, and completes names as if it had everyone."""

import random
from collections.abc import Sequence

import pytest

from bot.directory import Directory, Redis, lua, names
from bot.directory.history.operations import OperationKind, OperationRequest
from bot.directory.keys import Keys
from bot.maintenance import check, indexes, repair
from bot.maintenance.findings import Problem
from bot.person import Kind, Person
from tests.test_history import BEN

FEW = 10  # replaces BEST_KNOWN


@pytest.fixture
async def directory(make_directories, monkeypatch: pytest.MonkeyPatch) -> Directory:
    monkeypatch.setattr(lua, "SCRIPTS", lua.build_scripts(best_known=FEW))
    monkeypatch.setattr(names, "BEST_KNOWN", FEW)
    monkeypatch.setattr(indexes, "BEST_KNOWN", FEW)
    directory = await make_directories().get_or_create("1")
    await directory.fields.define({"fame": Kind.NUMBER})
    await directory.people.add_many(people(range(120)), OperationRequest(OperationKind.IMPORT, BEN))
    return directory


def people(numbers: Sequence[int]) -> list[Person]:
    dice = random.Random(numbers[0])
    fame = [dice.choice([None, 0, 0.1, dice.randrange(50), -dice.random()]) for _ in numbers]
    return [
        Person(f"{'AB'[number % 2]} {number}", "x", {} if known is None else {"fame": known})
        for number, known in zip(numbers, fame, strict=True)
    ]


async def assert_completions_are_correct(directory: Directory) -> None:
    findings = await check(directory)
    assert findings.is_clean, findings.problems
    everybody = [person async for person in directory.people.iterate()]
    for start in ("", "a", "b", "1", "11"):
        for count in (3, 25, 60):
            starting = [p for p in everybody if f" {start}" in f" {p.name.lower()}"]
            fame = {p.name: float(str(p.attributes.get("fame", "-inf"))) for p in starting}
            found = await directory.names.complete(start, count)
            assert [fame[name] for name in found] == sorted(fame.values(), reverse=True)[:count]


async def fame_index_size(redis: Redis, directory: Directory) -> int:
    return await redis.execute("ZCARD", Keys.of(directory.key).fame)


async def test_the_fame_index_stays_small_and_correct_through_changes(
    directory: Directory, redis: Redis
):
    dice = random.Random(3)
    assert FEW <= await fame_index_size(redis, directory) <= 3 * FEW
    await assert_completions_are_correct(directory)
    for number in range(12):
        for name in dice.sample(await directory.names.complete("", 120), 6):
            await directory.people.update(
                name, None, {"fame": dice.choice([None, 7, 99, -5])}, by=BEN
            )
        for name in await directory.names.complete("", 3):
            await directory.people.remove(name, by=BEN)
        await directory.people.add_many(people(range(200 + 9 * number, 203 + 9 * number)))
        await assert_completions_are_correct(directory)
    await directory.fields.rename("fame", "renown", by=BEN)
    assert await fame_index_size(redis, directory) == 0
    await assert_completions_are_correct(directory)
    await directory.undo.run(await directory.undo.last_undoable(BEN) or 0, by=BEN)
    await assert_completions_are_correct(directory)
    for name in await directory.names.complete("", 120):
        await directory.people.remove(name, by=BEN)
    assert await fame_index_size(redis, directory) == 0


async def test_people_of_equal_fame_are_all_indexed(directory: Directory, redis: Redis):
    for name in await directory.people.list_names():
        await directory.people.update(name, None, {"fame": 3}, by=BEN)
    assert await fame_index_size(redis, directory) == 120
    await assert_completions_are_correct(directory)
    await directory.people.add("B more", "x", {"fame": 2}, by=BEN)
    assert await fame_index_size(redis, directory) == 120
    await assert_completions_are_correct(directory)


@pytest.mark.parametrize("least", ["1000", "many", "-1000", None])
async def test_a_wrong_fame_threshold_is_repaired(
    directory: Directory, redis: Redis, least: str | None
):
    meta = Keys.of(directory.key).meta
    await redis.execute("HDEL", meta, "least_known")
    if least is not None:
        await redis.execute("HSET", meta, "least_known", least)
    assert (await check(directory)).problems.keys() == {Problem.WRONG_FAME}
    assert (await repair(directory)).remaining.is_clean
    await directory.people.add("B more", "x", {"fame": 2}, by=BEN)
    assert await fame_index_size(redis, directory) <= 3 * FEW
    await assert_completions_are_correct(directory)

"""Imports in which the importing process or Redis is killed at a random moment, and gone on with.

`make test` does four of them, `make faults` fifty.
"""

import asyncio
import json
import os
import random
import re
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from bot.directory import Directories, Directory, Redis, connect
from bot.embedded_redis import EmbeddedRedis
from bot.errors import DirectoryError, InvalidPerson, PersonExists, PersonNotFound
from bot.maintenance import check
from bot.person import BASE_SCHEMA, Kind, Person
from tests.conftest import ROOT
from tests.embedders import WordEmbedder
from tests.test_history import CHANGES, snapshot

RUNS = [*range(4), *(pytest.param(run, marks=pytest.mark.faults) for run in range(4, 50))]
PEOPLE = 1_500
BEFORE = 300  # of them, who are there before, and half of whom are changed
SCHEMA = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS, "fame": Kind.NUMBER}
COUNTRIES = ["France", "Côte d'Ivoire", "Ísland", 'a "b"']


def person(number: int, version: int) -> Person:
    """``version`` 0 is who is there before; 1 is who the file has."""
    edited = version if number % 2 else 0
    values = {
        "born": 1900 + number % 100,
        "country": COUNTRIES[(number + edited) % 4],
        "field": ("Physics", f"Topic {number % 7}"),
        "fame": number,
    }
    return Person.create(f"Pérson {number}", f"singer number {number} {edited}", values, SCHEMA)


@pytest.fixture
async def killable(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedRedis, Redis]]:
    """A Redis of its own, which is started again when it is killed."""
    with EmbeddedRedis(tmp_path / "redis") as server:
        async with connect(server.url) as redis:
            yield server, redis


@pytest.mark.parametrize("run", RUNS)
async def test_an_import_that_is_killed_and_gone_on_with(
    killable: tuple[EmbeddedRedis, Redis], tmp_path: Path, run: int
):
    server, redis = killable
    chance = random.Random(run)
    file = tmp_path / "people.jsonl"
    expected = {p.name: p for p in (person(number, 1) for number in range(PEOPLE))}
    file.write_text("".join(f"{json.dumps(record(p))}\n" for p in expected.values()), "utf-8")
    directory = await begin(redis)
    before = {p.name: p async for p in directory.people.iterate()}
    operations = await directory.history.count()

    for _ in range(chance.randint(1, 2)):
        await kill(await start(server, file), server, chance)
        await answering(directory)
        await directory.fields.refresh()
        assert (await check(directory)).is_clean
        async for found in directory.people.iterate():
            assert found in (expected[found.name], before.get(found.name))
        assert before.keys() <= {p.name async for p in directory.people.iterate()}

    process = await start(server, file)
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert {p.name: p async for p in directory.people.iterate()} == expected
    findings = await check(directory)
    assert findings.is_clean, findings.problems
    assert await directory.history.count() == operations + 1
    (imported,) = await directory.history.page(0, 1)
    assert not imported.is_open and not imported.is_truncated
    assert imported.people_count == sum(before.get(name) != p for name, p in expected.items())
    undone = await directory.undo.run(imported.number)
    assert not undone.conflicts
    assert {p.name: p async for p in directory.people.iterate()} == before
    assert (await check(directory)).is_clean


async def test_every_kind_of_change_outlives_redis(killable: tuple[EmbeddedRedis, Redis]):
    """Redis does not write all that it does to its append-only file: see lua/directory.lua."""
    server, redis = killable
    directory = await begin(redis)
    await directory.people.add("Björk", "singer", {"country": "Iceland", "fame": 9})
    for change in CHANGES.values():
        with suppress(InvalidPerson, PersonExists, PersonNotFound):  # by an earlier change
            await change(directory)
    await directory.undo.run((await directory.history.page(0, 1))[0].number)
    before = await snapshot(redis, directory)
    names, vectors = await directory.people.vectors(sorted(before["people"]))
    os.kill(int((server.directory / "redis.pid").read_text()), signal.SIGKILL)
    await answering(directory)
    assert await snapshot(redis, directory) == before
    after, same = await directory.people.vectors(names)
    assert after == names and np.array_equal(same, vectors)
    assert (await check(directory)).is_clean


def record(person: Person) -> dict[str, object]:
    return {"name": person.name, "description": person.description, **person.attributes}


async def begin(redis: Redis) -> Directory:
    directories = Directories(redis, WordEmbedder(), "faults:{guild}", lambda: (BASE_SCHEMA, ()))
    directory = await directories.get_or_create("all")
    await directory.fields.define(SCHEMA)
    await directory.people.add_many([person(number, 0) for number in range(BEFORE)])
    return directory


async def start(server: EmbeddedRedis, file: Path) -> Process:
    arguments = ("-m", "tests.import_process", server.url, "faults:{guild}", str(file))
    return await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE
    )


async def kill(process: Process, server: EmbeddedRedis, chance: random.Random) -> None:
    """Kill the process, or its Redis, somewhere in the import."""
    assert process.stdout
    for _ in range(chance.randint(1, 20)):
        if not await process.stdout.readline():
            break
    await asyncio.sleep(chance.uniform(0, 0.03))
    if chance.random() < 0.5:
        if process.returncode is None:
            process.kill()
        await process.communicate()
    else:
        os.kill(int((server.directory / "redis.pid").read_text()), signal.SIGKILL)
        _, errors = await process.communicate()
        if process.returncode:
            assert re.search("database (isn't|stopped) responding", errors.decode())


async def answering(directory: Directory) -> None:
    """Wait until Redis is back."""
    deadline = time.monotonic() + 10
    while True:
        try:
            await directory.people.count()
            return
        except DirectoryError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

"""The directory of a server that the bot was removed from is kept for a while, then deleted; a
server that is only unavailable loses nothing."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.client import PeopleBot
from bot.directory import Author, Directories, Directory, OperationKind, OperationRequest, Redis
from bot.directory.directories import MS_PER_DAY
from bot.directory.keys import Keys
from bot.errors import DirectoryUnavailable
from bot.person import Person
from tests.world import World, text

HERE, ELSEWHERE = 1 << 60, (1 << 60) + (1 << 22)
"""IDs of servers on the first and on the second of two shards."""


async def left_marks(world: World) -> dict[int, bool]:
    return await world.directories.servers()


async def backdate(redis: Redis, directory: Directory, days: float) -> None:
    """Make a mark look this many days older."""
    meta = Keys.of(directory.key).meta
    left = int(await redis.execute("HGET", meta, "left"))
    await redis.execute("HSET", meta, "left", round(left - days * MS_PER_DAY))


async def existing_keys(redis: Redis, directory: Directory) -> list[str]:
    answers = await redis.execute_all([("EXISTS", key) for key in Keys.of(directory.key)])
    return [key for key, exists in zip(Keys._fields, answers, strict=True) if exists]


async def leave(world: World) -> None:
    world.env.backend.remove_guild(world.env.guild.id)
    await world.env._settle_internal()


async def join(env: Any, server: int) -> Any:
    """Add the bot to the server again."""
    env.backend._reserved_ids.discard(server)
    guild = env.create_guild(id=server)
    await env._settle_internal()
    # simcord reports every server as available again. Discord reports a joined one as joined.
    env.bot.dispatch("guild_join", env.bot.get_guild(server))
    await env._settle_internal()
    return guild


async def advance_an_hour(world: World) -> None:
    await world.env.advance_time(3601)


async def test_the_directory_of_a_server_that_was_left_is_marked_and_later_deleted(
    world: World, redis: Redis, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "cogs")
    server, directory = world.env.guild.id, await world.directory()
    before = await existing_keys(redis, directory)
    await leave(world)
    assert await left_marks(world) == {server: True}
    assert await existing_keys(redis, directory) == before
    await backdate(redis, directory, 29.9)
    await advance_an_hour(world)
    assert await directory.people.count() == 3
    await backdate(redis, directory, 0.2)
    await advance_an_hour(world)
    assert await existing_keys(redis, directory) == [] and await left_marks(world) == {}
    assert f"Deleted the directory {server}, whose server was left: 3 people" in caplog.text


async def test_an_empty_directory_is_deleted_too(world: World, redis: Redis):
    directory = await world.directory()
    for name in [person.name async for person in directory.people.iterate()]:
        await directory.people.remove(name)
    assert await directory.people.count() == 0
    await leave(world)
    await backdate(redis, directory, 31)
    await advance_an_hour(world)
    assert await existing_keys(redis, directory) == []


async def test_an_unavailable_server_loses_nothing(world: World, redis: Redis):
    server, directory = world.env.guild.id, await world.directory()
    before = {"id": str(server), "unavailable": True}
    world.env.backend.emit("GUILD_DELETE", before)
    await world.env._settle_internal()
    assert world.env.bot.get_guild(server).unavailable
    await advance_an_hour(world)
    assert await left_marks(world) == {server: False}
    assert await directory.people.count() == 3


async def test_a_server_that_rejoins_in_time_keeps_everything(world: World, redis: Redis):
    server, directory = world.env.guild.id, await world.directory()
    await leave(world)
    await backdate(redis, directory, 29)
    await join(world.env, server)
    assert await left_marks(world) == {server: False}
    await advance_an_hour(world)
    assert await directory.people.count() == 3
    assert await world.directory() is directory


async def test_a_server_that_rejoins_too_late_gets_a_new_directory(make_directories, redis: Redis):
    directories = make_directories(starter=Path("data/people.json"))
    async with simcord.run(PeopleBot(directories, grace_days=2), shard_count=1) as env:
        server = env.create_guild().id
        old = await directories.for_server(server)
        await old.people.add("Ada", "somebody", {})
        env.backend.remove_guild(server)
        await env._settle_internal()
        await backdate(redis, old, 2)
        await env.advance_time(3601)
        guild = await join(env, server)
        channel = guild.create_text_channel("general")
        member = guild.add_member(env.create_user("member"))
        assert "112 people" in text(await member.slash(channel, "people"))
        new = await directories.for_server(server)
        assert new is not old and await new.people.find("Ada") is None
        assert (await new.history.stats()).operations == 0


async def test_servers_left_while_the_bot_was_not_running_are_marked_and_deleted(
    world: World, redis: Redis
):
    server, directory = world.env.guild.id, await world.directory()
    del world.env.backend.guilds[server]
    await world.env.restart_bot(PeopleBot(world.directories))
    assert await left_marks(world) == {server: True}
    await backdate(redis, directory, 31)
    await world.env.restart_bot(PeopleBot(world.directories))
    assert await existing_keys(redis, directory) == []


async def test_servers_rejoined_while_the_bot_was_not_running_are_unmarked(
    world: World, redis: Redis
):
    server, directory = world.env.guild.id, await world.directory()
    await world.directories.mark_left(server)
    await backdate(redis, directory, 400)
    await world.env.restart_bot(PeopleBot(world.directories))
    assert await left_marks(world) == {server: False}
    assert await directory.people.count() == 3


@pytest.fixture
def run_shard_0() -> Callable[[Directories], Any]:
    def run(directories: Directories) -> Any:
        bot = PeopleBot(directories)
        bot.shard_count, bot.shard_ids = 2, [0]
        return simcord.run(bot)

    return run


async def test_servers_of_other_shards_are_left_alone(make_directories, run_shard_0, redis: Redis):
    directories = make_directories()
    left = await directories.for_server(ELSEWHERE)
    for server in (HERE, ELSEWHERE):
        await directories.for_server(server)
    async with run_shard_0(directories) as env:
        assert await directories.servers() == {HERE: True, ELSEWHERE: False}
        await directories.mark_left(ELSEWHERE)
        await backdate(redis, left, 400)
        await env.advance_time(3601)
        assert await directories.servers() == {HERE: True, ELSEWHERE: True}


async def test_a_change_during_deletion_leaves_nothing_behind(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.for_server(HERE)
    request = OperationRequest(
        OperationKind.IMPORT, Author("1", "Ben"), is_open=True, source="people.csv"
    )
    await directory.people.add_many([Person("Ada", "somebody")], request)
    await directories.mark_left(HERE)
    assert await directories.delete_left(HERE, 0) == 1
    await directory.history.finish(request)
    assert await existing_keys(redis, directory) == []


async def test_directories_that_are_not_a_servers_are_kept(make_directories, redis: Redis):
    directories = make_directories()
    opened = [await directories.open(name) for name in ("default", "2024", "crew")]
    await redis.execute("VADD", directories.key(str(HERE)), "VALUES", 2, 1, 2, "Ada")
    async with simcord.run(PeopleBot(directories), shard_count=1):
        assert await directories.servers() == {}
        for directory in opened:
            assert "left" not in await redis.execute("HGETALL", Keys.of(directory.key).meta)
    assert not await directories.mark_left(HERE), "the bot never opened this set"


async def test_a_shared_directory_is_kept(make_directories, redis: Redis):
    directories = make_directories()
    directories.key_pattern = directories.key(str(HERE))
    directory = await directories.for_server(HERE)
    async with simcord.run(PeopleBot(directories), shard_count=1) as env:
        env.create_guild(id=HERE)
        env.backend.remove_guild(HERE)
        await env.advance_time(3601)
    assert "left" not in await redis.execute("HGETALL", Keys.of(directory.key).meta)
    assert await directories.servers() == {} and not await directories.unmark_left(HERE)
    assert await directories.delete_left(HERE, 1) is None


@pytest.mark.parametrize("key", ["odd[*?]\\{guild}", "{app}:{guild}", "a:{guild}:b", "{guild}"])
async def test_servers_are_found_with_any_key_pattern(make_directories, key: str):
    directories = make_directories()
    directories.key_pattern = f"{directories.key_pattern.partition(':')[0]}:{key}"
    await directories.for_server(HERE)
    await (await directories.for_server(ELSEWHERE)).people.add("Ada", "somebody", {})
    assert await directories.servers() == {HERE: False, ELSEWHERE: False}
    assert await directories.names() == [str(HERE), str(ELSEWHERE)]


async def test_servers_are_checked_again_later_if_redis_is_not_available(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    server = world.env.guild.id

    async def fail(*arguments: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    monkeypatch.setattr(type(world.directories._redis), "execute", fail)
    await leave(world)
    monkeypatch.undo()
    assert "checked again later: Redis is away." in caplog.text
    assert await left_marks(world) == {server: False}
    await advance_an_hour(world)
    assert await left_marks(world) == {server: True}

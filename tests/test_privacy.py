"""What is stored, and what is held of a member: as a file, and deleted."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.client import PeopleBot
from bot.directory import Author, Directory, HistoryLimits, HistoryStats, export_author
from bot.directory.history import author_export
from bot.directory.history.operations import OperationKind, OperationRequest
from bot.directory.keys import Keys
from bot.errors import DirectoryUnavailable
from bot.person import Person
from cogs.forms import FORM_SECONDS
from cogs.privacy import CONFIRMATION_WORD, DELETE_ID, describe_history
from tests.discord_limits import violations
from tests.messages import FORM_TOO_OLD
from tests.world import World, text

NOTHING_STORED = "This directory stores nothing about your Discord account."
MAY_3 = datetime(2026, 5, 3, tzinfo=UTC)


async def changed(world: World, who: Any) -> Author:
    """Somebody changes the directory, as the bot notes it."""
    author = Author(str(who.id), "admin")
    directory = await world.directory()
    await directory.people.update("Björk", None, {"country": "Ísland"}, by=author)
    await directory.people.remove("Paul Erdős", by=author)
    await directory.undo.run((await directory.history.page(0, 1))[0].number, by=author)
    return author


async def mydata(world: World, who: Any) -> tuple[Any, dict[str, Any]]:
    """The answer, and what is in its file."""
    result = await who.slash(world.channel, "mydata")
    assert result.ephemeral
    files = result.response.attachments
    return result.response, json.loads(await files[0].read()) if files else {}


async def press(world: World, who: Any, message: Any) -> Any:
    shown = await who.click(message, custom_id=DELETE_ID)
    assert shown.modal and violations(shown.modal) == []
    return shown


async def send(who: Any, shown: Any, word: str = CONFIRMATION_WORD) -> str:
    """Fill in the form; what is said."""
    (row,) = shown.modal["components"]
    result = await who.submit_modal(shown, {row["component"]["custom_id"]: word})
    assert result.ephemeral
    return text(result)


# What is stored


async def test_privacy_says_what_is_stored(world: World):
    result = await world.member.slash(world.channel, "privacy")
    assert result.ephemeral
    said = text(result)
    assert re.search(r"\d changes since <t:\d+:D>\.", said)
    assert "Changes are kept for 365 days. At most 100,000 changes to people are kept." in said
    assert "The latest change is always kept in full." in said
    assert (
        "The directory and its history are kept for 30 days" in said and "One directory" not in said
    )
    for request in world.env.http_requests:
        if isinstance(request.json, dict):
            assert violations(request.json.get("data") or request.json) == []


async def test_privacy_of_a_directory_that_servers_share(world: World):
    world.directories.key_pattern = world.directories.key("all")
    said = text(await world.member.slash(world.channel, "privacy"))
    assert "One directory for all servers" in said
    assert "The directory and its history are kept for" not in said
    assert "**The history**\nIt's empty." in said
    said = text(await world.member.slash(world.channel, "mydata"))
    assert "This covers all servers of this bot" in said


@pytest.mark.parametrize(
    ("stats", "says"),
    [
        (
            HistoryStats(1, 1, HistoryLimits(1, 1), MAY_3),
            "1 change since <t:1777766400:D>. Changes are kept for 1 day. At most 1 change to a",
        ),
        (
            HistoryStats(0, 0, HistoryLimits(5, 2), None),
            "It's empty. Changes are kept for 2 days. At most 5 changes to people are kept.",
        ),
    ],
)
def test_its_figures_in_words(stats: HistoryStats, says: str):
    assert says in describe_history(stats)


# What is held of a member


async def test_who_changed_nothing_leaves_nothing(world: World):
    message, held = await mydata(world, world.member)
    assert NOTHING_STORED in str(message.components) and not held
    assert DELETE_ID not in str(message.components)


async def test_mydata_is_a_file_with_all_changes(world: World):
    author = await changed(world, world.admin)
    result = await world.admin.slash(world.channel, "mydata")
    assert "**admin**, with 3 changes. The file contains all of this." in text(result)
    assert "Other servers have their own directories." in text(result)
    _, held = await mydata(world, world.admin)
    undo, removal, edit = held.pop("changes")
    assert held == {"id": author.id, "name": "admin", "count": 3}
    assert {key: edit[key] for key in edit if key not in ("number", "time")} == {
        "what": "edit",
        "people": 1,
        "names": ["Björk"],
    }
    assert removal["undone_by"] == undo["number"] and undo["undoes"] == removal["number"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", undo["time"])


async def test_of_another_server_nothing_is_shown(world: World):
    elsewhere = await world.directories.for_server(1 << 60)
    await elsewhere.people.add("Ada", "somebody", {}, by=Author(str(world.member.id), "member"))
    assert not (await mydata(world, world.member))[1]


@pytest.fixture
async def busy(make_directories) -> Directory:
    """A directory that Ada has changed 230 times, and once a hundred people at once."""
    directory = await make_directories(limits=HistoryLimits()).get_or_create("busy")
    ada = Author("1", 'Ada "Countess" Åß')
    for number in range(230):
        await directory.people.add(f"P{number}", "somebody", {}, by=ada)
    await directory.people.add_many(
        [Person(f"Q{n}", "q") for n in range(100)], OperationRequest(OperationKind.IMPORT, ada)
    )
    return directory


async def test_the_export_contains_every_operation(busy: Directory):
    found = await export_author(busy.history, "1")
    assert found and found.operation_count == found.exported_count
    changes = json.loads(found.file)["changes"]
    assert len({change["number"] for change in changes}) == len(changes) == found.operation_count
    names = {name for change in changes for name in change["names"]}
    assert len(names) == 330
    assert await export_author(busy.history, "2") is None


async def test_the_export_is_small_enough_for_discord(
    busy: Directory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(author_export, "MAX_SIZE", 15_000)
    monkeypatch.setattr(author_export, "MAX_NAMES", 20)
    found = await export_author(busy.history, "1")
    assert found and 50 < found.exported_count < found.operation_count
    content = json.loads(found.file)
    assert content["count"] == found.operation_count and len(found.file) < 30_000
    newest = content["changes"][0]
    assert len(newest["names"]) == 20 and newest["people"] > 20


# Deleting it


async def test_the_name_goes_and_the_changes_stay(world: World):
    await changed(world, world.admin)
    history = (await world.directory()).history
    before = await history.count()
    message, _ = await mydata(world, world.admin)
    said = await send(
        world.admin, await press(world, world.admin, message), f" {CONFIRMATION_WORD.title()} "
    )
    assert "Your 3 changes remain, without a name." in said
    assert await history.count() == before and (await history.page(0, 1))[0].author is None
    keys = Keys.of((await world.directory()).key)
    left = await world.directories._redis.execute("HGETALL", keys.authors)
    assert "admin" not in str(left) and str(world.admin.id) not in str(left)
    message, held = await mydata(world, world.admin)
    assert not held
    await changed(world, world.admin)
    assert (await mydata(world, world.admin))[1]["count"] == 2, "and begins anew"


async def test_without_the_word_nothing_goes(world: World):
    author = await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    shown = await press(world, world.admin, message)
    said = await send(world.admin, shown, "delete it")
    assert said == "Nothing was deleted, because you typed “delete it”. Type “delete” to confirm."
    assert await (await world.directory()).history.count(author_id=author.id) == 3


async def test_who_may_no_longer_keep_the_directory_can_delete(world: World):
    author = await changed(world, world.member)
    message, held = await mydata(world, world.member)
    assert held["count"] == 3
    await send(world.member, await press(world, world.member, message))
    assert await (await world.directory()).history.count(author_id=author.id) == 0


async def test_a_stranger_deletes_their_own_alone(world: World):
    author = await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    world.env.backend.get_message(world.channel.id, message.id).flags = 1 << 15
    said = await send(world.member, await press(world, world.member, message))
    assert NOTHING_STORED in said
    assert await (await world.directory()).history.count(author_id=author.id) == 3


async def test_pressed_and_sent_twice(world: World):
    await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    forms = [await press(world, world.admin, message) for _ in range(2)]
    assert len(world.env.bot.open_forms) == 2
    assert "without a name" in await send(world.admin, forms[0])
    assert NOTHING_STORED in await send(world.admin, forms[1])
    assert not world.env.bot.open_forms


async def test_the_button_works_later_and_after_a_restart(world: World):
    author = await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    await world.env.advance_time(2 * 3600)
    assert DELETE_ID in str(message.components)
    await press(world, world.admin, message)
    await world.env.restart_bot(PeopleBot(world.directories))
    assert "without a name" in await send(world.admin, await press(world, world.admin, message))
    assert await (await world.directory()).history.count(author_id=author.id) == 0


async def test_a_form_that_is_lost_is_answered(world: World):
    author = await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    shown = await press(world, world.admin, message)
    await world.env.restart_bot(PeopleBot(world.directories))
    assert FORM_TOO_OLD in await send(world.admin, shown)
    shown = await press(world, world.admin, message)
    await world.env.advance_time(FORM_SECONDS + 1)
    assert not world.env.bot.open_forms
    assert FORM_TOO_OLD in await send(world.admin, shown)
    assert await (await world.directory()).history.count(author_id=author.id) == 3


async def test_while_redis_is_away(world: World, monkeypatch: pytest.MonkeyPatch):
    author = await changed(world, world.admin)
    message, _ = await mydata(world, world.admin)
    shown = await press(world, world.admin, message)

    async def away(*arguments: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    monkeypatch.setattr(type(world.directories._redis), "execute", away)
    for command in ("mydata", "privacy"):
        result = await world.admin.slash(world.channel, command)
        assert result.ephemeral and text(result) == "Redis is away."
    assert await send(world.admin, shown) == "Redis is away."
    monkeypatch.undo()
    assert await (await world.directory()).history.count(author_id=author.id) == 3

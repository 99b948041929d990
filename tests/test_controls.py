"""Every button and select that the bot shows, pressed when and by whom it is least convenient."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import simcord
from simcord import interactions
from simcord.backend import serializers
from simcord.results import InteractionResult

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.errors import DirectoryUnavailable
from bot.interactions import ControlId, limits
from bot.person import Person
from cogs.buttons import CUSTOM_ID_MAX, persistent_button
from tests.discord_limits import displayed_text, violations, walk

PEOPLE = 20  # four pages
LONG = "漢字" * 45 + " Longname"
BUTTON, SELECT = 2, 3
CROWD = [
    *(Person(f"Person {n:02}", f"singer {n}", {"born": 1900 + n}) for n in range(PEOPLE)),
    Person("Marie Curie", "chemist", {"born": 1867, "died": 1934}),
    Person(LONG, "poet"),
]

Made = tuple[Any, str]
"""A message, and the custom id on it that is pressed."""


@dataclass
class World:
    env: Any
    channel: Any
    asker: Any
    stranger: Any
    directories: Directories
    directory: Directory

    async def slash(self, command: str, **options: Any) -> Any:
        result = await self.asker.slash(self.channel, command, **options)
        assert result.response is not None, result
        return result.response

    async def press(self, who: Any, message: Any, custom_id: str, *values: str) -> "Pressed":
        return (await self.press_at_once((who, message, custom_id, values)))[0]

    async def press_at_once(self, *presses: tuple[Any, Any, str, Sequence[str]]) -> "list[Pressed]":
        """Press, whether the control is on the message or not; all before the bot has answered."""
        backend = self.env.backend
        records = []
        self.env._begin_operation("press")
        try:
            for who, message, custom_id, values in presses:
                data: dict[str, Any] = {"custom_id": custom_id, "component_type": BUTTON}
                if values:
                    data |= {"component_type": SELECT, "values": list(values)}
                record, payload = interactions.base_payload(
                    backend,
                    type=3,
                    channel_id=self.channel.id,
                    guild_id=self.env.guild.id,
                    user_id=who.id,
                    data=data,
                )
                stored = backend.get_message(self.channel.id, message.id)
                payload["message"] = dict(serializers.message_payload(backend, stored))
                there = walk(payload["message"]["components"])
                if custom_id not in [component.get("custom_id") for component in there]:
                    button = {"type": BUTTON, "style": 2, "label": "x", "custom_id": custom_id}
                    payload["message"]["components"] = [{"type": 1, "components": [button]}]
                record.source_message_id = stored.id
                records.append(record)
                backend.emit("INTERACTION_CREATE", payload)
            await self.env._settle_internal(dispatch="INTERACTION_CREATE")
        finally:
            self.env._end_operation()
        return [Pressed(InteractionResult(self.env, record), record) for record in records]


@dataclass
class Pressed:
    result: InteractionResult
    record: Any

    @property
    def told(self) -> str:
        """What the one who pressed is told beside the answer; nothing if the answer changed."""
        messages = [*self.result.followups]
        if self.result.response is not None and self.result.ephemeral:
            messages.append(self.result.response)
        private = [message for message in messages if message.ephemeral]
        return "\n".join(
            f"{message.content}{displayed_text(message.components)}" for message in private
        )


@pytest.fixture
async def world(make_directories, caplog: pytest.LogCaptureFixture) -> AsyncIterator[World]:
    directories = make_directories()
    env = simcord.Env(PeopleBot(directories), shard_count=1)
    await env.start()
    guild = env.create_guild()
    channel = guild.create_text_channel("general")
    keepers = guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
    asker, stranger = (
        guild.add_member(env.create_user(name), roles=[keepers]) for name in ("asker", "stranger")
    )
    directory = await directories.open(str(guild.id))
    await directory.people.add_many(CROWD)
    yield World(env, channel, asker, stranger, directories, directory)
    await env.shutdown()
    for request in env.http_requests:
        body = request.json if isinstance(request.json, dict) else {}
        assert violations(body.get("data") or body) == []
    assert env.errors == []
    assert [r for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


# What there is to press


async def pages(world: World, control: ControlId, before: ControlId | None = None) -> Made:
    message = await world.slash("people")
    if before:
        await world.press(world.asker, message, before)
    return message, control


async def reading(world: World, before: ControlId | None = None) -> Made:
    message = await world.slash("search", query="people who died before 2000")
    if before:
        await world.press(world.asker, message, before)
    return message, ControlId.ALTERNATE_READING


async def removal(world: World, control: ControlId) -> Made:
    return await world.slash("removeperson", name="Marie Curie"), control


async def undoing(world: World, control: ControlId) -> Made:
    await world.directory.people.update("Marie Curie", None, {"born": 1868})
    return await world.slash("undo", change="2"), control


async def setting(world: World, control: ControlId) -> Made:
    options = {"attribute": "died", "value": "1999", "filter": "born:1867..1905"}
    return await world.slash("setattribute", **options), control


async def conflict(world: World, control: ControlId) -> Made:
    shown = await world.asker.slash(world.channel, "editperson", name="Marie Curie")
    await world.directory.people.update("Marie Curie", None, {"born": 1868})
    values = {
        row["component"]["custom_id"]: {"Description": "chemist", "Born": "1869"}.get(
            row["label"], ""
        )
        for row in shown.modal["components"]
    }
    return (await world.asker.submit_modal(shown, values)).response, control


async def form(world: World) -> Made:
    shown = await world.asker.slash(world.channel, "addperson")
    modal = shown.modal
    values = {
        row["component"]["custom_id"]: {"Born": "soon", "Name": "New"}.get(row["label"], "")
        for row in modal["components"]
    }
    answered = await world.asker.submit_modal(shown, values | _required(modal))
    return answered.response, ControlId.FORM


def _required(modal: dict[str, Any]) -> dict[str, str]:
    return {
        row["component"]["custom_id"]: "a new person"
        for row in modal["components"]
        if row["label"] in ("Name", "Description")
    }


def on(what: str, **asked: Any) -> Callable[[World], Awaitable[Made]]:
    """The first button on an answer whose id begins with ``what``."""

    async def make(world: World) -> Made:
        options = {key: value for key, value in asked.items() if key != "command"}
        message = await world.slash(asked["command"], **options)
        ids = [c.get("custom_id", "") for c in walk(message.components) if not c.get("disabled")]
        return message, next(i for i in ids if i.startswith(f"lead:{what}"))

    return make


CONTROLS: dict[str, Callable[[World], Awaitable[Made]]] = {
    "first": lambda world: pages(world, ControlId.FIRST, ControlId.LAST),
    "previous": lambda world: pages(world, ControlId.PREVIOUS, ControlId.LAST),
    "next": lambda world: pages(world, ControlId.NEXT),
    "last": lambda world: pages(world, ControlId.LAST),
    "jump": lambda world: pages(world, ControlId.JUMP),
    "ignore": lambda world: reading(world),
    "use": lambda world: reading(world, ControlId.ALTERNATE_READING),
    "remove": lambda world: removal(world, ControlId.YES),
    "keep": lambda world: removal(world, ControlId.NO),
    "form": form,
    "undo": lambda world: undoing(world, ControlId.YES),
    "leave undone": lambda world: undoing(world, ControlId.NO),
    "set": lambda world: setting(world, ControlId.YES),
    "set none": lambda world: setting(world, ControlId.NO),
    "save mine": lambda world: conflict(world, ControlId.YES),
    "keep theirs": lambda world: conflict(world, ControlId.NO),
    "form of both": lambda world: conflict(world, ControlId.FORM),
}
FORMS = ("form", "form of both")
REFUSALS = ("keep", "leave undone", "set none", "keep theirs")
DECIDING = ("remove", "undo", "set", "save mine", *REFUSALS)
LEADS: dict[str, Callable[[World], Awaitable[Made]]] = {
    "details": on("details", command="people"),
    "similar": on("similar", command="whois", query="Marie Curie"),
    "of a long name": on("similar", command="whois", query="Longname"),
    "meant": on("meant", command="whois", query="Marie Currie"),
    "another": on("random", command="random"),
    "topic": on("help:looking", command="help"),
    "example": on("whois", command="help"),
    "search": on("search", command="help"),
    "somebody": on("similar", command="help"),
    "change": on("undo", command="history"),
}
ALL = CONTROLS | LEADS

SHOWS = {
    "first": "**Marie Curie",
    "previous": "Person 1",
    "next": "Person 0",
    "last": "Person 1",
    "jump": "Person 11",
    "ignore": "### people who died before 2000",
    "use": "`died<2000`",
    "remove": "was removed",
    "keep": "stays",
    "undo": "Undone: #2",
    "leave undone": "Change #2 stays.",
    "set": "died=1999 was set for ",
    "set none": "Nothing was changed.",
    "save mine": "1869",
    "keep theirs": "stays as others made it",
    "change": "Undo change #1?",
    "meant": "## Marie Curie",
    "similar": "Like Marie Curie",
    "of a long name": "Like 漢字",
    "another": "Somebody, at random",
    "topic": "Looking round",
}


def values_of(custom_id: str) -> Sequence[str]:
    return ["2"] if custom_id == ControlId.JUMP else []


def what_changed(pressed: Pressed, message: Any) -> str:
    return pressed.told or displayed_text(message.components)


# Who presses, and when


@pytest.mark.parametrize("name", ALL)
async def test_a_control_works_for_the_person_who_asked(world: World, name: str):
    message, custom_id = await ALL[name](world)
    before = displayed_text(message.components)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name in FORMS:
        assert pressed.result.modal
        return
    after = what_changed(pressed, message)
    assert name in LEADS or after != before  # another, at random, may be the same
    assert SHOWS.get(name, "") in after
    assert bool(pressed.told) is (name in LEADS)


@pytest.mark.parametrize("name", [name for name in ALL if name != "form"])
async def test_a_stranger_gets_a_private_answer_and_changes_nothing(world: World, name: str):
    message, custom_id = await ALL[name](world)
    before = message.components
    pressed = await world.press(world.stranger, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged and pressed.told
    assert message.components == before
    assert (sentences.answers.NOT_YOURS in pressed.told) is (name in CONTROLS)
    assert await world.directory.people.find("Marie Curie")


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("name", ALL)
async def test_pressing_twice_at_once_is_acknowledged_both_times(
    world: World, name: str, slow: bool, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL[name](world)
    if slow:
        monkeypatch.setattr(limits, "TOTAL_CONCURRENCY", 0)
    press = (world.asker, message, custom_id, values_of(custom_id))
    for pressed in await world.press_at_once(press, press):
        assert pressed.result.acknowledged
        if name not in FORMS:
            assert SHOWS.get(name, "") in what_changed(pressed, message)
    if name not in (*FORMS, *DECIDING):  # and it goes on working
        monkeypatch.undo()
        again = await world.press(world.asker, message, custom_id, *values_of(custom_id))
        assert again.result.acknowledged and sentences.answers.TOO_OLD not in again.told


@pytest.mark.parametrize("first", [ControlId.YES, ControlId.NO])
async def test_pressing_remove_and_keep_at_once_does_only_the_first(world: World, first: ControlId):
    message, _ = await removal(world, first)
    second = ControlId.NO if first is ControlId.YES else ControlId.YES
    pressed = await world.press_at_once(
        (world.asker, message, first, ()), (world.asker, message, second, ())
    )
    assert all(each.result.acknowledged for each in pressed)
    there = await world.directory.people.find("Marie Curie")
    assert ("stays" if there else "was removed") in displayed_text(message.components)
    assert (there is None) is (first is ControlId.YES)


@pytest.mark.parametrize("other", [ControlId.NEXT, ControlId.LAST, ControlId.JUMP])
async def test_turning_a_page_and_reading_differently_at_once_stays_consistent(
    world: World, other: ControlId
):
    """One of them wins, and what is shown is what its controls obey."""
    for presses in ((other, ControlId.ALTERNATE_READING), (ControlId.ALTERNATE_READING, other)):
        message = await world.slash("search", query="people who were born after 1800")
        asked = (world.asker, message)
        for pressed in await world.press_at_once(
            *[(*asked, control, values_of(control)) for control in presses]
        ):
            assert pressed.result.acknowledged and not pressed.told
        literal = "### people who were born" in displayed_text(message.components)
        label = "Use the conditions" if literal else "Ignore the conditions"
        assert label in str(message.components)
        await world.press(*asked, ControlId.ALTERNATE_READING)
        assert ("### people who were born" in displayed_text(message.components)) is not literal


@pytest.mark.parametrize("name", ALL)
async def test_an_expired_control_says_so(world: World, name: str):
    message, custom_id = await ALL[name](world)
    await world.env.advance_time(900)
    there = custom_id in str(message.components)
    assert there is (name in LEADS)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    assert (sentences.answers.TOO_OLD in pressed.told) is (name in CONTROLS)
    assert SHOWS.get(name, "") in pressed.told or name in CONTROLS
    assert await world.directory.people.find("Marie Curie")


async def test_an_expired_answer_disables_no_other_buttons(world: World):
    """discord.py takes the pattern of dynamic items away with a view that has one."""
    made = [await make(world) for make in LEADS.values()]
    old = await world.slash("people")
    lead_on_old = "lead:details:Marie Curie"
    await world.env.advance_time(600)
    young, _ = await pages(world, ControlId.NEXT)
    await world.env.advance_time(300)
    assert ControlId.NEXT not in str(old.components)
    assert ControlId.NEXT in str(young.components)
    for message, custom_id in [*made, (old, lead_on_old), (young, lead_on_old)]:
        pressed = await world.press(world.stranger, message, custom_id)
        assert pressed.result.acknowledged and pressed.told
        assert sentences.answers.TOO_OLD not in pressed.told
    before = displayed_text(young.components)
    await world.press(world.asker, young, ControlId.NEXT)
    assert displayed_text(young.components) != before
    pressed = await world.press(world.asker, old, ControlId.NEXT)
    assert sentences.answers.TOO_OLD in pressed.told


async def test_a_press_extends_the_lifetime_of_controls(world: World):
    message, custom_id = await pages(world, ControlId.NEXT)
    for _ in range(3):
        await world.env.advance_time(600)
        await world.press(world.asker, message, custom_id)
    assert ControlId.PREVIOUS in str(message.components)
    await world.env.advance_time(841)
    assert ControlId.PREVIOUS not in str(message.components)


@pytest.mark.parametrize("name", ALL)
async def test_a_control_pressed_after_a_restart_says_that_it_expired(world: World, name: str):
    message, custom_id = await ALL[name](world)
    before = message.components
    await world.env.restart_bot(PeopleBot(world.directories))
    pressed = await world.press(world.stranger, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged and pressed.told
    assert (sentences.answers.TOO_OLD in pressed.told) is (name in CONTROLS)
    assert message.components == before


@pytest.mark.parametrize("left", [1, 0])
@pytest.mark.parametrize("name", ALL)
async def test_a_control_works_after_people_were_removed(world: World, name: str, left: int):
    """All but one, or all, so that pages are gone, too."""
    message, custom_id = await ALL[name](world)
    names = [person.name async for person in world.directory.people.iterate()]
    for gone in sorted(names, reverse=True)[: len(names) - left]:
        await world.directory.people.remove(gone)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name in ("meant", "similar") and not left:
        assert "Nobody here is called Marie Curie" in pressed.told
    if name == "remove" and not left:
        assert "Nobody here is called Marie Curie" in displayed_text(message.components)
    if name == "of a long name":
        assert "Nobody here is called" in pressed.told
    if name in ("next", "last") and not left:
        assert sentences.answers.EMPTY_PAGE in displayed_text(message.components)


@pytest.mark.parametrize("name", ALL)
async def test_a_control_pressed_without_redis_says_so_and_works_again_later(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL[name](world)
    before = message.components

    async def away(*arguments: object, **options: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    for method in ("execute", "execute_all"):
        monkeypatch.setattr(world.directory.storage.redis, method, away)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name not in (*REFUSALS, *FORMS, "topic") and (name != "use" or pressed.told):
        assert "Redis is away." in pressed.told
        assert message.components == before
    monkeypatch.undo()
    if name in (*REFUSALS, *FORMS, "topic"):
        return
    again = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert SHOWS.get(name, "") in what_changed(again, message)
    assert "Redis is away." not in again.told
    if name in CONTROLS and name not in DECIDING:
        await world.env.advance_time(900)
        assert custom_id not in str(message.components)


@pytest.mark.parametrize("name", ["next", "jump", "ignore", "remove"])
async def test_controls_still_expire_after_an_error(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL[name](world)

    async def away(*arguments: object, **options: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    for method in ("execute", "execute_all"):
        monkeypatch.setattr(world.directory.storage.redis, method, away)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.told == "Redis is away."
    await world.env.advance_time(900)
    assert custom_id not in str(message.components)
    assert pressed.told == "Redis is away."


# Crafted ids


CRAFTED = [
    *("", " ", "~", "~12345678", "x" * 80, "\0\n\u202e", "Person~deadbeef", ":" * 50),
    *("@everyone <@1> https://evil.example/x", "lead:random:", "((((", "born<soon", "𝕏" * 40),
]


@pytest.mark.parametrize(
    "what", ["details", "meant", "similar", "whois", "search", "people", "undo"]
)
async def test_a_crafted_button_id_is_answered(world: World, what: str):
    message = await world.slash("random")
    for about in CRAFTED:
        pressed = await world.press(world.stranger, message, f"lead:{what}:{about}")
        assert pressed.result.acknowledged and pressed.told
        assert "Something went wrong" not in pressed.told


@pytest.mark.parametrize("what", ["help:no topic", "help:", "random:x", "details:" + "y" * 87])
async def test_a_crafted_button_id_without_a_name_is_answered(world: World, what: str):
    message = await world.slash("random")
    pressed = await world.press(world.stranger, message, f"lead:{what}")
    assert pressed.result.acknowledged and pressed.told


async def test_a_crafted_button_id_reveals_nobody_of_another_server(world: World):
    elsewhere = await world.directories.open("1")
    await elsewhere.people.add("Secret Agent", "spy", {})
    message = await world.slash("random")
    for what in ("details", "similar", "meant", "whois"):
        pressed = await world.press(world.stranger, message, f"lead:{what}:Secret Agent")
        assert pressed.told and "spy" not in pressed.told


@pytest.mark.parametrize(
    "values", [["x"], [""], ["-1"], ["99"], ["9" * 5000], ["1.5"], ["1", "2"], ["²"], ["0x1"]]
)
async def test_a_crafted_page_choice_changes_nothing(world: World, values: list[str]):
    message, _ = await pages(world, ControlId.JUMP)
    before = displayed_text(message.components)
    pressed = await world.press(world.asker, message, ControlId.JUMP, *values)
    assert pressed.result.acknowledged and not pressed.told
    assert displayed_text(message.components) == before


# Buttons that lead on


async def test_a_suggested_name_can_be_listed_as_well(world: World):
    """Discord takes no two buttons of one id in a message; simcord neither."""
    await world.directory.people.add("Somebody", "Marie Curri", {})
    await world.directory.people.update("Marie Curie", "Marie Curri again", {})
    message = await world.slash("whois", query="Marie Curri")
    for what in ("meant", "details"):
        pressed = await world.press(world.stranger, message, f"lead:{what}:Marie Curie")
        assert f"lead:{what}:Marie Curie" in str(message.components)
        assert "## Marie Curie" in pressed.told


@pytest.mark.parametrize(
    "name",
    [
        "a" + "ｶﾞ" * 49,
        "\u200b" * 95 + "seen",
        "Ａ" * 100,
        "ß" * 100,
        "x" * 99 + "y",
        "x" * 99 + "z",
        "𝕏" * 100,
        "ि" * 20 + "क़" * 40,
        "a\u05b0\u05bc\u05c1" * 25,
        " ~".join("a" * 34)[:100],
        "'\"`" * 33 + "q",
    ],
)
async def test_a_button_finds_a_long_name_again(world: World, name: str):
    for other in ("x" * 99 + "w", "x" * 98, "\u200b" * 90 + "unseen"):
        await world.directory.people.add(other, "somebody else", {})
    added = await world.directory.people.add(name, "the one", {})
    button = persistent_button("x", "details", added.name)
    assert button.custom_id is not None
    assert len(button.custom_id.encode("utf-16-le")) <= 2 * CUSTOM_ID_MAX
    message = await world.slash("random")
    pressed = await world.press(world.stranger, message, button.custom_id)
    assert "the one" in pressed.told

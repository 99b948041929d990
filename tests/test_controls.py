"""Every button and select of the bot, pressed at the least convenient time by anyone."""

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

from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.errors import DirectoryUnavailable
from bot.interactions import ControlId, limits
from bot.person import Person
from cogs.buttons import CUSTOM_ID_MAX, persistent_button
from tests.discord_limits import displayed_text, violations, walk
from tests.messages import NOT_YOURS, TOO_OLD

PEOPLE = 20  # four pages
LONG = "漢字" * 45 + " Longname"
BUTTON, SELECT = 2, 3
CROWD = [
    *(Person(f"Person {n:02}", f"singer {n}", {"born": 1900 + n}) for n in range(PEOPLE)),
    Person("Marie Curie", "chemist", {"born": 1867, "died": 1934}),
    Person(LONG, "poet"),
]

Pressable = tuple[Any, str]
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
        """Press, even controls the message doesn't have, all before the bot answers."""
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
                components = walk(payload["message"]["components"])
                if custom_id not in [component.get("custom_id") for component in components]:
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
    def private_text(self) -> str:
        """The private messages to the person who pressed; empty if the answer changed."""
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
    editors = guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
    asker, stranger = (
        guild.add_member(env.create_user(name), roles=[editors]) for name in ("asker", "stranger")
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


# The controls


async def pages(world: World, control: ControlId, before: ControlId | None = None) -> Pressable:
    message = await world.slash("people")
    if before:
        await world.press(world.asker, message, before)
    return message, control


async def reading(world: World, before: ControlId | None = None) -> Pressable:
    message = await world.slash("search", query="people who died before 2000")
    if before:
        await world.press(world.asker, message, before)
    return message, ControlId.ALTERNATE_READING


async def removal(world: World, control: ControlId) -> Pressable:
    return await world.slash("removeperson", name="Marie Curie"), control


async def undoing(world: World, control: ControlId) -> Pressable:
    await world.directory.people.update("Marie Curie", None, {"born": 1868})
    return await world.slash("undo", change="2"), control


async def setting(world: World, control: ControlId) -> Pressable:
    options = {"attribute": "died", "value": "1999", "filter": "born:1867..1905"}
    return await world.slash("setattribute", **options), control


async def conflict(world: World, control: ControlId) -> Pressable:
    shown = await world.asker.slash(world.channel, "editperson", name="Marie Curie")
    await world.directory.people.update("Marie Curie", None, {"born": 1868})
    values = {
        row["component"]["custom_id"]: {"Description": "chemist", "Born": "1869"}.get(
            row["label"], ""
        )
        for row in shown.modal["components"]
    }
    return (await world.asker.submit_modal(shown, values)).response, control


async def form(world: World) -> Pressable:
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


def persistent(action: str, **command: Any) -> Callable[[World], Awaitable[Pressable]]:
    """The first persistent button with an action on the answer to a command."""

    async def make(world: World) -> Pressable:
        options = {key: value for key, value in command.items() if key != "command"}
        message = await world.slash(command["command"], **options)
        ids = [c.get("custom_id", "") for c in walk(message.components) if not c.get("disabled")]
        return message, next(i for i in ids if i.startswith(f"lead:{action}"))

    return make


CONTROLS: dict[str, Callable[[World], Awaitable[Pressable]]] = {
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
OPENS_FORM = ("form", "form of both")
CANCELS = ("keep", "leave undone", "set none", "keep theirs")
DECIDES = ("remove", "undo", "set", "save mine", *CANCELS)
PERSISTENT_BUTTONS: dict[str, Callable[[World], Awaitable[Pressable]]] = {
    "details": persistent("details", command="people"),
    "similar": persistent("similar", command="whois", query="Marie Curie"),
    "of a long name": persistent("similar", command="whois", query="Longname"),
    "meant": persistent("meant", command="whois", query="Marie Currie"),
    "another": persistent("random", command="random"),
    "topic": persistent("help:looking", command="help"),
    "example": persistent("whois", command="help"),
    "search": persistent("search", command="help"),
    "somebody": persistent("similar", command="help"),
    "change": persistent("undo", command="history"),
}
ALL_BUTTONS = CONTROLS | PERSISTENT_BUTTONS

SHOWS = {
    "first": "**Marie Curie",
    "previous": "Person 1",
    "next": "Person 0",
    "last": "Person 1",
    "jump": "Person 11",
    "ignore": "### people who died before 2000",
    "use": "`died<2000`",
    "remove": "Removed **Marie Curie**.",
    "keep": "Kept **Marie Curie**.",
    "undo": "Undid change #2",
    "leave undone": "Change #2 wasn't undone.",
    "set": "Set died=1999 for ",
    "set none": "Cancelled. Nothing changed.",
    "save mine": "1869",
    "keep theirs": "Kept the other changes to ",
    "change": "Undo change #1?",
    "meant": "## Marie Curie",
    "similar": "People like Marie Curie",
    "of a long name": "People like 漢字",
    "another": "A random person",
    "topic": "## Browsing",
}


def values_of(custom_id: str) -> Sequence[str]:
    return ["2"] if custom_id == ControlId.JUMP else []


def changed_text(pressed: Pressed, message: Any) -> str:
    return pressed.private_text or displayed_text(message.components)


# Who presses, and when


@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_a_control_works_for_the_person_who_asked(world: World, name: str):
    message, custom_id = await ALL_BUTTONS[name](world)
    before = displayed_text(message.components)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name in OPENS_FORM:
        assert pressed.result.modal
        return
    after = changed_text(pressed, message)
    assert name in PERSISTENT_BUTTONS or after != before  # another, at random, may be the same
    assert SHOWS.get(name, "") in after
    assert bool(pressed.private_text) is (name in PERSISTENT_BUTTONS)


@pytest.mark.parametrize("name", [name for name in ALL_BUTTONS if name != "form"])
async def test_a_stranger_gets_a_private_answer_and_changes_nothing(world: World, name: str):
    message, custom_id = await ALL_BUTTONS[name](world)
    before = message.components
    pressed = await world.press(world.stranger, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged and pressed.private_text
    assert message.components == before
    assert (NOT_YOURS in pressed.private_text) is (name in CONTROLS)
    assert await world.directory.people.find("Marie Curie")


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_pressing_twice_at_once_is_acknowledged_both_times(
    world: World, name: str, slow: bool, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL_BUTTONS[name](world)
    if slow:
        monkeypatch.setattr(limits, "TOTAL_CONCURRENCY", 0)
    press = (world.asker, message, custom_id, values_of(custom_id))
    for pressed in await world.press_at_once(press, press):
        assert pressed.result.acknowledged
        if name not in OPENS_FORM:
            assert SHOWS.get(name, "") in changed_text(pressed, message)
    if name not in (*OPENS_FORM, *DECIDES):  # and it goes on working
        monkeypatch.undo()
        again = await world.press(world.asker, message, custom_id, *values_of(custom_id))
        assert again.result.acknowledged and TOO_OLD not in again.private_text


@pytest.mark.parametrize("first", [ControlId.YES, ControlId.NO])
async def test_pressing_remove_and_keep_at_once_does_only_the_first(world: World, first: ControlId):
    message, _ = await removal(world, first)
    second = ControlId.NO if first is ControlId.YES else ControlId.YES
    pressed = await world.press_at_once(
        (world.asker, message, first, ()), (world.asker, message, second, ())
    )
    assert all(each.result.acknowledged for each in pressed)
    person = await world.directory.people.find("Marie Curie")
    assert ("Kept **" if person else "Removed **") in displayed_text(message.components)
    assert (person is None) is (first is ControlId.YES)


@pytest.mark.parametrize("other", [ControlId.NEXT, ControlId.LAST, ControlId.JUMP])
async def test_turning_a_page_and_reading_differently_at_once_stays_consistent(
    world: World, other: ControlId
):
    """One of them wins, and what is shown is what its controls obey."""
    for presses in ((other, ControlId.ALTERNATE_READING), (ControlId.ALTERNATE_READING, other)):
        message = await world.slash("search", query="people who were born after 1800")
        target = (world.asker, message)
        for pressed in await world.press_at_once(
            *[(*target, control, values_of(control)) for control in presses]
        ):
            assert pressed.result.acknowledged and not pressed.private_text
        literal = "### people who were born" in displayed_text(message.components)
        label = "Use conditions" if literal else "Ignore conditions"
        assert label in str(message.components)
        await world.press(*target, ControlId.ALTERNATE_READING)
        assert ("### people who were born" in displayed_text(message.components)) is not literal


@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_an_expired_control_says_so(world: World, name: str):
    message, custom_id = await ALL_BUTTONS[name](world)
    await world.env.advance_time(900)
    is_shown = custom_id in str(message.components)
    assert is_shown is (name in PERSISTENT_BUTTONS)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    assert (TOO_OLD in pressed.private_text) is (name in CONTROLS)
    assert SHOWS.get(name, "") in pressed.private_text or name in CONTROLS
    assert await world.directory.people.find("Marie Curie")


async def test_an_expired_answer_disables_no_other_buttons(world: World):
    """discord.py takes the pattern of dynamic items away with a view that has one."""
    made = [await make(world) for make in PERSISTENT_BUTTONS.values()]
    old = await world.slash("people")
    persistent_id = "lead:details:Marie Curie"
    await world.env.advance_time(600)
    young, _ = await pages(world, ControlId.NEXT)
    await world.env.advance_time(300)
    assert ControlId.NEXT not in str(old.components)
    assert ControlId.NEXT in str(young.components)
    for message, custom_id in [*made, (old, persistent_id), (young, persistent_id)]:
        pressed = await world.press(world.stranger, message, custom_id)
        assert pressed.result.acknowledged and pressed.private_text
        assert TOO_OLD not in pressed.private_text
    before = displayed_text(young.components)
    await world.press(world.asker, young, ControlId.NEXT)
    assert displayed_text(young.components) != before
    pressed = await world.press(world.asker, old, ControlId.NEXT)
    assert TOO_OLD in pressed.private_text


async def test_a_press_extends_the_lifetime_of_controls(world: World):
    message, custom_id = await pages(world, ControlId.NEXT)
    for _ in range(3):
        await world.env.advance_time(600)
        await world.press(world.asker, message, custom_id)
    assert ControlId.PREVIOUS in str(message.components)
    await world.env.advance_time(841)
    assert ControlId.PREVIOUS not in str(message.components)


@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_a_control_pressed_after_a_restart_says_that_it_expired(world: World, name: str):
    message, custom_id = await ALL_BUTTONS[name](world)
    before = message.components
    await world.env.restart_bot(PeopleBot(world.directories))
    pressed = await world.press(world.stranger, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged and pressed.private_text
    assert (TOO_OLD in pressed.private_text) is (name in CONTROLS)
    assert message.components == before


@pytest.mark.parametrize("left", [1, 0])
@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_a_control_works_after_people_were_removed(world: World, name: str, left: int):
    """All but one, or all, so that pages are gone, too."""
    message, custom_id = await ALL_BUTTONS[name](world)
    names = [person.name async for person in world.directory.people.iterate()]
    for gone in sorted(names, reverse=True)[: len(names) - left]:
        await world.directory.people.remove(gone)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name in ("meant", "similar") and not left:
        assert "Nobody here is called Marie Curie" in pressed.private_text
    if name == "remove" and not left:
        assert "Nobody here is called Marie Curie" in displayed_text(message.components)
    if name == "of a long name":
        assert "Nobody here is called" in pressed.private_text
    if name in ("next", "last") and not left:
        assert "There's nobody on this page anymore." in displayed_text(message.components)


@pytest.mark.parametrize("name", ALL_BUTTONS)
async def test_a_control_pressed_without_redis_says_so_and_works_again_later(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL_BUTTONS[name](world)
    before = message.components

    async def away(*arguments: object, **options: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    for method in ("execute", "execute_all"):
        monkeypatch.setattr(world.directory.storage.redis, method, away)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.result.acknowledged
    if name not in (*CANCELS, *OPENS_FORM, "topic") and (name != "use" or pressed.private_text):
        assert "Redis is away." in pressed.private_text
        assert message.components == before
    monkeypatch.undo()
    if name in (*CANCELS, *OPENS_FORM, "topic"):
        return
    again = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert SHOWS.get(name, "") in changed_text(again, message)
    assert "Redis is away." not in again.private_text
    if name in CONTROLS and name not in DECIDES:
        await world.env.advance_time(900)
        assert custom_id not in str(message.components)


@pytest.mark.parametrize("name", ["next", "jump", "ignore", "remove"])
async def test_controls_still_expire_after_an_error(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    message, custom_id = await ALL_BUTTONS[name](world)

    async def away(*arguments: object, **options: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    for method in ("execute", "execute_all"):
        monkeypatch.setattr(world.directory.storage.redis, method, away)
    pressed = await world.press(world.asker, message, custom_id, *values_of(custom_id))
    assert pressed.private_text == "Redis is away."
    await world.env.advance_time(900)
    assert custom_id not in str(message.components)
    assert pressed.private_text == "Redis is away."


# Crafted ids


CRAFTED = [
    *("", " ", "~", "~12345678", "x" * 80, "\0\n\u202e", "Person~deadbeef", ":" * 50),
    *("@everyone <@1> https://evil.example/x", "lead:random:", "((((", "born<soon", "𝕏" * 40),
]


@pytest.mark.parametrize(
    "action", ["details", "meant", "similar", "whois", "search", "people", "undo"]
)
async def test_a_crafted_button_id_is_answered(world: World, action: str):
    message = await world.slash("random")
    for subject in CRAFTED:
        pressed = await world.press(world.stranger, message, f"lead:{action}:{subject}")
        assert pressed.result.acknowledged and pressed.private_text
        assert "Something went wrong" not in pressed.private_text


@pytest.mark.parametrize("action", ["help:no topic", "help:", "random:x", "details:" + "y" * 87])
async def test_a_crafted_button_id_without_a_name_is_answered(world: World, action: str):
    message = await world.slash("random")
    pressed = await world.press(world.stranger, message, f"lead:{action}")
    assert pressed.result.acknowledged and pressed.private_text


async def test_a_crafted_button_id_reveals_nobody_of_another_server(world: World):
    elsewhere = await world.directories.open("1")
    await elsewhere.people.add("Secret Agent", "spy", {})
    message = await world.slash("random")
    for action in ("details", "similar", "meant", "whois"):
        pressed = await world.press(world.stranger, message, f"lead:{action}:Secret Agent")
        assert pressed.private_text and "spy" not in pressed.private_text


@pytest.mark.parametrize(
    "values", [["x"], [""], ["-1"], ["99"], ["9" * 5000], ["1.5"], ["1", "2"], ["²"], ["0x1"]]
)
async def test_a_crafted_page_choice_changes_nothing(world: World, values: list[str]):
    message, _ = await pages(world, ControlId.JUMP)
    before = displayed_text(message.components)
    pressed = await world.press(world.asker, message, ControlId.JUMP, *values)
    assert pressed.result.acknowledged and not pressed.private_text
    assert displayed_text(message.components) == before


# Persistent buttons


async def test_a_suggested_name_can_be_listed_as_well(world: World):
    """Discord takes no two buttons of one id in a message; simcord neither."""
    await world.directory.people.add("Somebody", "Marie Curri", {})
    await world.directory.people.update("Marie Curie", "Marie Curri again", {})
    message = await world.slash("whois", query="Marie Curri")
    for action in ("meant", "details"):
        pressed = await world.press(world.stranger, message, f"lead:{action}:Marie Curie")
        assert f"lead:{action}:Marie Curie" in str(message.components)
        assert "## Marie Curie" in pressed.private_text


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
    assert "the one" in pressed.private_text

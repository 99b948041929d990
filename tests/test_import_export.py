"""/import and /export as a Discord user sees them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from simcord import interactions
from simcord.backend import serializers

from bot.client import PeopleBot
from bot.directory.people import People
from bot.directory.storage import Storage
from bot.errors import DirectoryUnavailable
from bot.files import UPLOAD_MAX, read_bytes
from bot.interactions import ControlId
from cogs import import_export as cog
from cogs import progress
from cogs.permissions import EditPermissions, NotAllowed
from tests import test_controls
from tests.discord_limits import active_markdown, displayed_text, violations
from tests.import_helpers import crowd, json_contents, list_people
from tests.messages import NOT_ALLOWED, TOO_OLD
from tests.world import World, fill_form, text

FILE = [
    {"name": "New", "description": "somebody", "prize": 1903},
    {"name": "Marie Curie", "description": "chemist and physicist", "born": 1868},
    {"name": "Björk", "description": "singer"},
    *({"name": f"*Bad* {n}", "description": " "} for n in range(5)),
]


CONFIRM_LABEL = 'Type "replace" to continue'
OUTDATED = "People changed in the meantime, so nothing was imported."


@pytest.fixture(autouse=True)
async def within_the_limits(world: World) -> AsyncIterator[None]:
    yield
    for request in world.env.http_requests:
        body = request.json if isinstance(request.json, dict) else {}
        assert violations(body.get("data") or body) == []
    assert world.env.errors == []


def file(*records: dict[str, Any], name: str = "people.json") -> tuple[str, bytes]:
    return name, json.dumps(records, ensure_ascii=False).encode()


async def ask(world: World, *records: dict[str, Any], **options: Any) -> Any:
    return await world.admin.slash(world.channel, "import", file=file(*records), **options)


def controls_of(world: World) -> test_controls.World:
    parts = (world.env, world.channel, world.admin, world.member, world.directories)
    return test_controls.World(*parts, directory=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ({}, "1 to add · 1 unchanged · 1 different, left as is · 5 refused"),
        ({"mode": "update"}, "1 to add · 1 to update · 1 unchanged · 5 refused"),
        ({"mode": "replace"}, "1 to add · 2 to update · 1 to remove · 5 refused"),
    ],
)
async def test_import_shows_its_plan_first(world: World, mode: dict[str, str], counts: str):
    directory = await world.directory()
    before = await list_people(directory)
    asked = await ask(world, *FILE, **mode)
    assert asked.ephemeral
    shown = text(asked)
    assert f"**{counts}**" in shown and "New attribute: prize (number)." in shown
    if mode:
        assert "born 1867 → 1868" in shown
    assert "person 4 (\\*Bad\\* 0)" in shown and "… and 2 more" in shown
    (attached,) = asked.response.attachments
    assert attached.filename == "refused.csv"
    assert (await attached.read()).decode("utf-8-sig").count("*Bad*") == 5
    assert active_markdown(shown) == []
    assert await list_people(directory) == before and not await directory.history.count() - 3


async def test_the_import_button_imports_and_one_undo_reverts_it(world: World):
    directory = await world.directory()
    before = await list_people(directory)
    asked = await ask(world, *FILE, mode="update")
    await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    shown = displayed_text(asked.response.components)
    assert "Added 1 person. Updated 1 person." in shown and "/undo" in shown
    assert "button" not in shown and ControlId.IMPORT not in str(asked.response.components)
    assert (await directory.people.get("Marie Curie")).attributes["born"] == 1868
    (operation,) = await directory.history.page(0, 1)
    assert operation.author and operation.author.id == str(world.admin.id) and not operation.is_open
    assert operation.note == "people.json (update)"
    await directory.undo.run(operation.number)
    assert await list_people(directory) == before


async def test_a_dry_run_and_cancelling_change_nothing(world: World):
    dry = await ask(world, *FILE, dry_run=True)
    assert "a dry run" in text(dry) and "import:" not in str(dry.response.components)
    asked = await ask(world, *FILE)
    await world.admin.click(asked.response, custom_id=ControlId.DISCARD)
    assert "Nothing changed" in displayed_text(asked.response.components)
    assert await (await world.directory()).people.count() == 3


async def test_a_plan_with_nothing_to_do_has_no_buttons(world: World):
    asked = await ask(world, {"name": "Björk", "description": "singer"})
    assert "Nothing to change" in text(asked)
    assert "import:" not in str(asked.response.components)


async def test_replacing_asks_for_a_word(world: World):
    directory = await world.directory()
    asked = await ask(world, FILE[0], mode="replace")
    for word in ("no", "*y*", " Replace "):
        shown = await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
        done = await world.admin.submit_modal(
            shown, fill_form(shown.modal, **{CONFIRM_LABEL: word})
        )
        assert not done.followups, "it would stay below what is done"
        if word == "no":
            assert 'You typed "no" instead of "replace"' in displayed_text(
                asked.response.components
            )
            assert await directory.people.count() == 3
    assert "Added 1 person. Removed 3 people." in displayed_text(asked.response.components)
    assert "You typed" not in displayed_text(asked.response.components)
    assert [person.name for person in await list_people(directory)] == ["New"]


async def press_import(world: World, message: Any, *, replace: bool) -> None:
    pressed = await world.admin.click(message, custom_id=ControlId.IMPORT)
    if replace:
        typed = fill_form(pressed.modal, **{CONFIRM_LABEL: "replace"})
        await world.admin.submit_modal(pressed, typed)


@pytest.mark.parametrize("mode", ["update", "replace"])
async def test_a_plan_that_became_outdated_is_shown_again(world: World, mode: str):
    """Nothing is imported until the plan is the one that was shown."""
    directory = await world.directory()
    replace = mode == "replace"
    asked = await ask(world, FILE[1], mode=mode)
    await directory.people.add("Late Comer", "somebody", {})
    await directory.people.update("Marie Curie", "laureate", {"born": 1866})
    await press_import(world, asked.response, replace=replace)
    shown = displayed_text(asked.response.components)
    assert OUTDATED in shown and "born 1866 → 1868" in shown
    assert "description laureate → chemist and physicist" in shown
    assert ("Late Comer" in shown) is replace
    assert (await directory.people.get("Marie Curie")).description == "laureate"
    assert await directory.people.find("Late Comer")
    await press_import(world, asked.response, replace=replace)
    assert (await directory.people.get("Marie Curie")).description == "chemist and physicist"
    assert bool(await directory.people.find("Late Comer")) is not replace
    shown = displayed_text(asked.response.components)
    assert OUTDATED not in shown and "Updated 1 person." in shown


async def test_unrelated_changes_do_not_outdate_a_plan(world: World):
    directory = await world.directory()
    asked = await ask(world, {"name": "Marie Curie", "born": 1868}, mode="update")
    await directory.people.add("Late Comer", "somebody", {})
    await directory.people.update("Marie Curie", "laureate", {})
    await press_import(world, asked.response, replace=False)
    marie = await directory.people.get("Marie Curie")
    assert (marie.description, marie.attributes["born"]) == ("laureate", 1868)


async def test_rows_refused_since_the_plan_was_shown_are_attached(world: World):
    directory = await world.directory()
    asked = await ask(world, {"name": "Marie Curie", "born": 1868}, FILE[0], mode="update")
    assert not asked.response.attachments
    await directory.people.remove("Marie Curie")
    await press_import(world, asked.response, replace=False)
    assert "1 to add · 1 refused" in displayed_text(asked.response.components)
    (attached,) = asked.response.attachments
    assert "Marie Curie" in (await attached.read()).decode("utf-8-sig")


async def test_an_import_that_someone_else_did_meanwhile_has_nothing_to_do(world: World):
    directory = await world.directory()
    asked = await ask(world, FILE[1], mode="update")
    await directory.people.update("Marie Curie", "chemist and physicist", {"born": 1868})
    await press_import(world, asked.response, replace=False)
    assert "Nothing to change" in displayed_text(asked.response.components)
    assert "import:" not in str(asked.response.components)


async def test_an_import_can_be_cancelled_while_its_plan_is_checked(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    asked = await ask(world, *FILE)
    make_plan = cog.files.make_plan

    async def plan_and_press(*arguments: Any) -> Any:
        plan = await make_plan(*arguments)
        emit_press(world, asked.response, ControlId.DISCARD)
        await asyncio.sleep(0.1)
        return plan

    monkeypatch.setattr(cog.files, "make_plan", plan_and_press)
    await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    assert "Nothing changed" in displayed_text(asked.response.components)
    assert await (await world.directory()).people.count() == 3


@pytest.mark.parametrize("many", [2, 3])
async def test_pressing_import_several_times_imports_once(world: World, many: int):
    asked = await ask(world, *crowd())
    press = (world.admin, asked.response, ControlId.IMPORT, ())
    for pressed in await controls_of(world).press_at_once(*[press] * many):
        assert pressed.result.acknowledged and not pressed.private_text
    directory = await world.directory()
    assert await directory.people.count() == 303
    assert "Added 300 people." in displayed_text(asked.response.components)
    again = await controls_of(world).press(world.admin, asked.response, ControlId.IMPORT)
    assert again.result.acknowledged and await directory.people.count() == 303


async def test_two_equal_imports_duplicate_nobody(world: World):
    first, second = await ask(world, *crowd()), await ask(world, *crowd())
    presses = [(world.admin, each.response, ControlId.IMPORT, ()) for each in (first, second)]
    await controls_of(world).press_at_once(*presses)
    assert await (await world.directory()).people.count() == 303
    history = await (await world.directory()).history.page(0, 10)
    assert sum(operation.kind == "import" for operation in history) == 1


async def test_a_stopped_import_continues_when_it_is_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    asked = await ask(world, *crowd())
    update = progress.ProgressUpdates.update

    def update_and_press(updates: progress.ProgressUpdates, done: int, total: int) -> None:
        update(updates, done, total)
        if done == 64:
            emit_press(world, asked.response, ControlId.STOP)

    monkeypatch.setattr(progress.ProgressUpdates, "update", update_and_press)
    await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    shown = displayed_text(asked.response.components)
    directory = await world.directory()
    there = await directory.people.count() - 3
    assert 0 < there < 300 and f"Stopped after {there} of 300 people." in shown
    monkeypatch.undo()
    again = await ask(world, *crowd())
    assert f"{300 - there} to add · {there} unchanged" in text(again)
    await world.admin.click(again.response, custom_id=ControlId.IMPORT)
    assert await directory.people.count() == 303
    (operation, *_) = await directory.history.page(0, 10)
    assert operation.people_count == 300 and not operation.is_open


def emit_press(world: World, message: Any, custom_id: str) -> None:
    """Press a button while the bot is working."""
    backend = world.env.backend
    record, payload = interactions.base_payload(
        backend,
        type=3,
        channel_id=world.channel.id,
        guild_id=world.env.guild.id,
        user_id=world.admin.id,
        data={"custom_id": custom_id, "component_type": 2},
    )
    stored = backend.get_message(world.channel.id, message.id)
    payload["message"] = dict(serializers.message_payload(backend, stored))
    assert custom_id in str(payload["message"]["components"])
    record.source_message_id = stored.id
    backend.emit("INTERACTION_CREATE", payload)


async def test_the_progress_bar_moves(world: World, monkeypatch: pytest.MonkeyPatch):
    """Time stands still in the offline Discord while the bot works, so nothing waits here."""
    monkeypatch.setattr(progress, "UPDATE_SECONDS", 0)
    asked = await ask(world, *crowd())
    compacted = asyncio.Event()

    async def compact(self: Storage) -> None:
        compacted.set()

    monkeypatch.setattr(Storage, "compact", compact)
    await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    edits = [str(r.json) for r in world.env.http_requests if r.method == "PATCH"]
    shown = [done for done in range(0, 300, 64) if any(f"{done} of 300" in e for e in edits)]
    assert compacted.is_set() and len(shown) > 2 and "▰" in str(edits)


async def test_losing_redis_shows_how_far_the_import_got(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    asked = await ask(world, *crowd())
    directory = await world.directory()
    apply, batches = People.apply, iter(range(100))

    async def gone(*arguments: Any) -> Any:
        if next(batches) == 2:
            raise DirectoryUnavailable("Redis is away.")
        return await apply(*arguments)

    monkeypatch.setattr(People, "apply", gone)
    await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    shown = displayed_text(asked.response.components)
    assert "Redis is away. Stopped after 128 of 300" in shown
    assert await directory.people.count() == 131


async def test_the_table_of_refused_rows_fits_the_size_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Discord would refuse the whole answer otherwise."""
    most = 20_000
    limit = property(lambda self: most, lambda self, limit: None)
    monkeypatch.setattr(discord.Interaction, "filesize_limit", limit)
    asked = await ask(world, *({"name": f"É{n}", "description": " "} for n in range(1000)))
    (attached,) = asked.response.attachments
    table = await attached.read()
    *rows, last = table.decode("utf-8-sig").splitlines()[1:]
    assert most - 400 < len(table) <= most and f"and {1000 - len(rows)} more" in last
    assert "--refused" in last and "1,000 refused" in text(asked)


def let_everybody_see(world: World) -> None:
    for registered in world.env.backend.commands[None].values():
        registered["default_member_permissions"] = None


async def test_only_editors_can_import_and_only_while_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    let_everybody_see(world)
    for command, options in (("import", {"file": file(*FILE)}), ("export", {})):
        refused = await world.member.slash(world.channel, command, **options)
        assert refused.ephemeral and NOT_ALLOWED in text(refused)
    allow, allowed = EditPermissions.allows, [True]

    async def for_a_while(*arguments: Any, **options: Any) -> bool:
        return allowed[0] and await allow(*arguments, **options)

    monkeypatch.setattr(EditPermissions, "allows", for_a_while)
    asked = await ask(world, *FILE)
    allowed[0] = False
    pressed = await world.admin.click(asked.response, custom_id=ControlId.IMPORT)
    assert NOT_ALLOWED in text(pressed)
    assert await (await world.directory()).people.count() == 3
    assert {type(error) for error in world.env.errors} == {NotAllowed}
    world.env._errors.clear()


async def test_buttons_left_alone_or_outlived_by_a_restart_change_nothing(world: World):
    asked = await ask(world, *FILE)
    await world.env.advance_time(900)
    assert "Nobody answered" in displayed_text(asked.response.components)
    other = await ask(world, *FILE)
    await world.env.restart_bot(PeopleBot(world.directories))
    for message in (asked.response, other.response):
        pressed = await controls_of(world).press(world.admin, message, ControlId.IMPORT)
        assert TOO_OLD in pressed.private_text
    assert await (await world.directory()).people.count() == 3


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("people.json", b"{", "Can't import people.json"),
        ("people.csv", b"a,b\n1,2\n", "No column is called name"),
        ("people.xlsx", b"PK\x03\x04", "save it as CSV"),
        ("large.csv", b"x" * (UPLOAD_MAX + 1), "on the command line"),
    ],
)
async def test_an_unusable_file_is_refused_privately(
    world: World, name: str, data: bytes, message: str
):
    asked = await world.admin.slash(world.channel, "import", file=(name, data))
    assert asked.ephemeral and message in text(asked)


async def test_a_plan_with_long_texts_fits_a_message(world: World):
    long = [
        {
            "name": "*" * 90 + f" x{n}",
            "description": "_" * 500 + "x",
            **{f"f{i}": 1 for i in range(36)},
        }
        for n in range(60)
    ]
    for mode in ("add", "update", "replace"):
        asked = await ask(
            world, *long, *FILE, *(record | {"born": 1} for record in long), mode=mode
        )
        assert "to add" in text(asked)


@pytest.mark.parametrize("format", ["csv", "json", "jsonl"])
async def test_importing_an_export_changes_nothing(world: World, format: str):
    directory = await world.directory()
    done = await world.admin.slash(world.channel, "export", format=format)
    assert done.ephemeral and "Exported 3 people as" in text(done)
    (attached,) = done.response.attachments
    assert attached.filename == f"people.{format}"
    data = await attached.read()
    asked = await world.admin.slash(
        world.channel, "import", file=(attached.filename, data), mode="replace"
    )
    assert "**3 unchanged**" in text(asked)
    assert len(read_bytes(attached.filename, data).records) == await directory.people.count()


async def test_refused_rows_are_in_file_order(world: World):
    table = b"name,description\n,x\nA,a\nB,b,more\n ,y\nC,\n"
    asked = await world.admin.slash(world.channel, "import", file=("a.csv", table))
    shown = text(asked)
    assert "To add:\n- A\n" in shown
    places = [line.partition(":")[0] for line in shown.splitlines() if line.startswith("- line")]
    assert places == ["- line 2", "- line 4", "- line 5"] and "… and 1 more" in shown
    (attached,) = asked.response.attachments
    (_, *rows) = (await attached.read()).decode("utf-8-sig").splitlines()
    assert [row[:6] for row in rows] == ["line 2", "line 4", "line 5", "line 6"]


async def test_export_takes_conditions(world: World):
    none = await world.admin.slash(world.channel, "export", filter="country:peru")
    assert none.ephemeral and text(none).startswith("Nobody matches. Nobody here has country:")
    done = await world.admin.slash(world.channel, "export", filter="born>1900")
    assert "`born\\>1900`" in text(done) or "`born>1900`" in text(done)
    assert "Exported 2 people as CSV." in text(done)
    bad = await world.admin.slash(world.channel, "export", filter="borm>1900")
    assert "Did you mean born?" in text(bad) and "^" in text(bad)
    choices = await world.admin.autocomplete(world.channel, "export", "filter", "country:i")
    assert "country:Iceland" in [choice["value"] for choice in choices]
    let_everybody_see(world)
    assert not await world.member.autocomplete(world.channel, "export", "filter", "country:i")


async def test_an_export_too_large_to_send_names_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def large(*arguments: Any) -> tuple[int, bytes]:
        return 3, b"x" * 27_000_000

    monkeypatch.setattr(cog.files, "export_bytes", large)
    done = await world.admin.slash(world.channel, "export", format="json", filter="born<2000")
    number = world.env.guild.id
    command = f"python -m bot export people.json --filter 'born\\<2000' --directory {number}"
    assert done.ephemeral and "25.7 MB" in text(done) and command in text(done)


async def test_planning_a_large_import_does_not_block_the_event_loop(world: World):
    """The best of several rounds counts, because the machine has other things to do."""
    directory = await world.directory()
    people = json_contents(*crowd(5000))
    waits: list[float] = []
    longest: list[float] = []

    async def watch() -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            waits.append(loop.time() - before)

    for _ in range(3):
        waits.clear()
        watching = asyncio.create_task(watch())
        plan = await cog.files.make_plan(directory, people, cog.ImportMode.ADD)
        watching.cancel()
        assert len(plan.added) == 5000
        longest.append(max(waits))
    print(longest)
    assert min(longest) < 0.25, longest

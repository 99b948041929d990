"""What was changed, as a keeper of a Discord server sees it, and takes it back."""

import json
from typing import Any

import discord
import pytest

from bot.directory import Author, Directory, OperationKind
from bot.directory.history.operations import OperationRequest
from bot.files import ImportMode, read_bytes
from bot.interactions import VIEW_SECONDS
from bot.person import Kind, Person
from cogs import progress
from tests.discord_limits import BUTTON, violations, walk
from tests.import_helpers import import_people
from tests.messages import NOT_ALLOWED
from tests.world import World, fill_form, form_inputs, text, texts

BEN = Author("7", "*Ben*")


def buttons(message: Any) -> list[str]:
    return [c["label"] for c in walk(message.components) if c["type"] == BUTTON]


def rows(said: str) -> dict[int, str]:
    """What /history says of each change: its words and notes, in one line."""
    found: dict[int, str] = {}
    for row in said.split("\n**#")[1:]:
        head, *lines = row.split("\n")
        found[int(head.partition("**")[0])] = f"{head.rpartition('· ')[2]}: {' / '.join(lines)}"
    return found


async def history(world: World, **options: str) -> dict[int, str]:
    return rows(text(await world.admin.slash(world.channel, "history", **options)))


async def undo(world: World, change: str = "") -> Any:
    options = {"change": change} if change else {}
    asked = await world.admin.slash(world.channel, "undo", **options)
    assert asked.ephemeral
    return await world.admin.click(asked.response, label="Undo")


async def changed(world: World) -> Directory:
    """A directory with a change of each kind; its first three are the three people."""
    directory = await world.directory()
    await directory.people.update("Marie Curie", "physicist", {"born": 1868}, by=BEN)
    await directory.people.remove("Björk", by=BEN)
    asked = OperationRequest(OperationKind.IMPORT, BEN, note="laureates.csv", is_open=True)
    await directory.people.add_many([Person(f"P{n}", "somebody") for n in range(12)], asked)
    await directory.history.finish(asked)
    await directory.fields.rename("country", "land", by=BEN)
    query = await directory.parse("born>1900")
    await directory.bulk.update_where(query, {"land": "Russia"}, by=BEN)
    await directory.fields.add("prize", Kind.TAGS, by=BEN)
    await directory.bulk.remove_field("prize", by=BEN)
    await directory.undo.run(5, by=BEN)
    return directory


async def test_the_changes_in_words(world: World):
    await changed(world)
    first = await world.admin.slash(world.channel, "history")
    assert first.ephemeral
    said = text(first)
    assert (
        "### History\n-# Kept for 365 days, up to 100,000 changed people. The first is from <t:"
        in said
    )
    told = rows(said)
    await world.admin.click(first.response, label="Next ›")
    told |= rows("\n" + "\n".join(texts(first.response.components)))
    assert told == {
        11: "\\*Ben\\*: undid #5: removed Björk",
        10: "\\*Ben\\*: removed the attribute prize, which nobody had",
        9: "\\*Ben\\*: added the attribute prize",
        8: "\\*Ben\\*: set land=Russia for 1 person matching born>1900",
        7: "\\*Ben\\*: renamed the attribute country to land",
        6: "\\*Ben\\*: imported 12 people from laureates.csv",
        5: "\\*Ben\\*: removed Björk / -# undone by #11",
        4: "\\*Ben\\*: edited Marie Curie: born 1867 → 1868, description",
        3: "someone: added Paul Erdős",
        2: "someone: added Björk",
        1: "someone: added Marie Curie",
    }


async def test_of_one_person_and_by_one_author(world: World):
    directory = await changed(world)
    await directory.people.remove("Paul Erdős", by=Author(str(world.admin.id), "admin"))
    assert list(await history(world, person="marie curie")) == [4, 1]
    assert list(await history(world, person="Paul Erdős")) == [12, 8, 3]  # who is gone
    assert list(await history(world, by="7", person="Paul Erdős")) == [8]
    assert list(await history(world, by="*ben*")) == [11, 10, 9, 8, 7, 6]
    assert list(await history(world, by=f"<@{world.admin.id}>")) == [12]
    for options, says in [
        ({"person": "Nobody"}, "The history has no changes to Nobody."),
        ({"person": "Björk", "by": str(world.admin.id)}, "no changes to Björk by admin"),
        ({"by": "Nobody"}, "Nobody called Nobody changed anything."),
    ]:
        assert says in text(await world.admin.slash(world.channel, "history", **options))


@pytest.mark.parametrize("many", [0, 20])
async def test_what_a_change_of_many_did_to_one(world: World, many: int):
    directory = await world.directory()
    born = {f"P{n}": {"born": 1900 + n, "died": 1990} for n in range(many)}
    await directory.people.add_many([Person(name, "x", values) for name, values in born.items()])
    first = (await directory.history.page(0, 1))[0].number
    rows = [{"name": "BJÖRK*", "description": "x"}, {"name": "Paul Erdős", "died": 1997}]
    rows += [{"name": "Marie Curie", "description": "won prizes", "born": 1868, "land": "*F*"}]
    rows += [{"name": name, "died": 1991} for name in born]
    file = read_bytes("m.json", json.dumps(rows).encode())
    await import_people(directory, file, ImportMode.UPDATE, BEN)
    await directory.bulk.update_where(await directory.parse("born:1868..1990"), {"land": "Russia"})
    await directory.undo.run(first + 1, by=BEN)
    replacing = await import_people(
        directory, read_bytes("m.json", json.dumps(rows[:1]).encode()), ImportMode.REPLACE, BEN
    )
    told = await history(world, person="Marie Curie")
    assert replacing[1].number == first + 4
    people, undone = f"{many + 3} people", f" / -# undone by #{first + 3}"
    imported = f"imported {people} from people.json (update)"
    replaced = "replaced everyone with the people in people.json"
    told = {number: row.removeprefix("\\*Ben\\*: ") for number, row in told.items()}
    assert told == {
        first + 4: f"{replaced}: {many + 4} people changed / Removed **Marie Curie**",
        first + 3: f"undid #{first + 1}: {imported}"
        " / **Marie Curie** born 1868 → 1867, description",
        first + 2: f"someone: set land=Russia for {people} matching born:1868..1990"
        " / **Marie Curie** land \\*F\\* → Russia",
        first + 1: f"{imported}"
        f" / **Marie Curie** born 1867 → 1868, land none → \\*F\\*, description{undone}",
        1: "someone: added Marie Curie",
    }
    assert (await history(world, person="BJÖRK*"))[first + 1].endswith(
        f"Added **BJÖRK\\*** / -# undone by #{first + 3}"
    )


async def test_a_name_with_a_slip_in_it_and_one_that_is_told_apart(world: World):
    directory = await world.directory()
    for name in ("Peter Meier (1)", "Peter Meier (1901–1980, born in France)", "Anna Schmidt"):
        await directory.people.add(name, "x", {})
    await directory.people.remove("Anna Schmidt")
    for typed, says in {
        "Mari Curie": "no changes to Mari Curie. Did you mean Marie Curie?",
        "peter meier": "Did you mean Peter Meier (1) or Peter Meier (1901–1980, born in France)?",
        "Anna Schmid": "Did you mean Anna Schmidt?",
        "anna schmidt": "Did you mean Anna Schmidt?",
    }.items():
        assert says in text(await world.admin.slash(world.channel, "history", person=typed))


async def test_who_took_their_name_out_cannot_be_asked_for(world: World):
    directory = await world.directory()
    await directory.people.remove("Björk", by=BEN)
    await directory.history.forget_author(BEN)
    said = text(await world.admin.slash(world.channel, "history", by="Someone"))
    assert "can't be listed separately. /history lists all changes" in said
    await directory.people.remove("Paul Erdős", by=Author("8", "Someone"))
    assert list(await history(world, by="someone")) == [5]


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("setattribute", {"name": "Marie Curie", "attribute": "born", "value": "1867"}),
        ("editperson", {"name": "marie curie", "died": "1934"}),
        ("editperson", {"name": "Marie Curie"}),
    ],
)
async def test_what_changes_nothing_offers_no_undo(world: World, command: str, options: dict):
    done = await world.admin.slash(world.channel, command, **options)
    if done.modal:
        values = {what: field.get("value", "") for what, field in form_inputs(done.modal).items()}
        done = await world.admin.submit_modal(done, fill_form(done.modal, **values))
    assert text(done).startswith("Nothing to change.")
    assert "Marie Curie" in text(done) and "/undo" not in text(done)
    assert await (await world.directory()).history.count() == 3


async def test_what_another_changed_so_just_before_offers_no_undo(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    directory = await world.directory()
    update = directory.people.update

    async def updated(*arguments: Any, **options: Any) -> Person:
        monkeypatch.undo()
        await update("Marie Curie", None, {"born": 1868}, by=BEN)
        return await update(*arguments, **options)

    for born, says in (("1868", "Nothing to change."), ("1869", "Saved")):
        monkeypatch.setattr(directory.people, "update", updated)
        done = await world.admin.slash(world.channel, "editperson", name="Marie Curie", born=born)
        assert text(done).startswith(says) and born in text(done)
    assert (await directory.people.get("Marie Curie")).attributes["born"] == 1869
    assert await directory.history.count() == 5


async def test_a_form_in_which_nothing_was_changed_asks_nothing(world: World):
    directory = await world.directory()
    shown = await world.admin.slash(world.channel, "editperson", name="Marie Curie")
    values = {what: field.get("value", "") for what, field in form_inputs(shown.modal).items()}
    await directory.people.update("Marie Curie", None, {"born": 1868})
    done = await world.admin.submit_modal(shown, fill_form(shown.modal, **values))
    assert text(done).startswith("Nothing to change.") and "1868" in text(done)
    assert "changed while" not in text(done)


async def test_an_empty_history(world: World, make_directories):
    await world.env.restart_bot(type(world.env.bot)(make_directories()))
    said = text(await world.admin.slash(world.channel, "history"))
    assert said.endswith("up to 100,000 changed people.\nNothing has changed yet.")


async def test_somebody_who_is_forgotten_and_a_change_that_was_interrupted(world: World):
    directory = await world.directory()
    await directory.people.add_many(
        [Person("X", "x"), Person("Y", "y")],
        OperationRequest(OperationKind.IMPORT, BEN, is_open=True),
    )
    assert (await history(world))[4] == "\\*Ben\\*: imported 2 people / -# not finished"
    await directory.history.forget_author(BEN)
    assert (await history(world))[4].startswith("someone: ")


async def test_of_who_was_added_by_another_the_attribute_alone(world: World):
    directory = await world.directory()
    await directory.fields.define(
        {"shoes": Kind.TEXT, "hats": Kind.TEXT}, OperationRequest(OperationKind.ADD, BEN)
    )
    assert (await history(world))[4] == "\\*Ben\\*: added the attributes shoes and hats"


async def test_what_is_offered(world: World):
    await changed(world)
    offered = await world.admin.autocomplete(world.channel, "history", "by", "be")
    assert offered == [{"name": "*Ben*", "value": "7"}]
    await (await world.directory()).people.remove("Björk", by=BEN)
    for typed in ("bjö", "Björ"):
        offered = await world.admin.autocomplete(world.channel, "history", "person", typed)
        assert [choice["value"] for choice in offered] == ["Björk"]
    offered = await world.admin.autocomplete(world.channel, "undo", "change", "")
    assert offered[0] == {"name": "#12 *Ben* removed Björk", "value": "12"}
    assert "5" not in [choice["value"] for choice in offered]  # undone already
    offered = await world.admin.autocomplete(world.channel, "undo", "change", "RUSSIA")
    assert [choice["value"] for choice in offered] == ["8"]


async def test_undo_your_last_change_and_the_undo(world: World):
    directory = await world.directory()
    await world.admin.slash(world.channel, "editperson", name="Björk", born="1966")
    await directory.people.update("Marie Curie", None, {"born": 1868}, by=BEN)
    asked = await world.admin.slash(world.channel, "undo")
    assert "### Undo change #4?\nedited Björk: born 1965 → 1966" in text(asked)
    assert "**Björk** born 1965 → 1966" in text(asked)
    done = await world.admin.click(asked.response, label="Undo")
    assert text(done).startswith(
        "Undid change #4: edited Björk: born 1965 → 1966. This is change #6."
    )
    assert "## Björk\n-# born 1965" in text(done)
    assert "Nothing" not in text(done) and "You have no change to undo" in text(
        await world.admin.slash(world.channel, "undo")
    )
    again = await world.admin.click(asked.response, label="Undo #6")
    assert again.ephemeral and "Undo change #6?" in text(again)
    await world.admin.click(again.response, label="Undo")
    assert (await directory.people.get("Björk")).attributes["born"] == 1966
    assert (await history(world))[6].endswith("undone by #7")


async def test_undo_from_the_list(world: World):
    await world.admin.slash(world.channel, "removeperson", name="Björk")
    directory = await world.directory()
    await directory.people.remove("Björk", by=BEN)
    listed = await world.admin.slash(world.channel, "history")
    asked = await world.admin.click(listed.response, custom_id="lead:undo:4")
    assert "Removed **Björk**: “singer”" in text(asked)
    kept = await world.admin.click(asked.response, label="Cancel")
    assert text(kept) == "Cancelled. Change #4 wasn't undone." and not await directory.people.find(
        "Björk"
    )
    asked = await world.admin.click(listed.response, custom_id="lead:undo:4")
    await world.admin.click(asked.response, label="Undo")
    assert await directory.people.find("Björk")
    late = await world.admin.click(listed.response, custom_id="lead:undo:4")
    assert "already undone by #5" in text(late)
    again = await world.admin.slash(world.channel, "history")
    assert "lead:undo:4" not in str(again.response.components)
    assert "lead:undo:5" in str(again.response.components)


async def test_what_stays_is_told(world: World):
    directory = await world.directory()
    await directory.people.update("Björk", "*painter*", {"country": "Norway"}, by=BEN)
    await directory.people.update("Björk", None, {"country": "Sweden"}, by=BEN)
    done = await undo(world, "#4")
    assert "Kept Björk's country: edited later in #5." in text(done)
    assert (await directory.people.get("Björk")).description == "singer"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("99", "There's no change #99"),
        ("0", "There's no change #0"),
        ("9" * 15, "There's no change"),
        ("9" * 16, "isn't the number of a change. Give a number"),
        ("last", "“last” isn't the number of a change."),
        ("*" * 3000, "isn't the number of a change."),
    ],
)
async def test_what_is_no_change(world: World, change: str, says: str):
    result = await world.admin.slash(world.channel, "undo", change=change)
    assert result.ephemeral and says in text(result)


async def test_it_was_put_back_by_hand(world: World):
    directory = await world.directory()
    await directory.people.update("Björk", None, {"born": 1966}, by=BEN)
    await directory.people.update("Björk", None, {"born": 1965}, by=BEN)
    asked = await world.admin.slash(world.channel, "undo", change="4")
    done = await world.admin.click(asked.response, label="Undo")
    assert "There's nothing left to undo." in text(asked)
    assert not done.followups and buttons(asked.response) == []


async def test_undone_by_two_at_once(world: World):
    await (await world.directory()).people.remove("Björk", by=BEN)
    asked = [await world.admin.slash(world.channel, "undo", change="4") for _ in range(2)]
    await world.admin.click(asked[0].response, label="Undo")
    await world.admin.click(asked[1].response, label="Undo")
    assert "already undone by #5" in text(asked[1]) and buttons(asked[1].response) == []


async def test_a_question_that_failed_for_good_has_no_buttons(world: World):
    directory = await world.directory()
    await directory.people.update("Björk", None, {"born": 1966}, by=BEN)
    await directory.people.update("Björk", None, {"born": 1967}, by=BEN)
    undoing = await world.admin.slash(world.channel, "undo", change="4")
    removing = await world.admin.slash(world.channel, "removeperson", name="Paul Erdős")
    await directory.people.remove("Paul Erdős", by=BEN)
    await world.admin.click(undoing.response, label="Undo")
    await world.admin.click(removing.response, label="Remove")
    assert text(undoing) == ("Change #4 can't be undone. Kept Björk's born: edited later in #5.")
    assert text(removing) == "Nobody here is called Paul Erdős."
    assert buttons(undoing.response) == buttons(removing.response) == []


# Long ones


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "UPDATE_SECONDS", 0.02)


async def many(world: World) -> None:
    asked = OperationRequest(OperationKind.IMPORT, BEN, note="many.csv", is_open=True)
    people = [Person(f"P{n:04}", f"singer {n}") for n in range(1500)]
    await (await world.directory()).people.add_many(people, asked)
    await (await world.directory()).history.finish(asked)


async def test_a_long_undo_shows_how_far_it_is(world: World, at_once: None):
    await many(world)
    asked = await world.admin.slash(world.channel, "undo", change="4")
    assert "imported 1,500 people from many.csv" in text(asked) and "1,497 more" in text(asked)
    before = len(world.env.http_requests)
    done = await world.admin.click(asked.response, label="Undo")
    edits = [r.json for r in world.env.http_requests[before:] if r.method == "PATCH"]
    bars = [str(edit) for edit in edits if "Undoing change #4" in str(edit)]
    assert len(bars) >= 3 and len(set(bars)) >= 3 and " of 1,500" in bars[-1]
    assert all(violations(edit) == [] for edit in edits)
    assert text(done).startswith("Undid change #4")
    assert await (await world.directory()).people.count() == 3


async def test_a_long_undo_goes_on_where_it_cannot_be_shown(
    world: World, at_once: None, caplog: pytest.LogCaptureFixture
):
    await many(world)
    asked = await world.admin.slash(world.channel, "undo", change="4")
    error = {"status": 401, "code": 50027, "message": "Invalid Webhook Token"}
    world.env.inject_error("PATCH", "/webhooks/*", times=50, **error)
    await world.admin.click(asked.response, label="Undo")
    assert await (await world.directory()).people.count() == 3
    assert "Finished too late to show the result" in caplog.text


async def test_an_undo_that_breaks_off_goes_on(
    world: World, at_once: None, monkeypatch: pytest.MonkeyPatch
):
    await many(world)
    directory = await world.directory()
    whole, calls = directory.people.apply, []

    async def broken(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) > 8:
            raise discord.app_commands.CheckFailure("Redis is away.")
        return await whole(*arguments)

    monkeypatch.setattr(directory.people, "apply", broken)
    asked = await world.admin.slash(world.channel, "undo", change="4")
    failed = await world.admin.click(asked.response, label="Undo")
    assert "Redis is away" in failed.followups[-1].content
    assert buttons(asked.response) == ["Undo", "Cancel"]
    monkeypatch.undo()
    told = await history(world)
    assert told[4].endswith("partly undone by #5") and told[5].endswith("not finished")
    await world.admin.click(asked.response, label="Undo")
    assert await directory.people.count() == 3
    assert (await history(world))[4].endswith("undone by #5")


# Who may


COMMANDS: dict[str, dict[str, str]] = {"history": {}, "undo": {"change": "1"}}


@pytest.mark.parametrize("command", COMMANDS)
async def test_members_may_not(world: World, command: str):
    assert command not in world.member.available_commands(world.channel)
    for registered in world.env.backend.commands[None].values():
        registered["default_member_permissions"] = None
    result = await world.member.slash(world.channel, command, **COMMANDS[command])
    assert result.ephemeral and NOT_ALLOWED in text(result)
    for option in {"history": ("person", "by"), "undo": ("change",)}[command]:
        assert await world.member.autocomplete(world.channel, command, option, "") == []


@pytest.mark.parametrize("press", ["Undo", "Cancel"])
async def test_a_role_that_is_lost_meanwhile(world: World, press: str):
    guild = world.env.guild
    keepers = guild.create_role("More", permissions=discord.Permissions(manage_guild=True))
    keeper = guild.add_member(world.env.create_user("keeper"), roles=[keepers])
    asked = await keeper.slash(world.channel, "undo", change="1")
    listed = await keeper.slash(world.channel, "history")
    await lose(world, keeper, keepers)
    for message, pressed in [
        (asked.response, {"label": press}),
        (listed.response, {"custom_id": "lead:undo:3"}),
    ]:
        refused = await keeper.click(message, **pressed)
        assert NOT_ALLOWED in text(refused)
    assert await (await world.directory()).people.count() == 3
    assert buttons(asked.response) == ["Undo", "Cancel"]


async def lose(world: World, member: Any, role: Any) -> None:
    stored = world.env.backend.guilds[world.env.guild.id].members[member.id]
    stored.role_ids.remove(role.id) if hasattr(stored, "role_ids") else stored.roles.remove(role.id)


async def test_who_has_the_command_by_the_server_s_settings_may_press(world: World):
    guild = world.env.guild
    helpers = guild.create_role("Helpers")
    helper = guild.add_member(world.env.create_user("helper"), roles=[helpers])
    commands = await world.env.bot.tree.fetch_commands()
    for name in ("history", "undo"):
        command = next(each for each in commands if each.name == name)
        guild.set_command_permissions(command, {helpers: True})
    listed = await helper.slash(world.channel, "history")
    asked = await helper.click(listed.response, custom_id="lead:undo:3")
    await helper.click(asked.response, label="Undo")
    assert not await (await world.directory()).people.find("Paul Erdős")


# Somebody else was first


async def opened(world: World) -> Any:
    """The form of somebody who is changed while it is open."""
    shown = await world.admin.slash(world.channel, "editperson", name="Björk")
    directory = await world.directory()
    await directory.people.update("Björk", "*painter*", {"born": 1966}, by=BEN)
    return shown


async def submitted(world: World, shown: Any, **values: str) -> Any:
    now = {name: item.get("value") or "" for name, item in form_inputs(shown.modal).items()}
    return await world.admin.submit_modal(shown, fill_form(shown.modal, **{**now, **values}))


async def test_a_form_opened_before_another_s_change_asks(world: World):
    shown = await opened(world)
    asked = await submitted(world, shown, Born="1970", Died="2100")
    assert asked.ephemeral
    assert text(asked) == (
        "### Björk was changed while you had the form open\n"
        "- born: was 1965, now **1966**, you typed **1970**\n"
        "- died: was none, you typed **2100**\n"
        "- description: was “singer”, now **“\\*painter\\*”**"
    )
    directory = await world.directory()
    assert (await directory.people.get("Björk")).attributes["born"] == 1966
    done = await world.admin.click(asked.response, label="Save mine")
    assert "Saved.\n## Björk\n-# 1970–2100" in text(done)
    assert (await directory.people.get("Björk")).description == "*painter*"


async def test_keep_theirs(world: World):
    asked = await submitted(world, await opened(world), Born="1970")
    kept = await world.admin.click(asked.response, label="Keep theirs")
    assert text(kept) == "Kept the other changes to Björk. Yours weren't saved."
    assert (await (await world.directory()).people.get("Björk")).attributes["born"] == 1966


async def test_back_to_the_form_with_both(world: World):
    asked = await submitted(world, await opened(world), Died="2100", Attributes="")
    again = await world.admin.click(asked.response, label="Back to the form")
    assert {name: item.get("value") for name, item in form_inputs(again.modal).items()} == {
        "Description": "*painter*",
        "Born": "1966",
        "Died": "2100",
        "Attributes": None,
    }
    assert again.modal["custom_id"] in world.env.bot.open_forms
    done = await submitted(world, again, Description="sculptor")
    assert "1966–2100" in text(done) and buttons(asked.response) == ["Find similar"]
    await world.env.advance_time(VIEW_SECONDS + 1)
    assert "1966–2100" in "".join(texts(asked.response.components)), "also after its time"
    person = await (await world.directory()).people.get("Björk")
    assert (person.description, dict(person.attributes)) == (
        "sculptor",
        {"born": 1966, "died": 2100},
    )


async def test_back_to_the_form_with_what_cannot_be_saved(world: World):
    asked = await submitted(world, await opened(world), Died="2100")
    again = await world.admin.click(asked.response, label="Back to the form")
    refused = await submitted(world, again, Died="soon")
    assert "died must be just a year" in text(refused)
    again = await world.admin.click(refused.followups[-1], label="Back to the form")
    done = await submitted(world, again, Died="2099")
    assert "Saved.\n## Björk\n-# 1966–2099" in text(done)
    late = await world.admin.click(asked.response, label="Save mine")
    assert "too old" in text(late) or "no longer" in text(late), text(late)
    assert (await (await world.directory()).people.get("Björk")).attributes["died"] == 2099


async def test_changed_again_while_asked(world: World):
    directory = await world.directory()
    asked = await submitted(world, await opened(world), Born="1970")
    await directory.people.update("Björk", None, {"born": 1967}, by=BEN)
    await world.admin.click(asked.response, label="Save mine")
    assert "born: was 1966, now **1967**, you typed **1970**" in "".join(
        texts(asked.response.components)
    )
    await world.admin.click(asked.response, label="Save mine")
    assert (await directory.people.get("Björk")).attributes["born"] == 1970


async def test_changed_while_the_removal_was_asked_about(world: World):
    asked = await world.admin.slash(world.channel, "removeperson", name="Björk")
    directory = await world.directory()
    await directory.people.update("Björk", "*painter*", {"born": 1966}, by=BEN)
    again = await world.admin.click(asked.response, label="Remove")
    assert text(again).startswith("### Björk was changed before you confirmed\n## Björk")
    assert "painter" in text(again) and await directory.people.find("Björk")
    done = await world.admin.click(asked.response, label="Remove")
    assert "Removed **Björk**." in text(done) and not await directory.people.find("Björk")


@pytest.mark.parametrize("back", [False, True])
async def test_removed_while_the_form_was_open(world: World, back: bool):
    directory = await world.directory()
    shown = await opened(world)
    await directory.people.remove("Björk", by=BEN)
    asked = await submitted(world, shown, Died="2100")
    assert text(asked).startswith(
        "### Björk was removed while you had the form open\n- died: was none, you"
    )
    if back:
        again = await world.admin.click(asked.response, label="Back to the form")
        done = await submitted(world, again)
        assert buttons(asked.response) == ["Find similar"]
    else:
        done = await world.admin.click(asked.response, label="Add again")
    assert "Added.\n## Björk\n-# 1965–2100" in text(done)
    assert (await directory.people.get("Björk")).attributes["country"] == "Iceland"


async def test_leave_it_removed(world: World):
    directory = await world.directory()
    shown = await opened(world)
    await directory.people.remove("Björk", by=BEN)
    asked = await submitted(world, shown, Died="2100")
    left = await world.admin.click(asked.response, label="Cancel")
    assert text(left) == "Björk is still removed. Your changes weren't saved."
    assert not await directory.people.find("Björk")


async def test_a_role_that_is_lost_while_the_form_is_open(world: World):
    guild = world.env.guild
    keepers = guild.create_role("More", permissions=discord.Permissions(manage_guild=True))
    keeper = guild.add_member(world.env.create_user("keeper"), roles=[keepers])
    shown = await keeper.slash(world.channel, "editperson", name="Björk")
    await lose(world, keeper, keepers)
    values = fill_form(shown.modal, Description="x", Born="1", Died="", Attributes="")
    refused = await keeper.submit_modal(shown, values)
    assert NOT_ALLOWED in text(refused)
    assert not world.env.bot.open_forms
    assert (await (await world.directory()).people.get("Björk")).description == "singer"

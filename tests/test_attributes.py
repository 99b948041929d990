"""The attributes of a directory, and one attribute of many people, as a keeper sets them."""

from typing import Any

import discord
import pytest

from bot.directory import Author
from bot.person import Kind, Person
from cogs import attributes as cog
from cogs import progress
from tests.discord_limits import violations
from tests.messages import NOT_ALLOWED
from tests.test_history_cog import buttons, lose
from tests.world import World, fill_form, form_inputs, text, texts


async def schema(world: World) -> dict[str, Kind]:
    directory = await world.directory()
    await directory.fields.refresh()
    return dict(directory.fields.schema)


async def typed(world: World, shown: Any, name: str) -> Any:
    (label,) = form_inputs(shown.modal)
    return await world.admin.submit_modal(shown, fill_form(shown.modal, **{label: name}))


async def test_the_attributes_there_are(world: World):
    directory = await world.directory()
    await directory.people.update("Björk", None, {"fields": ("pop", "Jazz, b"), "awake": True})
    await directory.fields.add("height", Kind.NUMBER)
    result = await world.admin.slash(world.channel, "attributes list")
    assert result.ephemeral
    assert text(result) == (
        "### 6 attributes\n"
        "-# The kind of each attribute, how many people have it, and conditions to try.\n"
        "**born**  number · 100% · 1867 to 1965\n`born<=1913`\n"
        "**died**  number · 67% · 1934 to 1996\n`died<=1934`\n"
        "**country**  text · 33%\n`country:Iceland`\n"
        '**fields**  tags · 33%\n`fields:"Jazz, b"` `fields:pop`\n'
        "**awake**  yes/no · 33%\n`awake:yes` `awake:no`\n"
        "**height**  number · nobody has it yet\n`has:height`"
    )


async def test_of_a_large_directory_they_are_those_of_some(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(cog, "SAMPLE_SIZE", 2)
    shown = await cog.attributes_view(await world.directory(), world.admin.id)
    said = "\n".join(texts(shown.to_components()))
    assert "Shares and ranges are estimated from 2 people." in said


async def test_many_attributes_take_pages(world: World):
    directory = await world.directory()
    for number in range(37):
        await directory.fields.add(f"field_{number:02}_{'x' * 20}", Kind.TEXT)
    result = await world.admin.slash(world.channel, "attributes list")
    assert "### 40 attributes" in text(result) and text(result).count("**") == 20
    await world.admin.click(result.response, label="Last »")
    assert "field_36" in "\n".join(texts(result.response.components))
    refused = await world.admin.slash(world.channel, "attributes add", name="more", kind="text")
    assert "at most 40 attributes" in text(refused)


async def test_add_rename_and_undo(world: World):
    result = await world.admin.slash(world.channel, "attributes add", name="Prize", kind="tags")
    assert result.ephemeral
    assert text(result).startswith("Added the attribute **prize** (tags).")
    assert text(result).endswith("-# Undo this with /undo.")
    result = await world.admin.slash(
        world.channel, "attributes rename", attribute=" COUNTRY", new_name="land"
    )
    assert text(result).startswith("Renamed the attribute country to **land**.")
    assert list(await schema(world)) == ["born", "died", "land", "prize"]
    for says in ("renamed the attribute country to land", "added the attribute prize"):
        asked = await world.admin.slash(world.channel, "undo")
        assert says in text(asked)
        await world.admin.click(asked.response, label="Undo")
    assert list(await schema(world)) == ["born", "died", "country"]


@pytest.mark.parametrize(
    ("command", "options", "says"),
    [
        ("add", {"name": "country", "kind": "tags"}, 'already an attribute "country"'),
        ("add", {"name": "two words", "kind": "tags"}, 'attribute can\'t be called "two words"'),
        ("add", {"name": "is", "kind": "tags"}, "the bot uses that word itself"),
        (
            "rename",
            {"attribute": "born", "new_name": "birth"},
            "has the attribute born. It can't be",
        ),
        ("rename", {"attribute": "*", "new_name": "x"}, "attribute can't be called"),
        ("rename", {"attribute": "prize", "new_name": "x"}, 'There\'s no attribute "prize"'),
        (
            "rename",
            {"attribute": "country", "new_name": "died"},
            'already an attribute "died"',
        ),
        ("rename", {"attribute": "x" * 3000, "new_name": "x"}, "attribute can't be called"),
        ("remove", {"attribute": "died"}, "Every directory has the attribute died"),
        ("remove", {"attribute": "prize"}, 'There\'s no attribute "prize"'),
    ],
)
async def test_what_is_refused(world: World, command: str, options: dict, says: str):
    before = await schema(world)
    result = await world.admin.slash(world.channel, f"attributes {command}", **options)
    assert result.ephemeral and says in text(result)
    assert await schema(world) == before


async def test_remove_takes_its_name(world: World):
    directory = await world.directory()
    shown = await world.admin.slash(world.channel, "attributes remove", attribute="COUNTRY")
    assert shown.modal["title"] == "Remove country?"
    assert violations(shown.modal) == []
    assert shown.modal["components"][0]["description"].startswith("1 person has a value for it.")
    wrong = await typed(world, shown, "contry")
    assert "Nothing was removed: you typed contry, not country." in text(wrong)
    again = await world.admin.click(wrong.response, label="Back to the form")
    done = await typed(world, again, " Country ")
    assert text(done).startswith("Removed the attribute **country** and all its values.")
    assert not world.env.bot.open_forms
    assert "country" not in (await directory.people.get("Björk")).attributes
    asked = await world.admin.slash(world.channel, "undo")
    assert "removed the attribute country from 1 person" in text(asked)
    await world.admin.click(asked.response, label="Undo")
    assert (await directory.people.get("Björk")).attributes["country"] == "Iceland"


async def test_the_longest_names_fit_a_form(world: World):
    name = "x" * 32
    await (await world.directory()).fields.add(name, Kind.TEXT)
    shown = await world.admin.slash(world.channel, "attributes remove", attribute=name)
    assert violations(shown.modal) == []


async def test_what_is_offered(world: World):
    for command in ("rename", "remove"):
        offered = await world.admin.autocomplete(
            world.channel, f"attributes {command}", "attribute", ""
        )
        assert [choice["value"] for choice in offered] == ["country"]


COMMANDS: dict[str, dict[str, str]] = {
    "attributes list": {},
    "attributes add": {"name": "prize", "kind": "text"},
    "attributes rename": {"attribute": "country", "new_name": "land"},
    "attributes remove": {"attribute": "country"},
}


@pytest.mark.parametrize("command", COMMANDS)
async def test_members_may_not(world: World, command: str):
    for registered in world.env.backend.commands[None].values():
        registered["default_member_permissions"] = None
    before = await schema(world)
    result = await world.member.slash(world.channel, command, **COMMANDS[command])
    assert result.ephemeral and NOT_ALLOWED in text(result)
    if "attribute" in COMMANDS[command]:
        assert await world.member.autocomplete(world.channel, command, "attribute", "") == []
    assert await schema(world) == before


async def test_a_role_that_is_lost_while_the_name_is_typed(world: World):
    guild = world.env.guild
    keepers = guild.create_role("More", permissions=discord.Permissions(manage_guild=True))
    keeper = guild.add_member(world.env.create_user("keeper"), roles=[keepers])
    shown = await keeper.slash(world.channel, "attributes remove", attribute="country")
    await lose(world, keeper, keepers)
    (label,) = form_inputs(shown.modal)
    refused = await keeper.submit_modal(shown, fill_form(shown.modal, **{label: "country"}))
    assert NOT_ALLOWED in text(refused)
    assert "country" in await schema(world)


# One attribute of many


async def ask(world: World, **options: str) -> Any:
    options = {"attribute": "country", "value": "Russia", "filter": "born>1900", **options}
    return await world.admin.slash(world.channel, "setattribute", **options)


async def test_set_for_all_who_fit(world: World):
    directory = await world.directory()
    await directory.people.update("Paul Erdős", None, {"country": "Russia"})
    asked = await ask(world)
    assert asked.ephemeral
    assert text(asked) == (
        "### Set country=Russia for 2 people?\n`born>1900`\n"
        "**Björk** country Iceland → Russia\n**Paul Erdős** already has country=Russia"
    )
    assert (await directory.people.get("Björk")).attributes["country"] == "Iceland"
    done = await world.admin.click(asked.response, label="Set for 2 people")
    assert text(done) == (
        "Set country=Russia for 1 person.\n-# 1 person already had it.\n-# Undo this with /undo."
    )
    assert (await directory.people.get("Björk")).attributes["country"] == "Russia"
    asked = await world.admin.slash(world.channel, "undo")
    assert "set country=Russia for 1 person matching born>1900" in text(asked)
    await world.admin.click(asked.response, label="Undo")
    assert (await directory.people.get("Björk")).attributes["country"] == "Iceland"


@pytest.mark.parametrize(
    ("attribute", "value", "what"),
    [
        ("fields", "pop,Jazz", "fields=pop, Jazz"),
        ("height", "1.0", "height=1"),
        ("awake", "Yes", "awake=yes"),
        ("country", " Iceland", "country=Iceland"),
    ],
)
async def test_a_value_that_is_typed_otherwise(world: World, attribute: str, value: str, what: str):
    directory = await world.directory()
    values = {"fields": ("pop", "Jazz"), "height": 1, "awake": True}
    await directory.people.update("Björk", None, values)
    asked = await ask(world, attribute=attribute, value=value, filter="country:iceland")
    assert text(asked) == (
        f"### Set {what} for 1 person?\n`country:iceland`\n**Björk** already has {what}"
    )


async def test_all_had_it_before(world: World):
    asked = await ask(world, value="Iceland", filter="country:iceland")
    done = await world.admin.click(asked.response, label="Set for 1 person")
    assert text(done) == "Nothing to change.\n-# 1 person already had it."


async def test_others_fit_by_the_time_the_button_is_pressed(world: World):
    asked = await ask(world)
    directory = await world.directory()
    await directory.people.add("Wisława Szymborska", "poet", {"born": 1923}, by=Author("7", "Ben"))
    again = await world.admin.click(asked.response, label="Set for 2 people")
    assert text(again) == (
        "### Set country=Russia for 3 people?\n`born>1900`\n"
        "-# The people changed since I asked. Please check again.\n"
        "**Björk** country Iceland → Russia\n**Paul Erdős** country none → Russia\n"
        "**Wisława Szymborska** country none → Russia"
    )
    assert (await directory.people.get("Björk")).attributes["country"] == "Iceland"
    await directory.people.update("Björk", "composer", {}, by=Author("7", "Ben"))  # is not shown
    done = await world.admin.click(asked.response, label="Set for 3 people")
    assert text(done).startswith("Set country=Russia for 3 people.")


async def test_leave_all_as_it_is(world: World):
    asked = await ask(world)
    left = await world.admin.click(asked.response, label="Cancel")
    assert text(left) == "Cancelled. Nothing changed."
    assert (await (await world.directory()).people.get("Björk")).attributes["country"] == "Iceland"
    asked = await ask(world)
    await world.env.advance_time(900)
    assert text(asked) == "Nobody answered, so nothing changed."


async def test_a_value_that_some_cannot_have(world: World):
    asked = await ask(world, attribute="died", value="1950", filter="born>1800")
    why = "Björk can't have died in 1950, before being born in 1965."
    assert text(asked).splitlines()[2:] == [
        why,
        "**Marie Curie** died 1934 → 1950",
        "**Paul Erdős** died 1996 → 1950",
    ]
    done = await world.admin.click(asked.response, label="Set for 3 people")
    assert text(done) == (
        f"Set died=1950 for 2 people.\n1 person can't have it:\n- {why}\n-# Undo this with /undo."
    )


async def test_a_new_attribute_of_all_in_plain_english(world: World):
    asked = await ask(
        world, attribute="laureate", value="yes", filter="people who died before 1950"
    )
    assert "`died<1950`" in text(asked) and "laureate none → yes" in text(asked)
    await world.admin.click(asked.response, label="Set for 1 person")
    assert (await (await world.directory()).people.get("Marie Curie")).attributes[
        "laureate"
    ] is True


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "Björk"}, "Give either a name, or a filter"),
        ({"filter": " "}, "Give either a name, or a filter"),
        ({"filter": "country:iseland"}, "Did you mean country:Iceland?"),
        ({"filter": "born>3000"}, "Nobody matches."),
        ({"filter": "singer"}, "isn't a condition"),
        ({"filter": "born<soon"}, '"soon" is neither'),
        ({"attribute": "born", "value": "soon"}, "born must be just a year"),
        ({"attribute": "contry"}, "Did you mean country?"),
        ({"attribute": "two words"}, "without spaces"),
        ({"value": "x" * 5000}, "at most 100 characters"),
    ],
)
async def test_what_cannot_be_set(world: World, options: dict, says: str):
    result = await ask(world, **options)
    assert result.ephemeral and says in text(result)
    assert "buttons" not in options and buttons(result.response) == []


async def test_filters_are_completed(world: World):
    offered = await world.admin.autocomplete(world.channel, "setattribute", "filter", "country:ice")
    assert offered[-1]["value"] == "country:Iceland"


async def test_an_attribute_that_was_renamed_meanwhile(world: World):
    asked = await ask(world, filter="country:iceland", attribute="born", value="1900")
    await (await world.directory()).fields.rename("country", "land")
    late = await world.admin.click(asked.response, label="Set for 1 person")
    assert "country" in late.followups[-1].content
    assert (await (await world.directory()).people.get("Björk")).attributes["born"] == 1965


async def test_many_show_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "UPDATE_SECONDS", 0.01)
    directory = await world.directory()
    people = [Person(f"P{n:04}", f"singer {n}", {"born": 1950}) for n in range(1500)]
    await directory.people.add_many(people)
    asked = await ask(world)
    before = len(world.env.http_requests)
    await world.admin.click(asked.response, label="Set for 1,502 people")
    edits = [str(r.json) for r in world.env.http_requests[before:] if r.method == "PATCH"]
    assert sum("Setting country=Russia" in edit for edit in edits) >= 2
    assert (await directory.people.get("P0700")).attributes["country"] == "Russia"
    assert await directory.undo.last_undoable(Author(str(world.admin.id), "admin"))

"""The bot as a Discord user sees it: real discord.py, cogs and Redis in an offline Discord."""

from pathlib import Path

import discord
import pytest
import simcord
from aiohttp import web
from discord.http import Route

from bot.cli.serve import serve
from bot.client import PeopleBot
from bot.directory import Redis
from bot.errors import DirectoryUnavailable, SettingError
from bot.interactions import limits
from cogs.cards import TEXT_BYTES_MAX
from cogs.forms import FORM_SECONDS
from tests.local_redis import free_port
from tests.messages import NOT_ALLOWED
from tests.world import World, fill_form, form_inputs, text, texts

# Finding


async def test_whois_with_a_name_shows_the_card(world: World):
    result = await world.member.slash(world.channel, "whois", query="paul ERDOS")
    assert not result.ephemeral
    assert text(result) == "## Paul Erdős\n-# 1913–1996\nmathematician"


async def test_whois_with_a_description_shows_a_card_and_a_list(world: World):
    result = await world.member.slash(world.channel, "whois", query="singer", private=True)
    assert result.ephemeral
    best, *others = text(result).split("\n**")
    card = "## Björk\n-# born 1965 · ▰▰▰▰▰ very close match · country **Iceland**\nsinger"
    legend = "▰▰▰▱▱ shows how close each match is."
    assert best == f"-# Closest to “singer”\n-# {legend}\n{card}\n-# Less close"
    assert {other.split("**")[0] for other in others} == {"Marie Curie", "Paul Erdős"}


async def test_whois_with_the_end_of_a_name_shows_everyone_who_has_it(world: World):
    await (await world.directory()).people.add("Pierre Curie", "physicist", {})
    result = await world.member.slash(world.channel, "whois", query="curie")
    assert text(result).startswith("## Marie Curie") and "**Pierre Curie**" in text(result)
    assert "Björk" not in text(result)


async def test_whois_shows_everyone_with_a_disambiguated_name(world: World):
    directory = await world.directory()
    for name in ("Peter Meier (1950)", "Peter Meier (1980)", "Anna Meier", "Peter Meiering"):
        await directory.people.add(name, "member", {})
    for query, others in (("peter meier", []), ("Meier", ["Anna Meier"])):
        answer = text(await world.member.slash(world.channel, "whois", query=query))
        assert "nearest" not in answer and "Meiering" not in answer
        for name in ("Peter Meier (1950)", "Peter Meier (1980)", *others):
            assert name in answer.replace("\\", ""), answer
    await directory.people.add("Peter Meier", "the first member", {})
    answer = text(await world.member.slash(world.channel, "whois", query="Peter Meier"))
    assert answer.startswith("## Peter Meier\n") and "1980" in answer


async def test_whois_with_conditions_alone_counts_the_people(world: World):
    result = await world.member.slash(world.channel, "whois", query="born>1900")
    assert text(result).startswith("### born \\> 1900\n-# 2 people") or "2 people" in text(result)


async def test_the_answer_to_a_long_name_is_short(world: World):
    for command, options in [
        ("removeperson", {"name": "x" * 6000}),
        ("setattribute", {"name": "Björk", "attribute": "*" * 3000, "value": "x"}),
        ("editperson", {"name": "*" * 3000}),
    ]:
        result = await world.admin.slash(world.channel, command, **options)
        assert result.ephemeral and 20 < len(text(result)) <= 2000


async def test_whois_autocompletes_names(world: World):
    for typed, names in [("", 3), ("erd", 1), ("MARIE c", 1), ("x", 0)]:
        choices = await world.member.autocomplete(world.channel, "whois", "query", typed)
        assert len(choices) == names
    assert choices == []


async def test_whois_offers_no_more_names_than_discord_shows(world: World):
    directory = await world.directory()
    for number in range(30):
        await directory.people.add(f"Many {number:02} {'x' * 92}", "crowd", {})
    choices = await world.member.autocomplete(world.channel, "whois", "query", "many")
    assert len(choices) == 25
    assert all(len(choice["name"]) <= 100 for choice in choices)


async def test_search_shows_what_it_understood(world: World):
    result = await world.member.slash(world.channel, "search", query="science died < 2000")
    assert not result.ephemeral
    answer = text(result)
    assert answer.startswith("### science\n`died<2000`")
    assert "Björk" not in answer and "Marie Curie" in answer and "Paul Erdős" in answer


async def test_plain_words_become_conditions_that_can_be_ignored(world: World):
    result = await world.member.slash(world.channel, "search", query="people who died before 2000")
    assert text(result).startswith("`died<2000`\n-# 2 people")
    assert "Björk" not in text(result)
    label = "Ignore conditions"
    prying = await world.admin.click(result.response, label=label)
    assert prying.ephemeral and "Only the person who asked" in text(prying)
    assert text(result).startswith("`died<2000`")
    await world.member.click(result.response, label=label)
    message = result.response
    answer = "\n".join(texts(message.components))
    assert answer.startswith("### people who died before 2000") and "Björk" in answer
    await world.member.click(message, label="Use conditions")
    assert "\n".join(texts(message.components)).startswith("`died<2000`")


async def test_an_error_in_the_alternate_reading_keeps_the_answer(world: World, monkeypatch):
    result = await world.member.slash(
        world.channel, "search", query="people who died before 2000", private=True
    )
    assert result.ephemeral
    directory = type(await world.directory())
    working = directory.search

    async def broken(*arguments: object, **options: object) -> None:
        raise DirectoryUnavailable("Redis is away.")

    monkeypatch.setattr(directory, "search", broken)
    label = "Ignore conditions"
    failed = await world.member.click(result.response, label=label)
    assert failed.followups[-1].ephemeral and "Redis is away" in text(failed)
    monkeypatch.setattr(directory, "search", working)
    await world.member.click(result.response, label=label)
    assert "Björk" in "\n".join(texts(result.response.components))


async def test_the_alternate_reading_button_expires(world: World):
    result = await world.member.slash(world.channel, "search", query="people who died before 2000")
    assert "Ignore conditions" in str(result.response.components)
    await world.env.advance_time(901)
    assert "Ignore conditions" not in str(result.response.components)
    assert "died<2000" in text(result)


async def test_whois_understands_the_same_conditions_as_search(world: World):
    result = await world.member.slash(
        world.channel, "whois", query="a singer who is still alive country:iceland"
    )
    assert text(result).startswith(
        "-# Closest to “singer”\n`is:alive` `country:iceland`\n-# 1 person matches.\n"
    )


async def test_a_condition_is_shown_literally(world: World):
    result = await world.member.slash(world.channel, "search", query='-country:"`*a*`"')
    assert text(result).startswith('`-country:"ˋ*a*ˋ"`')


async def test_search_autocompletes_the_last_condition(world: World):
    async def offered(typed: str) -> list[str]:
        choices = await world.member.autocomplete(world.channel, "search", "query", typed)
        assert all(choice["name"] == choice["value"] for choice in choices)
        return [choice["value"] for choice in choices]

    assert (await offered(""))[:2] == ["born<", "born>"]
    assert await offered("singer cou") == ["singer cou", "singer country:", "singer country!="]
    assert await offered("country:i") == ["country:i", "country:Iceland"]
    assert await offered("who sang") == []
    for whole in ("country:Iceland", "country:iceland", "is:alive"):
        assert await offered(whole) == []
    long = f"{'x' * 80} country:"
    assert await offered(long) == [long, f"{long}Iceland"]
    assert await offered("x" * 8 + long) == ["x" * 8 + long]
    assert await offered("\udcff") == []


async def test_search_by_conditions_alone_counts_the_people(world: World):
    result = await world.member.slash(world.channel, "search", query="born>1900", count=1)
    assert "Showing 1 of 2 people, by name." in text(result)
    assert "Björk" in text(result) and "Erdős" not in text(result)
    result = await world.member.slash(world.channel, "search", query="born>2020")
    assert "Nobody matches" in text(result)


@pytest.mark.parametrize("command", ["whois", "search"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("science dead<2000", "Did you mean died?"),
        ("science died<soon", '"soon" is neither'),
        ("🎸", "no words"),
        ("x" * 4000, "at most 500 characters"),
        ("(" * 6000, "at most 500 characters"),
        (" ", "no words"),
    ],
)
async def test_a_bad_query_is_answered_privately_with_the_position_of_the_error(
    world: World, command: str, query: str, says: str
):
    result = await world.member.slash(world.channel, command, query=query)
    assert result.ephemeral
    assert says in text(result)
    assert "```" in text(result) and "^" in text(result)


@pytest.mark.parametrize("query", ["شاعر عربي", "@everyone", "**x** <@123> <t:0:R> `y`", "# x"])
async def test_odd_queries_are_shown_literally(world: World, query: str):
    result = await world.member.slash(world.channel, "search", query=query)
    answer = text(result).split("```")[0]
    assert "@everyone" not in answer and "<@" not in answer.replace("\\<@", "")
    assert not answer.startswith("### #")
    assert result.response.message.mentions == []


async def test_a_new_server_starts_with_the_starter_set(make_directories):
    directories = make_directories(starter=Path("data/people.json"))
    async with simcord.run(PeopleBot(directories), shard_count=1) as env:
        channel = env.create_guild().create_text_channel("general")
        member = env.guild.add_member(env.create_user("member"))
        result = await member.slash(channel, "whois", query="marie curie")
        assert "Marie Curie" in text(result)


async def test_a_command_without_redis_says_so_and_works_again_later(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def gone(*command: object) -> None:
        raise DirectoryUnavailable("The directory's database isn't responding.")

    with monkeypatch.context() as patched:
        patched.setattr(Redis, "execute", gone)
        for command in ("whois", "search"):
            result = await world.member.slash(world.channel, command, query="singer")
            assert result.ephemeral and "isn't responding" in text(result)
    assert "Björk" in text(await world.member.slash(world.channel, "search", query="singer"))


async def test_an_unexpected_error_shows_a_code_that_is_in_the_log(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(type(await world.directory()), "search", broken)
    result = await world.member.slash(world.channel, "search", query="singer")
    assert result.ephemeral
    code = text(result).split("`")[1]
    assert code in caplog.text and "boom" in caplog.text and "boom" not in text(result)


async def test_a_slow_answer_is_deferred_and_its_error_is_still_private(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """In the offline Discord time stands still while the bot works; in a crowd nobody waits."""
    monkeypatch.setattr(limits, "TOTAL_CONCURRENCY", 0)
    result = await world.member.slash(world.channel, "search", query="singer")
    assert deferred(world.env) and not result.ephemeral
    assert "Björk" in text(result)
    result = await world.member.slash(world.channel, "search", query="died<soon")
    assert deferred(world.env)
    assert result.response is None, "the public thinking … is taken back"
    assert result.followups[-1].ephemeral and '"soon" is neither' in text(result)


def deferred(env: simcord.Env) -> bool:
    callbacks = [sent.json for sent in env.http_requests if sent.path.endswith("/callback")]
    assert isinstance(callbacks[-1], dict)
    return callbacks[-1]["type"] == discord.InteractionResponseType.deferred_channel_message.value


@pytest.mark.parametrize("letter", ["x", "漢", "*"])
async def test_answers_stay_within_the_limits_of_a_message(world: World, letter: str):
    directory = await world.directory()
    name = ""
    for number in range(25):
        name = f"{number:02} {letter * 97}"
        attributes = {f"field_{n}": f"{letter * 99}a" for n in range(20)}
        await directory.people.add(name, f"{letter * 9} a " * 150, attributes)
    for command, options in [
        ("search", {"query": "field_1!=none", "count": 25}),
        ("whois", {"query": f"{letter * 9} a"}),
        ("whois", {"query": name}),
    ]:
        result = await world.member.slash(world.channel, command, **options)
        answer = "".join(texts(result.response.components))
        assert 1000 < len(answer) <= 4000
        assert len(answer.encode()) <= TEXT_BYTES_MAX


# Editing


async def test_addperson_with_options_adds_the_person(world: World):
    result = await world.admin.slash(
        world.channel,
        "addperson",
        name="Gaius Julius Caesar",
        description="Roman general and statesman.",
        born="100 BC",
        died="-44",
        attributes="country=Italy field=politics,military",
    )
    assert result.ephemeral
    assert text(result).startswith("Added.\n## Gaius Julius Caesar\n-# 100–44 BC")
    assert "country **Italy** · field **politics, military**" in text(result)
    found = await world.member.slash(world.channel, "search", query="field=military died<0")
    assert "Caesar" in text(found)


async def test_addperson_without_options_opens_a_form(world: World):
    shown = await world.admin.slash(world.channel, "addperson", name="Ada Lovelace")
    assert shown.modal and shown.modal["title"] == "Add a person"
    assert form_inputs(shown.modal)["Name"]["value"] == "Ada Lovelace"
    values = fill_form(
        shown.modal, Name="Ada Lovelace", Description="The first programmer.", Born="1815"
    )
    result = await world.admin.submit_modal(shown, values)
    assert result.ephemeral and "Added." in text(result) and "born 1815" in text(result)


async def test_a_form_with_an_error_can_be_reopened_as_it_was_filled_in(world: World):
    shown = await world.admin.slash(world.channel, "addperson")
    values = fill_form(shown.modal, Name="Ada", Description="Programmer.", Born="1815", Died="1800")
    result = await world.admin.submit_modal(shown, values)
    assert result.ephemeral and "can't have died in 1800" in text(result)
    again = await world.admin.click(result.response, label="Back to the form")
    assert again.modal
    assert form_inputs(again.modal)["Died"]["value"] == "1800"
    assert form_inputs(again.modal)["Description"]["value"] == "Programmer."
    fixed = fill_form(again.modal, Name="Ada", Description="Programmer.", Born="1815", Died="1852")
    assert "1815–1852" in text(await world.admin.submit_modal(again, fixed))


async def test_a_form_submitted_after_a_restart_is_not_saved_and_says_so(world: World):
    shown = await world.admin.slash(world.channel, "addperson")
    assert shown.modal and shown.modal["custom_id"] in world.env.bot.open_forms
    values = fill_form(shown.modal, Name="Ada", Description="Programmer.")
    await world.env.restart_bot(PeopleBot(world.directories))
    result = await world.admin.submit_modal(shown, values)
    assert result.ephemeral and "Check whether it was saved" in text(result)
    assert await (await world.directory()).people.find("Ada") is None


async def test_open_forms_are_forgotten_when_submitted_or_expired(world: World):
    await world.admin.slash(world.channel, "addperson")
    shown = await world.admin.slash(world.channel, "addperson")
    values = fill_form(shown.modal, Name="Ada", Description="Programmer.")
    await world.admin.submit_modal(shown, values)
    assert len(world.env.bot.open_forms) == 1
    await world.env.advance_time(FORM_SECONDS + 1)
    assert not world.env.bot.open_forms


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "marie curie"}, "already here"),
        ({"name": "x" * 101}, "This one has 101"),
        ({"description": " "}, "description in words"),
        ({"born": "99999"}, "just a year"),
        ({"born": "1950", "died": "1949"}, "can't have died in 1949"),
        ({"attributes": "contry=France"}, "Did you mean country?"),
        ({"attributes": "France"}, "name=value"),
        ({"born": "1950", "attributes": "born=1960"}, "two values for born: 1950 and 1960"),
        ({"name": "A\0B"}, "control character"),
    ],
)
async def test_addperson_refuses_bad_input_and_changes_nothing(
    world: World, options: dict, says: str
):
    directory = await world.directory()
    before, schema = await directory.people.count(), dict(directory.fields.schema)
    options = {"name": "Somebody New", "description": "somebody", **options}
    result = await world.admin.slash(world.channel, "addperson", **options)
    assert result.ephemeral and says in text(result)
    assert (await directory.people.count(), dict(directory.fields.schema)) == (before, schema)


async def test_markdown_and_mentions_in_people_are_shown_literally(world: World):
    name, description = "*Star* @everyone <@1>", "**bold** @here [x](http://y) `z` # - ||s||"
    await world.admin.slash(world.channel, "addperson", name=name, description=description)
    answer = text(await world.member.slash(world.channel, "whois", query=name))
    assert "\\*Star\\* @\u200beveryone \\<@\u200b1>" in answer.replace("\\>", ">")
    assert "\\*\\*bold\\*\\* @\u200bhere \\[x\\]" in answer and "\\|\\|s\\|\\|" in answer
    assert (await (await world.directory()).people.get(name)).description == description


async def test_editperson_with_options_changes_the_person(world: World):
    result = await world.admin.slash(
        world.channel, "editperson", name="bjork", died="2100", attributes="country=none"
    )
    assert result.ephemeral
    assert text(result) == "Saved.\n## Björk\n-# 1965–2100\nsinger\n-# Undo this with /undo."


async def test_editperson_with_a_form_changes_only_the_edited_fields(world: World):
    directory = await world.directory()
    shown = await world.admin.slash(world.channel, "editperson", name="Björk")
    assert shown.modal and shown.modal["title"] == "Edit Björk"
    assert {label: item.get("value") for label, item in form_inputs(shown.modal).items()} == {
        "Description": "singer",
        "Born": "1965",
        "Died": None,
        "Attributes": "country=Iceland",
    }
    values = fill_form(
        shown.modal, Description="singer", Born="1965", Attributes="label=One Little"
    )
    result = await world.admin.submit_modal(shown, values)
    assert "Saved." in text(result)
    assert (await directory.people.get("Björk")).attributes == {"born": 1965, "label": "One Little"}


async def test_editperson_with_a_misspelt_name_offers_similar_names(world: World):
    result = await world.admin.slash(world.channel, "editperson", name="Marie Currie")
    assert result.ephemeral and "Did you mean Marie Curie?" in text(result)


async def test_removeperson_asks_first(world: World):
    directory = await world.directory()
    result = await world.admin.slash(world.channel, "removeperson", name="marie curie")
    assert result.ephemeral and "Remove this person" in text(result)
    kept = await world.admin.click(result.response, label="Cancel")
    assert "Kept **Marie Curie**." in text(kept) and await directory.people.find("Marie Curie")
    result = await world.admin.slash(world.channel, "removeperson", name="marie curie")
    removed = await world.admin.click(result.response, label="Remove")
    assert "Removed **Marie Curie**." in text(removed)
    assert await directory.people.find("Marie Curie") is None


async def test_an_unanswered_removal_expires_and_removes_nobody(world: World):
    result = await world.admin.slash(world.channel, "removeperson", name="marie curie")
    await world.env.advance_time(900)
    assert "Kept **Marie Curie**, because nobody confirmed." in text(result)
    assert await (await world.directory()).people.find("Marie Curie")


async def test_removing_a_person_twice_says_that_nobody_has_the_name(world: World):
    results = [
        await world.admin.slash(world.channel, "removeperson", name="Björk") for _ in range(2)
    ]
    await world.admin.click(results[0].response, label="Remove")
    await world.admin.click(results[1].response, label="Remove")
    assert text(results[1]) == "Nobody here is called Björk."


async def test_setattribute_sets_and_clears_an_attribute(world: World):
    result = await world.admin.slash(
        world.channel, "setattribute", name="bjork", attribute="field", value="music, acting"
    )
    assert "field **music, acting**" in text(result)
    result = await world.admin.slash(
        world.channel, "setattribute", name="bjork", attribute="country", value="none"
    )
    assert "Iceland" not in text(result)
    for attribute, value, says in [
        ("born", "soon", "born must be just a year"),
        ("two words", "x", "without spaces"),
        ("description", "x", "can't be called"),
        ("prize", "none", 'There\'s no attribute "prize"'),
    ]:
        result = await world.admin.slash(
            world.channel, "setattribute", name="bjork", attribute=attribute, value=value
        )
        assert result.ephemeral and says in text(result)


async def test_editors_get_names_and_attributes_autocompleted(world: World):
    for command in ("editperson", "removeperson", "setattribute"):
        choices = await world.admin.autocomplete(world.channel, command, "name", "cur")
        assert [choice["value"] for choice in choices] == ["Marie Curie"]
    choices = await world.admin.autocomplete(world.channel, "setattribute", "attribute", "o")
    assert [choice["value"] for choice in choices] == ["born", "country"]


EDIT_COMMANDS = {
    "addperson": {"name": "A", "description": "b"},
    "editperson": {"name": "Björk", "died": "2000"},
    "removeperson": {"name": "Björk"},
    "setattribute": {"name": "Björk", "attribute": "died", "value": "2000"},
}


async def app_command(world: World, name: str) -> discord.app_commands.AppCommand:
    return next(c for c in await world.env.bot.tree.fetch_commands() if c.name == name)


@pytest.mark.parametrize("command", EDIT_COMMANDS)
async def test_members_cannot_edit(world: World, command: str):
    """Discord hides the commands; here a changed default lets them through, and the bot refuses."""
    visible = world.member.available_commands(world.channel)
    assert command not in visible and "whois" in visible
    directory = await world.directory()
    before = [person async for person in directory.people.iterate()]
    for registered in world.env.backend.commands[None].values():
        registered["default_member_permissions"] = None
    result = await world.member.slash(world.channel, command, **EDIT_COMMANDS[command])
    assert result.ephemeral and NOT_ALLOWED in text(result)
    if command != "addperson":
        choices = await world.member.autocomplete(world.channel, command, "name", "b")
        assert choices == []
    assert [person async for person in directory.people.iterate()] == before


async def test_a_server_can_let_other_members_edit(world: World):
    guild = world.env.guild
    helpers = guild.create_role("Helpers")
    helper = guild.add_member(world.env.create_user("helper"), roles=[helpers])
    guild.set_command_permissions(await app_command(world, "setattribute"), {helpers: True})
    result = await helper.slash(world.channel, "setattribute", **EDIT_COMMANDS["setattribute"])
    assert "Saved." in text(result)
    choices = await helper.autocomplete(world.channel, "setattribute", "name", "bj")
    assert [choice["value"] for choice in choices] == ["Björk"]
    assert "addperson" not in helper.available_commands(world.channel)


# The client


def test_the_client_needs_no_privileged_intent(make_directories):
    intents = PeopleBot(make_directories()).intents
    assert intents == discord.Intents(guilds=True, guild_messages=True)
    assert not (intents.message_content or intents.members or intents.presences)


async def test_a_refused_token_is_a_setting_error(
    make_directories, monkeypatch: pytest.MonkeyPatch
):
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"message": "401: Unauthorized"}, status=401)

    discord_server = web.Application()
    discord_server.router.add_get("/{path:.*}", refuse)
    runner = web.AppRunner(discord_server)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{port}")
    with pytest.raises(SettingError, match="refuses the DISCORD_TOKEN"):
        await serve(PeopleBot(make_directories()), "token")
    await runner.cleanup()
    with pytest.raises(SettingError, match="Discord cannot be reached"):
        await serve(PeopleBot(make_directories()), "token")


async def syncs(bot: PeopleBot) -> int:
    async with simcord.run(bot, shard_count=1) as env:
        env.create_guild(id=int(bot._sync_guild.id) if bot._sync_guild else 1)
        return sum(
            request.method == "PUT" and request.path.endswith("/commands") and bool(request.json)
            for request in env.http_requests
        )


async def test_commands_are_synced_only_when_they_changed(make_directories, tmp_path: Path):
    synced = tmp_path / "deep" / "commands.json"
    assert await syncs(PeopleBot(make_directories(), synced=synced)) == 1
    assert await syncs(PeopleBot(make_directories(), synced=synced)) == 0
    synced.write_text(synced.read_text().replace('commands": "', 'commands": "x'))
    assert await syncs(PeopleBot(make_directories(), synced=synced)) == 1
    for broken in ("broken", "[1]", '{"x": 1}'):
        synced.write_text(broken)
        assert await syncs(PeopleBot(make_directories(), synced=synced)) == 1


COMMANDS = 20  # with the menu of a message


async def test_commands_move_to_one_server_and_back(make_directories, tmp_path: Path):
    synced = tmp_path / "commands.json"
    env = simcord.Env(PeopleBot(make_directories(), synced=synced), shard_count=1)
    env.create_guild(id=7)
    await env.start()

    def registered() -> tuple[int, int]:
        commands = env.backend.commands
        return len(commands.get(None, {})), len(commands.get(7, {}))

    assert registered() == (COMMANDS, 0)
    await env.restart_bot(PeopleBot(make_directories(), synced=synced, sync_guild=7))
    assert registered() == (0, COMMANDS)
    await env.restart_bot(PeopleBot(make_directories(), synced=synced))
    assert registered() == (COMMANDS, 0)
    # A server that the bot is not in takes nothing away, and is told by its setting.
    env.inject_error("PUT", "/applications/*/guilds/8/commands", status=403)
    with pytest.raises(SettingError, match="SYNC_GUILD"):
        await env.restart_bot(PeopleBot(make_directories(), synced=synced, sync_guild=8))
    assert registered() == (COMMANDS, 0)
    await env.shutdown()


async def test_a_failed_sync_is_tried_again_at_the_next_start(make_directories, tmp_path: Path):
    synced = tmp_path / "commands.json"
    env = simcord.Env(PeopleBot(make_directories(), synced=synced), shard_count=1)
    env.inject_error("PUT", "/applications/*/commands", status=400)
    await env.start()
    assert not env.backend.commands.get(None) and not synced.exists()
    await env.restart_bot(PeopleBot(make_directories(), synced=synced))
    assert len(env.backend.commands[None]) == COMMANDS
    await env.shutdown()


@pytest.mark.parametrize(("shards", "synced"), [((0, 2), True), ((1, 3), False)])
async def test_one_process_of_several_syncs_the_commands(
    make_directories, shards: tuple[int, ...], synced: bool
):
    bot = PeopleBot(make_directories(), shard_count=4, shard_ids=shards)
    async with simcord.run(bot) as env:
        assert set(bot.shards) == set(shards)
        assert bool(env.backend.commands.get(None)) == synced

"""Looking round, in an offline Discord: /people, /random, /about, /help, /map, /similar."""

import re
from typing import Any

import pytest

from bot.directory import Directory
from cogs.browse import format_share
from cogs.help import help_topics
from tests.world import World, message_text, text


@pytest.fixture
async def directory(world: World) -> Directory:
    return await world.directory()


@pytest.fixture
async def crowd(directory: Directory) -> Directory:
    """Twenty more, so that there are four pages of people."""
    for number in range(20):
        await directory.people.add(f"Singer {number:02}", "singer", {"born": 1900 + number})
    return directory


def items(message: Any, kind: int) -> list[dict[str, Any]]:
    """The components of a type: 2 is a button, 3 a select."""

    def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for component in components:
            found += [component] if component["type"] == kind else []
            found += walk(
                [*component.get("components", []), *filter(None, [component.get("accessory")])]
            )
        return found

    return walk(message.components)


async def test_people_lists_everyone_by_name_with_a_count(world: World, crowd: Directory):
    result = await world.member.slash(world.channel, "people")
    message = result.response
    assert message and not result.ephemeral
    assert message_text(message).startswith(
        "### Everyone in the directory\n-# 23 people\n**Björk**  born 1965\nsinger"
    )
    (select,) = items(message, 3)
    assert select["placeholder"] == "Page 1 of 4 · Go to …"
    assert [option["label"] for option in select["options"]] == [
        "Page 1: from Björk",
        "Page 2: from Singer 03",
        "Page 3: from Singer 09",
        "Page 4: from Singer 15",
    ]
    await world.member.click(message, label="Last »")
    assert "Singer 19" in message_text(message) and "Björk" not in message_text(message)
    await world.member.click(message, label="‹ Previous")
    assert "Singer 09" in message_text(message) and "Singer 15" not in message_text(message)
    await world.member.select(message, ["1"])
    assert "Singer 03" in message_text(message) and "Singer 09" not in message_text(message)


async def test_every_page_of_people_by_conditions_shows_different_people(
    world: World, crowd: Directory
):
    result = await world.member.slash(
        world.channel, "people", filter="born after 1901", private=True
    )
    message = result.response
    assert (
        message
        and result.ephemeral
        and message_text(message).startswith("`born>1901`\n-# 20 people")
    )
    seen = re.findall(r"\*\*(.+?)\*\*", message_text(message))
    for _ in range(3):
        await world.member.click(message, label="Next ›")
        seen += re.findall(r"\*\*(.+?)\*\*", message_text(message))
    assert len(seen) == len(set(seen)) == 20


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        ("singer born<1900", "isn't a condition"),
        ("born<soon", '"soon" is neither'),
        ("x" * 600, "at most 500"),
    ],
)
async def test_people_refuses_words_that_are_not_conditions(
    world: World, conditions: str, says: str
):
    result = await world.member.slash(world.channel, "people", filter=conditions)
    assert result.ephemeral and says in text(result) and "^" in text(result)


async def test_people_says_when_nobody_fits(world: World):
    result = await world.member.slash(world.channel, "people", filter="born>2000")
    assert "Nobody matches. Check the values" in text(result)


async def test_an_empty_directory_explains_how_to_add_people(world: World, directory: Directory):
    for name in ("Björk", "Marie Curie", "Paul Erdős"):
        await directory.people.remove(name)
    for command, options in [
        ("people", {}),
        ("random", {}),
        ("map", {}),
        ("search", {"query": "singer"}),
        ("whois", {"query": "singer"}),
    ]:
        result = await world.member.slash(world.channel, command, **options)
        assert "/addperson" in text(result), command
    assert "0 people" in text(await world.member.slash(world.channel, "about"))
    assert "## Finding people" in text(await world.member.slash(world.channel, "help"))


async def test_random_shows_a_card_and_a_button_to_another(world: World):
    result = await world.member.slash(world.channel, "random")
    assert result.response and text(result).startswith("-# A random person\n## ")
    another = await world.admin.click(result.response, label="Show another")
    assert another.ephemeral and "## " in text(another)


async def test_about_shows_figures_and_what_is_stored(world: World):
    result = await world.member.slash(world.channel, "about")
    assert result.ephemeral
    lines = text(result).splitlines()
    assert lines[0] == "### 3 people in this server's directory"
    assert lines[2:5] == [
        "`born` number · 100%",
        "`died` number · 67%",
        "`country` text · 33%",
    ]
    assert re.fullmatch(r"Model words · Redis 8\.\d+\.\d+ · [\d,]+ bytes per person", lines[6])
    assert "/privacy explains this" in lines[7]


def test_a_share_is_0_or_100_percent_only_if_exact():
    assert [format_share(part) for part in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%",
        "< 1%",
        "50%",
        "> 99%",
        "100%",
    ]


async def test_similar_leads_from_person_to_person(world: World, crowd: Directory):
    result = await world.member.slash(world.channel, "similar", person="singer 03")
    assert result.response and text(result).startswith("### People like Singer 03\n-# ▰▰▰▱▱ shows")
    assert "\n**1. " in text(result)
    assert "Singer 03**" not in text(result)
    first = items(result.response, 2)[0]
    details = await world.member.click(result.response, custom_id=first["custom_id"])
    assert details.ephemeral and details.response and text(details).startswith("## ")
    name = text(details).splitlines()[0].removeprefix("## ")
    similar = await world.member.click(details.response, label="Find similar")
    assert similar.ephemeral and text(similar).startswith(f"### People like {name}")


async def test_similar_is_steered_by_words(world: World, crowd: Directory):
    result = await world.member.slash(
        world.channel, "similar", person="Björk", query="mathematician born<1950"
    )
    title, conditions, count, _legend, best = text(result).splitlines()[:5]
    assert (title, conditions) == (
        "### People like Björk, but closer to “mathematician”",
        "`born<1950`",
    )
    assert count == "-# 22 people match, closest first." and best.startswith("**1. Paul Erdős")


async def test_similar_in_a_directory_of_one_says_so(world: World, directory: Directory):
    for name in ("Marie Curie", "Paul Erdős"):
        await directory.people.remove(name)
    result = await world.member.slash(world.channel, "similar", person="Björk")
    assert "There's nobody else in the directory yet." in text(result)
    result = await world.member.slash(world.channel, "similar", person="Björk", query="born<1900")
    assert "Nobody matches" in text(result)


async def test_no_match_is_left_out(world: World, crowd: Directory):
    """Conditions are exact, however far the words are: all 18 are on the pages, and counted."""
    result = await world.member.slash(world.channel, "search", query="mathematician born>1902")
    message = result.response
    assert message and message_text(message).startswith(
        "### mathematician\n`born>1902`\n-# 19 people match, closest first.\n-# "
        "▰▰▰▱▱ shows how close each match is.\n**1. Paul Erdős"
    )
    seen = re.findall(r"\*\*\d+\. (.+?)\*\*", message_text(message))
    less_close = message_text(message).count("Less close")
    for _ in range(3):
        await world.member.click(message, label="Next ›")
        seen += re.findall(r"\*\*\d+\. (.+?)\*\*", message_text(message))
        less_close += message_text(message).count("Less close")
    assert len(seen) == len(set(seen)) == 19 and less_close == 1


async def test_meaningful_words_without_a_close_match_are_still_answered(world: World):
    shown = text(await world.member.slash(world.channel, "search", query="gardening"))
    assert "-# No close match. These are the closest.\n-# ▰▰▰▱▱ shows" in shown
    shown = text(await world.member.slash(world.channel, "search", query="asdfghjkl"))
    assert "There's no close match." in shown and "-# Closest matches" in shown


async def test_similar_with_an_unknown_name_offers_similar_names(world: World):
    result = await world.member.slash(world.channel, "similar", person="Bjork Gudmund")
    assert result.ephemeral and "Nobody here is called" in text(result)


async def test_every_help_page_and_example_works(world: World, crowd: Directory):
    """Each topic and each example is a button; examples answer without an error."""
    shown = (await world.member.slash(world.channel, "help")).response
    assert shown
    topics = [page.title for page in help_topics().values()]
    pressed = 0
    for topic in topics:
        if topic != topics[0]:
            shown = (await world.member.click(shown, label=topic)).response
            assert shown
        assert message_text(shown).startswith(f"## {topic}")
        examples = [b["label"] for b in items(shown, 2) if b["label"] not in topics]
        for label in examples:
            result = await world.member.click(shown, label=label)
            assert result.ephemeral and result.response and result.response.components, label
            pressed += 1
    assert pressed >= 9


async def test_map_shows_a_picture_with_alternative_text(world: World, crowd: Directory):
    result = await world.member.slash(world.channel, "map", colour_by="century")
    assert result.response
    (gallery,) = result.response.components
    item = gallery["items"][0]
    (attachment,) = result.response.attachments
    assert attachment.filename in item["media"]["url"]
    assert item["description"] == attachment.description
    assert item["description"].startswith("23 people. A map of 23 people, ")
    assert "19th century (2) and 20th century (21)" in item["description"]
    assert (await attachment.read()).startswith(b"\x89PNG")


async def test_map_draws_the_matches_of_a_query(world: World, crowd: Directory):
    result = await world.member.slash(world.channel, "map", query="singer born>1910")
    assert result.response
    described = result.response.components[0]["items"][0]["description"]
    assert described.startswith("The 11 people closest to singer · born>1910")
    assert "The star marks the query “singer” (" in described


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"colour_by": "height"}, "the map by “height”. Choose country or century."),
        ({"query": "born<soon"}, '"soon" is neither'),
        ({"query": "born>2000"}, "Nobody matches"),
    ],
)
async def test_map_refuses_bad_options(world: World, options: dict[str, str], says: str):
    result = await world.member.slash(world.channel, "map", **options)
    assert result.ephemeral and says in text(result)


async def test_every_option_is_autocompleted(world: World, crowd: Directory):
    async def offered(command: str, option: str, typed: str) -> list[str]:
        choices = await world.member.autocomplete(world.channel, command, option, typed)
        return [choice["value"] for choice in choices]

    assert await offered("similar", "person", "curei") == ["Marie Curie"]
    assert await offered("similar", "query", "singer cou") == [
        "singer cou",
        "singer country:",
        "singer country!=",
    ]
    assert await offered("people", "filter", "country:i") == ["country:i", "country:Iceland"]
    assert await offered("map", "query", "country:i") == ["country:i", "country:Iceland"]
    assert await offered("map", "colour_by", "") == ["country", "century"]
    assert await offered("map", "colour_by", "cent") == ["century"]

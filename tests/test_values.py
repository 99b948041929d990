"""The values that people have, and suggestions while a query is typed."""

import random
from collections import Counter

import pytest

from bot.directory import Directory, Redis
from bot.directory.keys import Keys
from bot.person import BASE_SCHEMA, Kind

SCHEMA = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS, "laureate": Kind.FLAG}


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().get_or_create("here")
    await directory.fields.define({"country": Kind.TEXT, "field": Kind.TAGS, "laureate": Kind.FLAG})
    for name, country, field in [
        ("Ada", "France", "physics,chemistry"),
        ("Bo", "FRANCE", "physics"),
        ("Cy", "France", ""),
        ("Di", "Finland", "music"),
        ("Ed", "Côte d'Ivoire", 'the "new" music'),
        ("Flo", "", ""),
    ]:
        await directory.people.add(name, "somebody", {"country": country, "field": field})
    return directory


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        ("country:", ["country:France", 'country:"Côte d\'Ivoire"', "country:Finland"]),
        ("singer country:f", ["singer country:France", "singer country:Finland"]),
        ("country:FR", ["country:France"]),
        ("country = fin", ["country = Finland"]),
        ("-country:cote", ['-country:"Côte d\'Ivoire"']),
        ('(country:"côte d', ['(country:"Côte d\'Ivoire"']),
        ("country:France,fi", ["country:France,Finland"]),
        ("field!=phy", ["field!=physics"]),
        ("field:the", ['field:"the new music"']),
        ("country:x", []),
        ("laureate:", ["laureate:yes", "laureate:no"]),
        ("is:a", ["is:alive"]),
        ("has:b", ["has:born"]),
        ("no:", [f"no:{field}" for field in SCHEMA]),
        ("poet bo", ["poet born<", "poet born>", "poet born:"]),
        ("born", ["born<", "born>", "born:"]),
        ("-cou", ["-country:", "-country!="]),
        ("born:", ["born:1900..1950", "born:1960s", "born:19c"]),
        ("born:18", []),
        ("li", ["lived:"]),
        ("singer", []),
        ("singer ", []),
        ("unknown:x", []),
        ("country:France ", []),
        ('"quoted', []),
        ("born<1900", []),
        ("country: f", ["country: France", "country: Finland"]),
        ("born: ", ["born: 1900..1950", "born: 1960s", "born: 19c"]),
        ("country:“fin", ["country:Finland"]),
        ("–cou", ["–country:", "–country!="]),
        ('say "my coun', []),
        ('say "my country:fr', []),
        ("self-b", []),
        ("- cou", []),
        ("country : fin", ["country : Finland"]),
        ("country:'fin", ["country:Finland"]),
        ("has:country,", []),
        ("is:alive,", []),
    ],
)
async def test_suggestions_continue_a_query(directory: Directory, typed: str, lines: list[str]):
    assert await directory.suggest(typed, 25) == lines


async def test_an_empty_query_suggests_every_field(directory: Directory):
    lines = await directory.suggest("", 25)
    assert lines[:3] == ["born<", "born>", "born:"]
    assert {"country:", "field:", "laureate:yes", "is:alive", "has:", "no:", "lived:"} <= {*lines}
    assert len(await directory.suggest("", 5)) == 5


async def test_every_suggested_value_is_a_valid_query(directory: Directory):
    lines = [
        line for field in ("country", "field") for line in await directory.suggest(f"{field}:", 9)
    ]
    lines += await directory.suggest("laureate:", 9) + await directory.suggest("is:", 9)
    assert len(lines) >= 8
    for line in [*lines, *await directory.suggest("no:", 9), *await directory.suggest("born:", 9)]:
        results = await directory.search(line, 9)
        assert results.query.filter and not results.query.text
        if line in lines[:6]:
            assert results.total


async def test_a_field_added_by_another_process_is_understood(make_directories, redis: Redis):
    directories = make_directories()
    here = await directories.get_or_create("shared")
    other = Directory(here.storage, here.embedder, here.fields.schema)
    await other.people.add("Ada", "poet", {"country": "France"})
    assert (await here.search("French poets", 5)).query.conditions == ["country:France"]
    here.fields.schema = dict(BASE_SCHEMA)
    assert await here.suggest("coun", 5) == ["country:", "country!="]


async def test_the_value_index_counts_what_people_have(directory: Directory, redis: Redis):
    """Also after many changes: as counted anew."""
    keys = Keys.of(directory.key)
    chance = random.Random(1)
    for _ in range(150):
        name = chance.choice("ABCDEFG") * 3
        country = chance.choice(["France", "FRANCE", "Côte d'Ivoire", "none"])
        field = chance.choice(["a", "a,b", "B,c", "none"])
        if await directory.people.find(name) is None:
            await directory.people.add(name, "somebody", {"country": country, "field": field})
        elif chance.random() < 0.4:
            await directory.people.remove(name)
        else:
            await directory.people.update(name, None, {"country": country, "field": field})
    expected: Counter[tuple[str, str]] = Counter()
    async for person in directory.people.iterate():
        for attribute, value in person.attributes.items():
            values = value if isinstance(value, tuple) else (value,)
            expected.update((attribute, text) for text in values if isinstance(text, str))
    counts = await redis.execute("HGETALL", keys.counts)
    assert {(e.split("\0")[0], e.split("\0")[2]): int(n) for e, n in counts.items()} == expected
    assert set(await redis.execute("ZRANGE", keys.values, 0, -1)) == set(counts)


async def test_values_are_indexed_when_an_older_format_is_adopted(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.get_or_create("old")
    await directory.people.add(
        "Ada", "somebody", {"country": "France", "field": ("physics", "Art")}
    )
    keys = Keys.of(directory.key)
    await redis.execute("DEL", keys.values)
    await redis.execute("DEL", keys.counts)
    await redis.execute("HDEL", keys.meta, "format")
    directories._open.clear()
    directory = await directories.open("old")
    assert await directory.suggest("country:", 5) == ["country:France"]
    assert await directory.suggest("field:", 5) == ["field:Art", "field:physics"]


async def test_plain_english_filters_by_values_that_people_have(directory: Directory):
    results = await directory.search("French people", 9)
    assert results.query.conditions == ["country:France"] and results.query.has_english
    assert [match.person.name for match in results.matches] == ["Ada", "Bo", "Cy"]
    assert (await directory.search("Spanish people", 9)).query.text == "Spanish people"
    results = await directory.search("people from Finland or France", 9)
    assert results.query.conditions == ["country:Finland,France"]
    results = await directory.search("people whose field is music or physics", 9)
    assert results.query.conditions == ["field:music,physics"]
    literal = await directory.search("French people", 9, literal=True)
    assert literal.query.text == "French people" and literal.query.filter is None
    found = await directory.search("people with field the new music", 9)
    assert [match.person.name for match in found.matches] == ["Ed"]
    await directory.people.remove("Di")
    assert (await directory.search("people from Finland", 9)).query.filter is None


@pytest.mark.parametrize(
    ("query", "notes"),
    [
        ("country:france", []),
        ("born<1900", []),
        ("field:physic", ["Nobody here has field:physic. Did you mean field:physics?"]),
        ("poet country:frnace", ["Nobody here has country:frnace. Did you mean country:France?"]),
        (
            "-country:ivoire,zzz",
            [
                'Nobody here has country:ivoire. Did you mean country:"Côte d\'Ivoire"?',
                "Nobody here has country:zzz.",
            ],
        ),
    ],
)
async def test_a_value_that_nobody_has_is_reported_with_suggestions(
    directory: Directory, query: str, notes: list[str]
):
    assert list((await directory.search(query, 5)).notes) == notes


async def test_at_most_three_missing_values_are_reported(directory: Directory):
    query = "country:" + ",".join(f"x{number}" for number in range(90))
    assert len((await directory.search(query, 5)).notes) == 3


async def test_another_name_of_a_country_is_suggested(directory: Directory):
    await directory.people.add("Gus", "somebody", {"country": "United States"})
    note = (await directory.search("country:usa", 5)).notes[0]
    assert note == 'Nobody here has country:usa. Did you mean country:"United States"?'

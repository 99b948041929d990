"""What a directory answers and stores; its history has tests of its own."""

import asyncio
import json

import pytest
from redis.crc import key_slot

from bot.directory import Directory, Redis
from bot.directory.keys import Keys
from bot.errors import (
    DirectoryUnavailable,
    InvalidPerson,
    PersonExists,
    PersonNotFound,
    QueryError,
)
from bot.person import Kind, Person
from bot.person.values import clean_value


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().get_or_create("here")
    await directory.people.add("Marie Curie", "chemist and physicist", {"born": 1867, "died": 1934})
    await directory.people.add(
        "Paul Erdős", "mathematician", {"born": 1913, "died": 1996, "country": "Hungary"}
    )
    await directory.people.add("Björk", "singer and musician", {"born": 1965, "country": "Iceland"})
    return directory


def names(results) -> list[str]:
    return [match.person.name for match in results.matches]


async def read_all_keys(redis: Redis, directory: Directory) -> object:
    """Return all that is stored under the directory's keys."""
    people = sorted([repr(person) async for person in directory.people.iterate()])
    keys = Keys.of(directory.key)
    indexes = [
        await redis.execute("ZRANGE", key, 0, -1) for key in (keys.names, keys.words, keys.values)
    ]
    hashes = [await redis.execute("HGETALL", key) for key in (keys.meta, keys.counts)]
    return people, indexes, hashes, await redis.execute("VCARD", directory.key)


async def test_a_search_ranks_by_words_among_those_who_match_the_conditions(directory: Directory):
    results = await directory.search("singer", 10)
    assert names(results)[0] == "Björk"
    assert len(results.matches) == 3
    scores = [match.score or 0 for match in results.matches]
    assert scores == sorted(scores, reverse=True) and scores[0] > 0.7
    found = names(await directory.search("singer died<2000", 10))
    assert set(found) == {"Marie Curie", "Paul Erdős"}
    assert names(await directory.search("mathematician died<2000", 1)) == ["Paul Erdős"]


async def test_a_search_by_conditions_alone_is_sorted_by_name_and_counted(directory: Directory):
    results = await directory.search("born>1800", 2)
    assert names(results) == ["Björk", "Marie Curie"]
    assert results.total == 3
    assert results.matches[0].score is None
    assert (await directory.search("died=none country!=france", 9)).total == 1


async def test_a_search_in_an_empty_directory_finds_nobody(make_directories):
    directory = await make_directories().get_or_create("empty")
    assert names(await directory.search("singer", 10)) == []
    assert (await directory.search("died<2000", 10)).total == 0
    assert await directory.names.complete("", 25) == []


async def test_people_are_found_by_name_regardless_of_case_and_accents(directory: Directory):
    assert await directory.people.find("Paul Erdős") == await directory.people.find("  paul ERDOS ")
    assert await directory.people.find("Erdős") is None
    with pytest.raises(PersonNotFound, match=r"called Paul Erdosz\. Did you mean Paul Erdős\?"):
        await directory.people.get("Paul Erdosz")
    with pytest.raises(PersonNotFound, match=r"called Xyz\.$"):
        await directory.people.get("Xyz")


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", ["Björk", "Marie Curie", "Paul Erdős"]),
        ("mar", ["Marie Curie"]),
        ("cur", ["Marie Curie"]),
        ("marie c", ["Marie Curie"]),
        ("ERDO", ["Paul Erdős"]),
        ("erdő", ["Paul Erdős"]),
        ("bjo", ["Björk"]),
        ("urie", ["Marie Curie"]),
        ("curei", ["Marie Curie"]),
        ("erdx", ["Paul Erdős"]),
        ("ur", []),
        ("ノーベル賞を受賞した日本の物理学者", []),
        ("surei", []),
        ("ÿ", []),
    ],
)
async def test_names_are_completed_from_any_word_and_past_one_typing_error(
    directory: Directory, prefix: str, expected: list[str]
):
    assert await directory.names.complete(prefix, 25) == expected


async def test_no_more_names_are_completed_than_requested(directory: Directory):
    assert await directory.names.complete("", 2) == ["Björk", "Marie Curie"]


async def test_adding_never_overwrites_a_person(redis: Redis, directory: Directory):
    before = await read_all_keys(redis, directory)
    for name in ("Marie Curie", "MARIE  CURIE", "Mârie Curie"):
        with pytest.raises(PersonExists, match="already here"):
            await directory.people.add(name, "somebody else", {"prize": "x"})
    assert await read_all_keys(redis, directory) == before


async def test_of_two_concurrent_additions_of_one_name_one_succeeds(make_directories):
    directories = make_directories()
    directory = await directories.get_or_create("race")
    for number in range(20):
        adding = [
            directory.people.add(f"Ada {number}", f"description {author}", {"born": author})
            for author in (1, 2)
        ]
        outcomes = await asyncio.gather(*adding, return_exceptions=True)
        winners = [outcome for outcome in outcomes if isinstance(outcome, Person)]
        losers = [outcome for outcome in outcomes if isinstance(outcome, PersonExists)]
        assert len(winners) == len(losers) == 1
        assert await directory.people.find(f"Ada {number}") == winners[0]


async def test_a_refused_addition_names_the_existing_person(directory: Directory):
    with pytest.raises(PersonExists, match="Marie Curie is already here"):
        await directory.people.add("MARIE CURIE", "somebody", {})
    people = [Person("BJÖRK", "x"), Person("New", "y")]
    assert await directory.people.add_many(people) == {"BJÖRK": "Björk"}


async def test_concurrent_additions_never_give_one_new_field_two_kinds(
    make_directories, redis: Redis
):
    first = await make_directories().get_or_create("shared")
    others = [Directory(first.storage, first.embedder, first.fields.schema) for _ in range(5)]
    values = [5, "abc", True, ("a", "b"), 7]
    adding = [
        directory.people.add(f"P{number}", "somebody", {"prize": value})
        for number, (directory, value) in enumerate(zip(others, values, strict=True))
    ]
    outcomes = await asyncio.gather(*adding, return_exceptions=True)
    await first.fields.refresh()
    kind = first.fields.schema["prize"]
    for number, outcome in enumerate(outcomes):
        if isinstance(outcome, Person):
            assert clean_value("prize", kind, outcome.attributes["prize"]) is not None
        else:
            assert isinstance(outcome, InvalidPerson)
            assert await first.people.find(f"P{number}") is None
    assert any(isinstance(outcome, Person) for outcome in outcomes)


async def test_more_requests_than_connections_wait_for_one(directory: Directory):
    answers = await asyncio.gather(*(directory.names.complete("mar", 3) for _ in range(500)))
    assert answers == [["Marie Curie"]] * 500


async def test_field_names_are_stored_cleaned(directory: Directory):
    person = await directory.people.add("Ada", "programmer", {" Prize ": "x"})
    assert person.attributes == {"prize": "x"}


async def test_an_update_changes_attributes_and_embeds_a_new_description(directory: Directory):
    saved = await directory.people.update(
        "paul erdos", "a singer", {"died": "none", "country": "Iceland"}
    )
    assert saved == await directory.people.get("Paul Erdős")
    assert saved == Person("Paul Erdős", "a singer", {"born": 1913, "country": "Iceland"})
    assert "Paul Erdős" in names(await directory.search("singer", 2))  # embedded again


async def test_setting_an_attribute_keeps_the_vector(redis: Redis, directory: Directory):
    before = await redis.execute("VEMB", directory.key, "Marie Curie")
    await directory.people.update("Marie Curie", None, {"country": "Poland"})
    assert await redis.execute("VEMB", directory.key, "Marie Curie") == before
    assert names(await directory.search("country=poland", 5)) == ["Marie Curie"]


async def test_concurrent_updates_of_different_attributes_are_all_kept(directory: Directory):
    await asyncio.gather(
        *(directory.people.update("Björk", None, {field: value}) for field, value in [
            ("country", "Ísland"), ("born", 1966), ("died", 2100),
        ])
    )  # fmt: skip
    assert (await directory.people.get("Björk")).attributes == {
        "born": 1966, "died": 2100, "country": "Ísland",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("description", "values", "message"),
    [
        (" ", {}, "description in words"),
        (None, {"died": 1900}, "can't have died in 1900"),
        (None, {"born": "x"}, "born must be just a year"),
        (
            None,
            {"countri": "France"},
            'attribute "countri". Did you mean country',
        ),
        (None, {"prize": None}, 'There\'s no attribute "prize"'),
        (None, {"or": 1}, "can't be called"),
        (None, {f"f{n:02}x{n:02}": "v" for n in range(40)}, "at most 40 attributes"),
    ],
)
async def test_a_refused_update_changes_nothing(
    redis: Redis, directory: Directory, description: str | None, values: dict, message: str
):
    before = await read_all_keys(redis, directory)
    with pytest.raises(InvalidPerson, match=message):
        await directory.people.update("Björk", description, values)
    assert await read_all_keys(redis, directory) == before


async def test_a_removed_person_is_gone_from_every_index(redis: Redis, directory: Directory):
    await directory.people.remove("Paul Erdős")
    assert await directory.people.find("Paul Erdős") is None
    assert await directory.names.complete("erd", 25) == []
    assert await redis.execute("VISMEMBER", directory.key, "Paul Erdős") == 0
    with pytest.raises(PersonNotFound):
        await directory.people.remove("Paul Erdős")
    await directory.people.add("Paul Erdős", "back", {})


async def test_everyone_gets_a_new_field(redis: Redis, directory: Directory):
    await directory.people.update("Marie Curie", None, {"prizes": 2})
    for name in ("Marie Curie", "Björk"):
        stored = await redis.execute("VGETATTR", directory.key, name)
        assert "prizes" in json.loads(stored)
    assert names(await directory.search("prizes!=2", 5)) == ["Björk", "Paul Erdős"]


async def test_two_processes_can_add_fields_at_the_same_time(make_directories, redis: Redis):
    directories = make_directories()
    first = await directories.get_or_create("shared")
    other = Directory(first.storage, first.embedder, first.fields.schema)
    await first.people.add("A", "first", {})
    await asyncio.gather(
        first.people.update("A", None, {"left": 1}),
        other.people.add("B", "second", {"right": "x"}),
    )
    for directory in (first, other):
        assert names(await directory.search("left=1", 5)) == ["A"]
        assert names(await directory.search("right=x", 5)) == ["B"]
    assert set(first.fields.schema) == {"born", "died", "left", "right"}


async def test_adding_a_field_that_another_process_adds_first_is_refused(
    make_directories, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    first = await make_directories().get_or_create("shared")
    other = Directory(first.storage, first.embedder, first.fields.schema)
    refresh = other.fields.refresh

    async def refresh_then_lose_the_race() -> None:
        monkeypatch.undo()
        await refresh()
        await first.fields.add("prize", Kind.TEXT)

    monkeypatch.setattr(other.fields, "refresh", refresh_then_lose_the_race)
    with pytest.raises(InvalidPerson, match=r"already an attribute \"prize\" \(text\)"):
        await other.fields.add("prize", Kind.NUMBER)


@pytest.mark.parametrize("key", ["people:1", "app:{x}:people", "{x}", "people:é 漢"])
def test_companion_keys_share_the_slot_of_the_vector_set(key: str):
    keys = Keys.of(key)
    assert keys.vset == key and len(set(keys)) == len(keys)
    assert len({key_slot(each.encode()) for each in keys}) == 1


async def test_invalid_queries_change_nothing(redis: Redis, directory: Directory):
    before = await read_all_keys(redis, directory)
    for query in ("", "x" * 4000, "?!", "🎸", "a\0b", "(" * 10000, "dead<2000", "died<x"):
        with pytest.raises(QueryError):
            await directory.search(query, 10)
    for query in ("شاعر", "@everyone **bold**", "'; FLUSHALL", "country='\"\\"):
        try:
            await directory.search(query, 10)
        except QueryError as error:
            assert str(error)
    assert await read_all_keys(redis, directory) == before


async def test_a_directory_deleted_while_open_is_reported(directory: Directory, redis: Redis):
    for key in directory.storage.keys:
        await redis.execute("DEL", key)
    with pytest.raises(DirectoryUnavailable, match="no longer in the database"):
        await directory.search("singer", 10)
    with pytest.raises(DirectoryUnavailable, match="no longer in the database"):
        await directory.people.add("A", "new", {})

"""Maps of directories: drawn once, until the directory changes."""

import asyncio

import pytest

from bot.directory import Directory
from bot.errors import DirectoryEmpty, DirectoryError, QueryError
from bot.map import Maps, fields


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().open("1")
    await directory.people.add(
        "Ada", "poet of numbers", {"born": 1815, "field": ("music", "numbers")}
    )
    await directory.people.add("Bo", "poet of rivers", {"born": -5, "field": ("rivers", "numbers")})
    await directory.people.add("Cy", "poet of songs", {"country": "Wales", "born": 1900})
    return directory


async def test_a_picture_is_kept_until_somebody_changes(directory: Directory):
    maps = Maps()
    first = await maps.draw(directory, "", "")
    assert await maps.draw(directory, " ", "FIELD") is first  # tags are what is coloured by
    await directory.people.update("Ada", None, {"born": 1816})
    second = await maps.draw(directory, "", "")
    assert second is not first
    await directory.people.add("Di", "poet of doors", {})
    third = await maps.draw(directory, "", "")
    assert third is not second and third.alt.startswith("4 people: a map of 4 people.")
    await directory.people.remove("Di")
    assert (await maps.draw(directory, "", "")).alt == second.alt


async def test_who_asks_at_once_waits_for_one_picture(directory: Directory):
    maps = Maps()
    pictures = await asyncio.gather(*(maps.draw(directory, "", "") for _ in range(5)))
    assert len(set(map(id, pictures))) == 1


async def test_the_colours_are_most_frequent_tags_values_or_centuries(directory: Directory):
    maps = Maps()
    assert fields(directory) == ["field", "country", "century"]
    assert "Coloured by field: numbers 2 and unknown 1." in (await maps.draw(directory, "", "")).alt
    assert "country: Wales 1 and unknown 2" in (await maps.draw(directory, "", "country")).alt
    centuries = "1st century BC 1, 19th century 2"
    assert centuries.replace(", ", " and ") in (await maps.draw(directory, "", "century")).alt


async def test_what_cannot_be_drawn_is_said(directory: Directory, make_directories):
    maps = Maps()
    with pytest.raises(DirectoryError, match="coloured by height, but by field, country and cent"):
        await maps.draw(directory, "", "height")
    with pytest.raises(DirectoryError, match="Nobody here fits"):
        await maps.draw(directory, "born>2000", "")
    with pytest.raises(QueryError):
        await maps.draw(directory, "born<soon", "")
    with pytest.raises(DirectoryEmpty):
        await maps.draw(await make_directories().open("2"), "", "")


async def test_what_another_program_stored_is_drawn(directory: Directory, redis):
    await redis.execute(
        "VSETATTR", directory.key, "Ada", '{"born":"c. 1815","died":null,"field":[],"country":null}'
    )
    maps = Maps()
    for colour_by in ("", "century", "country"):
        assert "3 people" in (await maps.draw(directory, "", colour_by)).alt
    before = await maps.draw(directory, "", "")
    vector = (await directory.embedder.embed("poet")).tobytes()
    await redis.execute("VADD", directory.key, "FP32", vector, "Someone")
    assert await maps.draw(directory, "", "") is not before


async def test_only_the_latest_pictures_are_kept(directory: Directory, monkeypatch):
    monkeypatch.setattr("bot.map.maps.KEPT", 2)
    maps = Maps()
    for query in ("poet", "rivers", "songs"):
        await maps.draw(directory, query, "")
    assert len(maps._pictures) == 2

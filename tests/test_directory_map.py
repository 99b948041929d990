"""Maps of directories: rendered once, and kept until the directory changes."""

import asyncio

import pytest

from bot.directory import Directory
from bot.errors import DirectoryEmpty, DirectoryError, QueryError
from bot.map import MapCache, list_colourings


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().open("1")
    await directory.people.add(
        "Ada", "poet of numbers", {"born": 1815, "field": ("music", "numbers")}
    )
    await directory.people.add("Bo", "poet of rivers", {"born": -5, "field": ("rivers", "numbers")})
    await directory.people.add("Cy", "poet of songs", {"country": "Wales", "born": 1900})
    return directory


async def test_an_image_is_kept_until_the_directory_changes(directory: Directory):
    maps = MapCache()
    first = await maps.get(directory, "", "")
    assert await maps.get(directory, " ", "FIELD") is first  # tags are the default colouring
    await directory.people.update("Ada", None, {"born": 1816})
    second = await maps.get(directory, "", "")
    assert second is not first
    await directory.people.add("Di", "poet of doors", {})
    third = await maps.get(directory, "", "")
    assert third is not second and third.alt.startswith("4 people. A map of 4 people, ")
    await directory.people.remove("Di")
    assert (await maps.get(directory, "", "")).alt == second.alt


async def test_simultaneous_requests_share_one_image(directory: Directory):
    maps = MapCache()
    images = await asyncio.gather(*(maps.get(directory, "", "") for _ in range(5)))
    assert len(set(map(id, images))) == 1


async def test_people_are_coloured_by_a_tag_a_value_or_a_century(
    directory: Directory,
):
    maps = MapCache()
    assert list_colourings(directory) == ["field", "country", "century"]
    assert (
        "Coloured by field: numbers (2) and unknown (1)." in (await maps.get(directory, "", "")).alt
    )
    assert "country: Wales (1) and unknown (2)" in (await maps.get(directory, "", "country")).alt
    centuries = "1st century BC (1), 19th century (2)"
    assert centuries.replace(", ", " and ") in (await maps.get(directory, "", "century")).alt


async def test_a_map_that_cannot_be_drawn_raises_an_error(directory: Directory, make_directories):
    maps = MapCache()
    with pytest.raises(DirectoryError, match=r"by “height”\. Choose field, country"):
        await maps.get(directory, "", "height")
    with pytest.raises(DirectoryError, match="Nobody matches"):
        await maps.get(directory, "born>2000", "")
    with pytest.raises(QueryError):
        await maps.get(directory, "born<soon", "")
    with pytest.raises(DirectoryEmpty):
        await maps.get(await make_directories().open("2"), "", "")


async def test_people_stored_by_another_program_are_drawn(directory: Directory, redis):
    await redis.execute(
        "VSETATTR", directory.key, "Ada", '{"born":"c. 1815","died":null,"field":[],"country":null}'
    )
    maps = MapCache()
    for colour_by in ("", "century", "country"):
        assert "3 people" in (await maps.get(directory, "", colour_by)).alt
    before = await maps.get(directory, "", "")
    vector = (await directory.embedder.embed("poet")).tobytes()
    await redis.execute("VADD", directory.key, "FP32", vector, "Someone")
    assert await maps.get(directory, "", "") is not before


async def test_only_the_most_recent_images_are_cached(directory: Directory, monkeypatch):
    monkeypatch.setattr("bot.map.directory_map.MAX_CACHED", 2)
    maps = MapCache()
    for query in ("poet", "rivers", "songs"):
        await maps.get(directory, query, "")
    assert len(maps._images) == 2

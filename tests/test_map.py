"""The picture of people and their vectors."""

import io
import itertools
import json
import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bot.embedding import Embedder
from bot.map import Picture, Place, fonts, layout, picture
from bot.map.description import ALT_MAX
from bot.map.drawing import AREA, padded
from bot.map.groups import OTHER_COLOUR, PALETTE, SCALE, UNKNOWN_COLOUR, groups_of
from tests.conftest import shared

Floats = NDArray[np.float32]
NAMES = [f"{first} {last}" for first in ("Ada", "Ben", "Cleo", "Dan") for last in "KLMNOPQRSTUV"]


def units(vectors: Floats | NDArray[np.float64]) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def crowd(count: int, clusters: int = 6, seed: int = 1) -> tuple[list[Place], Floats]:
    """People in clusters of like vectors, each a group."""
    random = np.random.default_rng(seed)
    middles = units(random.normal(size=(clusters, 48)))
    cluster = np.arange(count) % clusters
    vectors = units(middles[cluster] + 0.08 * random.normal(size=(count, 48)))
    places = [
        Place(f"{NAMES[number % len(NAMES)]} {number}", f"group {cluster[number]}", number % 17)
        for number in range(count)
    ]
    return places, vectors


def apart(one: fonts.Box, other: fonts.Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def assert_readable(drawn: Picture) -> None:
    """Nothing written lies on anything else written, or leaves the picture."""
    image = Image.open(io.BytesIO(drawn.png))
    assert image.format == "PNG"
    assert image.size == drawn.size
    boxes = [label.box for label in drawn.labels]
    if drawn.query:
        boxes.append(padded(drawn.query.box))
    for one, other in itertools.combinations(boxes, 2):
        assert apart(one, other)
    for left, top, right, bottom in (label.box for label in drawn.labels):
        assert AREA[0] <= left < right <= AREA[2]
        assert AREA[1] <= top < bottom <= AREA[3]
    assert 0 < len(drawn.alt) <= ALT_MAX


@pytest.mark.parametrize("count", [40, 300, 3500])
def test_names_lie_on_nothing_and_stay_inside(count: int):
    places, vectors = crowd(count)
    drawn = picture(places, vectors, title="Crowd", query=("somebody", vectors[3]))
    assert_readable(drawn)
    assert len(drawn.labels) > 20
    assert drawn.query


def test_the_ink_of_a_line_fills_its_box_and_no_more():
    for text in ("Ågot Þórr", "נעמי", "محمد Ali", "袁隆平", "ศักดิ์"):
        line = fonts.line(text, 40, math.inf)
        assert line
        image = Image.new("L", (600, 200))
        line.draw(fonts.ImageDraw.Draw(image), 100, 100, "white")
        box = image.getbbox()
        assert box
        assert box == pytest.approx((100, 100, 100 + line.width, 100 + line.height), abs=3)


def test_the_same_people_make_the_same_picture_in_any_order():
    places, vectors = crowd(1200)
    one = picture(places, vectors, title="Crowd", legend_title="group")
    other = picture(places[::-1], vectors[::-1], title="Crowd", legend_title="group")
    assert one.png == other.png
    assert one.alt == other.alt
    for label, same in zip(one.labels, other.labels, strict=True):
        assert places[label.person].name == places[::-1][same.person].name


@pytest.mark.parametrize("count", range(9))
def test_few_people(count: int):
    places, vectors = crowd(count) if count else ([], np.empty((0, 48), np.float32))
    drawn = picture(places, vectors, title="Few", query=("anybody", crowd(1)[1][0]))
    assert_readable(drawn)
    if count in (1, 2, 3):
        assert len(drawn.labels) == count


@pytest.mark.parametrize("count", [2, 50, 1100])
def test_people_of_the_same_words(count: int):
    places, vectors = crowd(count)
    drawn = picture(places, np.repeat(vectors[:1], count, axis=0), title="Same")
    assert_readable(drawn)
    assert len(drawn.labels) >= min(count, 20)


@pytest.mark.parametrize("count", [0, 1, 2, 11, 1001, 1500])
def test_everybody_has_a_place(count: int):
    at = layout.lay_out(crowd(count)[1] if count else np.empty((0, 48), np.float32))
    assert at.shape == (count, 2)
    assert at.dtype == np.float32
    assert np.isfinite(at).all()


def test_the_weightiest_are_named_first_and_largest():
    places, vectors = crowd(500)
    famous = [Place(place.name, place.group, 99 * (n < 4)) for n, place in enumerate(places)]
    drawn = picture(famous, vectors, title="Crowd")
    assert {0, 1, 2, 3} <= {label.person for label in drawn.labels}
    sizes = [label.line.runs[0].font.size for label in drawn.labels]
    assert sizes == sorted(sizes, reverse=True)


def test_every_part_of_the_map_has_names():
    places, vectors = crowd(600)
    boxes = np.array([label.box for label in picture(places, vectors, title="Crowd").labels])
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 - AREA[:2]
    quarters = (middles > np.array([AREA[2] - AREA[0], AREA[3] - AREA[1]]) / 2).astype(int)
    assert set(map(tuple, quarters.tolist())) == {(0, 0), (0, 1), (1, 0), (1, 1)}


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Marie Curie", "Marie Curie"),
        ("a\u200b\u202eb\x07c\ufeff", "abc"),
        ("  two \n lines\t", "two lines"),
        ("𝕯octor 𝓦ho", "Doctor Who"),
        ("Z" + "\u0336\u0317\u0301\u0310\u0311" * 9, "Ź\u0336\u0336\u0336"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("袁隆平", "袁隆平"),
        ("Ko\U000e0101 ❤\ufe0f", "Ko ❤"),
        ("Bob \U000f0000\ue000", "Bob"),
        ("𒀭𒈾", None),
        ("", None),
        ("\u200d\u202e", None),
    ],
)
def test_what_of_a_name_is_drawn(name: str, drawn: str | None):
    assert fonts.drawable(name) == drawn


@pytest.mark.parametrize(
    "name",
    [
        "Фёдор",
        "עמוס עוז",
        "محمد علي",
        "लाल बहादुर",
        "김대중",
        "ශ්‍රී ලංකා",
        "😀👨‍👩‍👧",
        "x" * 100,
        "ب" * 100,
    ],
)
def test_a_line_is_never_wider_than_it_may_be(name: str):
    line = fonts.line(name, 30, 250)
    assert line
    assert 0 < line.width <= 250
    assert (line.runs[-1].text.endswith("…") or line.runs[0].text.endswith("…")) == (
        len(name) == 100
    )


def test_right_to_left_runs_stand_from_right_to_left():
    line = fonts.line("محمد Ali", 30, math.inf)
    assert line
    assert [run.text.strip() for run in line.runs] == ["Ali", "محمد"]


def test_hostile_names_and_groups():
    hostile = [
        "\x00",
        "@everyone",
        "‮" * 30 + "x",
        "é" + "\u0301" * 200,
        "W" * 100,
        "👩‍👩‍👧‍👦" * 12,
        "ﷺ" * 40,
        "𒀭",
        "a\nb",
        "\ud800",
    ]
    places = [Place(name, name) for name in hostile]
    _, vectors = crowd(len(hostile))
    drawn = picture(
        places,
        vectors,
        title="\x00\u202e" * 300,
        legend_title="\ud800" * 500,
        query=("🙂‍\u202e" * 400, vectors[0]),
    )
    assert_readable(drawn)
    assert not any(ord(character) < 32 or character in "\u202e\ud800" for character in drawn.alt)
    drawn.alt.encode()


def test_large_groups_have_colours_of_their_own():
    sizes = {f"group {rank}": 20 - rank for rank in range(12)}
    labels: list[str | None] = [label for label, size in sizes.items() for _ in range(size)]
    groups = groups_of([*labels, None])
    assert [group.colour for group in groups] == [*PALETTE, OTHER_COLOUR, UNKNOWN_COLOUR]
    assert [group.label for group in groups] == [*list(sizes)[: len(PALETTE)], "others", "unknown"]
    people = sorted(person for group in groups for person in group.people)
    assert people == list(range(len(labels) + 1))


def test_groups_in_a_sequence_go_from_dark_to_bright():
    groups = groups_of(["20th", "20th", "18th", "19th", None], ["18th", "19th", "20th", "21st"])
    assert [group.label for group in groups] == ["18th", "19th", "20th", "unknown"]
    assert [group.colour for group in groups[:3]] == [SCALE[0], SCALE[4], SCALE[-1]]


def test_the_description_says_what_is_there():
    places, vectors = crowd(60, clusters=2)
    query = ("who is there", vectors[0])
    alt = picture(places, vectors, title="Crowd", legend_title="group", query=query).alt
    assert alt.startswith("Crowd: a map of 60 people.")
    assert "Coloured by group: group 0 30 and group 1 30." in alt
    assert "The query “who is there” stands at the " in alt
    assert places[0].name in alt
    assert "group 0 (" in alt


def test_a_long_description_is_cut_to_the_limit():
    places, vectors = crowd(900)
    long = [Place(place.name + " of Somewhere " * 5, f"{place.group} " * 12) for place in places]
    alt = picture(long, vectors, title="T" * 900, legend_title="L" * 90).alt
    assert len(alt) <= ALT_MAX
    assert "map of 900 people" in alt


@pytest.fixture(scope="module")
async def laureates(embedder: Embedder) -> Floats:
    lines = shared("nobel_laureates.jsonl").read_text().splitlines()[::2]
    return await embedder.embed_all([json.loads(line)["description"] for line in lines])


def kept(vectors: Floats, at: Floats, near: int = 10, share: float = 0.02) -> float:
    """The share of people's ``near`` most alike that are among their nearest on the map."""
    rows = np.arange(len(vectors))[:, None]
    cosines = vectors @ vectors.T
    distances = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
    np.fill_diagonal(cosines, -np.inf)
    np.fill_diagonal(distances, np.inf)
    alike = np.argsort(-cosines, axis=1)[:, :near]
    rank = distances.argsort(axis=1).argsort(axis=1)
    return float((rank[rows, alike] < max(near, share * len(vectors))).mean())


def principal(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T


@pytest.mark.parametrize(("landmarks", "times"), [(1000, 2), (150, 1.4)])
def test_the_like_stay_together_better_than_by_principal_components(
    laureates: Floats, landmarks: int, times: float, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(layout, "LANDMARKS", landmarks)
    by_components = kept(laureates, principal(laureates))
    assert kept(laureates, layout.lay_out(laureates)) > times * by_components


def test_a_query_stands_among_those_most_like_it():
    _, vectors = crowd(200, clusters=4)
    at = layout.lay_out(vectors)
    (place,) = layout.interpolate(vectors[:1], vectors[1:], at[1:])
    nearest = np.hypot(*(at[1:] - place).T).argsort()[:10] + 1
    assert set((nearest % 4).tolist()) == {0}


def names(drawn: Picture, places: Sequence[Place]) -> list[str]:
    return [places[label.person].name for label in drawn.labels]


def test_names_no_font_has_are_left_out_and_their_dots_stay():
    places, vectors = crowd(8)
    places[2] = Place("𒀭𒈾", "group 2", weight=99)
    drawn = picture(places, vectors, title="Few", legend_title="group")
    assert "𒀭𒈾" not in names(drawn, places)
    assert "a map of 8 people" in drawn.alt

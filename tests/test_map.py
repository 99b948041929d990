"""Rendering people and their vectors as a map."""

import io
import itertools
import json
import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bot.embedding import Embedder
from bot.map import MapImage, MapPerson, fonts, layout, render_map
from bot.map.description import MAX_DESCRIPTION
from bot.map.drawing import AREA, query_bar
from bot.map.groups import ORDERED_PALETTE, OTHERS_COLOUR, PALETTE, UNKNOWN_COLOUR, group_people
from tests.conftest import shared

Floats = NDArray[np.float32]
NAMES = [f"{first} {last}" for first in ("Ada", "Ben", "Cleo", "Dan") for last in "KLMNOPQRSTUV"]


def units(vectors: Floats | NDArray[np.float64]) -> Floats:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def crowd(count: int, clusters: int = 6, seed: int = 1) -> tuple[list[MapPerson], Floats]:
    """Return people in clusters of similar vectors; each cluster is a group."""
    random = np.random.default_rng(seed)
    centres = units(random.normal(size=(clusters, 48)))
    cluster = np.arange(count) % clusters
    vectors = units(centres[cluster] + 0.08 * random.normal(size=(count, 48)))
    people = [
        MapPerson(f"{NAMES[number % len(NAMES)]} {number}", f"group {cluster[number]}", number % 17)
        for number in range(count)
    ]
    return people, vectors


def are_separate(one: fonts.Box, other: fonts.Box) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def assert_readable(image: MapImage) -> None:
    """Check that no text overlaps other text or leaves the image."""
    opened = Image.open(io.BytesIO(image.png))
    assert opened.format == "PNG"
    assert opened.size == image.size
    boxes = [label.box for label in image.labels]
    if image.query:
        boxes.append(query_bar(image.query.box))
    for one, other in itertools.combinations(boxes, 2):
        assert are_separate(one, other)
    for left, top, right, bottom in (label.box for label in image.labels):
        assert AREA[0] <= left < right <= AREA[2]
        assert AREA[1] <= top < bottom <= AREA[3]
    assert 0 < len(image.alt) <= MAX_DESCRIPTION


@pytest.mark.parametrize("count", [40, 300, 3500])
def test_names_overlap_nothing_and_stay_inside_the_map(count: int):
    people, vectors = crowd(count)
    image = render_map(people, vectors, title="Crowd", query=("somebody", vectors[3]))
    assert_readable(image)
    assert len(image.labels) > 20
    assert image.query


def test_the_ink_of_a_line_exactly_fills_its_box():
    for text in ("Ågot Þórr", "נעמי", "محمد Ali", "袁隆平", "ศักดิ์"):
        line = fonts.shape_line(text, 40, math.inf)
        assert line
        image = Image.new("L", (600, 200))
        line.draw(ImageDraw.Draw(image), 100, 100, "white")
        box = image.getbbox()
        assert box
        assert box == pytest.approx((100, 100, 100 + line.width, 100 + line.height), abs=3)


def test_the_same_people_in_any_order_give_the_same_image():
    people, vectors = crowd(1200)
    one = render_map(people, vectors, title="Crowd", legend_title="group")
    other = render_map(people[::-1], vectors[::-1], title="Crowd", legend_title="group")
    assert one.png == other.png
    assert one.alt == other.alt
    for label, same in zip(one.labels, other.labels, strict=True):
        assert people[label.person].name == people[::-1][same.person].name


@pytest.mark.parametrize("count", range(9))
def test_a_map_of_few_people_is_readable(count: int):
    people, vectors = crowd(count) if count else ([], np.empty((0, 48), np.float32))
    image = render_map(people, vectors, title="Few", query=("anybody", crowd(1)[1][0]))
    assert_readable(image)
    if count in (1, 2, 3):
        assert len(image.labels) == count


@pytest.mark.parametrize("count", [2, 50, 1100])
def test_people_with_the_same_vector_are_readable(count: int):
    people, vectors = crowd(count)
    image = render_map(people, np.repeat(vectors[:1], count, axis=0), title="Same")
    assert_readable(image)
    assert len(image.labels) >= min(count, 20)


@pytest.mark.parametrize("count", [0, 1, 2, 11, 1001, 1500])
def test_everyone_gets_a_position(count: int):
    positions = layout.lay_out(crowd(count)[1] if count else np.empty((0, 48), np.float32))
    assert positions.shape == (count, 2)
    assert positions.dtype == np.float32
    assert np.isfinite(positions).all()


def test_people_of_the_greatest_weight_are_named_first_and_largest():
    people, vectors = crowd(500)
    famous = [MapPerson(person.name, person.group, 99 * (n < 4)) for n, person in enumerate(people)]
    image = render_map(famous, vectors, title="Crowd")
    assert {0, 1, 2, 3} <= {label.person for label in image.labels}
    sizes = [label.line.runs[0].font.size for label in image.labels]
    assert sizes == sorted(sizes, reverse=True)


def test_names_are_written_in_every_quarter_of_the_map():
    people, vectors = crowd(600)
    boxes = np.array([label.box for label in render_map(people, vectors, title="Crowd").labels])
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 - AREA[:2]
    quarters = (centres > np.array([AREA[2] - AREA[0], AREA[3] - AREA[1]]) / 2).astype(int)
    assert set(map(tuple, quarters.tolist())) == {(0, 0), (0, 1), (1, 0), (1, 1)}


@pytest.mark.parametrize(
    ("name", "drawable"),
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
def test_only_drawable_characters_of_a_name_are_drawn(name: str, drawable: str | None):
    assert fonts.drawable_text(name) == drawable


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
def test_a_line_is_never_wider_than_its_maximum(name: str):
    line = fonts.shape_line(name, 30, 250)
    assert line
    assert 0 < line.width <= 250
    assert (line.runs[-1].text.endswith("…") or line.runs[0].text.endswith("…")) == (
        len(name) == 100
    )


def test_right_to_left_runs_are_placed_from_right_to_left():
    line = fonts.shape_line("محمد Ali", 30, math.inf)
    assert line
    assert [run.text.strip() for run in line.runs] == ["Ali", "محمد"]


def test_hostile_names_and_groups_are_drawn_safely():
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
    people = [MapPerson(name, name) for name in hostile]
    _, vectors = crowd(len(hostile))
    image = render_map(
        people,
        vectors,
        title="\x00\u202e" * 300,
        legend_title="\ud800" * 500,
        query=("🙂‍\u202e" * 400, vectors[0]),
    )
    assert_readable(image)
    assert not any(ord(character) < 32 or character in "\u202e\ud800" for character in image.alt)
    image.alt.encode()


def test_each_of_the_large_groups_has_its_own_colour():
    sizes = {f"group {rank}": 20 - rank for rank in range(12)}
    labels: list[str | None] = [label for label, size in sizes.items() for _ in range(size)]
    groups = group_people([*labels, None])
    assert [group.colour for group in groups] == [*PALETTE, OTHERS_COLOUR, UNKNOWN_COLOUR]
    assert [group.label for group in groups] == [*list(sizes)[: len(PALETTE)], "others", "unknown"]
    people = sorted(person for group in groups for person in group.people)
    assert people == list(range(len(labels) + 1))


def test_groups_with_an_order_go_from_dark_to_bright():
    groups = group_people(["20th", "20th", "18th", "19th", None], ["18th", "19th", "20th", "21st"])
    assert [group.label for group in groups] == ["18th", "19th", "20th", "unknown"]
    assert [group.colour for group in groups[:3]] == [
        ORDERED_PALETTE[0],
        ORDERED_PALETTE[4],
        ORDERED_PALETTE[-1],
    ]


def test_the_description_says_what_the_map_shows():
    people, vectors = crowd(60, clusters=2)
    query = ("who is there", vectors[0])
    alt = render_map(people, vectors, title="Crowd", legend_title="group", query=query).alt
    assert alt.startswith("Crowd. A map of 60 people, with similar people close together.")
    assert "Coloured by group: group 0 (30) and group 1 (30)." in alt
    assert "The star marks the query “who is there” (" in alt
    assert people[0].name in alt
    assert "group 0 (" in alt


def test_a_long_description_is_shortened_to_the_limit():
    people, vectors = crowd(900)
    long = [
        MapPerson(person.name + " of Somewhere " * 5, f"{person.group} " * 12) for person in people
    ]
    alt = render_map(long, vectors, title="T" * 900, legend_title="L" * 90).alt
    assert len(alt) <= MAX_DESCRIPTION
    assert "map of 900 people" in alt


@pytest.fixture(scope="module")
async def laureates(embedder: Embedder) -> Floats:
    lines = shared("nobel_laureates.jsonl").read_text().splitlines()[::2]
    return await embedder.embed_all([json.loads(line)["description"] for line in lines])


def neighbours_kept(
    vectors: Floats, positions: Floats, count: int = 10, share: float = 0.02
) -> float:
    """Return how many of each person's most similar people are among the nearest on the map.

    The result is a share, for the *count* most similar; nearest are the *count* or the *share* of
    all people, whichever is more.
    """
    rows = np.arange(len(vectors))[:, None]
    cosines = vectors @ vectors.T
    distances = np.hypot(*(positions[:, None] - positions[None]).transpose(2, 0, 1))
    np.fill_diagonal(cosines, -np.inf)
    np.fill_diagonal(distances, np.inf)
    similar = np.argsort(-cosines, axis=1)[:, :count]
    rank = distances.argsort(axis=1).argsort(axis=1)
    return float((rank[rows, similar] < max(count, share * len(vectors))).mean())


def principal_components(vectors: Floats) -> Floats:
    centred = vectors - vectors.mean(axis=0)
    return centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T


@pytest.mark.parametrize(("landmarks", "times"), [(1000, 2), (150, 1.4)])
def test_the_layout_keeps_more_neighbours_than_principal_components(
    laureates: Floats, landmarks: int, times: float, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(layout, "MAX_LANDMARKS", landmarks)
    by_components = neighbours_kept(laureates, principal_components(laureates))
    assert neighbours_kept(laureates, layout.lay_out(laureates)) > times * by_components


def test_a_query_is_placed_among_the_people_most_similar_to_it():
    _, vectors = crowd(200, clusters=4)
    positions = layout.lay_out(vectors)
    (position,) = layout.interpolate(vectors[:1], vectors[1:], positions[1:])
    nearest = np.hypot(*(positions[1:] - position).T).argsort()[:10] + 1
    assert set((nearest % 4).tolist()) == {0}


def names_on(image: MapImage, people: Sequence[MapPerson]) -> list[str]:
    return [people[label.person].name for label in image.labels]


def test_a_name_that_no_font_has_is_left_out_but_its_dot_is_drawn():
    people, vectors = crowd(8)
    people[2] = MapPerson("𒀭𒈾", "group 2", weight=99)
    image = render_map(people, vectors, title="Few", legend_title="group")
    assert "𒀭𒈾" not in names_on(image, people)
    assert "A map of 8 people" in image.alt

"""People and their vectors as a picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot import sentences
from bot.map.description import description
from bot.map.drawing import AREA, MARGIN, STAR_DISC, WIDTH, Scene, draw, padded
from bot.map.groups import groups_of
from bot.map.labels import GAP, Label, Placing, ranked
from bot.map.layout import Floats, interpolate, lay_out
from bot.map.legend import legend
from bot.map.summary import region_of, regions

EDGE = 16  # px that the outermost dots keep from the map's edge
ROOM = 400  # px more, shared by all: a few stand further in, so that each name has room
INK = 0.09  # the share of the map that the dots would cover if none lay on another
DOT_MIN, DOT_MAX = 2.6, 12.0  # px, a dot's radius
CROWD = 3000  # people from whom on the dots are translucent, so that a crowd shows
OPACITY, CROWDED_OPACITY = 0.9, 0.6
QUERY_SIZE, QUERY_WIDTH = 40, 640  # px
STAR_MOVES = np.array([(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0)], np.float32)
NEAREST = 3  # people whom the description names beside the query


Query = tuple[str, Floats]
"""What was asked, and its unit vector, float32[d]."""


@dataclass(frozen=True)
class Place:
    """Somebody on the map: ``group`` gives the colour (None: unknown); the greater ``weight``, the
    sooner the name is written."""

    name: str
    group: str | None = None
    weight: float = 0


@dataclass(frozen=True)
class Picture:
    """``png`` is a file's content; ``alt`` says what it shows. ``labels`` are the names written on
    it, largest first, ``query`` the query's text; ``size`` is its width and height, in px."""

    png: bytes
    alt: str
    labels: Sequence[Label]
    query: Label | None
    size: tuple[int, int]


def picture(
    places: Sequence[Place],
    vectors: Floats,
    *,
    title: str,
    legend_title: str = "",
    sequence: Sequence[str] = (),
    query: Query | None = None,
) -> Picture:
    """A map of ``places`` whose unit vectors are ``vectors``, float32[len(places), d].

    ``sequence`` has the groups in their order, if they have one, such as centuries. ``query`` is
    marked by a star. The same people make the same picture, in whatever order they come. It takes
    about a second for 20,000 people, during which no other thread has to wait for long.
    """
    order = sorted(range(len(places)), key=lambda number: (places[number].name, number))
    places, vectors = [places[number] for number in order], vectors[order]
    people, star = _points(vectors, query)
    scene = _arranged(places, people, star, query, title, legend_title, sequence)
    labels = [replace(label, person=order[label.person]) for label in scene.labels]
    alt = _described(scene, [place.name for place in places], vectors, query, legend_title)
    return Picture(draw(scene), alt, labels, scene.query, scene.size)


def _points(vectors: Floats, query: Query | None) -> tuple[Floats, Floats]:
    """Where the people stand, float32[n, 2], and the query's star, float32[1, 2], or [0, 2] if
    there is none; in px."""
    at = lay_out(vectors)
    asked = query[1][None] if query and len(at) else vectors[:0]
    edge = EDGE + ROOM / max(1, len(at))
    points = _fitted(np.concatenate([at, interpolate(asked, vectors, at)]), edge)
    people, star = points[: len(at)], points[len(at) :]
    return people, _aside(star, people, _radius(len(people)) + STAR_DISC)


def _arranged(
    places: Sequence[Place],
    people: Floats,
    star: Floats,
    query: Query | None,
    title: str,
    legend_title: str,
    sequence: Sequence[str],
) -> Scene:
    radius = _radius(len(places))
    radii = np.array([radius] * len(people) + [STAR_DISC] * len(star), np.float32)
    placing = Placing(np.concatenate([people, star]), radii, AREA)
    asked = None
    if query and len(star):
        asked = placing.text(len(people), sentences.map.quoted(query[0]), QUERY_SIZE, QUERY_WIDTH)
        if asked:
            placing.keep(padded(asked.box))
    names = [place.name for place in places]
    ranking = ranked(people, names, [place.weight for place in places], AREA)
    groups = groups_of([place.group for place in places], sequence)
    return Scene(
        title=title,
        points=people,
        radius=radius,
        opacity=OPACITY if len(places) < CROWD else CROWDED_OPACITY,
        groups=groups,
        labels=placing.names(names, ranking.tolist()),
        star=star,
        query=asked,
        legend=legend(legend_title, groups, WIDTH - 2 * MARGIN),
    )


def _described(
    scene: Scene, names: Sequence[str], vectors: Floats, query: Query | None, legend_title: str
) -> str:
    asked = None
    if query and len(scene.star):
        nearest = np.argsort(-(vectors @ query[1]), kind="stable")[:NEAREST]
        place = region_of(scene.star[0], AREA)
        asked = (query[0], place, [names[person] for person in map(int, nearest)])
    return description(
        scene.title,
        len(names),
        legend_title,
        [(group.label, len(group.people)) for group in scene.groups],
        regions(scene.points, scene.groups, scene.labels, names, AREA),
        asked,
    )


def _fitted(at: Floats, edge: float) -> Floats:
    """``at`` stretched to fill the map but for ``edge`` px, in px; what has no extent
    goes to the middle."""
    if not len(at):
        return at
    left, top, right, bottom = AREA
    low, high = at.min(axis=0), at.max(axis=0)
    span = high - low
    extent = np.array([right - left - 2 * edge, bottom - top - 2 * edge], np.float32)
    share = np.where(span > 1e-6, (at - low) / np.maximum(span, 1e-6), 0.5)
    return (share * extent + (left + edge, top + edge)).astype(np.float32)


def _aside(star: Floats, people: Floats, reach: float) -> Floats:
    """``star``, float32[1, 2] or [0, 2], moved a little where it hides fewer of the people."""
    if not len(star):
        return star
    left, top, right, bottom = AREA
    tried = star + STAR_MOVES * (reach + GAP)
    tried = tried.clip((left + reach, top + reach), (right - reach, bottom - reach))
    hidden = [(np.hypot(*(people - place).T) < reach).sum() for place in tried]
    return tried[[np.argmin(hidden)]].astype(np.float32)


def _radius(count: int) -> float:
    left, top, right, bottom = AREA
    covering = math.sqrt(INK * (right - left) * (bottom - top) / math.pi / max(1, count))
    return min(DOT_MAX, max(DOT_MIN, covering))

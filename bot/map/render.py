"""Render people and their vectors as a map."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.language import _
from bot.map.description import describe
from bot.map.drawing import AREA, MARGIN, STAR_RADIUS, WIDTH, Scene, draw_png, query_bar
from bot.map.groups import group_people
from bot.map.labels import DOT_GAP, Label, LabelPlacer, rank_people
from bot.map.layout import Floats, interpolate, lay_out
from bot.map.legend import lay_out_legend

EDGE = 16  # px between the outermost dots and the edge of the map
EDGE_IF_ALONE = 400  # px more, divided by the number of people, so that few people's names fit
INK = 0.09  # the share of the map that the dots would cover if none overlapped
MIN_RADIUS, MAX_RADIUS = 2.6, 12.0  # px
CROWD = 3000  # people from which the dots are more translucent, so that their density shows
OPACITY, CROWD_OPACITY = 0.9, 0.6
QUERY_SIZE, QUERY_WIDTH = 40, 640  # px
STAR_MOVES = np.array([(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0)], np.float32)
NEAREST_NAMED = 3  # people most similar to the query that the description names

MapQuery = tuple[str, Floats]
"""The text of a query and its unit vector, float32[d]."""


@dataclass(frozen=True)
class MapPerson:
    """Someone to be shown on a map.

    *group* decides the colour; None means unknown. A greater *weight* makes it likelier that the
    name is written.
    """

    name: str
    group: str | None = None
    weight: float = 0


@dataclass(frozen=True)
class MapImage:
    """A finished map.

    *png* is the contents of the file, *alt* describes it in words, *labels* are the names written
    on it, largest first, *query* is the text of the query, *size* is width and height in px.
    """

    png: bytes
    alt: str
    labels: Sequence[Label]
    query: Label | None
    size: tuple[int, int]


def render_map(
    people: Sequence[MapPerson],
    vectors: Floats,
    *,
    title: str,
    legend_title: str = "",
    group_order: Sequence[str] = (),
    query: MapQuery | None = None,
) -> MapImage:
    """Render a map of *people*, whose unit vectors are *vectors*, float32[len(people), d].

    *group_order* lists groups that have an order, such as centuries. *query* is marked by a star.
    The same people give the same image, whatever their order. Takes about a second for 20,000
    people, without holding up other threads for long.
    """
    order = sorted(range(len(people)), key=lambda index: (people[index].name, index))
    people, vectors = [people[index] for index in order], vectors[order]
    points, star = _position(vectors, query)
    scene = _arrange(people, points, star, query, title, legend_title, group_order)
    labels = [replace(label, person=order[label.person]) for label in scene.labels]
    text, nearest = "", []
    if query:
        text, vector = query
        nearest = np.argsort(-(vectors @ vector), kind="stable")[:NEAREST_NAMED].tolist()
    alt = describe(scene, [person.name for person in people], legend_title, text, nearest)
    return MapImage(draw_png(scene), alt, labels, scene.query, scene.size)


def _position(vectors: Floats, query: MapQuery | None) -> tuple[Floats, Floats]:
    """Return the positions of the people, float32[n, 2], and of the query's star, in px.

    The star's is float32[1, 2], or [0, 2] without a query or people.
    """
    layout = lay_out(vectors)
    query_vectors = query[1][None] if query and len(layout) else vectors[:0]
    star = interpolate(query_vectors, vectors, layout)
    edge = EDGE + EDGE_IF_ALONE / max(1, len(layout))
    positions = _fit_to_area(np.concatenate([layout, star]), edge)
    points, star = positions[: len(layout)], positions[len(layout) :]
    return points, _move_aside(star, points, _dot_radius(len(points)) + STAR_RADIUS)


def _arrange(
    people: Sequence[MapPerson],
    points: Floats,
    star: Floats,
    query: MapQuery | None,
    title: str,
    legend_title: str,
    group_order: Sequence[str],
) -> Scene:
    radius = _dot_radius(len(people))
    radii = np.array([radius] * len(points) + [STAR_RADIUS] * len(star), np.float32)
    placer = LabelPlacer(np.concatenate([points, star]), radii, AREA)
    query_label = None
    if query and len(star):
        text = _("“{query}”", query=query[0])
        query_label = placer.place_text(len(points), text, QUERY_SIZE, QUERY_WIDTH)
        if query_label:
            placer.reserve(query_bar(query_label.box))
    names = [person.name for person in people]
    ranking = rank_people(points, names, [person.weight for person in people], AREA)
    groups = group_people([person.group for person in people], group_order)
    return Scene(
        title=title,
        points=points,
        radius=radius,
        opacity=OPACITY if len(people) < CROWD else CROWD_OPACITY,
        groups=groups,
        labels=placer.place_names(names, ranking.tolist()),
        star=star,
        query=query_label,
        legend=lay_out_legend(legend_title, groups, WIDTH - 2 * MARGIN),
    )


def _fit_to_area(positions: Floats, edge: float) -> Floats:
    """Stretch *positions* to fill the map up to *edge* px from its border, in px.

    Along an axis on which all positions are the same, they are centred.
    """
    if not len(positions):
        return positions
    left, top, right, bottom = AREA
    low, high = positions.min(axis=0), positions.max(axis=0)
    span = high - low
    extent = np.array([right - left - 2 * edge, bottom - top - 2 * edge], np.float32)
    share = np.where(span > 1e-6, (positions - low) / np.maximum(span, 1e-6), 0.5)
    return (share * extent + (left + edge, top + edge)).astype(np.float32)


def _move_aside(star: Floats, points: Floats, reach: float) -> Floats:
    """Move *star*, float32[1, 2] or [0, 2], to whichever position nearby hides the fewest people.

    It hides the people within *reach* px.
    """
    if not len(star):
        return star
    left, top, right, bottom = AREA
    candidates = star + STAR_MOVES * (reach + DOT_GAP)
    candidates = candidates.clip((left + reach, top + reach), (right - reach, bottom - reach))
    hidden = [(np.hypot(*(points - candidate).T) < reach).sum() for candidate in candidates]
    return candidates[[np.argmin(hidden)]].astype(np.float32)


def _dot_radius(count: int) -> float:
    """Return the radius of the dots, in px, when there are *count* of them."""
    left, top, right, bottom = AREA
    radius = math.sqrt(INK * (right - left) * (bottom - top) / math.pi / max(1, count))
    return min(MAX_RADIUS, max(MIN_RADIUS, radius))

"""Describe a map in words, for people who can't see it."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot import sentences
from bot.map.fonts import Box
from bot.map.groups import Group
from bot.map.labels import Label
from bot.map.layout import Floats

MAX_DESCRIPTION = 1024  # characters; Discord's limit for the description of an attachment
MAX_TITLE = 100  # characters
MAX_TEXT = 40  # characters of a group's label, a name or a query
MAX_GROUPS = 3  # named in a region
MAX_NAMES = 4  # given in a region, if there is room
MAJORITY = 0.6  # the share of a region from which it is described by one group
MIN_GROUP_SHARE = 0.2  # of a region; smaller groups aren't mentioned
MIN_REGION_SHARE = 0.02  # of all people; smaller regions are only mentioned if someone is named


@dataclass(frozen=True)
class Region:
    """A ninth of the map: the size of each group in it, largest first, and the names written there,
    in the order of their labels."""

    place: str
    group_sizes: Sequence[tuple[str, int]]
    names: Sequence[str]


def describe(
    title: str,
    count: int,
    legend_title: str,
    group_sizes: Sequence[tuple[str, int]],
    regions: Sequence[Region],
    query: tuple[str, str, Sequence[str]] | None,
) -> str:
    """Describe a map in at most MAX_DESCRIPTION characters.

    *query* is its text, where it is on the map, and the names of the people most similar to it.
    """
    beginning = [sentences.map.shown(shorten(title, MAX_TITLE), count)]
    if query:
        text, place, nearest = query
        nearest = [shorten(name) for name in nearest]
        beginning.append(sentences.map.query_stands(shorten(text), place, nearest))
    if labelled := [(shorten(label), size) for label, size in group_sizes if label]:
        beginning.append(sentences.map.coloured(shorten(legend_title), labelled))
    description = " ".join(beginning)
    for max_names in range(MAX_NAMES, -1, -1):
        description = " ".join(
            [*beginning, *(_describe_region(region, max_names) for region in regions)]
        )
        if len(description) <= MAX_DESCRIPTION:
            break
    return shorten(description, MAX_DESCRIPTION)


def find_regions(
    points: Floats,
    groups: Sequence[Group],
    labels: Sequence[Label],
    names: Sequence[str],
    area: Box,
) -> list[Region]:
    """Return the regions of *area* that are worth mentioning, from top left to bottom right."""
    place_of = [place_name(point, area) for point in points]
    group_sizes: dict[str, Counter[str]] = {}
    for group in groups:
        for person in group.people:
            group_sizes.setdefault(place_of[person], Counter())[group.label] += 1
    names_at: dict[str, list[str]] = {}
    for label in labels:
        names_at.setdefault(place_of[label.person], []).append(names[label.person])
    min_size = MIN_REGION_SHARE * max(1, len(points))
    return [
        Region(place, group_sizes[place].most_common(), names_at.get(place, []))
        for row in sentences.map.REGIONS
        for place in row
        if place in group_sizes and (place in names_at or group_sizes[place].total() >= min_size)
    ]


def place_name(point: Floats, area: Box) -> str:
    """Say in which part of *area* a point, float32[2], is."""
    left, top, right, bottom = area
    column = int((point[0] - left) / (right - left) * 3)
    row = int((point[1] - top) / (bottom - top) * 3)
    return sentences.map.REGIONS[min(2, max(0, row))][min(2, max(0, column))]


def shorten(text: str, max_length: int = MAX_TEXT) -> str:
    """Put *text* on one line, without control characters, in at most *max_length* characters."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def _describe_region(region: Region, max_names: int) -> str:
    total = sum(size for _, size in region.group_sizes)
    large = [
        (shorten(label), size)
        for label, size in region.group_sizes
        if label not in ("", sentences.map.OTHERS, sentences.map.UNKNOWN)
        and size >= MIN_GROUP_SHARE * total
    ]
    if not large:
        kind = sentences.answers.people(total)
    elif large[0][1] == total:
        kind = large[0][0]
    elif large[0][1] >= MAJORITY * total:
        kind = sentences.map.mostly(large[0][0])
    else:
        kind = sentences.map.among_others([label for label, _ in large[:MAX_GROUPS]])
    names = [shorten(name) for name in region.names[:max_names]]
    return sentences.map.region(region.place, kind, names)

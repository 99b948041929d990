"""What a map shows, read off it for its description."""

from collections import Counter
from collections.abc import Sequence

from bot import sentences
from bot.map.description import Region
from bot.map.fonts import Box
from bot.map.groups import Group
from bot.map.labels import Label
from bot.map.layout import Floats

FEW = 0.02  # the share of all people below which a region is passed over, if nobody is named there


def regions(
    points: Floats,
    groups: Sequence[Group],
    labels: Sequence[Label],
    names: Sequence[str],
    area: Box,
) -> list[Region]:
    """The regions of ``area`` with who stands in them, from top left to bottom right."""
    region = [region_of(point, area) for point in points]
    counts: dict[str, Counter[str]] = {}
    for group in groups:
        for person in group.people:
            counts.setdefault(region[person], Counter())[group.label] += 1
    named: dict[str, list[str]] = {}
    for label in labels:
        named.setdefault(region[label.person], []).append(names[label.person])
    return [
        (place, counts[place].most_common(), named.get(place, []))
        for row in sentences.map.REGIONS
        for place in row
        if place in counts
        and (place in named or counts[place].total() >= FEW * max(1, len(points)))
    ]


def region_of(point: Floats, area: Box) -> str:
    """What the part of ``area`` is called where ``point``, float32[2], lies."""
    left, top, right, bottom = area
    column = int((point[0] - left) / (right - left) * 3)
    row = int((point[1] - top) / (bottom - top) * 3)
    return sentences.map.REGIONS[min(2, max(0, row))][min(2, max(0, column))]

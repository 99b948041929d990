"""Describe a map in words, for people who can't see it."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot import sentences
from bot.map.drawing import AREA, Scene
from bot.map.layout import Floats

MAX_DESCRIPTION = 1024  # characters; Discord's limit for the description of an attachment
MAX_TITLE = 100  # characters
MAX_TEXT = 40  # characters of a group's label, a name or a query
MAX_GROUPS = 3  # named in a region
MAX_NAMES = 4  # given in a region, if there is room
MAJORITY = 0.6  # the share of a region from which it is described by one group
MIN_GROUP_SHARE = 0.2  # of a region; smaller groups aren't mentioned
MIN_REGION_SHARE = 0.02  # of all people; smaller regions are only mentioned if someone is named


def describe(
    scene: Scene, names: Sequence[str], legend_title: str, query: str, nearest: Sequence[int]
) -> str:
    """Describe a map in at most MAX_DESCRIPTION characters.

    *names* are those of all people, and *nearest* the indices of those most similar to the query.
    """
    beginning = [sentences.map.shown(shorten(scene.title, MAX_TITLE), len(names))]
    if len(scene.star):
        similar = [shorten(names[person]) for person in nearest]
        place = _place_name(scene.star[0])
        beginning.append(sentences.map.query_stands(shorten(query), place, similar))
    labelled = [(shorten(group.label), len(group.people)) for group in scene.groups if group.label]
    if labelled:
        beginning.append(sentences.map.coloured(shorten(legend_title), labelled))
    regions = _find_regions(scene, names)
    description = ""
    for max_names in range(MAX_NAMES, -1, -1):
        described = [_describe_region(*region, max_names) for region in regions]
        description = " ".join([*beginning, *described])
        if len(description) <= MAX_DESCRIPTION:
            break
    return shorten(description, MAX_DESCRIPTION)


def _find_regions(
    scene: Scene, names: Sequence[str]
) -> list[tuple[str, Counter[str], Sequence[str]]]:
    """Return the regions that are worth mentioning, from top left to bottom right.

    Each is a ninth of the map: its place, the size of each group in it, and the names written
    there, in the order of their labels.
    """
    place_of = [_place_name(point) for point in scene.points]
    group_sizes: dict[str, Counter[str]] = {}
    for group in scene.groups:
        for person in group.people:
            group_sizes.setdefault(place_of[person], Counter())[group.label] += 1
    names_at: dict[str, list[str]] = {}
    for label in scene.labels:
        names_at.setdefault(place_of[label.person], []).append(names[label.person])
    min_size = MIN_REGION_SHARE * len(names)
    return [
        (place, group_sizes[place], names_at.get(place, []))
        for row in sentences.map.REGIONS
        for place in row
        if place in group_sizes and (place in names_at or group_sizes[place].total() >= min_size)
    ]


def _place_name(point: Floats) -> str:
    """Say in which part of the map a point, float32[2], is."""
    left, top, right, bottom = AREA
    column = int((point[0] - left) / (right - left) * 3)
    row = int((point[1] - top) / (bottom - top) * 3)
    return sentences.map.REGIONS[min(2, max(0, row))][min(2, max(0, column))]


def shorten(text: str, max_length: int = MAX_TEXT) -> str:
    """Put *text* on one line, without control characters, in at most *max_length* characters."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")
    return text if len(text) <= max_length else text[: max_length - 1].rstrip() + "…"


def _describe_region(
    place: str, group_sizes: Counter[str], names: Sequence[str], max_names: int
) -> str:
    total = group_sizes.total()
    large = [
        (shorten(label), size)
        for label, size in group_sizes.most_common()
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
    return sentences.map.region(place, kind, [shorten(name) for name in names[:max_names]])

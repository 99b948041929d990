"""Describe a map in words, for people who can't see it."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from bot.language import _, format_list, format_number, ngettext
from bot.map.drawing import AREA, Scene
from bot.map.groups import others_label, unknown_label
from bot.map.layout import Floats

MAX_DESCRIPTION = 1024  # characters; Discord's limit for the description of an attachment
MAX_TITLE = 100  # characters
MAX_TEXT = 40  # characters of a group's label, a name or a query
MAX_GROUPS = 3  # named in a region
MAX_NAMES = 4  # given in a region, if there is room
MAJORITY = 0.6  # the share of a region from which it is described by one group
MIN_GROUP_SHARE = 0.2  # of a region; smaller groups aren't mentioned
MIN_REGION_SHARE = 0.02  # of all people; smaller regions are only mentioned if someone is named

Place = tuple[int, int]
"""A ninth of the map: its row and its column."""


def describe(
    scene: Scene, names: Sequence[str], legend_title: str, query: str, nearest: Sequence[int]
) -> str:
    """Describe a map in at most MAX_DESCRIPTION characters.

    *names* are those of all people, and *nearest* the indices of those most similar to the query.
    """
    title = shorten(scene.title, MAX_TITLE)
    size = ngettext(
        "A map of {count} person.",
        "A map of {count} people, with similar people close together.",
        len(names),
    )
    beginning = [f"{title}.", size]
    if len(scene.star):
        similar = [shorten(names[person]) for person in nearest]
        place = _place_names()[_find_place(scene.star[0])]
        beginning.append(_describe_star(shorten(query), place, similar))
    labelled = [group for group in scene.groups if group.label]
    if labelled:
        groups = format_list(
            f"{shorten(group.label)} ({format_number(len(group.people))})" for group in labelled
        )
        beginning.append(_describe_colours(shorten(legend_title), groups))
    regions = _find_regions(scene, names)
    description = ""
    for max_names in range(MAX_NAMES, -1, -1):
        described = [f"{_describe_region(*region, max_names)}." for region in regions]
        description = " ".join([*beginning, *described])
        if len(description) <= MAX_DESCRIPTION:
            break
    return shorten(description, MAX_DESCRIPTION)


def _describe_star(query: str, place: str, similar: Sequence[str]) -> str:
    if not similar:
        return _("The star marks the query “{query}” ({place}).", query=query, place=place)
    # Translators: {place} is a part of the map, such as "top left"; {names} are people
    return _(
        "The star marks the query “{query}” ({place}), closest to {names}.",
        query=query,
        place=place,
        names=format_list(similar),
    )


def _describe_colours(attribute: str, groups: str) -> str:
    if not attribute:
        return _("Coloured: {groups}.", groups=groups)
    return _("Coloured by {attribute}: {groups}.", attribute=attribute, groups=groups)


def _find_regions(
    scene: Scene, names: Sequence[str]
) -> list[tuple[str, Counter[str], Sequence[str]]]:
    """Return the regions that are worth mentioning, from top left to bottom right.

    Each is a ninth of the map: its place, the size of each group in it, and the names written
    there, in the order of their labels.
    """
    place_of = [_find_place(point) for point in scene.points]
    group_sizes: dict[Place, Counter[str]] = {}
    for group in scene.groups:
        for person in group.people:
            group_sizes.setdefault(place_of[person], Counter())[group.label] += 1
    names_at: dict[Place, list[str]] = {}
    for label in scene.labels:
        names_at.setdefault(place_of[label.person], []).append(names[label.person])
    min_size = MIN_REGION_SHARE * len(names)
    return [
        (name, group_sizes[place], names_at.get(place, []))
        for place, name in _place_names().items()
        if place in group_sizes and (place in names_at or group_sizes[place].total() >= min_size)
    ]


def _find_place(point: Floats) -> Place:
    """Return the part of the map in which a point, float32[2], is."""
    left, top, right, bottom = AREA
    column = int((point[0] - left) / (right - left) * 3)
    row = int((point[1] - top) / (bottom - top) * 3)
    return min(2, max(0, row)), min(2, max(0, column))


def _place_names() -> dict[Place, str]:
    return {
        (0, 0): _("top left"),
        (0, 1): _("top"),
        (0, 2): _("top right"),
        (1, 0): _("left"),
        (1, 1): _("centre"),
        (1, 2): _("right"),
        (2, 0): _("bottom left"),
        (2, 1): _("bottom"),
        (2, 2): _("bottom right"),
    }


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
        if label not in ("", others_label(), unknown_label()) and size >= MIN_GROUP_SHARE * total
    ]
    if not large:
        kind = ngettext("{count} person", "{count} people", total)
    elif large[0][1] == total:
        kind = large[0][0]
    elif large[0][1] >= MAJORITY * total:
        kind = _("mostly {group}", group=large[0][0])
    else:
        groups = format_list(label for label, _size in large[:MAX_GROUPS])
        # Translators: {groups} are the largest groups of people in a part of the map
        kind = _("{groups}, among others", groups=groups)
    named = f" ({format_list(map(shorten, names[:max_names]))})" if max_names and names else ""
    return f"{place.capitalize()}: {kind}{named}"

"""Every sentence on a map and in its description."""

import unicodedata
from collections.abc import Sequence

ALT_MAX = 1024  # characters of an attachment's description, by Discord
SHOWN_MAX = 40  # characters of a group's label, a name or a query in the description
TITLE_MAX = 100  # characters of the title there
GROUPS_SHOWN = 3  # of a region
NAMES_SHOWN = 4  # of a region, if there is room
MOSTLY = 0.6  # a region's share from which one group stands for it
SMALL = 0.2  # the share below which a group is not worth a word

HINT = "The nearer two stand, the more alike their descriptions."
OTHERS = "others"
UNKNOWN = "unknown"
REGIONS = (
    ("top left", "top", "top right"),
    ("left", "centre", "right"),
    ("bottom left", "bottom", "bottom right"),
)

Region = tuple[str, Sequence[tuple[str, int]], Sequence[str]]
"""A part of the map, how many there are of each group there, most first, and names written there,
best known first."""


def quoted(query: str) -> str:
    return f"“{query}”"


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def listed(items: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def shortened(text: str, longest: int = SHOWN_MAX) -> str:
    """``text`` on one line, without controls and directions, cut to ``longest`` characters."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def description(
    title: str,
    count: int,
    legend_title: str,
    groups: Sequence[tuple[str, int]],
    regions: Sequence[Region],
    query: tuple[str, str, Sequence[str]] | None,
) -> str:
    """What the map shows, in at most ALT_MAX characters: its groups with how many are in each, its
    regions, and the query with the region where it stands and who is nearest to it."""
    beginning = [f"{shortened(title, TITLE_MAX)}: a map of {people(count)}. {HINT}"]
    if query:
        text, place, nearest = query
        beside = f", nearest to {listed([shortened(name) for name in nearest])}" if nearest else ""
        beginning.append(f"The query {quoted(shortened(text))} stands at the {place}{beside}.")
    if shown := [f"{shortened(label)} {number:,}" for label, number in groups if label]:
        coloured = f"Coloured by {shortened(legend_title)}" if legend_title else "Coloured"
        beginning.append(f"{coloured}: {listed(shown)}.")
    text = " ".join(beginning)
    for names_shown in range(NAMES_SHOWN, -1, -1):
        text = " ".join([*beginning, *(_region(region, names_shown) for region in regions)])
        if len(text) <= ALT_MAX:
            break
    return shortened(text, ALT_MAX)


def _region(region: Region, names_shown: int) -> str:
    place, groups, names = region
    total = sum(number for _, number in groups)
    large = [
        (shortened(label), number)
        for label, number in groups
        if label not in ("", OTHERS, UNKNOWN) and number >= SMALL * total
    ]
    if not large:
        kind = people(total)
    elif large[0][1] == total:
        kind = large[0][0]
    elif large[0][1] >= MOSTLY * total:
        kind = f"mostly {large[0][0]}"
    else:
        kind = f"{listed([label for label, _ in large[:GROUPS_SHOWN]])} among others"
    named = listed([shortened(name) for name in names[:names_shown]])
    return f"{place.capitalize()}: {kind}{f' ({named})' if named else ''}."

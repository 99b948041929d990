"""A map in words, for those who cannot see it."""

import unicodedata
from collections.abc import Sequence

from bot import sentences

ALT_MAX = 1024  # characters of an attachment's description, by Discord
SHOWN_MAX = 40  # characters of a group's label, a name or a query
TITLE_MAX = 100  # characters of the title
GROUPS_SHOWN = 3  # of a region
NAMES_SHOWN = 4  # of a region, if there is room
MOSTLY = 0.6  # a region's share from which one group stands for it
SMALL = 0.2  # the share below which a group is not worth a word

Region = tuple[str, Sequence[tuple[str, int]], Sequence[str]]
"""A part of the map, how many there are of each group there, most first, and names written there,
best known first."""


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
    beginning = [sentences.map.shown(shortened(title, TITLE_MAX), count)]
    if query:
        text, place, nearest = query
        near = [shortened(name) for name in nearest]
        beginning.append(sentences.map.query_stands(shortened(text), place, near))
    if coloured := [(shortened(label), number) for label, number in groups if label]:
        beginning.append(sentences.map.coloured(shortened(legend_title), coloured))
    text = " ".join(beginning)
    for names_shown in range(NAMES_SHOWN, -1, -1):
        text = " ".join([*beginning, *(_region(region, names_shown) for region in regions)])
        if len(text) <= ALT_MAX:
            break
    return shortened(text, ALT_MAX)


def shortened(text: str, longest: int = SHOWN_MAX) -> str:
    """``text`` on one line, without controls and directions, cut to ``longest`` characters."""
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c)[0] != "C")
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _region(region: Region, names_shown: int) -> str:
    place, groups, names = region
    total = sum(number for _, number in groups)
    large = [
        (shortened(label), number)
        for label, number in groups
        if label not in ("", sentences.map.OTHERS, sentences.map.UNKNOWN)
        and number >= SMALL * total
    ]
    if not large:
        kind = sentences.answers.people(total)
    elif large[0][1] == total:
        kind = large[0][0]
    elif large[0][1] >= MOSTLY * total:
        kind = sentences.map.mostly(large[0][0])
    else:
        kind = sentences.map.among_others([label for label, _ in large[:GROUPS_SHOWN]])
    return sentences.map.region(place, kind, [shortened(name) for name in names[:names_shown]])

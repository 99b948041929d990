"""The groups that give people their colours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot import sentences

# Okabe and Ito's colours, which tell apart for colour-blind eyes too, lightened for a dark ground.
PALETTE = (
    "#56b4e9",  # sky
    "#f2a20c",  # orange
    "#1fc79a",  # green
    "#e88ac8",  # pink
    "#f0e442",  # yellow
    "#5c82ff",  # blue
    "#f2643c",  # vermilion
    "#b8f2ff",  # ice
)
# From early to late, or from low to high: brighter and brighter, for groups that have an order.
SCALE = (
    "#8460e0",
    "#5c82ff",
    "#3fa4ee",
    "#2cc2c4",
    "#52d68a",
    "#a9de55",
    "#f0e442",
    "#fff7c2",
)
OTHER_COLOUR = "#a0a3a8"
UNKNOWN_COLOUR = "#5d6068"


@dataclass(frozen=True)
class Group:
    """The people, by their numbers, that share a colour."""

    label: str
    colour: str
    people: tuple[int, ...]


def groups_of(labels: Sequence[str | None], sequence: Sequence[str] = ()) -> list[Group]:
    """The groups of people with these labels: those with a colour of their own, then all the small
    ones as others, then those without a label. The first come by size, or in the order of
    ``sequence`` if they have one."""
    people: dict[str | None, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        people[label].append(number)
    unknown = people.pop(None, [])
    ranked = sorted(filter(None, people), key=lambda label: (-len(people[label]), label))
    large, small = ranked[: len(PALETTE)], ranked[len(PALETTE) :]
    groups = [
        Group(label, colour, tuple(people[label]))
        for label, colour in zip(*_coloured(large, sequence), strict=True)
    ]
    if small:
        label = small[0] if len(small) == 1 else sentences.map.OTHERS
        others = sorted(number for label in small for number in people[label])
        groups.append(Group(label, OTHER_COLOUR, tuple(others)))
    if unknown and groups:
        groups.append(Group(sentences.map.UNKNOWN, UNKNOWN_COLOUR, tuple(unknown)))
    elif unknown:
        groups.append(Group("", PALETTE[0], tuple(unknown)))  # nobody is coloured by anything
    return groups


def _coloured(
    labels: Sequence[str], sequence: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """The labels in the order of the legend, and their colours."""
    if not sequence or not set(labels) <= set(sequence):
        return labels, PALETTE[: len(labels)]
    steps = [round(step) for step in np.linspace(0, len(SCALE) - 1, len(labels))]
    return sorted(labels, key=sequence.index), [SCALE[step] for step in steps]

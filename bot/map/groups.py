"""Groups of people and their colours."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.language import _

# Okabe and Ito's palette, distinguishable when colour-blind, lightened for a dark background.
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
# For groups that have an order: brighter from first to last.
ORDERED_PALETTE = (
    "#8460e0",
    "#5c82ff",
    "#3fa4ee",
    "#2cc2c4",
    "#52d68a",
    "#a9de55",
    "#f0e442",
    "#fff7c2",
)
OTHERS_COLOUR = "#a0a3a8"
UNKNOWN_COLOUR = "#5d6068"


@dataclass(frozen=True)
class Group:
    """The people who share a colour, by their indices."""

    label: str
    colour: str
    people: tuple[int, ...]


def group_people(labels: Sequence[str | None], label_order: Sequence[str] = ()) -> list[Group]:
    """Group people by their labels.

    The largest groups each have a colour and come by size, or in *label_order* if it contains them
    all. The small ones follow as one group of others, then the people whose label is None.
    """
    people: dict[str | None, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        people[label].append(index)
    unknown = people.pop(None, [])
    ranked = sorted(filter(None, people), key=lambda label: (-len(people[label]), label))
    large, small = ranked[: len(PALETTE)], ranked[len(PALETTE) :]
    groups = [
        Group(label, colour, tuple(people[label]))
        for label, colour in zip(*_assign_colours(large, label_order), strict=True)
    ]
    if small:
        label = small[0] if len(small) == 1 else others_label()
        others = sorted(index for label in small for index in people[label])
        groups.append(Group(label, OTHERS_COLOUR, tuple(others)))
    if unknown and groups:
        groups.append(Group(unknown_label(), UNKNOWN_COLOUR, tuple(unknown)))
    elif unknown:
        groups.append(Group("", PALETTE[0], tuple(unknown)))  # the map has no groups
    return groups


def others_label() -> str:
    """Return the label of the people in small groups."""
    # Translators: people in small groups, in the legend of a map
    return _("others")


def unknown_label() -> str:
    """Return the label of the people without a group."""
    # Translators: people without a value, in the legend of a map
    return _("unknown")


def _assign_colours(
    labels: Sequence[str], label_order: Sequence[str]
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the labels in the order of the legend, and their colours."""
    if not label_order or not set(labels) <= set(label_order):
        return labels, PALETTE[: len(labels)]
    steps = [round(step) for step in np.linspace(0, len(ORDERED_PALETTE) - 1, len(labels))]
    return sorted(labels, key=label_order.index), [ORDERED_PALETTE[step] for step in steps]

"""A filter for an index that has none: ever more people are asked for, until enough fit it."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.crowd import COUNT

MORE = 4  # times as many, each time


def first_below(
    nearest: Callable[[int], np.ndarray], ranks: np.ndarray, below: int | None
) -> Sequence[int]:
    """The ranks of the first COUNT that fit; ``nearest`` gives so many rows, the best first."""
    if below is None:
        return ranks[nearest(COUNT)].tolist()
    wanted, asked = min(COUNT, below), MORE * COUNT
    while True:
        found = ranks[nearest(min(asked, len(ranks)))]
        fitting = found[found < below]
        if len(fitting) >= wanted or asked >= len(ranks):
            return fitting[:COUNT].tolist()
        asked *= MORE

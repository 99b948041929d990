"""Time variants of the same work, interleaved so that other load on the machine affects all of
them alike."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")
Times = Mapping[str, list[float]]
"""The seconds that each variant took, by its name."""


async def time_interleaved(
    variants: Mapping[str, Callable[[Item], Awaitable[object]]], items: Iterable[Item]
) -> Times:
    """Run every variant with every item. The order is shuffled for each item, because a later
    variant finds the item's data in the processor's caches."""
    times: dict[str, list[float]] = {name: [] for name in variants}
    names, rng = list(variants), random.Random(0)
    for item in items:
        rng.shuffle(names)
        for name in names:
            start = time.perf_counter()
            await variants[name](item)
            times[name].append(time.perf_counter() - start)
    return times


def ratio(times: Times, numerator: str, denominator: str) -> float:
    """Return the ratio of the median times of two variants."""
    return median(times[numerator]) / median(times[denominator])

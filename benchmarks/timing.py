"""Ways of doing the same, taken in turns, so that what else the machine does hits all alike."""

import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from statistics import median
from typing import TypeVar

Item = TypeVar("Item")
Times = Mapping[str, list[float]]
"""The seconds that each way took, by its name."""


async def in_turns(
    ways: Mapping[str, Callable[[Item], Awaitable[object]]], items: Iterable[Item]
) -> Times:
    """Every way with every item, in an order drawn anew for each: whoever comes later finds what
    an item needs in the processor's caches, and always the same one must not."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    names, order = list(ways), random.Random(0)
    for item in items:
        order.shuffle(names)
        for name in names:
            start = time.perf_counter()
            await ways[name](item)
            times[name].append(time.perf_counter() - start)
    return times


def ratio(times: Times, ours: str, theirs: str) -> float:
    """How many times as long one way takes as another, by their medians."""
    return median(times[ours]) / median(times[theirs])


def milliseconds(seconds: Iterable[float]) -> float:
    """The median of seconds, in milliseconds."""
    return 1000 * median(seconds)

"""Filter the results of an index that has no filters: fetch more and more people until enough of
them match."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.dataset import RESULT_COUNT

GROWTH = 4  # factor by which the next attempt fetches more


def first_matching(
    find_nearest: Callable[[int], np.ndarray], ranks: np.ndarray, rank_limit: int | None
) -> Sequence[int]:
    """Return the ranks of the RESULT_COUNT nearest people with a rank below ``rank_limit``.
    ``find_nearest`` returns the given number of rows, nearest first."""
    if rank_limit is None:
        return ranks[find_nearest(RESULT_COUNT)].tolist()
    wanted_count, fetch_count = min(RESULT_COUNT, rank_limit), GROWTH * RESULT_COUNT
    while True:
        fetched = ranks[find_nearest(min(fetch_count, len(ranks)))]
        matching = fetched[fetched < rank_limit]
        if len(matching) >= wanted_count or fetch_count >= len(ranks):
            return matching[:RESULT_COUNT].tolist()
        fetch_count *= GROWTH

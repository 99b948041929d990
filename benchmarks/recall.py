"""Compare the answers of contenders with the exact nearest neighbors."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors

TIE = 1e-5  # cosines that differ by no more than this count as equal
ROUNDING = 0.005  # the greatest error of a cosine when vectors are stored as 8-bit integers


@dataclass
class RecallCounts:
    """Over all answers: how many people were expected, how many of them were missed, and how many
    of those were lost, which means that nobody as near, within rounding, was returned instead."""

    expected: int = 0
    missed: int = 0
    lost: int = 0

    @property
    def recall(self) -> float:
        return 1 - self.missed / max(1, self.expected)


class GroundTruth:
    """The exact answers, computed from all the vectors of a dataset."""

    def __init__(self, dataset: Dataset) -> None:
        self._vectors = np.empty_like(dataset.vectors)  # in the order of ranks
        self._vectors[dataset.ranks] = dataset.vectors

    def count(
        self, questions: Sequence[Vectors], rank_limit: int | None, answers: Sequence[Sequence[int]]
    ) -> RecallCounts:
        """Count which of the RESULT_COUNT nearest people with a rank below ``rank_limit`` the
        answers, given as ranks, lack."""
        counts = RecallCounts()
        for question, answer in zip(questions, answers, strict=True):
            cosines = self._vectors[:rank_limit] @ question
            exact = np.argsort(-cosines)[:RESULT_COUNT]
            is_complete = len({*answer}) == len(exact) and max(answer) < len(cosines)
            lowest = cosines[answer].min() if is_complete else -np.inf
            missed = cosines[np.setdiff1d(exact, answer)]
            counts.expected += len(exact)
            counts.missed += int((missed > lowest + TIE).sum())
            counts.lost += int((missed > lowest + ROUNDING).sum())
        return counts

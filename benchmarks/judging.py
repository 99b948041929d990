"""Whom an answer missed, held against the exact one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.crowd import COUNT, Crowd, Vectors

SAME = 1e-5  # cosines that differ by less are equal, and whoever has one is as near
ROUNDING = 0.005  # of a cosine: what vectors of 8 bits may be off by


@dataclass
class Judgement:
    """Over all answers: how many people were to be found, how many of them were missed, and how
    many of those were lost: nobody as near, but for rounding, was given instead."""

    wanted: int = 0
    missed: int = 0
    lost: int = 0

    @property
    def recall(self) -> float:
        return 1 - self.missed / max(1, self.wanted)


class Judge:
    def __init__(self, crowd: Crowd) -> None:
        self._vectors = np.empty_like(crowd.vectors)
        self._vectors[crowd.ranks] = crowd.vectors

    def judge(
        self, questions: Sequence[Vectors], below: int | None, answers: Sequence[Sequence[int]]
    ) -> Judgement:
        """What answers, in ranks, missed of the COUNT nearest with a rank below ``below``."""
        judgement = Judgement()
        for question, answer in zip(questions, answers, strict=True):
            similar = self._vectors[:below] @ question
            exact = np.argsort(-similar)[:COUNT]
            whole = len({*answer}) == len(exact) and max(answer) < len(similar)
            least = similar[answer].min() if whole else -np.inf
            missed = similar[np.setdiff1d(exact, answer)]
            judgement.wanted += len(exact)
            judgement.missed += int((missed > least + SAME).sum())
            judgement.lost += int((missed > least + ROUNDING).sum())
        return judgement

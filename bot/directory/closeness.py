"""How close a match is, in levels that mean the same in every directory.

A cosine similarity alone says little: 0.3 is a lot among a hundred people with long descriptions,
and nothing among twenty thousand with one sentence each. So two things are measured in each
directory. The similarity that nonsense words reach is the floor: nothing below it is close. The
standard deviation of the similarities of random pairs of people is the distance between two levels.
"""

import asyncio
import random
import string
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.directory.names import NameIndex
from bot.directory.storage import Storage
from bot.directory.vector_search import VectorSearch
from bot.directory.vectors import read_vectors
from bot.embedding import TextEmbedder, Vectors
from bot.errors import CommandRefused
from bot.person import Match

SAMPLE_SIZE = 64  # people; their 2,016 pairs give the spread within a few percent
MIN_SAMPLE_SIZE = 8  # people; the pairs of fewer say too little
DEFAULT_SPREAD = 0.115  # for fewer people, measured in three directories of real people
NONSENSE_WORDS = 32
NONSENSE_QUANTILE = 0.85  # of the similarities that nonsense words reach, this share isn't close
NONSENSE_EFFORT = 200  # EF of VSIM that surely finds the nearest, so that results are repeatable
UNRELATED_QUANTILE = 0.95  # this share of random pairs of people is unrelated
LEVELS = (0.0, 0.75, 1.5, 2.5)  # where each level begins, in spreads above the floor
STEERING_WEIGHT = 1.3  # of words against a person: a few words are similar to fewer people
MAX_SIZE_CHANGE = 0.1  # growth or shrinkage after which a directory is measured again

MAX_CLOSENESS = len(LEVELS)
"""The highest level of closeness; 0 means not close."""


@dataclass(frozen=True)
class SimilarityScale:
    """What similarities mean in a directory of ``size`` people: the cosines below which nothing is
    close to words or to a person, and the standard deviation of the cosines of random pairs."""

    size: int
    words: float
    people: float
    spread: float

    def fits(self, size: int) -> bool:
        """Return whether the scale is still right for a directory of this size."""
        return abs(size - self.size) <= MAX_SIZE_CHANGE * self.size

    def rate(self, matches: Sequence[Match], *, words: bool, person: bool) -> list[Match]:
        """Return the matches with their closeness, from 0 to MAX_CLOSENESS, to words, to a person,
        or to a person steered by words."""
        floor = self.words if words else self.people
        if words and person:
            floor = (self.words + self.people) / 2
        rated: list[Match] = []
        for match in matches:
            if match.score is not None:
                cosine = 2 * match.score - 1
                level = bisect_right(LEVELS, (cosine - floor) / self.spread)
                match = replace(match, closeness=level)
            rated.append(match)
        return rated


class ScaleCache:
    """The similarity scale of one directory: measured when it is first needed, and again once the
    directory has grown or shrunk by MAX_SIZE_CHANGE."""

    def __init__(
        self,
        storage: Storage,
        embedder: TextEmbedder,
        names: NameIndex,
        vector_search: VectorSearch,
    ) -> None:
        self.measured: SimilarityScale | None = None
        self._storage = storage
        self._embedder = embedder
        self._names = names
        self._vector_search = vector_search
        self._lock = asyncio.Lock()  # to measure once for concurrent searches

    async def get(self) -> SimilarityScale:
        """Return the scale for the directory's size as last seen. Raises SettingError if
        everyone was embedded again with a different model."""
        size = self._vector_search.size or await self._vector_search.read_size()
        async with self._lock:
            if self.measured is None or not self.measured.fits(size):
                self.measured = await self._measure(size)
            return self.measured

    async def _measure(self, size: int) -> SimilarityScale:
        names = await self._names.at(_sample_positions(size))
        try:
            return await measure(self._storage, self._embedder, size, names)
        except CommandRefused:  # a different model's vectors may have a different dimension
            await self._vector_search.check_model()
            raise


def steer(person: Vectors, words: Vectors) -> Vectors:
    """Return a person's vector steered by the vector of words; all are unit vectors."""
    steered = person + STEERING_WEIGHT * words
    return np.asarray(steered / np.linalg.norm(steered), np.float32)


async def measure(
    storage: Storage, embedder: TextEmbedder, size: int, names: Sequence[str]
) -> SimilarityScale:
    """Measure a directory of ``size`` people, using the pairs among a sample of ``names``."""
    _, sample = await read_vectors(storage, names)
    cosines = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    is_enough = len(sample) >= MIN_SAMPLE_SIZE
    return SimilarityScale(
        size,
        words=await _measure_nonsense(storage, embedder) if size else 1.0,
        people=float(np.quantile(cosines, UNRELATED_QUANTILE)) if is_enough else 2 * DEFAULT_SPREAD,
        spread=max(float(cosines.std()), 0.01) if is_enough else DEFAULT_SPREAD,
    )


def _sample_positions(size: int) -> list[int]:
    """Return up to SAMPLE_SIZE positions spread over a directory: always the same for one size."""
    return sorted({size * number // SAMPLE_SIZE for number in range(SAMPLE_SIZE)} & {*range(size)})


async def _measure_nonsense(storage: Storage, embedder: TextEmbedder) -> float:
    """Return the cosine that nonsense words rarely reach."""
    search = ("WITHSCORES", "COUNT", 1, "EF", NONSENSE_EFFORT)
    vectors = await embedder.embed_all(_nonsense_words())
    found = await storage.redis.execute_all(
        [("VSIM", storage.keys.vset, "FP32", vector.tobytes(), *search) for vector in vectors]
    )
    scores = [score for matches in found for score in dict(matches).values()]
    return 2 * float(np.quantile(scores, NONSENSE_QUANTILE)) - 1 if scores else 1.0


def _nonsense_words() -> list[str]:
    """Return random letters, the same every time."""
    dice = random.Random(1)
    return [
        "".join(dice.choices(string.ascii_lowercase, k=dice.randint(5, 12)))
        for _ in range(NONSENSE_WORDS)
    ]

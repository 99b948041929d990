"""How close a match is, in steps that mean the same in every directory.

A cosine similarity says little by itself: 0.3 is much among a hundred people whose descriptions are
long, and nothing among twenty thousand of one sentence. So two things are measured in the directory
itself: what meaningless words reach in it, below which nothing is close; and how much the
similarities of pairs of its people vary, which is the length of a step.
"""

import asyncio
import random
import string
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.directory.names import NameIndex
from bot.directory.storage import Storage
from bot.directory.vector_search import VectorSearch
from bot.directory.vectors import read_vectors
from bot.embedding import Embeds, Vectors
from bot.errors import CommandRefused
from bot.person import Match

SAMPLE = 64  # people; their 2,016 pairs give the spread within a few percent
PAIRS_FROM = 8  # people, from which on their pairs say enough
SPREAD = 0.115  # of random pairs, where they do not: as in three directories of real people
MEANINGLESS = 32
EFFORT = 200  # VSIM's EF, at which the nearest is found, and the measure is the same every time
STEPS = (0.0, 0.75, 1.5, 2.5)  # spreads above the floor at which a match is one step closer
FLOOR = 0.85  # of what meaningless words reach, this part is below the floor
WORDS_WEIGHT = 1.3  # beside a description, to which more people are near than to a few words
UNRELATED = 0.95  # of random pairs of people, this part is no kinship
GROWTH = 0.1  # of the number of people, after which it is measured anew

MAX_CLOSENESS = len(STEPS)
"""The greatest closeness; 0 is not close."""


@dataclass(frozen=True)
class SimilarityScale:
    """Measured among ``size`` people: the floors (cosines) of words and of people, and the spread
    of random pairs."""

    size: int
    words: float
    people: float
    spread: float

    def fits(self, size: int) -> bool:
        """Whether so many people are about as many as were measured."""
        return abs(size - self.size) <= GROWTH * self.size

    def mark(self, matches: Sequence[Match], floor: float) -> list[Match]:
        """The matches with their closeness, from 0 to MOST."""
        return [
            match
            if match.score is None
            else replace(match, closeness=self._closeness(match.score, floor))
            for match in matches
        ]

    def floor(self, *, words: bool, person: bool) -> float:
        """Return the cosine below which nothing is close to words, to a person, or to a person
        steered by words."""
        if words and person:
            return (self.words + self.people) / 2
        return self.words if words else self.people

    def _closeness(self, score: float, floor: float) -> int:
        above = (2 * score - 1 - floor) / self.spread  # Redis's score is (1 + cosine) / 2
        return sum(above >= step for step in STEPS)


class ScaleCache:
    """The similarity scale of one directory: measured when it is first needed, and again once the
    directory has grown or shrunk by GROWTH."""

    def __init__(
        self,
        storage: Storage,
        embedder: Embeds,
        names: NameIndex,
        vector_search: VectorSearch,
    ) -> None:
        self._storage = storage
        self._embedder = embedder
        self._names = names
        self._vector_search = vector_search
        self._scale: SimilarityScale | None = None
        self._lock = asyncio.Lock()  # measured once for all who need it at the same time

    async def get(self) -> SimilarityScale:
        """Return the scale for the directory's size as last seen. Raises SettingError if everyone
        was embedded again with a different model."""
        size = await self._vector_search.estimate_size()
        async with self._lock:
            if self._scale is None or not self._scale.fits(size):
                self._scale = await self._measure(size)
            return self._scale

    async def _measure(self, size: int) -> SimilarityScale:
        names = await self._names.at(places_to_measure(size))
        try:
            return await measure(self._storage, self._embedder, size, names)
        except CommandRefused:  # a different model's vectors may have a different dimension
            await self._vector_search.check_model()
            raise


def bend(person: Vectors, words: Vectors) -> Vectors:
    """The direction of a person, bent to words; all unit vectors."""
    bent = person + WORDS_WEIGHT * words
    return np.asarray(bent / np.linalg.norm(bent), np.float32)


def places_to_measure(size: int) -> list[int]:
    """Up to SAMPLE places of so many, spread over all: the same ones every time."""
    return sorted({size * number // SAMPLE for number in range(SAMPLE)} & set(range(size)))


async def measure(
    storage: Storage, embedder: Embeds, size: int, names: Sequence[str]
) -> SimilarityScale:
    """Measure a directory of ``size`` people, by the pairs of some ``names``."""
    _, sample = await read_vectors(storage, names)
    pairs = (sample @ sample.T)[np.triu_indices(len(sample), 1)]
    enough = len(sample) >= PAIRS_FROM
    return SimilarityScale(
        size,
        words=await _reached_by_meaningless_words(storage, embedder) if size else 1.0,
        people=float(np.quantile(pairs, UNRELATED)) if enough else 2 * SPREAD,
        spread=max(float(pairs.std()), 0.01) if enough else SPREAD,
    )


async def _reached_by_meaningless_words(storage: Storage, embedder: Embeds) -> float:
    vset = storage.keys.vset
    vectors = await embedder.embed_all(_meaningless_words())
    found = await storage.redis.execute_all(
        [
            ("VSIM", vset, "FP32", vector.tobytes(), "WITHSCORES", "COUNT", 1, "EF", EFFORT)
            for vector in vectors
        ]
    )
    scores = [score for matches in found for score in dict(matches).values()]
    return 2 * float(np.quantile(scores, FLOOR)) - 1 if scores else 1.0


def _meaningless_words() -> list[str]:
    """Letters at random, but the same at every start."""
    dice = random.Random(1)
    return [
        "".join(dice.choices(string.ascii_lowercase, k=dice.randint(5, 12)))
        for _ in range(MEANINGLESS)
    ]

"""People with their vectors, and questions, saved as files that every contender reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

RESULT_COUNT = 10
"""How many people every question asks for."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class FilterCase:
    """A filter on the people: those with a ``rank`` below ``rank_limit``, or all if it is None."""

    name: str
    rank_limit: int | None


def filter_cases(size: int) -> list[FilterCase]:
    """Return the filters to measure with ``size`` people."""
    limits = {"50 %": size // 2, "1 %": size // 100, "0.1 %": max(1, size // 1000), "7 people": 7}
    filtered = [FilterCase(name, limit) for name, limit in limits.items()]
    return [FilterCase("no filter", None), *filtered]


@dataclass(frozen=True)
class Dataset:
    """People, vectors and questions.

    Each of ``people`` has a name, a description and attributes, among them a unique ``rank``, from
    0, in random order. ``vectors`` are float32[people, dimension], ``questions``
    float32[questions, dimension]; all have length 1.
    """

    folder: Path
    people: Sequence[dict[str, Any]]
    vectors: Vectors
    questions: Vectors

    @property
    def file(self) -> Path:
        """The people as JSON lines, which the bot imports."""
        return self.folder / "people.jsonl"

    @property
    def ranks(self) -> NDArray[np.int64]:
        """The rank of each person, int64[people]."""
        return np.array([person["rank"] for person in self.people])

    @classmethod
    def load(cls, folder: Path) -> Self:
        with (folder / "people.jsonl").open(encoding="utf-8") as lines:
            people = list(map(json.loads, lines))
        vectors, questions = np.load(folder / "vectors.npy"), np.load(folder / "questions.npy")
        return cls(folder, people, vectors, questions)

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(person, ensure_ascii=False) + "\n" for person in self.people)
        self.file.write_text("".join(lines), encoding="utf-8")
        np.save(self.folder / "vectors.npy", self.vectors)
        np.save(self.folder / "questions.npy", self.questions)

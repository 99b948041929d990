"""People with their vectors, and questions, as files that every contender reads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

COUNT = 10
"""How many people every question asks for."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """Whom a question is about: people with a ``rank`` below ``below``; None: everybody."""

    name: str
    below: int | None


def cases(size: int) -> list[Case]:
    """The filters that are asked of so many people."""
    parts = {"50 %": size // 2, "1 %": size // 100, "0.1 %": max(1, size // 1000), "7 people": 7}
    return [Case("no filter", None), *(Case(name, below) for name, below in parts.items())]


@dataclass(frozen=True)
class Crowd:
    """``people`` have a name, a description, attributes, and among these a ``rank`` of their own,
    from 0, in no order. ``vectors`` are theirs, float32[people, dimension], ``questions`` those
    that are asked, float32[questions, dimension]; all of length 1."""

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
        """Every person's rank, int64[people]."""
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

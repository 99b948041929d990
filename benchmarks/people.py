"""Where the people come from: a file beside the checkout, or else words put together; and copies of
them, up to as many as are wanted."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.crowd import Crowd, Vectors
from bot.person import fold
from bot.person.text import clean_text

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "wikipedia_deaths.jsonl"
SYNTHETIC = 20_000
NOISE = 0.35  # the length of what moves a copy away from whom it copies
QUESTION_WORDS = 3

GIVEN = "Ana Bo Carl Dina Emil Fatou Gita Hugo Ines Jun Kofi Lena Milo Nora Omar Pia"
FAMILY = "Adler Bello Costa Diallo Eriksen Fujita Garcia Haddad Ito Jansen Kowalski Lund"
COUNTRIES = "France Ghana India Brazil Japan Canada Norway Egypt Chile Poland Kenya Italy"
TRADES = """composer footballer chemist painter novelist general bishop architect swimmer senator
singer historian engineer photographer surgeon philosopher actor cyclist banker poet"""
DEEDS = "founded taught reformed crossed painted measured defended translated lost rebuilt"
THINGS = """schools bridges orchestras deserts comets parliaments hospitals cathedrals dictionaries
railways gardens theatres lighthouses newspapers vineyards"""


def read_people(most: int | None = None) -> list[dict[str, Any]]:
    """The people of the file, or made-up ones if it is not there; ``most`` of them."""
    if not DATA.exists():
        return list(itertools.islice(made_up(), most or SYNTHETIC))
    with DATA.open(encoding="utf-8") as lines:
        return list(map(json.loads, itertools.islice(lines, most)))


def made_up() -> Iterator[dict[str, Any]]:
    """People without end, always the same, in the shape of the file's."""
    chance = np.random.default_rng(0)
    vocabulary = [text.split() for text in (GIVEN, FAMILY, COUNTRIES, TRADES, DEEDS, THINGS)]
    for number in itertools.count():
        given, family, country, trade, deed, thing = (
            words[chance.integers(len(words))] for words in vocabulary
        )
        born = int(chance.integers(1900, 1980))
        yield {
            "name": f"{given} {family} {number}",
            "description": f"{trade} from {country} who {deed} {thing}",
            "born": born,
            "died": born + int(chance.integers(20, 40)),
            "country": country,
        }


def crowd_of(
    people: Sequence[dict[str, Any]], vectors: Vectors, size: int, questions: int, folder: Path
) -> Crowd:
    """``size`` of these people, and from there on copies of them: with a vector a little moved, and
    a number behind name and description, which nobody shares."""
    chance = np.random.default_rng(size)
    ranks = chance.permutation(size).tolist()
    named: set[str] = set()
    crowd: list[dict[str, Any]] = []
    for number, rank in enumerate(ranks):
        person = people[number % len(people)]
        name = clean_text(person["name"], "name")
        description = clean_text(person["description"], "description")
        if number >= len(people):
            description = f"{description} ({number})"
        if number >= len(people) or fold(name) in named:
            name = f"{name} ({number})"
        named.add(fold(name))
        kept = {key: person[key] for key in ("born", "died", "country")}
        crowd.append({"name": name, "description": description, **kept, "rank": rank})
    there = moved(vectors, size, chance)
    asked = chance.integers(size, size=(questions, 2))
    return Crowd(folder, crowd, there, unit(there[asked[:, 0]] + 0.6 * there[asked[:, 1]]))


def moved(vectors: Vectors, size: int, chance: np.random.Generator) -> Vectors:
    """``size`` unit vectors: these, and then these with some noise."""
    copies = np.resize(vectors, (size, vectors.shape[1])).astype(np.float32)
    noise = chance.normal(size=copies.shape).astype(np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    noise[: len(vectors)] = 0
    return unit(copies + noise)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """The same directions, of length 1."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def question_texts(people: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Short questions without end, none twice: some words of people's descriptions."""
    said = " ".join(person["description"] for person in people)
    words = sorted({word for word in said.lower().split() if word.isalpha() and len(word) > 3})
    chance = np.random.default_rng(len(words))
    asked: set[str] = set()
    while True:
        text = " ".join(chance.choice(words, QUESTION_WORDS))
        if text not in asked:
            asked.add(text)
            yield text

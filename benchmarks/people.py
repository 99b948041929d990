"""Read people from a file beside the checkout, or generate them if there is none, and make datasets
of any size from them."""

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.dataset import Dataset, Vectors
from bot.person import fold
from bot.person.text import clean_text

DATA_FILE = Path(__file__).parent.parent.parent / "shared" / "data" / "wikipedia_deaths.jsonl"
GENERATED = 20_000
NOISE = 0.35  # the length of the noise that is added to the vector of a copy
QUESTION_WORDS = 3

GIVEN = "Ana Bo Carl Dina Emil Fatou Gita Hugo Ines Jun Kofi Lena Milo Nora Omar Pia"
FAMILY = "Adler Bello Costa Diallo Eriksen Fujita Garcia Haddad Ito Jansen Kowalski Lund"
COUNTRIES = "France Ghana India Brazil Japan Canada Norway Egypt Chile Poland Kenya Italy"
TRADES = """composer footballer chemist painter novelist general bishop architect swimmer senator
singer historian engineer photographer surgeon philosopher actor cyclist banker poet"""
DEEDS = "founded taught reformed crossed painted measured defended translated lost rebuilt"
THINGS = """schools bridges orchestras deserts comets parliaments hospitals cathedrals dictionaries
railways gardens theatres lighthouses newspapers vineyards"""


def read_people(max_count: int | None = None) -> list[dict[str, Any]]:
    """Return the people of the file, or generated ones if it does not exist; at most
    ``max_count``."""
    if not DATA_FILE.exists():
        return list(itertools.islice(generate_people(), max_count or GENERATED))
    with DATA_FILE.open(encoding="utf-8") as lines:
        return list(map(json.loads, itertools.islice(lines, max_count)))


def generate_people() -> Iterator[dict[str, Any]]:
    """Yield people endlessly, in the shape of the file's, the same ones every time."""
    rng = np.random.default_rng(0)
    vocabulary = [text.split() for text in (GIVEN, FAMILY, COUNTRIES, TRADES, DEEDS, THINGS)]
    for number in itertools.count():
        given, family, country, trade, deed, thing = (
            words[rng.integers(len(words))] for words in vocabulary
        )
        born = int(rng.integers(1900, 1980))
        yield {
            "name": f"{given} {family} {number}",
            "description": f"{trade} from {country} who {deed} {thing}",
            "born": born,
            "died": born + int(rng.integers(20, 40)),
            "country": country,
        }


def make_dataset(
    people: Sequence[dict[str, Any]], vectors: Vectors, size: int, questions: int, folder: Path
) -> Dataset:
    """Make a dataset of ``size`` people. If there are fewer, add copies of them, with noise added
    to the vector, and a unique number appended to the name and the description."""
    rng = np.random.default_rng(size)
    ranks = rng.permutation(size).tolist()
    used_names: set[str] = set()
    rows: list[dict[str, Any]] = []
    for number, rank in enumerate(ranks):
        person = people[number % len(people)]
        name = clean_text(person["name"], "name")
        description = clean_text(person["description"], "description")
        if number >= len(people):
            description = f"{description} ({number})"
        if number >= len(people) or fold(name) in used_names:
            name = f"{name} ({number})"
        used_names.add(fold(name))
        attributes = {key: person[key] for key in ("born", "died", "country")}
        rows.append({"name": name, "description": description, **attributes, "rank": rank})
    all_vectors = with_noisy_copies(vectors, size, rng)
    pairs = rng.integers(size, size=(questions, 2))
    question_vectors = normalize(all_vectors[pairs[:, 0]] + 0.6 * all_vectors[pairs[:, 1]])
    return Dataset(folder, rows, all_vectors, question_vectors)


def with_noisy_copies(vectors: Vectors, size: int, rng: np.random.Generator) -> Vectors:
    """Return ``size`` unit vectors: these, then copies of them with noise added."""
    copies = np.resize(vectors, (size, vectors.shape[1])).astype(np.float32)
    noise = rng.normal(size=copies.shape).astype(np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    noise[: len(vectors)] = 0
    return normalize(copies + noise)


def normalize(vectors: NDArray[np.floating]) -> Vectors:
    """Scale vectors to length 1."""
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def generate_questions(people: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield short questions endlessly, each only once: random words of the people's
    descriptions."""
    descriptions = " ".join(person["description"] for person in people)
    words = sorted(
        {word for word in descriptions.lower().split() if word.isalpha() and len(word) > 3}
    )
    rng = np.random.default_rng(len(words))
    used: set[str] = set()
    while True:
        text = " ".join(rng.choice(words, QUESTION_WORDS))
        if text not in used:
            used.add(text)
            yield text

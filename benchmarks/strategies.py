"""Measure what a filtered search costs, and how many people it misses, with 100,000 people: the
table of docs/query-language.md. Run it with ``make strategies``; it takes about five minutes.

The people are those of ../shared/data/wikipedia_deaths.jsonl and copies of them with noise added to
their vectors. A filter on a unique number lets as many people match as wanted.
"""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import redis

from bot.embedded_redis import EmbeddedRedis
from bot.embedding import Embedder, Vectors

DATA_FILE = Path(__file__).parent.parent.parent / "shared" / "data" / "wikipedia_deaths.jsonl"
PEOPLE_COUNT = 100_000
QUESTIONS = 150
EFFORTS = (500, 2_000, 10_000)
CASES = [(100, 6), (1_000, 6), (5_000, 6), (5_000, 100), (20_000, 6), (50_000, 6), (50_000, 100)]
CASES += [(PEOPLE_COUNT, 100), (None, 6)]
TIE = 1e-6  # scores that differ by less are equal


async def embed(texts: list[str]) -> Vectors:
    with Embedder() as embedder:
        return await embedder.embed_all(texts)


def with_noisy_copies(vectors: Vectors, rng: np.random.Generator) -> Vectors:
    """Return PEOPLE_COUNT unit vectors: these, then copies of them with noise added."""
    copies = np.resize(vectors, (PEOPLE_COUNT, vectors.shape[1])).astype(np.float32)
    noise = rng.normal(size=copies.shape).astype(np.float32)
    noise *= 0.35 / np.linalg.norm(noise, axis=1, keepdims=True)
    noise[: len(vectors)] = 0
    copies += noise
    return copies / np.linalg.norm(copies, axis=1, keepdims=True)


def add_people(client: redis.Redis, people: list[dict], vectors: Vectors) -> None:
    pipeline = client.pipeline(transaction=False)
    for number, vector in enumerate(vectors):
        person = people[number % len(people)]
        fields = {"number": number, "born": person["born"], "died": person["died"]}
        attributes = json.dumps({**fields, "description": person["description"]})
        blob = vector.astype("<f4").tobytes()
        pipeline.execute_command("VADD", "all", "FP32", blob, number, "SETATTR", attributes)
        if number % 500 == 499:
            pipeline.execute()
    pipeline.execute()


def time_search(client: redis.Redis, blob: bytes, limit: int | None, count: int, *options: object):
    """Return the milliseconds of a search, and the scores in descending order."""
    filter_options = () if limit is None else ("FILTER", f".number < {limit}")
    if limit is not None and "EF" in options:
        filter_options += ("FILTER-EF", 4 * int(str(options[1])))
    start = time.perf_counter()
    reply: Any = client.execute_command(
        "VSIM", "all", "FP32", blob, "WITHSCORES", "COUNT", count, *filter_options, *options
    )
    milliseconds = 1000 * (time.perf_counter() - start)
    return milliseconds, np.sort([float(score) for score in reply.values()])[::-1]


def measure_case(
    client: redis.Redis, blobs: list[bytes], limit: int | None, count: int
) -> list[str]:
    """Return a row of the table: a filter with all people compared, and with each effort."""
    row = ["no condition" if limit is None else f"{limit:,}", str(count)]
    variants = [("TRUTH",), *(("EF", effort) for effort in EFFORTS)]
    results = [
        [time_search(client, blob, limit, count, *options) for options in variants]
        for blob in blobs
    ]
    for variant in range(len(variants)):
        milliseconds = statistics.median(answers[variant][0] for answers in results)
        differences = sum(
            not has_same_scores(answers[0][1], answers[variant][1]) for answers in results
        )
        row.append(f"{milliseconds:.1f} ms" + (f", {differences} differ" if variant else ""))
    return row


def has_same_scores(exact: np.ndarray, scores: np.ndarray) -> bool:
    return len(exact) == len(scores) and np.abs(exact - scores).max(initial=0) < TIE


def main() -> None:
    people = [json.loads(line) for line in DATA_FILE.read_text(encoding="utf-8").splitlines()]
    vectors = asyncio.run(embed([person["description"] for person in people]))
    rng = np.random.default_rng(0)
    pairs = vectors[rng.integers(len(vectors), size=(QUESTIONS, 2))]
    questions = pairs[:, 0] + 0.6 * pairs[:, 1]
    blobs = [(vector / np.linalg.norm(vector)).astype("<f4").tobytes() for vector in questions]
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        client = redis.Redis.from_url(server.url, protocol=3)
        add_people(client, people, with_noisy_copies(vectors, rng))
        efforts = " | ".join(f"graph, effort {effort:,}" for effort in EFFORTS)
        print(f"| people who match | count | everyone compared | {efforts} |")
        print("|---" * (3 + len(EFFORTS)) + "|")
        for limit, count in CASES:
            print(f"| {' | '.join(measure_case(client, blobs, limit, count))} |", flush=True)


if __name__ == "__main__":
    main()

"""What a filtered search costs, and whom it misses, at 100,000 people: the table of
docs/query-language.md. Run it with ``make strategies``; it takes some five minutes.

The people are those of ../shared/data/wikipedia_deaths.jsonl and copies of them with their vectors
a little moved; a filter on a number of their own makes it hold for as many as wanted.
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

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "wikipedia_deaths.jsonl"
PEOPLE = 100_000
QUESTIONS = 150
EFFORTS = (500, 2_000, 10_000)
CASES = [(100, 6), (1_000, 6), (5_000, 6), (5_000, 100), (20_000, 6), (50_000, 6), (50_000, 100)]
CASES += [(PEOPLE, 100), (None, 6)]
SAME = 1e-6  # scores that differ by less are equal


async def embed(texts: list[str]) -> Vectors:
    with Embedder() as embedder:
        return await embedder.embed_all(texts)


def moved(vectors: Vectors, chance: np.random.Generator) -> Vectors:
    """PEOPLE unit vectors: these, and then these with some noise."""
    copies = np.resize(vectors, (PEOPLE, vectors.shape[1])).astype(np.float32)
    noise = chance.normal(size=copies.shape).astype(np.float32)
    noise *= 0.35 / np.linalg.norm(noise, axis=1, keepdims=True)
    noise[: len(vectors)] = 0
    copies += noise
    return copies / np.linalg.norm(copies, axis=1, keepdims=True)


def fill(client: redis.Redis, people: list[dict], vectors: Vectors) -> None:
    pipeline = client.pipeline(transaction=False)
    for number, vector in enumerate(vectors):
        person = people[number % len(people)]
        kept = {"number": number, "born": person["born"], "died": person["died"]}
        attributes = json.dumps({**kept, "description": person["description"]})
        blob = vector.astype("<f4").tobytes()
        pipeline.execute_command("VADD", "all", "FP32", blob, number, "SETATTR", attributes)
        if number % 500 == 499:
            pipeline.execute()
    pipeline.execute()


def ask(client: redis.Redis, blob: bytes, held: int | None, count: int, *how: object):
    """The milliseconds, and the scores, best first."""
    narrowed = () if held is None else ("FILTER", f".number < {held}")
    if held is not None and "EF" in how:
        narrowed += ("FILTER-EF", 4 * int(str(how[1])))
    start = time.perf_counter()
    found: Any = client.execute_command(
        "VSIM", "all", "FP32", blob, "WITHSCORES", "COUNT", count, *narrowed, *how
    )
    taken = 1000 * (time.perf_counter() - start)
    return taken, np.sort([float(score) for score in found.values()])[::-1]


def measure(client: redis.Redis, blobs: list[bytes], held: int | None, count: int) -> list[str]:
    """A row of the table."""
    ways = [("TRUTH",), *(("EF", effort) for effort in EFFORTS)]
    found = [[ask(client, blob, held, count, *how) for how in ways] for blob in blobs]
    row = ["no condition" if held is None else f"{held:,}", str(count)]
    for way in range(len(ways)):
        milliseconds = statistics.median(answers[way][0] for answers in found)
        differing = sum(not same(answers[0][1], answers[way][1]) for answers in found)
        row.append(f"{milliseconds:.1f} ms" + (f", {differing} differ" if way else ""))
    return row


def same(exact: np.ndarray, scores: np.ndarray) -> bool:
    return len(exact) == len(scores) and np.abs(exact - scores).max(initial=0) < SAME


def main() -> None:
    people = [json.loads(line) for line in DATA.read_text(encoding="utf-8").splitlines()]
    vectors = asyncio.run(embed([person["description"] for person in people]))
    chance = np.random.default_rng(0)
    pairs = vectors[chance.integers(len(vectors), size=(QUESTIONS, 2))]
    questions = pairs[:, 0] + 0.6 * pairs[:, 1]
    blobs = [(q / np.linalg.norm(q)).astype("<f4").tobytes() for q in questions]
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        client = redis.Redis.from_url(server.url, protocol=3)
        fill(client, people, moved(vectors, chance))
        efforts = " | ".join(f"graph, effort {effort:,}" for effort in EFFORTS)
        print(f"| people who fit | count | all compared | {efforts} |")
        print("|---" * (3 + len(EFFORTS)) + "|")
        for held, count in CASES:
            print(f"| {' | '.join(measure(client, blobs, held, count))} |", flush=True)


if __name__ == "__main__":
    main()

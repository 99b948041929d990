"""Measure an import, with the real model, against encoding alone and the walkthrough's loop."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bot_directory import OpenBot, import_people, open_bot
from benchmarks.contenders.walkthrough import WalkthroughStore
from benchmarks.processes import peak_resident_bytes, reset_peak, resident_bytes
from benchmarks.reference import ReferenceEncoder
from benchmarks.timing import Times, time_interleaved
from bot.directory import Directory
from bot.embedding import Embedder, TextEmbedder

IMPORT, ENCODE, LOOP = "import", "SentenceTransformer.encode", "walkthrough's loop"


async def time_imports(
    bot: OpenBot,
    reference: ReferenceEncoder,
    parts: Sequence[Sequence[dict[str, Any]]],
    loop_count: int,
    folder: Path,
) -> Times:
    """Return the seconds per person of importing each part of the people into its own directory,
    of encoding its descriptions only, and of adding its first ``loop_count`` people as in the
    walkthrough. ``folder`` exists and is empty."""
    walkthrough = WalkthroughStore(folder)
    walkthrough.open()

    async def import_part(number: int) -> None:
        file = folder / f"part{number}.jsonl"
        lines = (json.dumps(person, ensure_ascii=False) + "\n" for person in parts[number])
        file.write_text("".join(lines), encoding="utf-8")
        await import_people(await bot.directory(f"part{number}"), file)

    async def encode_part(number: int) -> None:
        await reference.encode_all([person["description"] for person in parts[number]])

    def add_one_by_one(number: int) -> None:
        for person in parts[number][:loop_count]:
            walkthrough.add(person, reference.encode_on_this_thread(person["description"]))

    async def loop_over_part(number: int) -> None:
        await reference.run(lambda: add_one_by_one(number))

    variants = {IMPORT: import_part, ENCODE: encode_part, LOOP: loop_over_part}
    try:
        times = await time_interleaved(variants, range(len(parts)))
    finally:
        walkthrough.close()
    sizes = [len(part) for part in parts]
    people = {IMPORT: sizes, ENCODE: sizes, LOOP: [min(loop_count, size) for size in sizes]}
    return {
        variant: [each / size for each, size in zip(seconds, people[variant], strict=True)]
        for variant, seconds in times.items()
    }


@dataclass(frozen=True)
class FileImportResult:
    """What importing a file in a fresh process took.

    ``idle_bytes`` is the memory of the process before the import, with the model loaded,
    ``peak_bytes`` the most it used. ``redis_bytes`` is what Redis uses per person without the
    description, and ``redis_bytes_by_key`` the same by key, descriptions included.
    """

    people: int
    seconds: float
    idle_bytes: int
    peak_bytes: int
    redis_bytes: float
    redis_bytes_by_key: Mapping[str, float]


def measure_file_import_with_model(file: Path, folder: Path) -> FileImportResult:
    """Run ``measure_file_import`` with the real model; to be called in a fresh process."""
    with Embedder() as embedder:
        return asyncio.run(measure_file_import(embedder, file, folder))


async def measure_file_import(embedder: TextEmbedder, file: Path, folder: Path) -> FileImportResult:
    """Import a file of people into a new directory."""
    async with open_bot(folder, embedder) as bot:
        directory = await bot.directory()
        await embedder.embed_all(["memory that a batch takes is not given back"] * 64)
        used_before, idle_bytes = await _used_memory(directory), resident_bytes()
        reset_peak()
        start = time.perf_counter()
        report = await import_people(directory, file)
        seconds, peak_bytes = time.perf_counter() - start, peak_resident_bytes()
        descriptions = sum(
            [len(person.description.encode()) async for person in directory.people.iterate()]
        )
        used = await _used_memory(directory) - used_before - descriptions
        by_key = await _memory_by_key(directory)
        return FileImportResult(
            people=report.added,
            seconds=seconds,
            idle_bytes=idle_bytes,
            peak_bytes=peak_bytes,
            redis_bytes=used / report.added,
            redis_bytes_by_key={key: size / report.added for key, size in by_key.items()},
        )


async def _used_memory(directory: Directory) -> int:
    redis = directory.storage.redis
    return int((await redis.execute("INFO", "memory"))["used_memory"])


async def _memory_by_key(directory: Directory) -> dict[str, int]:
    """Return the bytes that each key of a directory takes, by the key's field in Keys."""
    redis, keys = directory.storage.redis, directory.storage.keys
    commands = [("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys]
    sizes = await redis.execute_all(commands)
    return {field: size or 0 for field, size in zip(keys._fields, sizes, strict=True)}

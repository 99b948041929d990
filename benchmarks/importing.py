"""Our import, with the real model, against encoding alone and against the walkthrough's loop."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.contenders.walkthrough import Store as Walkthrough
from benchmarks.encoding import Reference
from benchmarks.ours import Opened, import_people, opened
from benchmarks.processes import forget_peak, memory, peak_memory
from benchmarks.timing import Times, in_turns
from bot.directory import Directory
from bot.embedding import Embedder, Embeds

IMPORT, ENCODE, LOOP = "import", "SentenceTransformer.encode", "walkthrough's loop"


async def import_times(
    bot: Opened,
    reference: Reference,
    parts: Sequence[Sequence[dict[str, Any]]],
    looped: int,
    folder: Path,
) -> Times:
    """Parts of the people: their descriptions encoded; they imported, each part into a directory of
    its own; and ``looped`` of them by the walkthrough's loop. In seconds a person. ``folder`` is
    there, and empty."""
    walkthrough = Walkthrough(folder)
    walkthrough.open()

    async def imported(number: int) -> None:
        file = folder / f"part{number}.jsonl"
        lines = (json.dumps(person, ensure_ascii=False) + "\n" for person in parts[number])
        file.write_text("".join(lines), encoding="utf-8")
        await import_people(await bot.directory(f"part{number}"), file)

    async def encoded(number: int) -> None:
        await reference.encode_all([person["description"] for person in parts[number]])

    def loop(number: int) -> None:
        for person in parts[number][:looped]:
            walkthrough.add(person, reference.encode_here(person["description"]))

    async def looped_on_its_thread(number: int) -> None:
        await reference.run(lambda: loop(number))

    ways = {IMPORT: imported, ENCODE: encoded, LOOP: looped_on_its_thread}
    try:
        times = await in_turns(ways, range(len(parts)))
    finally:
        walkthrough.close()
    done = {IMPORT: len, ENCODE: len, LOOP: lambda part: min(looped, len(part))}
    return {
        way: [seconds / done[way](part) for seconds, part in zip(taken, parts, strict=True)]
        for way, taken in times.items()
    }


@dataclass(frozen=True)
class WholeImport:
    """A file imported by a process of its own: how many people in how many seconds; the bytes of
    memory it had before, with the model loaded, and at the most; what Redis then needs for a
    person, without the description, and by key."""

    people: int
    seconds: float
    idle: int
    peak: int
    redis: float
    by_key: Mapping[str, float]


def import_whole(file: Path, folder: Path) -> WholeImport:
    """With the real model, for a process of its own."""
    with Embedder() as embedder:
        return asyncio.run(whole_import(embedder, file, folder))


async def whole_import(embedder: Embeds, file: Path, folder: Path) -> WholeImport:
    async with opened(folder, embedder) as bot:
        directory = await bot.directory()
        await embedder.embed_all(["what a batch takes stays taken"] * 64)
        before, idle = await _used(directory), memory()
        forget_peak()
        start = time.perf_counter()
        report = await import_people(directory, file)
        seconds, peak = time.perf_counter() - start, peak_memory()
        described = sum([len(p.description.encode()) async for p in directory.people.iterate()])
        each = (await _used(directory) - before - described) / report.added
        by_key = {key: size / report.added for key, size in (await _by_key(directory)).items()}
        return WholeImport(report.added, seconds, idle, peak, each, by_key)


async def _used(directory: Directory) -> int:
    redis = directory.storage.redis
    return int((await redis.execute("INFO", "memory"))["used_memory"])


async def _by_key(directory: Directory) -> dict[str, int]:
    """The bytes under each key, by what the key is for."""
    redis, keys = directory.storage.redis, directory.storage.keys
    asked = [("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys]
    sizes = await redis.execute_all(asked)
    return {what: size or 0 for what, size in zip(keys._fields, sizes, strict=True)}

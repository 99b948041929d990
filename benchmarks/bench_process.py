"""Measure the memory of a process of the bot over many searches, and how long one takes to
start."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bot_directory import open_bot
from benchmarks.dataset import RESULT_COUNT
from benchmarks.processes import resident_bytes
from bot.embedding import Embedder, TextEmbedder

WARM_UP_SEARCHES = 100  # after these, everything is loaded
ROOT = Path(__file__).parent.parent


def search_memory_with_model(folder: Path, texts: Sequence[str]) -> tuple[int, int]:
    """Run ``search_memory`` with the real model; to be called in a fresh process."""
    with Embedder() as embedder:
        return asyncio.run(search_memory(embedder, folder, texts))


async def search_memory(
    embedder: TextEmbedder, folder: Path, texts: Sequence[str]
) -> tuple[int, int]:
    """Return the bytes of memory of this process after the warm-up searches and after all."""
    async with open_bot(folder, embedder) as bot:
        directory = await bot.directory()
        for text in texts[:WARM_UP_SEARCHES]:
            await directory.search(text, RESULT_COUNT)
        warm_bytes = resident_bytes()
        for text in texts[WARM_UP_SEARCHES:]:
            await directory.search(text, RESULT_COUNT)
        return warm_bytes, resident_bytes()


def time_help(runs: int) -> list[float]:
    """Return the seconds that each run of ``python -m bot --help`` takes."""
    seconds: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        command = [sys.executable, "-m", "bot", "--help"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return seconds

"""A process of the bot that stays: its memory over many searches; and how soon one starts."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.crowd import COUNT
from benchmarks.ours import opened
from benchmarks.processes import memory
from bot.embedding import Embedder, Embeds

FIRST = 100  # searches, after which all is loaded and warm
ROOT = Path(__file__).parent.parent


def memory_over_searches(folder: Path, texts: Sequence[str]) -> tuple[int, int]:
    """With the real model, for a process of its own."""
    with Embedder() as embedder:
        return asyncio.run(memory_over(embedder, folder, texts))


async def memory_over(embedder: Embeds, folder: Path, texts: Sequence[str]) -> tuple[int, int]:
    """The bytes of memory of this process after the first searches and after all of them."""
    async with opened(folder, embedder) as bot:
        directory = await bot.directory()
        for text in texts[:FIRST]:
            await directory.search(text, COUNT)
        first = memory()
        for text in texts[FIRST:]:
            await directory.search(text, COUNT)
        return first, memory()


def help_seconds(times: int) -> list[float]:
    """What ``python -m bot --help`` takes."""
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        command = [sys.executable, "-m", "bot", "--help"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return taken

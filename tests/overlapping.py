"""Interactions that overlap. By itself, simcord handles them one by one."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from simcord._settlement import _run_due_virtual_callbacks as run_due_timers

from bot.embedding import Vectors
from tests.embedders import WordEmbedder


@contextlib.contextmanager
def without_waiting(env: Any) -> Iterator[None]:
    """Send what members do without waiting for the bot to finish."""

    async def run_timers_only(**_: object) -> None:
        run_due_timers(env._settlement_state(), env._loop.time() + 1)

    env._settle_internal, settle = run_timers_only, env._settle_internal
    try:
        yield
    finally:
        env._settle_internal = settle


async def wait_until(condition: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


class BlockingEmbedder(WordEmbedder):
    """Embeds nothing between ``block`` and ``release``."""

    def __init__(self) -> None:
        self._released = asyncio.Event()
        self._released.set()
        self.waiting = 0  # calls

    def block(self) -> None:
        self._released.clear()

    def release(self) -> None:
        self._released.set()

    async def embed_all(self, texts: Any) -> Vectors:
        self.waiting += 1
        try:
            await self._released.wait()
        finally:
            self.waiting -= 1
        return await super().embed_all(texts)

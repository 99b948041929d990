"""Interactions that overlap, which simcord by itself lets come one by one."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from simcord._settlement import _run_due_virtual_callbacks as run_due_timers

from bot.embedding import Vectors
from tests.embedders import WordEmbedder


@contextlib.contextmanager
def at_once(env: Any) -> Iterator[None]:
    """Within it, what a member does is sent, and not waited for."""

    async def only_timers(**_: object) -> None:
        run_due_timers(env._settlement_state(), env._loop.time() + 1)

    env._settle_internal, waits = only_timers, env._settle_internal
    try:
        yield
    finally:
        env._settle_internal = waits


async def until(condition: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


class HeldEmbedder(WordEmbedder):
    """Embeds nothing until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.waiting = 0

    async def embed_all(self, texts: Any) -> Vectors:
        self.waiting += 1
        try:
            await self.go.wait()
        finally:
            self.waiting -= 1
        return await super().embed_all(texts)

"""How much may be asked, and how much of it is made at once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any, TypeVar
from weakref import WeakValueDictionary

KEYS_MAX = 10_000  # of a rate; who asked longest ago is forgotten first
ANSWERS_AT_ONCE = 3  # of one member
MADE_AT_ONCE = 64  # of all members: two batches of what is embedded, and Redis's connections

T = TypeVar("T")


class Rate:
    """So many at once, and then one in so many seconds, for each of many: a token bucket, of which
    is kept when it will be full again. By perf_counter: in an offline Discord, monotonic stands
    still."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._at_once = at_once
        self._seconds = seconds
        self._full_at: OrderedDict[int, float] = OrderedDict()

    def take(self, key: int) -> float:
        """Take one. If there is none, the seconds until there is; else 0."""
        now = time.perf_counter()
        full_at = max(now, self._full_at.get(key, now))
        wait = full_at - now - (self._at_once - 1) * self._seconds
        if wait > 0:
            return wait
        self._full_at[key] = full_at + self._seconds
        self._full_at.move_to_end(key)
        while len(self._full_at) > KEYS_MAX or next(iter(self._full_at.values())) <= now:
            self._full_at.popitem(last=False)
        return 0.0


class Turns:
    """Lets few answers of a member be in the making at once; the others wait their turn, and what
    another member asks need not wait for them. Of all members there are at the most MADE_AT_ONCE,
    so that the loop comes to acknowledge the others."""

    def __init__(self) -> None:
        self._all = asyncio.Semaphore(MADE_AT_ONCE)
        self._turns: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    async def take(self, member: int, making: Coroutine[Any, Any, T]) -> T:
        """What is made, when it is its turn."""
        turn = self._turns.get(member) or asyncio.Semaphore(ANSWERS_AT_ONCE)
        self._turns[member] = turn
        try:
            async with turn, self._all:
                return await making
        finally:
            making.close()

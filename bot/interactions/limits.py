"""Rate limits, and a limit on how many answers are made at once."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

RATE_KEYS_MAX = 10_000  # of one limiter; the key used longest ago is forgotten first
MEMBER_CONCURRENCY = 3  # answers made for one member at once
TOTAL_CONCURRENCY = 64  # for all members: two batches for the model, and Redis's connections


class RateLimiter:
    """A token bucket per key: *burst* at once, then one every *interval* seconds.

    It stores when each bucket will be full again. Time is ``perf_counter``, because ``monotonic``
    is frozen in simcord's offline Discord.
    """

    def __init__(self, burst: int, interval: float) -> None:
        self._burst = burst
        self._interval = interval
        self._full_at: OrderedDict[int, float] = OrderedDict()

    def acquire(self, key: int) -> float:
        """Take a token and return 0, or return how many seconds until there is one."""
        now = time.perf_counter()
        full_at = max(now, self._full_at.get(key, now))
        wait = full_at - now - (self._burst - 1) * self._interval
        if wait > 0:
            return wait
        self._full_at[key] = full_at + self._interval
        self._full_at.move_to_end(key)
        while len(self._full_at) > RATE_KEYS_MAX or next(iter(self._full_at.values())) <= now:
            self._full_at.popitem(last=False)
        return 0.0


class ConcurrencyLimiter:
    """Limits how many answers are made at once, for each member and in all.

    A member's other requests wait for a slot without holding up those of other members. The total
    is limited so that the event loop stays free to acknowledge new interactions.
    """

    def __init__(self) -> None:
        self._total = asyncio.Semaphore(TOTAL_CONCURRENCY)
        self._members: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        self._count = 0  # answers that have a slot or wait for one

    @property
    def is_crowded(self) -> bool:
        """Whether the next answer will have to wait."""
        return self._count >= TOTAL_CONCURRENCY

    @asynccontextmanager
    async def slot(self, member_id: int) -> AsyncIterator[None]:
        """Wait for a slot, and hold it during the block."""
        member = self._members.get(member_id) or asyncio.Semaphore(MEMBER_CONCURRENCY)
        self._members[member_id] = member
        self._count += 1
        try:
            async with member, self._total:
                yield
        finally:
            self._count -= 1

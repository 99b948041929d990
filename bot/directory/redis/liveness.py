"""Whether a server answers, and how long to wait for it.

redis-py has one time limit for a reply. Here, a server that is busy is given more time than one
that has gone silent, and of all who need a server that is down only one waits for it.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis import exceptions

from bot.directory.redis.errors import NotReached
from bot.directory.shared_task import SharedTask

CONNECT_SECONDS = 2.0  # also for TLS and the password
PROBE_SECONDS = 1.0  # of waiting, between two probes
JOIN_SECONDS = 0.2  # to wait for a probe that someone else has started: many may wait at once


@dataclass(frozen=True)
class TimeLimit:
    """Seconds to wait for a server: since it was last seen alive, and in all."""

    silent: float
    total: float


class Liveness:
    """Watches one server. While requests wait for it, and when one comes after it went down,
    ``probe`` is called: it connects, and raises RedisError or OSError if it can't."""

    def __init__(self, probe: Callable[[], Awaitable[None]]) -> None:
        self._probe = probe
        self._last_reply = -math.inf
        self._failure: NotReached | None = None  # while it is down
        self._waiting: dict[asyncio.Timeout, tuple[float, float]] = {}  # silent, end
        self._timer: asyncio.TimerHandle | None = None
        self._probing = SharedTask[None]()

    def record_reply(self) -> None:
        """Note that the server has just answered."""
        self._last_reply = asyncio.get_running_loop().time()
        self._failure = None

    def record_failure(self, reason: Exception, began: float) -> float:
        """Note that an attempt that ``began`` then has failed. Returns since when the server has
        answered nobody; infinity if it hasn't stopped."""
        if getattr(reason, "status_code", None):  # it refused to connect, which is a reply
            self.record_reply()
        elif self._last_reply <= began:
            down_since = self._failure.down_since if self._failure else began
            self._failure = NotReached(reason, down_since)
        return self._failure.down_since if self._failure else math.inf

    async def check(self) -> None:
        """If the server is down, find out whether it is back. Raises NotReached. Only one caller
        waits as long as a connection may take; the others are told soon."""
        if not self._failure:
            return
        for _ in range(2):  # a probe that was running already may have begun before it was back
            is_own = not self._probing.is_running
            probing = self._start_probe()
            await asyncio.wait([probing], timeout=CONNECT_SECONDS if is_own else JOIN_SECONDS)
            if is_own or not self._failure or not probing.done():
                break
        if self._failure:
            raise NotReached(self._failure.reason, self._failure.down_since)

    @asynccontextmanager
    async def limit(self, limit: TimeLimit) -> AsyncGenerator[None]:
        """Limit the time that the context takes; each successful probe extends it. Raises
        TimeoutError."""
        async with asyncio.timeout(limit.silent) as timeout:
            self._waiting[timeout] = limit.silent, asyncio.get_running_loop().time() + limit.total
            self._schedule_probe()
            try:
                yield
            finally:
                del self._waiting[timeout]
                if not self._waiting:
                    self._cancel_timer()

    async def aclose(self) -> None:
        self._cancel_timer()
        await self._probing.cancel()

    def _schedule_probe(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PROBE_SECONDS, self._start_probe)

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _start_probe(self) -> asyncio.Task[None]:
        self._cancel_timer()
        return self._probing.start(self._run_probe)

    async def _run_probe(self) -> None:
        began = asyncio.get_running_loop().time()
        try:
            await self._probe()
        except (exceptions.RedisError, OSError) as error:
            if self._failure:  # otherwise those who wait decide, after their own time limit
                self.record_failure(error, began)
        else:
            self.record_reply()
            self._extend_limits()
        if self._waiting:
            self._schedule_probe()

    def _extend_limits(self) -> None:
        for timeout, (silent, end) in self._waiting.items():
            if not timeout.expired():
                timeout.reschedule(min(self._last_reply + silent, end))

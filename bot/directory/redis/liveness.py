"""Whether a server answers, and how long to wait for it.

redis-py has one time limit for replies. Here, a busy server has more time to reply than a silent
one, and only one request waits for a server that is down.
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
JOIN_SECONDS = 0.2  # to wait for a probe that another request has started


@dataclass(frozen=True)
class TimeLimit:
    """Seconds to wait for a server: since it last replied to anyone, and in total."""

    silent: float
    total: float


class Liveness:
    """Watches one server. ``probe`` connects to it, or raises RedisError or OSError. It is called
    regularly while requests are waiting, and before a request to a server that is down."""

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
        """Note that a request failed that ``began`` at this time. Returns when the server stopped
        replying to everyone; infinity if it didn't."""
        if getattr(reason, "status_code", None):  # it refused to connect, which is a reply
            self.record_reply()
        elif self._last_reply <= began:
            down_since = self._failure.down_since if self._failure else began
            self._failure = NotReached(reason, down_since)
        return self._failure.down_since if self._failure else math.inf

    async def check(self) -> None:
        """Check whether a server that was down is back. Raises NotReached. Only one caller waits
        as long as a connection may take; for the others it is raised soon."""
        if not self._failure:
            return
        for _ in range(2):  # a running probe may have begun before the server was back
            is_own = not self._probing.is_running
            probing = self._start_probe()
            await asyncio.wait([probing], timeout=CONNECT_SECONDS if is_own else JOIN_SECONDS)
            if is_own or not self._failure or not probing.done():
                break
        if self._failure:
            raise NotReached(self._failure.reason, self._failure.down_since)

    @asynccontextmanager
    async def limit(self, limit: TimeLimit) -> AsyncGenerator[None]:
        """Limit the time of the context. Each successful probe extends the limit. Raises
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
            for timeout, (silent, end) in self._waiting.items():
                if not timeout.expired():
                    timeout.reschedule(min(self._last_reply + silent, end))
        if self._waiting:
            self._schedule_probe()

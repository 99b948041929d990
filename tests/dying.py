"""What dies in the middle of its work, or stops in it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.directory import Redis
from bot.embedded_redis import EmbeddedRedis


class Killed(BaseException):
    """Nobody catches it but ``dying``."""


class Death:
    """Whether it came before the work was done."""

    came = False


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, after: int, method: str = "execute") -> Iterator[Death]:
    """Whatever asks Redis by this method is killed after so many times."""
    death = Death()
    calls = 0
    asking = getattr(Redis, method)

    async def ask(self: Redis, *arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return await asking(self, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(Redis, method, ask)
        try:
            yield death
        except Killed:
            death.came = True


@contextmanager
def paused(server: EmbeddedRedis) -> Iterator[None]:
    """Redis takes what it is told, and does nothing of it before the context ends."""
    pid = int((server.directory / "redis.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)

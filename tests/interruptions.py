"""Interrupts work with Redis, or pauses Redis."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.directory import Redis
from bot.embedded_redis.server import EmbeddedRedis


class Killed(BaseException):
    """Stands for a kill: only ``interrupted_after`` catches it."""


class Interruption:
    """Whether the work was interrupted before it was done."""

    happened = False


@contextmanager
def interrupted_after(
    calls: int, monkeypatch: pytest.MonkeyPatch, method: str = "execute", owner: type = Redis
) -> Iterator[Interruption]:
    """Interrupt the work after it has called a method of a class this many times.

    Of ``Redis.execute_all`` only the calls from outside count, not those of ``Redis.execute``."""
    interruption = Interruption()
    calls_made = 0
    original = getattr(owner, method)

    async def count_call(self: object, *arguments: Any, **options: Any) -> Any:
        nonlocal calls_made
        if sys._getframe(1).f_code is Redis.execute.__code__:
            return await original(self, *arguments, **options)
        calls_made += 1
        if calls_made > calls:
            raise Killed
        return await original(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, count_call)
        try:
            yield interruption
        except Killed:
            interruption.happened = True


@contextmanager
def paused(server: EmbeddedRedis) -> Iterator[None]:
    """Stop Redis until the context ends; it accepts commands, but executes none."""
    pid = int((server.directory / "redis.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)

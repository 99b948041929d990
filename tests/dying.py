"""What dies in the middle of its work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.directory import Redis


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

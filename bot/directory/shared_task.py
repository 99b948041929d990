"""A task that several callers wait for at the same time."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedTask(Generic[T]):
    """At most one running task, shared by all who start it. Cancelling a caller doesn't cancel it
    for the others, and a failure isn't logged when nobody is waiting any more."""

    def __init__(self) -> None:
        self._task: asyncio.Task[T] | None = None

    @property
    def is_running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self, function: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """Start the task, unless it is running; return it."""
        if self._task is None or not self.is_running:
            self._task = asyncio.create_task(function())
            self._task.add_done_callback(_retrieve_failure)
        return self._task

    async def join(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Start the task, unless it is running, and return its result or raise its exception."""
        return await asyncio.shield(self.start(function))

    async def cancel(self) -> None:
        """Cancel the task and wait for its end."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _retrieve_failure(task: asyncio.Task[Any]) -> None:
    if not task.cancelled():
        task.exception()  # asyncio logs a failure that was never retrieved

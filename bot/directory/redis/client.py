"""Runs commands on whichever servers there are, and retries them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from bot.directory.redis.commands import Argument, Command, has_change
from bot.directory.redis.errors import NoReply, is_retryable, translate
from bot.directory.redis.node import Node

RETRY_SECONDS = 2.0  # a member must be answered within 3 seconds
SCAN_COUNT = 1000  # keys that a server scans before it serves others

T = TypeVar("T")


class Backend(Protocol):
    """One server, or those of a cluster; see Node."""

    async def exchange(
        self,
        commands: Sequence[Command],
        *,
        is_change: bool,
        near: Argument | None = None,
        raw: bool = False,
    ) -> list[Any]: ...

    async def nodes(self) -> list[Node]: ...

    async def aclose(self) -> None: ...


class Redis:
    """Runs commands. Replies are decoded text. Raises DirectoryUnavailable or SettingError.

    For RETRY_SECONDS it retries reads, and changes that were certainly not made. If the server has
    been down for longer than that, there is one attempt."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._retry = Retry(
            ExponentialWithJitterBackoff(cap=0.2, base=0.05), -1, (exceptions.RedisError,)
        )

    async def execute(self, *command: Argument, near: Argument | None = None) -> Any:
        """Run one command, in one round trip. If it has no key, it runs on the server that holds
        the key ``near``."""
        (reply,) = await self._run([command], near=near)
        return reply

    async def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Run commands as a pipeline, which is no transaction. It takes one round trip if their
        keys are one directory's."""
        return await self._pipeline(commands)

    async def execute_raw(self, commands: Sequence[Command]) -> list[Any]:
        """Like ``execute_all``, with replies that are bytes."""
        return await self._pipeline(commands, raw=True)

    async def find_keys(self, pattern: str, kind: str) -> list[str]:
        """Return the keys of a type that match a glob pattern, from all servers, sorted."""

        async def scan_all() -> set[str]:
            return {
                key
                for node in await self._backend.nodes()
                for key in await _scan(node, pattern, kind)
            }

        return sorted(await self._with_retries(scan_all, is_change=False))

    async def aclose(self) -> None:
        await self._backend.aclose()

    async def _pipeline(self, commands: Sequence[Command], *, raw: bool = False) -> list[Any]:
        return await self._run(commands, raw=raw) if commands else []

    async def _run(
        self, commands: Sequence[Command], *, near: Argument | None = None, raw: bool = False
    ) -> list[Any]:
        is_change = has_change(commands)

        async def exchange() -> list[Any]:
            replies = await self._backend.exchange(
                commands, is_change=is_change, near=near, raw=raw
            )
            return _without_refusals(replies)

        return await self._with_retries(
            exchange, is_change=is_change, is_pipeline=len(commands) > 1
        )

    async def _with_retries(
        self, attempt: Callable[[], Awaitable[T]], *, is_change: bool, is_pipeline: bool = False
    ) -> T:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def should_retry(error: Exception) -> bool:
            down_since = error.down_since if isinstance(error, NoReply) else began
            is_in_time = loop.time() < min(began, down_since) + RETRY_SECONDS
            return is_in_time and is_retryable(error, is_change=is_change, is_pipeline=is_pipeline)

        try:
            return await self._retry.call_with_retry(attempt, _ignore, should_retry)
        except exceptions.RedisError as error:
            raise translate(error, is_change=is_change) from error


async def _ignore(error: Exception) -> None:
    """Do nothing about a failure that will be retried."""


async def _scan(node: Node, pattern: str, kind: str) -> set[str]:
    found: set[str] = set()
    cursor = 0
    while True:
        command = ("SCAN", cursor, "MATCH", pattern, "COUNT", SCAN_COUNT, "TYPE", kind)
        replies = await node.exchange([command], is_change=False)
        ((cursor, keys),) = _without_refusals(replies)
        found.update(keys)
        if not cursor:
            return found


def _without_refusals(replies: list[Any]) -> list[Any]:
    """Return the replies; raise the first refusal among them."""
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies

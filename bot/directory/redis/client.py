"""Runs commands on whichever servers there are, and retries them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from redis import exceptions
from redis.backoff import ExponentialWithJitterBackoff

from bot.directory.redis.commands import Argument, Command, has_change
from bot.directory.redis.errors import NoReply, is_retryable, translate
from bot.directory.redis.node import Node

RETRY_SECONDS = 2.0  # a member must be answered within 3 seconds
SCAN_COUNT = 1000  # keys that a server scans before it serves others

BACKOFF = ExponentialWithJitterBackoff(cap=0.2, base=0.05)  # seconds between two attempts


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

    Reads, and changes that were certainly not made, are retried for RETRY_SECONDS. If the server
    has been down for longer than that, there is one attempt."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def execute(self, *command: Argument, near: Argument | None = None) -> Any:
        """Run one command, in one round trip. If it has no key, it runs on the server that holds
        the key ``near``."""
        (reply,) = await self.execute_all([command], near=near)
        return reply

    async def execute_all(
        self, commands: Sequence[Command], *, near: Argument | None = None, raw: bool = False
    ) -> list[Any]:
        """Run commands as a pipeline, not a transaction. It takes one round trip if their keys
        belong to one directory. With ``raw``, replies are bytes."""
        if not commands:
            return []
        is_change = has_change(commands)
        retries = Retries(is_change=is_change, is_pipeline=len(commands) > 1)
        while True:
            try:
                replies = await self._backend.exchange(
                    commands, is_change=is_change, near=near, raw=raw
                )
                return _without_refusals(replies)
            except exceptions.RedisError as error:
                await retries.wait_or_raise(error)

    async def find_keys(self, pattern: str, kind: str) -> list[str]:
        """Return the keys of a type that match a glob pattern, from all servers, sorted."""
        retries = Retries(is_change=False)
        while True:
            try:
                nodes = await self._backend.nodes()
                return sorted({key for node in nodes for key in await _scan(node, pattern, kind)})
            except exceptions.RedisError as error:
                await retries.wait_or_raise(error)

    async def aclose(self) -> None:
        await self._backend.aclose()


class Retries:
    """Decides after each failure whether to try again."""

    def __init__(self, *, is_change: bool, is_pipeline: bool = False) -> None:
        self._is_change = is_change
        self._is_pipeline = is_pipeline
        self._began = asyncio.get_running_loop().time()
        self._failures = 0

    async def wait_or_raise(self, error: exceptions.RedisError) -> None:
        """Wait before the next attempt. Raises DirectoryUnavailable or SettingError if it was the
        last."""
        down_since = error.down_since if isinstance(error, NoReply) else self._began
        is_late = asyncio.get_running_loop().time() >= min(self._began, down_since) + RETRY_SECONDS
        if is_late or not is_retryable(
            error, is_change=self._is_change, is_pipeline=self._is_pipeline
        ):
            raise translate(error, is_change=self._is_change) from error
        self._failures += 1
        await asyncio.sleep(BACKOFF.compute(self._failures))


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

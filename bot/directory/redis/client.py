"""Carries out commands, on whichever servers there are."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from redis import exceptions
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff

from bot.directory.redis.commands import Argument, Command, changes
from bot.directory.redis.errors import passes, translate
from bot.directory.redis.node import Node, Unanswered

RETRY_SECONDS = 2.0  # whoever waits in Discord is to be told within 3
SCANNED = 1000  # keys that a server looks at before it answers others

T = TypeVar("T")


class Servers(Protocol):
    """One server, or those of a cluster; see Node."""

    async def exchange(
        self,
        commands: Sequence[Command],
        *,
        change: bool,
        near: Argument | None = None,
        raw: bool = False,
    ) -> list[Any]: ...

    async def nodes(self) -> list[Node]: ...

    async def aclose(self) -> None: ...


class Redis:
    """Answers with decoded text, and raises DirectoryUnavailable or SettingError instead of
    redis-py's errors. For RETRY_SECONDS it tries again what was not carried out, and what changes
    nothing; never a change that may have been made. Of a server that has answered nobody for that
    long, it is asked once."""

    def __init__(self, servers: Servers) -> None:
        self._servers = servers
        self._retry = Retry(
            ExponentialWithJitterBackoff(cap=0.2, base=0.05), -1, (exceptions.RedisError,)
        )

    async def execute(self, *command: Argument, near: Argument | None = None) -> Any:
        """One command, in one round trip; if it has no key, on the server that has the key
        ``near``."""
        (answer,) = await self._carry_out([command], near=near)
        return answer

    async def execute_all(self, commands: Sequence[Command]) -> list[Any]:
        """Many commands, pipelined; no transaction. In one round trip for those of one directory,
        also on a cluster."""
        return await self._pipeline(commands)

    async def execute_raw(self, commands: Sequence[Command]) -> list[Any]:
        """As ``execute_all``, for answers that are bytes and not text."""
        return await self._pipeline(commands, raw=True)

    async def _pipeline(self, commands: Sequence[Command], *, raw: bool = False) -> list[Any]:
        return await self._carry_out(commands, raw=raw) if commands else []

    async def keys(self, pattern: str, kind: str) -> list[str]:
        """The keys of a type that match a glob, on all servers."""

        async def scan_all() -> set[str]:
            return {
                key
                for node in await self._servers.nodes()
                for key in await _scan(node, pattern, kind)
            }

        return sorted(await self._trying(scan_all, change=False))

    async def aclose(self) -> None:
        await self._servers.aclose()

    async def _carry_out(
        self, commands: Sequence[Command], *, near: Argument | None = None, raw: bool = False
    ) -> list[Any]:
        change = changes(commands)

        async def exchange() -> list[Any]:
            answers = await self._servers.exchange(commands, change=change, near=near, raw=raw)
            return _checked(answers)

        return await self._trying(exchange, change=change, several=len(commands) > 1)

    async def _trying(
        self, attempt: Callable[[], Awaitable[T]], *, change: bool, several: bool = False
    ) -> T:
        loop = asyncio.get_running_loop()
        began = loop.time()

        def may_be_repeated(error: Exception) -> bool:
            since = min(began, error.since) if isinstance(error, Unanswered) else began
            in_time = loop.time() < since + RETRY_SECONDS
            return in_time and passes(error, change=change, several=several)

        try:
            return await self._retry.call_with_retry(attempt, _unheard, may_be_repeated)
        except exceptions.RedisError as error:
            raise translate(error, change=change) from error


async def _unheard(error: Exception) -> None:
    """What fails and is tried again is not worth a word."""


async def _scan(node: Node, pattern: str, kind: str) -> set[str]:
    found: set[str] = set()
    cursor = 0
    while True:
        command = ("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED, "TYPE", kind)
        ((cursor, keys),) = _checked(await node.exchange([command], change=False))
        found.update(keys)
        if not cursor:
            return found


def _checked(answers: list[Any]) -> list[Any]:
    """The answers, of which none is a refusal; else that one is raised."""
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
    return answers

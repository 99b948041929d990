"""One client for a Redis, a Redis Cluster or the embedded server, and its errors as ours."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from redis import exceptions
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.client import NEVER_DECODE

from bot import metrics, sentences
from bot.errors import DirectoryUnavailable, SettingError

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
CONNECTIONS = 64  # at once; whoever needs one more waits

FAILURES = (exceptions.RedisError, exceptions.RedisClusterException)

_PIPELINED = re.compile(r"^Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
"""What redis-py puts before an error in a pipeline: the command, and in it what somebody asked."""

_QUOTED = re.compile("['`\"]")
"""Before what Redis quotes of a command, which may be what somebody asked: that is not logged."""

Argument = str | bytes | int | float


class Redis:
    """A client that answers with decoded text, never retries by itself (a change might be made
    twice), and raises DirectoryUnavailable or SettingError instead of redis-py's errors."""

    def __init__(self, client: "redis.asyncio.Redis | RedisCluster") -> None:
        self._client = client

    async def execute(self, *command: Argument) -> Any:
        """One command, in one round trip."""
        try:
            return await self._client.execute_command(*command)
        except FAILURES as error:
            raise _translate(error) from error

    async def execute_all(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Many commands, pipelined; no transaction."""
        return await self._pipeline(commands)

    async def execute_raw(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """As ``execute_all``, for answers that are bytes and not text."""
        return await self._pipeline(commands, **{NEVER_DECODE: True})

    async def _pipeline(self, commands: Sequence[Sequence[Argument]], **options: Any) -> list[Any]:
        pipeline: Any = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command, **options)
        try:
            return await pipeline.execute()
        except FAILURES as error:
            raise _translate(error) from error

    async def keys(self, pattern: str, kind: str) -> list[str]:
        """The keys of a type that match a glob, on all nodes."""
        try:
            return sorted([key async for key in self._client.scan_iter(pattern, 1000, kind)])
        except FAILURES as error:
            raise _translate(error) from error


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Redis]:
    """Connect to ``url`` and make sure that it is a Redis with vector sets.

    Raises SettingError, which names REDIS_URL."""
    client = await _open(url)
    try:
        yield Redis(client)
    finally:
        await client.aclose()


async def _open(url: str) -> "redis.asyncio.Redis | RedisCluster":
    options: dict[str, Any] = {
        "decode_responses": True,
        "protocol": 3,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    try:
        pool = redis.asyncio.BlockingConnectionPool.from_url(
            url, max_connections=CONNECTIONS, timeout=ANSWER_SECONDS, **options
        )
        client = redis.asyncio.Redis.from_pool(pool)
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingError(sentences.service.NO_REDIS_URL) from error
    if await _probe(client, _address(url)) != "cluster":
        return client
    await client.aclose()
    return RedisCluster.from_url(url, **options)


async def _probe(client: redis.asyncio.Redis, address: str) -> str:
    """``standalone`` or ``cluster``. Closes the client and raises SettingError if it is no use."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            hello: Any = await client.execute_command("HELLO")
            with suppress(exceptions.MovedError):
                await client.execute_command("VISMEMBER", "whos-who:probe", "probe")
            return hello["mode"]
    except (exceptions.RedisError, TimeoutError, TypeError, AttributeError, KeyError) as error:
        await client.aclose()
        raise SettingError(_why_not(error, address)) from error


def _why_not(error: Exception, address: str) -> str:
    if "unknown command" in str(error).lower():
        return sentences.service.redis_too_old(address)
    if isinstance(error, exceptions.AuthenticationError | exceptions.NoPermissionError):
        return sentences.service.redis_refuses_user(address, error)
    if isinstance(error, TypeError | AttributeError | KeyError):
        return sentences.service.no_redis(address)
    return sentences.service.redis_does_not_answer(address, error)


def _translate(error: Exception) -> DirectoryUnavailable | SettingError:
    if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
        metrics.REDIS_FAILURES.labels("unreachable").inc()
        log.warning("Redis: %s", error)
        return DirectoryUnavailable(sentences.service.DATABASE_DOES_NOT_ANSWER)
    if "WRONGTYPE" in str(error):
        return SettingError(sentences.service.NO_VECTOR_SET)
    reason = _PIPELINED.sub("", str(error))
    metrics.REDIS_FAILURES.labels("refused").inc()
    log.error("Redis: %s", _QUOTED.split(reason)[0])
    return DirectoryUnavailable(sentences.service.database_refuses(reason))


def _address(url: str) -> str:
    """Where ``url`` points to, without the secrets in it."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}:{parts.port or 6379}" if parts.hostname else parts.path
    except ValueError:
        return sentences.service.SOME_ADDRESS

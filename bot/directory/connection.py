"""One client for a Redis, a Redis Cluster or the embedded server, and its errors as ours."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import redis.asyncio
from redis import exceptions
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from bot.errors import DirectoryUnavailable, SettingError

log = logging.getLogger(__name__)

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 30.0
CONNECTIONS = 64  # at once; whoever needs one more waits

FAILURES = (exceptions.RedisError, exceptions.RedisClusterException)

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
        pipeline: Any = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
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
        raise SettingError(
            "REDIS_URL is no address of a Redis. It looks like redis://host:6379, "
            "rediss://user:password@host:6379 or unix:///path/to/redis.sock."
        ) from error
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
        return (
            f"Redis at {address} is older than Redis 8.2 and lacks its vector sets. "
            "Set REDIS_URL to a newer one, or leave it empty for the embedded one."
        )
    if isinstance(error, exceptions.AuthenticationError | exceptions.NoPermissionError):
        return (
            f"Redis at {address} refuses the password, the user, or what that may do ({error}). "
            "Set them in REDIS_URL: redis://user:password@host:6379."
        )
    if isinstance(error, TypeError | AttributeError | KeyError):
        return (
            f"What answers at {address} is no Redis, or REDIS_URL has an option it does not know."
        )
    return (
        f"Redis at {address} does not answer ({str(error) or 'in time'}). "
        "Is it running, and is REDIS_URL right?"
    )


def _translate(error: Exception) -> DirectoryUnavailable | SettingError:
    if isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError):
        log.warning("Redis: %s", error)
        return DirectoryUnavailable(
            "The directory's database does not answer just now. "
            "A change may not have been saved: look, and try again in a moment."
        )
    if "WRONGTYPE" in str(error):
        return SettingError(
            "The directory's key in Redis holds something else than a vector set. "
            "Set DIRECTORY_KEY to another name."
        )
    log.error("Redis: %s", error)
    return DirectoryUnavailable(f"The directory's database refuses that: {error}")


def _address(url: str) -> str:
    """Where ``url`` points to, without the secrets in it."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}:{parts.port or 6379}" if parts.hostname else parts.path
    except ValueError:
        return "the address of REDIS_URL"

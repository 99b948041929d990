"""Opening what REDIS_URL points to: which kind of Redis it is, and whether it is of use."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis import exceptions
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from bot import sentences
from bot.directory.redis.address import Address, Host, parse
from bot.directory.redis.client import Redis, Servers
from bot.directory.redis.cluster import Cluster
from bot.directory.redis.node import (
    CONNECT_SECONDS,
    CONNECTIONS,
    WAIT_SECONDS,
    Lost,
    Node,
    Pool,
    Unreached,
)
from bot.errors import SettingError

log = logging.getLogger(__name__)

LOADING_SECONDS = 60.0  # that a server may take to read its data when the bot starts
SENTINEL_SECONDS = 0.5  # for a Sentinel to answer, before another one is asked

OPTIONS: dict[str, Any] = {
    "decode_responses": True,
    "protocol": 3,
    "socket_connect_timeout": CONNECT_SECONDS,
    # Node has time limits of its own; with one of redis-py's, Python 3.11 loses cancellations.
    "socket_timeout": None,
    "retry": Retry(NoBackoff(), 0),
    # With these, redis-py takes a connection that the server has closed for one that is good.
    "maint_notifications_config": MaintNotificationsConfig(enabled=False),
}


@asynccontextmanager
async def connect(url: str) -> AsyncIterator[Redis]:
    """Connect to ``url`` and make sure that it is a Redis with vector sets.

    Raises SettingError, which names REDIS_URL."""
    address = parse(url)
    async with _sentinel(address) as sentinel:
        redis = Redis(await _open(address, sentinel))
        try:
            yield redis
        finally:
            await redis.aclose()


@asynccontextmanager
async def _sentinel(address: Address) -> AsyncIterator[Sentinel | None]:
    """The Sentinels of an address, if it is of such."""
    if not address.service:
        yield None
        return
    secure = {name: value for name, value in address.options.items() if name.startswith("ssl")}
    options = {
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        **(secure | {"ssl": True} if address.secure else {}),
        **address.sentinel_options,
    }
    async with Sentinel(address.hosts, sentinel_kwargs=options) as sentinel:
        yield sentinel


async def _open(address: Address, sentinel: Sentinel | None) -> Servers:
    """A server, or the cluster that it is of. Raises SettingError."""
    failure: Exception | None = None
    for host in (None,) if sentinel or address.path else address.hosts:
        node = Node(_pool(address, host, sentinel))
        try:
            mode = await _probe(node)
        except (exceptions.RedisError, TypeError, AttributeError, KeyError) as error:
            await node.aclose()
            failure = error
            continue
        if mode != "cluster" and len(address.hosts) > 1 and not sentinel:
            await node.aclose()
            raise SettingError(sentences.service.no_cluster(str(address)))
        if mode != "cluster":
            return node
        await node.aclose()
        return await _open_cluster(address)
    assert failure is not None
    raise SettingError(_why_not(failure, str(address))) from failure


async def _open_cluster(address: Address) -> Cluster:
    cluster = Cluster(address.hosts, lambda host: Node(_pool(address, host)))
    try:
        await cluster.look()
    except Unreached as error:
        await cluster.aclose()
        raise SettingError(_why_not(error, str(address))) from error
    return cluster


def _pool(address: Address, host: Host | None, sentinel: Sentinel | None = None) -> Pool:
    """Connections to one host, or to whichever server Sentinel says, or to a unix socket."""
    options = {"max_connections": CONNECTIONS, "timeout": WAIT_SECONDS, **OPTIONS}
    options |= address.options
    if sentinel:
        options.pop("connection_class", None)
        return _WatchedPool(address.service, sentinel, ssl=address.secure, **options)
    if host:
        options |= {"host": host[0], "port": host[1]}
    return Pool(**{"connection_class": Connection, **options})


class _WatchedPool(SentinelConnectionPool, Pool):
    """A pool whose connections ask Sentinel which server to connect to."""


async def _probe(node: Node) -> str:
    """``standalone`` or ``cluster``. Waits while the server reads its data."""
    deadline = time.monotonic() + LOADING_SECONDS
    probes = [("HELLO",), ("VISMEMBER", "whos-who:probe", "probe")]
    while True:
        hello, there = await node.exchange(probes, change=False)
        loading = isinstance(there, exceptions.BusyLoadingError)
        if not loading or time.monotonic() > deadline:
            break
        log.info("Redis is reading its data")
        await asyncio.sleep(1)
    elsewhere = isinstance(there, exceptions.AskError | exceptions.ClusterDownError)
    if isinstance(there, Exception) and not elsewhere:
        raise there
    return hello["mode"]


def _why_not(error: Exception, address: str) -> str:
    reason = error.reason if isinstance(error, Lost | Unreached) else error
    if "unknown command" in str(reason).lower():
        return sentences.service.redis_too_old(address)
    if isinstance(reason, exceptions.AuthenticationError | exceptions.NoPermissionError):
        return sentences.service.redis_refuses_user(address, reason)
    if isinstance(reason, TypeError | AttributeError | KeyError):
        return sentences.service.no_redis(address)
    return sentences.service.redis_does_not_answer(address, reason)

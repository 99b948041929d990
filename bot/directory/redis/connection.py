"""Connecting to what REDIS_URL points to: what kind of Redis it is, and whether it can be used."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from redis import exceptions
from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from bot.directory.redis.address import Address, Host, parse_address
from bot.directory.redis.client import Backend, Redis
from bot.directory.redis.cluster import Cluster
from bot.directory.redis.errors import NoReply, NotReached
from bot.directory.redis.liveness import CONNECT_SECONDS
from bot.directory.redis.node import MAX_CONNECTIONS, POOL_LIMIT, Node, NodePool
from bot.errors import SettingError
from bot.language import _

log = logging.getLogger(__name__)

LOADING_SECONDS = 60.0  # to wait, at the start, for a server that loads its data
SENTINEL_SECONDS = 0.5  # to wait for a Sentinel before the next is asked

OPTIONS: dict[str, Any] = {
    "decode_responses": True,
    "protocol": 3,
    "socket_connect_timeout": CONNECT_SECONDS,
    # Node limits the time itself; with redis-py's limit, Python 3.11 loses cancellations.
    "socket_timeout": None,
    "retry": Retry(NoBackoff(), 0),
    # With these, redis-py uses connections that the server has closed.
    "maint_notifications_config": MaintNotificationsConfig(enabled=False),
}


@asynccontextmanager
async def connect(url: str) -> AsyncGenerator[Redis]:
    """Connect to ``url`` and make sure that it is a Redis with vector sets.

    Raises SettingError, which names REDIS_URL."""
    address = parse_address(url)
    async with _sentinel(address) as sentinel:
        redis = Redis(await _open(address, sentinel))
        try:
            yield redis
        finally:
            await redis.aclose()


@asynccontextmanager
async def _sentinel(address: Address) -> AsyncGenerator[Sentinel | None]:
    """Yield the client for the Sentinels of an address, if it names any."""
    if not address.service:
        yield None
        return
    tls = {name: value for name, value in address.options.items() if name.startswith("ssl")}
    options = {
        "socket_timeout": SENTINEL_SECONDS,
        "socket_connect_timeout": SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        **(tls | {"ssl": True} if address.is_tls else {}),
        **address.sentinel_options,
    }
    async with Sentinel(address.hosts, sentinel_kwargs=options) as sentinel:
        yield sentinel


async def _open(address: Address, sentinel: Sentinel | None) -> Backend:
    """Return the server at an address, or the cluster it belongs to. Raises SettingError."""
    failure: Exception | None = None
    for host in (None,) if sentinel or address.path else address.hosts:
        node = Node(_make_pool(address, host, sentinel))
        try:
            mode = await _detect_mode(node)
        except (exceptions.RedisError, TypeError, AttributeError, KeyError) as error:
            await node.aclose()
            failure = error
            continue
        if mode != "cluster" and len(address.hosts) > 1 and not sentinel:
            await node.aclose()
            message = _(
                "REDIS_URL has several addresses ({address}), but they aren't a cluster. Use only "
                "one, or Sentinels: redis+sentinel://host:26379,host:26379/name.",
                address=str(address),
            )
            raise SettingError(message)
        if mode != "cluster":
            return node
        await node.aclose()
        return await _open_cluster(address)
    assert failure is not None
    raise _setting_error(failure, str(address)) from failure


async def _open_cluster(address: Address) -> Cluster:
    cluster = Cluster(address.hosts, lambda host: Node(_make_pool(address, host)))
    try:
        await cluster.refresh_slots()
    except NotReached as error:
        await cluster.aclose()
        raise _setting_error(error, str(address)) from error
    return cluster


def _make_pool(address: Address, host: Host | None, sentinel: Sentinel | None = None) -> NodePool:
    """Return a pool of connections to one host, to the server that Sentinel names, or to a unix
    socket."""
    options: dict[str, Any] = {
        "connection_class": Connection,
        "max_connections": MAX_CONNECTIONS,
        "timeout": POOL_LIMIT.total,
        **OPTIONS,
        **address.options,
    }
    if sentinel:
        options.pop("connection_class", None)
        return _SentinelPool(address.service, sentinel, ssl=address.is_tls, **options)
    if host:
        options |= {"host": host[0], "port": host[1]}
    return NodePool(**options)


class _SentinelPool(SentinelConnectionPool, NodePool):
    """A pool whose connections ask Sentinel which server to connect to."""


async def _detect_mode(node: Node) -> str:
    """Return ``standalone`` or ``cluster``. Waits for a server that loads its data. Raises
    RedisError if it has no vector sets or refuses, and other errors if it is no Redis."""
    deadline = time.monotonic() + LOADING_SECONDS
    probes = [("HELLO",), ("VISMEMBER", "whos-who:probe", "probe")]
    while True:
        hello, reply = await node.exchange(probes, is_change=False)
        is_loading = isinstance(reply, exceptions.BusyLoadingError)
        if not is_loading or time.monotonic() > deadline:
            break
        log.info("Redis is loading its data")
        await asyncio.sleep(1)
    is_on_another_node = isinstance(reply, exceptions.AskError | exceptions.ClusterDownError)
    if isinstance(reply, Exception) and not is_on_another_node:
        raise reply
    return hello["mode"]


def _setting_error(error: Exception, address: str) -> SettingError:
    """Return the error that says why an address can't be used."""
    reason = error.reason if isinstance(error, NoReply) else error
    if "unknown command" in str(reason).lower():
        message = _(
            "Redis at {address} is older than Redis 8.2 and has no vector sets. "
            "Set REDIS_URL to a newer one, or leave it empty to use the embedded Redis.",
            address=address,
        )
    elif isinstance(reason, exceptions.AuthenticationError | exceptions.NoPermissionError):
        message = _(
            "Redis at {address} doesn't accept the user or password, or the user has too few "
            "permissions ({reason}). Set both in REDIS_URL: redis://user:password@host:6379.",
            address=address,
            reason=reason,
        )
    elif isinstance(reason, TypeError | AttributeError | KeyError):
        message = _(
            "The server at {address} isn't Redis, or REDIS_URL has an unknown option.",
            address=address,
        )
    elif text := str(reason):
        message = _(
            "Redis at {address} isn't responding ({reason}). "
            "Check that it's running, and that REDIS_URL is right.",
            address=address,
            reason=text,
        )
    else:
        message = _(
            "Redis at {address} didn't respond in time. "
            "Check that it's running, and that REDIS_URL is right.",
            address=address,
        )
    return SettingError(message)

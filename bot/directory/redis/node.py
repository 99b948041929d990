"""One Redis server: sends it commands and reads its replies, through a pool of connections.

Connections and parsing are redis-py's. Its commands and pipelines are not used, because they don't
say whether a failed command was sent, which decides whether it can be sent again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import redis.asyncio
from redis import exceptions
from redis.asyncio.connection import AbstractConnection
from redis.client import NEVER_DECODE

from bot.directory.redis.commands import Argument, Command
from bot.directory.redis.errors import InvalidText, NotReached, ReplyLost
from bot.directory.redis.liveness import CONNECT_SECONDS, Liveness, TimeLimit

READ_LIMIT = TimeLimit(silent=2.5, total=15.0)  # a member waits for 3 seconds in Discord
CHANGE_LIMIT = TimeLimit(silent=30.0, total=90.0)  # a long change keeps probes waiting, too
POOL_LIMIT = TimeLimit(silent=2.5, total=30.0)  # for a free connection
MAX_CONNECTIONS = 64


class NodePool(redis.asyncio.BlockingConnectionPool):
    """Connections that are made within CONNECT_SECONDS."""

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super().ensure_connection(connection)
        except TimeoutError as error:
            raise exceptions.TimeoutError from error

    async def probe(self) -> None:
        """Make a connection and close it. Raises RedisError or OSError."""
        connection = self.make_connection()
        try:
            await self.ensure_connection(connection)
        finally:
            await _close(connection)

    async def close_idle(self) -> None:
        """Close the connections that are not in use."""
        for connection in list(self._available_connections):
            await _close(connection)


class Node:
    """One server."""

    def __init__(self, pool: NodePool) -> None:
        self._pool = pool
        self._client: Any = redis.asyncio.Redis.from_pool(pool)  # for its parser
        self._liveness = Liveness(pool.probe)

    async def exchange(
        self,
        commands: Sequence[Command],
        *,
        is_change: bool,
        near: Argument | None = None,
        raw: bool = False,
        asking: bool = False,
    ) -> list[Any]:
        """Send commands in one round trip, and return their replies. A refusal is returned as an
        exception. Replies are text, or bytes if ``raw``. With ``asking``, a cluster's node also
        accepts keys that are being moved to it. ``near`` is only used by Cluster. Raises
        NotReached, ReplyLost or InvalidText."""
        if asking:
            commands = [each for command in commands for each in (("ASKING",), command)]
        await self._liveness.check()
        began = asyncio.get_running_loop().time()
        connection = await self._get_connection(began)
        replies: list[Any] = []
        try:
            async with self._liveness.limit(CHANGE_LIMIT if is_change else READ_LIMIT):
                await connection.send_packed_command(connection.pack_commands(commands))
                for command in commands:
                    replies.append(await self._read_reply(connection, str(command[0]), raw))
        except (exceptions.RedisError, OSError) as error:  # among them TimeoutError
            refusals = (reply for reply in replies if isinstance(reply, Exception))
            reason = next(refusals, error)
            await self.close_idle()  # they have probably failed as well
            raise ReplyLost(reason, self._liveness.record_failure(reason, began)) from error
        except UnicodeDecodeError as error:
            await _close(connection)  # the rest of the reply is still to come
            raise InvalidText(error.reason) from error
        finally:
            await self._pool.release(connection)
        self._liveness.record_reply()
        if any(isinstance(reply, exceptions.ReadOnlyError) for reply in replies):
            await self.close_idle()  # its host name may now lead to a different server
        return replies[1::2] if asking else replies

    async def nodes(self) -> "list[Node]":
        """Return this server: see Cluster.nodes."""
        return [self]

    async def close_idle(self) -> None:
        """Close the connections that are not in use."""
        await self._pool.close_idle()

    async def aclose(self) -> None:
        await self._liveness.aclose()
        with suppress(exceptions.RedisError, OSError):
            await self._client.aclose()

    async def _get_connection(self, began: float) -> AbstractConnection:
        try:
            async with self._liveness.limit(POOL_LIMIT):
                return await self._pool.get_connection()  # pyright: ignore[reportUnknownMemberType]
        except (exceptions.RedisError, OSError) as error:
            raise NotReached(error, self._liveness.record_failure(error, began)) from error

    async def _read_reply(self, connection: AbstractConnection, name: str, raw: bool) -> Any:
        """Return the reply to a command, or the exception that stands for a refusal."""
        options = {NEVER_DECODE: True} if raw else {}
        try:
            return await self._client.parse_response(connection, name, **options)
        except exceptions.ResponseError as refusal:
            return refusal
        except exceptions.ConnectionError as error:
            if error.status_code:  # a refusal such as LOADING, upon which redis-py disconnects
                return error
            if isinstance(error.__context__, exceptions.ReadOnlyError):  # redis-py replaces it
                return error.__context__
            raise


async def _close(connection: AbstractConnection) -> None:
    """Close a connection without waiting for the server, which over TLS would have to reply."""
    with suppress(exceptions.RedisError, OSError):
        await connection.disconnect(nowait=True)

"""One Redis server and its connections: what was sent to it, and what was answered."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import redis.asyncio
from redis import exceptions
from redis.asyncio.connection import AbstractConnection
from redis.client import NEVER_DECODE

from bot.directory.connection.commands import Argument, Command

CONNECT_SECONDS = 2.0  # also for TLS and the password
PATIENCE_SECONDS = 1.0  # then a server is asked whether it is there
READ_SECONDS = 2.5  # that one is silent and not there; somebody in Discord waits for 3
CHANGE_SECONDS = 30.0  # a change may keep a server from answering that it is there
CONNECTIONS = 64  # at once; whoever needs one more waits
WAIT_SECONDS = 30.0  # for one of these, of a server that is there


class Unreached(exceptions.RedisError):
    """Nothing was sent; ``reason`` is why."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class Lost(exceptions.RedisError):
    """What was sent may have been carried out or not; ``reason`` is what happened."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(reason)
        self.reason = reason


class Pool(redis.asyncio.BlockingConnectionPool):
    """Connections that are there in CONNECT_SECONDS, or not at all."""

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super().ensure_connection(connection)
        except TimeoutError as error:
            raise exceptions.TimeoutError from error


class Node:
    """One server, by a pool of connections to it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._client = redis.asyncio.Redis.from_pool(pool)
        self._waiting: dict[asyncio.Timeout, float] = {}
        self._look: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    async def exchange(
        self,
        commands: Sequence[Command],
        *,
        change: bool,
        near: Argument | None = None,
        raw: bool = False,
        asking: bool = False,
    ) -> list[Any]:
        """The answers, refusals among them, in one round trip; ``raw`` ones are bytes and not text.
        ``asking`` is for what a cluster is just moving there; everything is ``near``. Raises
        Unreached, or Lost."""
        try:
            async with self._patience(READ_SECONDS):  # there may be a queue
                connection = await self._pool.get_connection()
        except (exceptions.RedisError, OSError) as error:
            raise Unreached(error) from error
        answers: list[Any] = []
        try:
            async with self._patience(CHANGE_SECONDS if change else READ_SECONDS):
                sent = [each for c in commands for each in (("ASKING",), c)] if asking else commands
                await connection.send_packed_command(connection.pack_commands(sent))
                for command in commands:
                    if asking:
                        await self._answer(connection, "ASKING")
                    answers.append(await self._answer(connection, str(command[0]), raw))
        except (exceptions.RedisError, OSError) as error:  # TimeoutError among them
            refusals = (answer for answer in answers if isinstance(answer, Exception))
            await self.rest()  # the others are hardly better
            raise Lost(next(refusals, error)) from error
        finally:
            await self._pool.release(connection)
        if any(isinstance(answer, exceptions.ReadOnlyError) for answer in answers):
            await self.rest()  # its name may mean another one by now
        return answers

    async def nodes(self) -> "list[Node]":
        return [self]

    async def aclose(self) -> None:
        self._look_no_more()
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._client.aclose()

    async def rest(self) -> None:
        """Close the connections that nobody uses."""
        await self._pool.disconnect(inuse_connections=False)

    async def _answer(self, connection: AbstractConnection, name: str, raw: bool = False) -> Any:
        """The answer to a command, or the error that is it."""
        options = {NEVER_DECODE: True} if raw else {}
        try:
            return await self._client.parse_response(connection, name, **options)  # pyright: ignore[reportArgumentType]
        except exceptions.ResponseError as refusal:
            return refusal
        except exceptions.ConnectionError as error:
            if error.status_code:  # an answer like LOADING, to which redis-py closes the connection
                return error
            if isinstance(error.__context__, exceptions.ReadOnlyError):  # what it makes of that
                return error.__context__
            raise

    @asynccontextmanager
    async def _patience(self, seconds: float) -> AsyncIterator[None]:
        """Time for an answer; as long as the server is there, it is only busy, and there is more.
        Raises TimeoutError."""
        async with asyncio.timeout(seconds) as limit:
            self._waiting[limit] = seconds
            if self._look is None:
                self._look_later()
            try:
                yield
            finally:
                del self._waiting[limit]
                if not self._waiting:
                    self._look_no_more()

    def _look_later(self) -> None:
        self._look = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._begin)

    def _look_no_more(self) -> None:
        if self._look:
            self._look.cancel()
            self._look = None

    def _begin(self) -> None:
        self._look = None
        self._looking = asyncio.create_task(self._see_whether_it_is_there())

    async def _see_whether_it_is_there(self) -> None:
        connection = self._pool.make_connection()
        try:
            await self._pool.ensure_connection(connection)
            now = asyncio.get_running_loop().time()
            for limit, seconds in self._waiting.items():
                if not limit.expired():
                    limit.reschedule(now + seconds)
        except (exceptions.RedisError, OSError):
            pass  # whoever waits has been patient for long enough before the next look
        finally:
            await connection.disconnect()
        if self._waiting and self._look is None:
            self._look_later()

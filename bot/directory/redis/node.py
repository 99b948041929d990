"""One Redis server and its connections: what was sent to it, and what was answered."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import redis.asyncio
from redis import exceptions
from redis.asyncio.connection import AbstractConnection
from redis.client import NEVER_DECODE

from bot.directory.redis.commands import Argument, Command
from bot.directory.shared_task import SharedTask

CONNECT_SECONDS = 2.0  # also for TLS and the password
PATIENCE_SECONDS = 1.0  # then a server is asked whether it is there
READ_SECONDS = 2.5  # that one is silent and not there; somebody in Discord waits for 3
CHANGE_SECONDS = 30.0  # a change may keep a server from answering that it is there
BUSY_READ_SECONDS, BUSY_CHANGE_SECONDS = 15.0, 90.0  # of one that is there: this connection is not
CONNECTIONS = 64  # at once; whoever needs one more waits
WAIT_SECONDS = 30.0  # for one of these, of a server that is there
JOIN_SECONDS = 0.2  # for what another one is finding out; there may be many who wait


class Unanswered(exceptions.RedisError):
    """``reason`` is what happened; ``since`` is when, by the loop's clock, the server ceased to
    answer anybody, if it did."""

    def __init__(self, reason: Exception, since: float = math.inf) -> None:
        super().__init__(reason)
        self.reason = reason
        self.since = since


class NoText(exceptions.RedisError):
    """An answer has bytes in it that are no UTF-8."""


class Unreached(Unanswered):
    """Nothing was sent."""


class Lost(Unanswered):
    """What was sent may have been carried out or not."""


class Pool(redis.asyncio.BlockingConnectionPool):
    """Connections that are there in CONNECT_SECONDS, or not at all."""

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await super().ensure_connection(connection)
        except TimeoutError as error:
            raise exceptions.TimeoutError from error

    async def rest(self) -> None:
        """Close the connections that nobody uses."""
        for connection in list(self._available_connections):
            await hang_up(connection)


async def hang_up(connection: AbstractConnection) -> None:
    """Close a connection without waiting for a server that may be silent: over TLS it has a word in
    that."""
    with suppress(exceptions.RedisError, OSError):
        await connection.disconnect(nowait=True)


class Node:
    """One server, by a pool of connections to it. While it answers nobody, one looks for all
    whether it is there again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._client = redis.asyncio.Redis.from_pool(pool)
        self._answered = -math.inf  # when it last did
        self._away: Unreached | None = None  # if it does not
        self._waiting: dict[asyncio.Timeout, tuple[float, float]] = {}
        self._look: asyncio.TimerHandle | None = None
        self._looking = SharedTask[None]()

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
        Unreached, Lost, or NoText."""
        if self._away:
            await self._find()
        began = asyncio.get_running_loop().time()
        try:
            async with self._patience(READ_SECONDS, WAIT_SECONDS):  # there may be a queue
                connection = await self._pool.get_connection()
        except (exceptions.RedisError, OSError) as error:
            raise Unreached(error, self._unanswered(error, began)) from error
        patience = (CHANGE_SECONDS, BUSY_CHANGE_SECONDS)
        if not change:
            patience = (READ_SECONDS, BUSY_READ_SECONDS)
        answers: list[Any] = []
        try:
            async with self._patience(*patience):
                sent = [each for c in commands for each in (("ASKING",), c)] if asking else commands
                await connection.send_packed_command(connection.pack_commands(sent))
                for command in commands:
                    if asking:
                        await self._answer(connection, "ASKING")
                    answers.append(await self._answer(connection, str(command[0]), raw))
        except (exceptions.RedisError, OSError) as error:  # TimeoutError among them
            refusals = (answer for answer in answers if isinstance(answer, Exception))
            reason = next(refusals, error)
            await self.rest()  # the others are hardly better
            raise Lost(reason, self._unanswered(reason, began)) from error
        except UnicodeDecodeError as error:
            await hang_up(connection)  # of what follows it is not known where it begins
            raise NoText(error.reason) from error
        finally:
            await self._pool.release(connection)
        self._answers()
        if any(isinstance(answer, exceptions.ReadOnlyError) for answer in answers):
            await self.rest()  # its name may mean another one by now
        return answers

    async def nodes(self) -> "list[Node]":
        return [self]

    async def aclose(self) -> None:
        self._look_no_more()
        await self._looking.cancel()
        with suppress(exceptions.RedisError, OSError):
            await self._client.aclose()

    async def rest(self) -> None:
        """Close the connections that nobody uses."""
        await self._pool.rest()

    def _answers(self) -> None:
        self._answered = asyncio.get_running_loop().time()
        self._away = None

    def _unanswered(self, reason: Exception, began: float) -> float:
        """Since when nobody was answered, as an attempt that ``began`` then was not."""
        if getattr(reason, "status_code", None):  # a refusal to connect is an answer
            self._answers()
        elif self._answered <= began:
            self._away = Unreached(reason, self._away.since if self._away else began)
        return self._away.since if self._away else math.inf

    async def _find(self) -> None:
        """See whether a server is there again that answered nobody. Raises Unreached; soon, also if
        it is silent, to all but one."""
        for _ in range(2):  # what somebody began before may have seen how it was then
            own = not self._looking.is_running
            looking = self._begin()
            await asyncio.wait([looking], timeout=CONNECT_SECONDS if own else JOIN_SECONDS)
            if own or not self._away or not looking.done():
                break
        if self._away:
            raise Unreached(self._away.reason, self._away.since)

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
    async def _patience(self, seconds: float, busy: float) -> AsyncIterator[None]:
        """Time for an answer; as long as the server is there, it is only busy, and there is more,
        up to ``busy`` seconds in all. Raises TimeoutError."""
        async with asyncio.timeout(seconds) as limit:
            self._waiting[limit] = seconds, asyncio.get_running_loop().time() + busy
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

    def _begin(self) -> asyncio.Task[None]:
        """Look whether it is there, now, unless somebody does."""
        self._look_no_more()
        return self._looking.start(self._see_whether_it_is_there)

    async def _see_whether_it_is_there(self) -> None:
        connection = self._pool.make_connection()
        began = asyncio.get_running_loop().time()
        try:
            await self._pool.ensure_connection(connection)
            self._answers()
            for limit, (seconds, end) in self._waiting.items():
                if not limit.expired():
                    limit.reschedule(min(self._answered + seconds, end))
        except (exceptions.RedisError, OSError) as error:
            if self._away:  # whoever waits has been patient for long enough before the next look
                self._unanswered(error, began)
        finally:
            await hang_up(connection)
        if self._waiting and self._look is None:
            self._look_later()

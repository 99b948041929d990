"""The websocket: sessions, events, and resuming."""

import asyncio
import itertools
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import WSMsgType, web

from tests.discord_server.payloads import APPLICATION, BOT_USER, Json, server

DISPATCH, HEARTBEAT, IDENTIFY, RESUME = 0, 1, 2, 6
RECONNECT, INVALID_SESSION, HELLO, ACKNOWLEDGED = 7, 9, 10, 11
HEARTBEAT_MILLISECONDS = 41_250
TRAVEL_SECONDS = 0.02  # discord.py notes when it sent a heartbeat after it sent it
UNKNOWN_ERROR, TOKEN_REFUSED, INTENTS_REFUSED = 4000, 4004, 4014


class Drop(StrEnum):
    """How a connection is lost."""

    ABORTED = "aborted"  # without a word
    CLOSED = "closed"  # by Discord
    RECONNECT = "reconnect"  # Discord asks for another


@dataclass
class Connection:
    socket: web.WebSocketResponse
    transport: asyncio.Transport
    closing: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while the code is sent

    async def send(self, op: int, data: object = None) -> None:
        await self.tell({"op": op, "d": data})

    async def tell(self, said: Json) -> None:
        with suppress(ConnectionError):  # it is lost; who resumes gets it
            await self.socket.send_json(said)

    async def close(self, code: int) -> None:
        async with self.closing:
            await self.socket.close(code=code)

    async def lose(self, how: Drop) -> None:
        if how is Drop.ABORTED:
            self.transport.abort()
        elif how is Drop.CLOSED:
            await self.close(UNKNOWN_ERROR)
        else:
            await self.send(RECONNECT)


class Session:
    """What was sent since somebody identified, for who resumes. ``seen`` is the number of the last
    event that the bot is known to have."""

    def __init__(self, shard: list[int]) -> None:
        self.id = secrets.token_hex(8)
        self.shard = shard
        self.resumable = True
        self.events: list[Json] = []
        self.seen = 0
        self.connection: Connection | None = None

    def event(self, name: str, data: Json) -> Json:
        event = {"op": DISPATCH, "s": len(self.events) + 1, "t": name, "d": data}
        self.events.append(event)
        return event


class Gateway:
    """``refusal`` is the code with which whoever identifies is closed, ``failing`` how many
    connections fail before they are made. ``made``, ``identified`` and ``resumed`` count."""

    def __init__(self, token: str, guild: int) -> None:
        self.token = token
        self.guild = guild
        self.url = ""
        self.refusal: int | None = None
        self.failing = 0
        self.made = 0
        self.identified = 0
        self.resumed = 0
        self._session: Session | None = None
        self._changed = asyncio.Condition()

    async def connected(self, seconds: float = 10.0) -> None:
        """Wait until the bot is there."""
        await self._until(lambda: self._connection is not None, seconds)

    async def made_more_than(self, number: int, seconds: float = 10.0) -> None:
        await self._until(lambda: self.made > number, seconds)

    async def dispatch(self, name: str, data: Json) -> None:
        """Tell the bot; if it is not there, when it resumes."""
        assert self._session, "nobody has identified"
        event = self._session.event(name, data)
        if self._connection:
            await self._connection.tell(event)

    async def arrived(self, seconds: float = 10.0) -> None:
        """Wait until the bot is known to have every event."""
        session = self._session
        assert session and session.connection
        last = len(session.events)
        await session.connection.send(HEARTBEAT)
        await self._until(lambda: session.seen >= last, seconds)

    async def drop(self, how: Drop, *, resumable: bool) -> None:
        session, connection = self._session, self._connection
        assert session and connection
        session.resumable, session.connection = resumable, None
        await connection.lose(how)

    async def revoke(self) -> None:
        """Take the token no longer."""
        self.token = ""
        if self._connection:
            await self._connection.close(TOKEN_REFUSED)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.failing:
            self.failing -= 1
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport
        connection = Connection(socket, request.transport)
        async with self._changed:
            self.made += 1
            self._changed.notify_all()
        await connection.send(HELLO, {"heartbeat_interval": HEARTBEAT_MILLISECONDS})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(connection, message.json())
        if self._session and self._session.connection is connection:
            self._session.connection = None
        async with connection.closing:
            return socket

    async def close(self) -> None:
        if self._connection:
            await self._connection.close(UNKNOWN_ERROR)

    @property
    def _connection(self) -> Connection | None:
        return self._session and self._session.connection

    async def _take(self, connection: Connection, said: Json) -> None:
        if said["op"] == HEARTBEAT:
            if self._session and self._connection is connection:
                self._session.seen = said["d"] or 0
            await asyncio.sleep(TRAVEL_SECONDS)
            await connection.send(ACKNOWLEDGED)
        elif said["op"] == IDENTIFY:
            await self._identify(connection, said["d"])
        elif said["op"] == RESUME:
            await self._resume(connection, said["d"])
        async with self._changed:
            self._changed.notify_all()

    async def _identify(self, connection: Connection, said: Json) -> None:
        refusal = TOKEN_REFUSED if said["token"] != self.token else self.refusal
        if refusal:
            await connection.close(refusal)
            return
        self.identified += 1
        session = self._session = Session(said.get("shard", [0, 1]))
        ready = {
            "v": 10,
            "user": BOT_USER,
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": session.shard,
            "application": {"id": str(APPLICATION), "flags": 0},
            "guilds": [{"id": str(self.guild), "unavailable": True}],
        }
        await connection.tell(session.event("READY", ready))
        await connection.tell(session.event("GUILD_CREATE", server(self.guild)))
        session.connection = connection

    async def _resume(self, connection: Connection, said: Json) -> None:
        session = self._session
        if not session or session.id != said["session_id"] or not session.resumable:
            await connection.send(INVALID_SESSION, False)
            return
        self.resumed += 1
        for event in itertools.islice(session.events, said["seq"], None):
            await connection.tell(event)
        await connection.tell(session.event("RESUMED", {}))
        session.connection = connection

    async def _until(self, true: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)

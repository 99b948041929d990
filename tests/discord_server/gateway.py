"""The gateway websocket: sessions, events and resuming."""

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
TRAVEL_SECONDS = 0.02  # discord.py records the time of a heartbeat only after sending it
UNKNOWN_ERROR, AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4000, 4004, 4014


class Drop(StrEnum):
    """How a connection is lost."""

    ABORTED = "aborted"  # without a close frame
    CLOSED = "closed"  # by Discord, with a close code
    RECONNECT = "reconnect"  # Discord asks the bot to reconnect


@dataclass
class GatewayConnection:
    """One websocket connection of the bot."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    closing: asyncio.Lock = field(default_factory=asyncio.Lock)  # held while the close code is sent

    async def send(self, op: int, data: object = None) -> None:
        await self.send_payload({"op": op, "d": data})

    async def send_payload(self, payload: Json) -> None:
        with suppress(ConnectionError):  # the connection is lost; a resumed one gets the payload
            await self.socket.send_json(payload)

    async def close(self, code: int) -> None:
        async with self.closing:
            await self.socket.close(code=code)

    async def drop(self, how: Drop) -> None:
        if how is Drop.ABORTED:
            self.transport.abort()
        elif how is Drop.CLOSED:
            await self.close(UNKNOWN_ERROR)
        else:
            await self.send(RECONNECT)


class GatewaySession:
    """The events since the bot identified, so that they can be sent again when it resumes.
    ``last_received`` is the sequence number of the last event that the bot has acknowledged."""

    def __init__(self, shard: list[int]) -> None:
        self.id = secrets.token_hex(8)
        self.shard = shard
        self.resumable = True
        self.events: list[Json] = []
        self.last_received = 0
        self.connection: GatewayConnection | None = None

    def add_event(self, name: str, data: Json) -> Json:
        event = {"op": DISPATCH, "s": len(self.events) + 1, "t": name, "d": data}
        self.events.append(event)
        return event


class Gateway:
    """The gateway of Discord. If ``close_code`` is set, a bot that identifies is disconnected with
    it. The next ``connections_to_fail`` connections are refused with HTTP status 503."""

    def __init__(self, token: str, guild: int) -> None:
        self.token = token
        self.guild = guild
        self.url = ""
        self.close_code: int | None = None
        self.connections_to_fail = 0
        self.connection_count = 0
        self.identify_count = 0
        self.resume_count = 0
        self._session: GatewaySession | None = None
        self._changed = asyncio.Condition()

    async def wait_until_connected(self, seconds: float = 10.0) -> None:
        """Wait until the bot is connected and has a session."""
        await self._wait_until(lambda: self._connection is not None, seconds)

    async def wait_for_more_connections(self, count: int, seconds: float = 10.0) -> None:
        """Wait until there have been more than ``count`` connections."""
        await self._wait_until(lambda: self.connection_count > count, seconds)

    async def dispatch(self, name: str, data: Json) -> None:
        """Send the bot an event; if it is not connected, it gets it when it resumes."""
        assert self._session, "nobody has identified"
        event = self._session.add_event(name, data)
        if self._connection:
            await self._connection.send_payload(event)

    async def wait_until_received(self, seconds: float = 10.0) -> None:
        """Wait until the bot has acknowledged every event."""
        session = self._session
        assert session and session.connection
        last = len(session.events)
        await session.connection.send(HEARTBEAT)
        await self._wait_until(lambda: session.last_received >= last, seconds)

    async def drop(self, how: Drop, *, resumable: bool) -> None:
        session, connection = self._session, self._connection
        assert session and connection
        session.resumable, session.connection = resumable, None
        await connection.drop(how)

    async def revoke(self) -> None:
        """Revoke the token, and disconnect the bot."""
        self.token = ""
        if self._connection:
            await self._connection.close(AUTHENTICATION_FAILED)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.connections_to_fail:
            self.connections_to_fail -= 1
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        assert request.transport
        connection = GatewayConnection(socket, request.transport)
        async with self._changed:
            self.connection_count += 1
            self._changed.notify_all()
        await connection.send(HELLO, {"heartbeat_interval": HEARTBEAT_MILLISECONDS})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._receive(connection, message.json())
        if self._session and self._session.connection is connection:
            self._session.connection = None
        async with connection.closing:
            return socket

    async def close(self) -> None:
        if self._connection:
            await self._connection.close(UNKNOWN_ERROR)

    @property
    def _connection(self) -> GatewayConnection | None:
        return self._session and self._session.connection

    async def _receive(self, connection: GatewayConnection, payload: Json) -> None:
        if payload["op"] == HEARTBEAT:
            if self._session and self._connection is connection:
                self._session.last_received = payload["d"] or 0
            await asyncio.sleep(TRAVEL_SECONDS)
            await connection.send(ACKNOWLEDGED)
        elif payload["op"] == IDENTIFY:
            await self._identify(connection, payload["d"])
        elif payload["op"] == RESUME:
            await self._resume(connection, payload["d"])
        async with self._changed:
            self._changed.notify_all()

    async def _identify(self, connection: GatewayConnection, payload: Json) -> None:
        close_code = AUTHENTICATION_FAILED if payload["token"] != self.token else self.close_code
        if close_code:
            await connection.close(close_code)
            return
        self.identify_count += 1
        session = self._session = GatewaySession(payload.get("shard", [0, 1]))
        ready = {
            "v": 10,
            "user": BOT_USER,
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": session.shard,
            "application": {"id": str(APPLICATION), "flags": 0},
            "guilds": [{"id": str(self.guild), "unavailable": True}],
        }
        await connection.send_payload(session.add_event("READY", ready))
        await connection.send_payload(session.add_event("GUILD_CREATE", server(self.guild)))
        session.connection = connection

    async def _resume(self, connection: GatewayConnection, payload: Json) -> None:
        session = self._session
        if not session or session.id != payload["session_id"] or not session.resumable:
            await connection.send(INVALID_SESSION, False)
            return
        self.resume_count += 1
        for event in itertools.islice(session.events, payload["seq"], None):
            await connection.send_payload(event)
        await connection.send_payload(session.add_event("RESUMED", {}))
        session.connection = connection

    async def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

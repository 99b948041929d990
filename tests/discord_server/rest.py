"""The addresses that discord.py asks, for what the bot does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from tests.discord_server.faults import Fault, write
from tests.discord_server.interactions import NO_SUCH_WEBHOOK, Interaction, Reply
from tests.discord_server.payloads import BOT_USER, Json, application, message, registered

ROOT = "/api"
UNAUTHORIZED: Reply = 401, {"code": 0, "message": "401: Unauthorized"}
NOT_FOUND: Reply = 404, {"code": 0, "message": "404: Not Found"}
OPEN = ("/interactions/", "/webhooks/")  # whose addresses are secret, and need no token

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class State(Protocol):
    """What the addresses speak of."""

    token: str
    url: str
    faults: list[Fault]
    requests: list[str]
    unknown: list[str]
    commands: list[Json]
    interactions: dict[str, Interaction]


def routes(state: State) -> web.Application:
    """Discord's REST on ``state``."""

    def interaction(request: web.Request) -> Interaction | None:
        return state.interactions.get(request.match_info["token"])

    async def me(request: web.Request) -> web.Response:
        return write(BOT_USER)

    async def about(request: web.Request) -> web.Response:
        return write(application())

    async def gateway(request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return write({"url": state.url, "shards": 1, "session_start_limit": limit})

    async def sync(request: web.Request) -> web.Response:
        state.commands = [registered(command) for command in await request.json()]
        return write(state.commands)

    async def commands(request: web.Request) -> web.Response:
        return write(state.commands)

    async def respond(request: web.Request) -> web.Response:
        asked, answer = interaction(request), await _sent(request)
        return _response(asked.respond(answer) if asked else NO_SUCH_WEBHOOK)

    async def follow_up(request: web.Request) -> web.Response:
        asked, sent = interaction(request), await _sent(request)
        return _response(asked.follow_up(sent) if asked else NO_SUCH_WEBHOOK)

    async def of_message(request: web.Request) -> web.Response:
        asked, number = interaction(request), request.match_info["message"]
        if asked is None:
            return _response(NO_SUCH_WEBHOOK)
        if request.method == "PATCH":
            return _response(asked.edit(number, await _sent(request)))
        return _response(asked.get(number) if request.method == "GET" else asked.delete(number))

    async def send(request: web.Request) -> web.Response:
        channel = int(request.match_info["channel"])
        return write(message(channel - 1, await _sent(request)))

    async def nothing(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def not_known(request: web.Request) -> web.Response:
        state.unknown.append(f"{request.method} {request.path}")
        return _response(NOT_FOUND)

    async def not_there(request: web.Request) -> web.Response:
        return _response(NOT_FOUND)

    app = web.Application(middlewares=[_gate(state)])
    app.add_routes(
        [
            web.get("/users/@me", me),
            web.get("/oauth2/applications/@me", about),
            web.get("/gateway/bot", gateway),
            web.put("/applications/{application}/commands", sync),
            web.get("/applications/{application}/commands", commands),
            web.get(
                "/applications/{application}/guilds/{guild}/commands/{command}/permissions",
                not_there,
            ),
            web.post("/interactions/{id}/{token}/callback", respond),
            web.post("/webhooks/{application}/{token}", follow_up),
            web.route("*", "/webhooks/{application}/{token}/messages/{message}", of_message),
            web.post("/channels/{channel}/messages", send),
            web.post("/channels/{channel}/typing", nothing),
            web.route("*", "/{path:.*}", not_known),
        ]
    )
    return app


def _gate(state: State) -> Any:
    """What every request passes: it is written down, asked for its token, and meets faults."""

    @web.middleware
    async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(ROOT)
        asked = f"{request.method} {path}"
        state.requests.append(asked)
        fault = next((each for each in state.faults if each.takes(asked)), None)
        if fault:
            if fault.carried_out:
                await handler(request)
            await asyncio.sleep(fault.seconds)
            return fault.reply(request)
        if not path.startswith(OPEN) and request.headers["Authorization"] != f"Bot {state.token}":
            return _response(UNAUTHORIZED)
        return await handler(request)

    return gate


async def _sent(request: web.Request) -> Json:
    """What a request brings, also beside files."""
    if request.content_type != "multipart/form-data":
        return await request.json()
    async for part in await request.multipart():
        if getattr(part, "name", None) == "payload_json":
            return json.loads(await part.text())  # type: ignore[union-attr]
    return {}


def _response(reply: Reply) -> web.Response:
    status, body = reply
    return web.Response(status=status) if body is None else write(body, status)

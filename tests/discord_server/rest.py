"""The endpoints of Discord's REST API that the bot uses through discord.py."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from aiohttp import web

from tests.discord_server.faults import Fault, json_response
from tests.discord_server.interactions import NO_SUCH_WEBHOOK, FakeInteraction, Reply
from tests.discord_server.payloads import BOT_USER, Json, application, message, registered

ROOT = "/api"
UNAUTHORIZED: Reply = 401, {"code": 0, "message": "401: Unauthorized"}
NOT_FOUND: Reply = 404, {"code": 0, "message": "404: Not Found"}
OPEN_PATHS = ("/interactions/", "/webhooks/")  # their URLs contain a secret, so they need no token

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ServerState(Protocol):
    """What the endpoints read and change."""

    token: str
    url: str
    faults: list[Fault]
    requests: list[str]
    unknown_requests: list[str]
    commands: list[Json]
    interactions: dict[str, FakeInteraction]


def routes(state: ServerState) -> web.Application:
    """Return a web application with the endpoints, on ``state``."""

    def find_interaction(request: web.Request) -> FakeInteraction | None:
        return state.interactions.get(request.match_info["token"])

    async def get_current_user(request: web.Request) -> web.Response:
        return json_response(BOT_USER)

    async def get_application(request: web.Request) -> web.Response:
        return json_response(application())

    async def get_gateway(request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return json_response({"url": state.url, "shards": 1, "session_start_limit": limit})

    async def put_commands(request: web.Request) -> web.Response:
        state.commands = [registered(command) for command in await request.json()]
        return json_response(state.commands)

    async def get_commands(request: web.Request) -> web.Response:
        return json_response(state.commands)

    async def respond(request: web.Request) -> web.Response:
        interaction, payload = find_interaction(request), await _read_json(request)
        return _response(interaction.respond(payload) if interaction else NO_SUCH_WEBHOOK)

    async def follow_up(request: web.Request) -> web.Response:
        interaction, payload = find_interaction(request), await _read_json(request)
        return _response(interaction.follow_up(payload) if interaction else NO_SUCH_WEBHOOK)

    async def handle_message(request: web.Request) -> web.Response:
        interaction, message_id = find_interaction(request), request.match_info["message"]
        if interaction is None:
            return _response(NO_SUCH_WEBHOOK)
        if request.method == "PATCH":
            return _response(interaction.edit(message_id, await _read_json(request)))
        if request.method == "GET":
            return _response(interaction.get(message_id))
        return _response(interaction.delete(message_id))

    async def send(request: web.Request) -> web.Response:
        channel = int(request.match_info["channel"])
        return json_response(message(channel - 1, await _read_json(request)))

    async def no_content(request: web.Request) -> web.Response:
        return web.Response(status=204)

    async def unknown_route(request: web.Request) -> web.Response:
        state.unknown_requests.append(f"{request.method} {request.path}")
        return _response(NOT_FOUND)

    async def not_found(request: web.Request) -> web.Response:
        return _response(NOT_FOUND)

    app = web.Application(middlewares=[_middleware(state)])
    app.add_routes(
        [
            web.get("/users/@me", get_current_user),
            web.get("/oauth2/applications/@me", get_application),
            web.get("/gateway/bot", get_gateway),
            web.put("/applications/{application}/commands", put_commands),
            web.get("/applications/{application}/commands", get_commands),
            web.get(
                "/applications/{application}/guilds/{guild}/commands/{command}/permissions",
                not_found,
            ),
            web.post("/interactions/{id}/{token}/callback", respond),
            web.post("/webhooks/{application}/{token}", follow_up),
            web.route("*", "/webhooks/{application}/{token}/messages/{message}", handle_message),
            web.post("/channels/{channel}/messages", send),
            web.post("/channels/{channel}/typing", no_content),
            web.route("*", "/{path:.*}", unknown_route),
        ]
    )
    return app


def _middleware(state: ServerState) -> Any:
    """Return a middleware that records every request, applies faults and checks the token."""

    @web.middleware
    async def check_request(request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path.removeprefix(ROOT)
        line = f"{request.method} {path}"
        state.requests.append(line)
        fault = next((fault for fault in state.faults if fault.applies_to(line)), None)
        if fault:
            if fault.is_carried_out:
                await handler(request)
            await asyncio.sleep(fault.seconds)
            return fault.reply(request)
        token = f"Bot {state.token}"
        if not path.startswith(OPEN_PATHS) and request.headers["Authorization"] != token:
            return _response(UNAUTHORIZED)
        return await handler(request)

    return check_request


async def _read_json(request: web.Request) -> Json:
    """Return the JSON of a request, also if files come with it."""
    if request.content_type != "multipart/form-data":
        return await request.json()
    async for part in await request.multipart():
        if getattr(part, "name", None) == "payload_json":
            return json.loads(await part.text())  # type: ignore[union-attr]
    return {}


def _response(reply: Reply) -> web.Response:
    status, body = reply
    return web.Response(status=status) if body is None else json_response(body, status)

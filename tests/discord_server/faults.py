"""Responses of Discord, and faults that replace them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.discord_server.payloads import Json


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return JSON as Discord sends it, without a charset, which discord.py does not expect."""
    text = json.dumps(body).encode()
    return web.Response(body=text, status=status, headers=headers, content_type="application/json")


@dataclass
class Fault:
    """The fault of the next ``times`` requests that match ``pattern``, a regular expression on
    method and path such as ``POST .*/callback``.

    After ``seconds``, they get ``status``, or a closed connection if it is None. Discord executes
    them nevertheless if ``is_carried_out``.
    """

    pattern: str
    status: int | None = None
    times: int = 1
    is_carried_out: bool = False
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=lambda: {"code": 0, "message": "A fault"})

    def applies_to(self, request: str) -> bool:
        """Return whether the fault applies to a request, and count that."""
        if not self.times or not re.fullmatch(self.pattern, request):
            return False
        self.times -= 1
        return True

    def reply(self, request: web.Request) -> web.Response:
        if self.status is None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        return json_response(self.body, self.status, self.headers)


def rate_limited(pattern: str, seconds: float, *, via: bool = True, times: int = 1) -> Fault:
    """Return the fault for too many requests: from Discord itself, or without ``via`` from a proxy
    in front of it."""
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return Fault(pattern, 429, times, headers={"Via": "1.1 loopback"} if via else {}, body=body)

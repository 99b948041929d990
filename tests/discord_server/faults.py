"""Answers, and what comes in their place."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from tests.discord_server.payloads import Json


def write(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """JSON as Discord sends it: discord.py knows no charset beside its type."""
    text = json.dumps(body).encode()
    return web.Response(body=text, status=status, headers=headers, content_type="application/json")


@dataclass
class Fault:
    """What requests like ``POST .*/callback`` (a regular expression on method and path) get:
    ``status``, or None for a connection that is closed without a word, after ``seconds``. It is
    over after ``times``. With ``carried_out``, Discord does what was asked all the same."""

    pattern: str
    status: int | None = None
    times: int = 1
    carried_out: bool = False
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=lambda: {"code": 0, "message": "A fault"})

    def takes(self, request: str) -> bool:
        """Whether a request meets it; then it is one time less."""
        if not self.times or not re.fullmatch(self.pattern, request):
            return False
        self.times -= 1
        return True

    def reply(self, request: web.Request) -> web.Response:
        if self.status is None:
            if request.transport:
                request.transport.abort()
            return web.Response()
        return write(self.body, self.status, self.headers)


def limited(pattern: str, seconds: float, *, via: bool = True, times: int = 1) -> Fault:
    """Too many requests. What Discord itself says has ``via``; what stands before it has not."""
    body = {"message": "You are being rate limited.", "retry_after": seconds, "global": False}
    return Fault(pattern, 429, times, headers={"Via": "1.1 loopback"} if via else {}, body=body)

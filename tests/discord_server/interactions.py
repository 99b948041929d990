"""What somebody asks of the bot, and all that comes of it, by Discord's rules."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from typing import Any

from tests.discord_server.payloads import (
    APPLICATION,
    MANAGE_GUILD,
    Json,
    channel,
    member,
    message,
    snowflake,
)
from tests.world import texts

FIRST_ANSWER_SECONDS = 3.0  # that Discord waits for a first answer
COMMAND, PRESS, COMPLETION, FORM = 2, 3, 4, 5
MESSAGE, THINKING, SILENT, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

Reply = tuple[int, Json | None]
"""A status, and what comes with it."""

TOO_OLD: Reply = 404, {"code": 10062, "message": "Unknown interaction"}
ACKNOWLEDGED: Reply = (
    400,
    {
        "code": 40060,
        "message": "Interaction has already been acknowledged.",
    },
)
NO_SUCH_MESSAGE: Reply = 404, {"code": 10008, "message": "Unknown Message"}
NO_SUCH_WEBHOOK: Reply = 404, {"code": 10015, "message": "Unknown Webhook"}


class Interaction:
    """``messages`` are those there are now, by their ids; ``kind`` is that of the first answer,
    ``first`` what came with it; ``refused`` are the statuses of what Discord did not take."""

    def __init__(
        self,
        type: int,
        data: Json,
        *,
        guild: int,
        user: int,
        pressed: Json | None = None,
        age: float = 0,
    ) -> None:
        self.id = snowflake(age)
        self.token = secrets.token_hex(16)
        self.guild = guild
        self.user = user
        self.kind: int | None = None
        self.first: Json = {}
        self.messages: dict[str, Json] = {}
        self.sent = 0  # how many messages there were, with those deleted since
        self.edits = 0
        self.refused: list[int] = []
        self.acknowledged = asyncio.Event()
        self.answered = asyncio.Event()
        self.seconds: float | None = None  # until the first answer
        self._asked = time.monotonic() - age
        self._original: str | None = pressed["id"] if pressed else None
        self._pressed = pressed
        self.payload: Json = {
            "id": self.id,
            "application_id": str(APPLICATION),
            "type": type,
            "token": self.token,
            "version": 1,
            "guild_id": str(guild),
            "channel_id": str(guild + 1),
            "channel": channel(guild),
            "member": member(user, MANAGE_GUILD),
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": "0",
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 0,
            "attachment_size_limit": 10_000_000,
            "data": data,
            **({"message": pressed} if pressed else {}),
        }

    @property
    def text(self) -> str:
        """All that its messages say now."""
        shown = self.messages.values()
        return "\n".join(part for each in shown for part in _said(each)).strip()

    @property
    def private(self) -> bool:
        return all(each["flags"] & 64 for each in self.messages.values())

    async def done(self, seconds: float = 10.0) -> "Interaction":
        """Wait until somebody sees an answer."""
        async with asyncio.timeout(seconds):
            await self.answered.wait()
        return self

    def respond(self, answer: Json) -> Reply:
        """The first answer, to which there is a time."""
        if self.kind is not None:
            return self._refuse(ACKNOWLEDGED)
        seconds = time.monotonic() - self._asked
        if seconds > FIRST_ANSWER_SECONDS:
            return self._refuse(TOO_OLD)
        self.seconds = seconds
        self.acknowledged.set()
        self.kind, self.first = answer["type"], answer.get("data") or {}
        state: Json = {"id": self.id, "type": self.payload["type"]}
        resource: Json = {"type": self.kind}
        if self.kind in (MESSAGE, THINKING):
            resource["message"] = self._keep(self.first)
            self._original = resource["message"]["id"]
            state["response_message_loading"] = self.kind == THINKING
        elif self.kind == UPDATE and self._pressed:
            resource["message"] = self._change(self._pressed, self.first)
        if self.kind not in (THINKING, SILENT):
            self.answered.set()
        state["response_message_id"] = self._original
        return 200, {"interaction": state, "resource": resource}

    def follow_up(self, sent: Json) -> Reply:
        """Another message; the first after a "thinking …" takes its place."""
        if self.kind is None:
            return self._refuse(NO_SUCH_WEBHOOK)
        if self.kind == THINKING and not self.answered.is_set():
            return self.edit("@original", {**sent, "flags": self.first.get("flags", 0)})
        kept = self._keep(sent)
        self.answered.set()
        return 200, kept

    def edit(self, number: str, sent: Json) -> Reply:
        kept = self._find(number)
        if kept is None:
            return self._refuse(NO_SUCH_MESSAGE)
        self._change(kept, sent)
        self.edits += 1
        self.answered.set()
        return 200, kept

    def get(self, number: str) -> Reply:
        kept = self._find(number)
        return (200, kept) if kept else self._refuse(NO_SUCH_MESSAGE)

    def delete(self, number: str) -> Reply:
        kept = self._find(number)
        if kept is None or self.messages.pop(kept["id"], None) is None:
            return self._refuse(NO_SUCH_MESSAGE)
        return 204, None

    def component(self, label: str) -> tuple[Json, Json]:
        """A button by its label or custom id, and the message that it is on."""
        for each in self.messages.values():
            for found in _components(each["components"]):
                if label in (found.get("label"), found.get("custom_id")):
                    return found, each
        raise AssertionError(f"No {label} in {self.text}")

    def _find(self, number: str) -> Json | None:
        if self.kind is None:
            return None
        number = (self._original or "") if number == "@original" else number
        if self._pressed and number == self._pressed["id"]:
            return self._pressed
        return self.messages.get(number)

    def _keep(self, sent: Json) -> Json:
        kept = message(self.guild, sent)
        self.messages[kept["id"]] = self._change(kept, {})
        self.sent += 1
        return kept

    def _change(self, kept: Json, sent: Json) -> Json:
        kept.update({key: sent[key] or kept[key].__class__() for key in sent.keys() & kept.keys()})
        kept["attachments"] = []
        for number, component in enumerate(_components(kept["components"]), start=1):
            component["id"] = number
        return kept

    def _refuse(self, reply: Reply) -> Reply:
        self.refused.append(reply[0])
        return reply


def _components(components: list[Json]) -> Iterator[Json]:
    for each in components:
        yield each
        yield from _components(each.get("components", []))
        if accessory := each.get("accessory"):
            yield accessory


def _said(kept: Json) -> Iterator[Any]:
    yield kept["content"]
    yield from texts(kept["components"])

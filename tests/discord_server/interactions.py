"""What a member sends the bot, and how the bot may respond to it by Discord's rules."""

import asyncio
import itertools
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

FIRST_ANSWER_SECONDS = 3.0  # how long Discord waits for the first response
COMMAND, PRESS, COMPLETION, FORM = 2, 3, 4, 5
MESSAGE, THINKING, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

Reply = tuple[int, Json | None]
"""A status and the body."""

UNKNOWN_INTERACTION: Reply = 404, {"code": 10062, "message": "Unknown interaction"}
ALREADY_ACKNOWLEDGED: Reply = (
    400,
    {
        "code": 40060,
        "message": "Interaction has already been acknowledged.",
    },
)
NO_SUCH_MESSAGE: Reply = 404, {"code": 10008, "message": "Unknown Message"}
NO_SUCH_WEBHOOK: Reply = 404, {"code": 10015, "message": "Unknown Webhook"}


class FakeInteraction:
    """An interaction and the bot's responses to it.

    ``messages`` are the present messages by their ids. ``response_type`` and ``response_data`` are
    those of the first response, and ``seconds`` the time until it came. ``refused_statuses`` are
    the statuses of the requests that Discord refused.
    """

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
        self.response_type: int | None = None
        self.response_data: Json = {}
        self.messages: dict[str, Json] = {}
        self.sent_count = 0  # messages, including deleted ones
        self.edit_count = 0
        self.refused_statuses: list[int] = []
        self.acknowledged = asyncio.Event()
        self.answered = asyncio.Event()
        self.seconds: float | None = None  # until the first answer
        self._started = time.monotonic() - age
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
        """The present text of all its messages."""
        parts = itertools.chain.from_iterable(map(_message_texts, self.messages.values()))
        return "\n".join(parts).strip()

    @property
    def is_private(self) -> bool:
        return all(message_json["flags"] & 64 for message_json in self.messages.values())

    async def wait_for_answer(self, seconds: float = 10.0) -> "FakeInteraction":
        """Wait until the member sees an answer."""
        async with asyncio.timeout(seconds):
            await self.answered.wait()
        return self

    def respond(self, response: Json) -> Reply:
        """Take the first response, which has to come in time."""
        if self.response_type is not None:
            return self._refuse(ALREADY_ACKNOWLEDGED)
        seconds = time.monotonic() - self._started
        if seconds > FIRST_ANSWER_SECONDS:
            return self._refuse(UNKNOWN_INTERACTION)
        self.seconds = seconds
        self.acknowledged.set()
        self.response_type, self.response_data = response["type"], response.get("data") or {}
        state: Json = {"id": self.id, "type": self.payload["type"]}
        resource: Json = {"type": self.response_type}
        if self.response_type in (MESSAGE, THINKING):
            resource["message"] = self._add_message(self.response_data)
            self._original = resource["message"]["id"]
            state["response_message_loading"] = self.response_type == THINKING
        elif self.response_type == UPDATE and self._pressed:
            resource["message"] = self._update_message(self._pressed, self.response_data)
        if self.response_type not in (THINKING, DEFERRED_UPDATE):
            self.answered.set()
        state["response_message_id"] = self._original
        return 200, {"interaction": state, "resource": resource}

    def follow_up(self, payload: Json) -> Reply:
        """Send another message; the first one after "thinking …" replaces that."""
        if self.response_type is None:
            return self._refuse(NO_SUCH_WEBHOOK)
        if self.response_type == THINKING and not self.answered.is_set():
            return self.edit("@original", {**payload, "flags": self.response_data.get("flags", 0)})
        message_json = self._add_message(payload)
        self.answered.set()
        return 200, message_json

    def edit(self, message_id: str, payload: Json) -> Reply:
        message_json = self._find(message_id)
        if message_json is None:
            return self._refuse(NO_SUCH_MESSAGE)
        self._update_message(message_json, payload)
        self.edit_count += 1
        self.answered.set()
        return 200, message_json

    def get(self, message_id: str) -> Reply:
        message_json = self._find(message_id)
        return (200, message_json) if message_json else self._refuse(NO_SUCH_MESSAGE)

    def delete(self, message_id: str) -> Reply:
        message_json = self._find(message_id)
        if message_json is None or self.messages.pop(message_json["id"], None) is None:
            return self._refuse(NO_SUCH_MESSAGE)
        return 204, None

    def component(self, label: str) -> tuple[Json, Json]:
        """Return a button by its label or custom id, and the message that it is on."""
        for message_json in self.messages.values():
            for found in _components(message_json["components"]):
                if label in (found.get("label"), found.get("custom_id")):
                    return found, message_json
        raise AssertionError(f"No {label} in {self.text}")

    def _find(self, message_id: str) -> Json | None:
        if self.response_type is None:
            return None
        message_id = (self._original or "") if message_id == "@original" else message_id
        if self._pressed and message_id == self._pressed["id"]:
            return self._pressed
        return self.messages.get(message_id)

    def _add_message(self, payload: Json) -> Json:
        message_json = message(self.guild, payload)
        self.messages[message_json["id"]] = self._update_message(message_json, {})
        self.sent_count += 1
        return message_json

    def _update_message(self, message_json: Json, payload: Json) -> Json:
        for key in payload.keys() & message_json.keys():
            message_json[key] = payload[key] or message_json[key].__class__()
        message_json["attachments"] = []
        for number, component in enumerate(_components(message_json["components"]), start=1):
            component["id"] = number
        return message_json

    def _refuse(self, reply: Reply) -> Reply:
        self.refused_statuses.append(reply[0])
        return reply


def _components(components: list[Json]) -> Iterator[Json]:
    """Yield components and those inside them."""
    for component in components:
        yield component
        yield from _components(component.get("components", []))
        if accessory := component.get("accessory"):
            yield accessory


def _message_texts(message_json: Json) -> Iterator[Any]:
    yield message_json["content"]
    yield from texts(message_json["components"])

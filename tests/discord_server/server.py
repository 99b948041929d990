"""The Discord server that a test controls."""

import asyncio
import itertools
from typing import Any, Self

from aiohttp import web

from tests.discord_server.faults import Fault
from tests.discord_server.gateway import Drop, Gateway
from tests.discord_server.interactions import COMMAND, COMPLETION, FORM, PRESS, FakeInteraction
from tests.discord_server.payloads import Json, options
from tests.discord_server.rest import ROOT, routes

TOKEN = "MTE.loopback.the-token-that-nobody-may-see"
PRESS_SECONDS = 0.1
"""How long a member takes to press a button, so that the bot knows that its answer arrived."""


class FakeDiscord:
    """A Discord with one server, for one bot.

    Every command comes from a different member, who may edit the directory; buttons are pressed by
    the member who gave the command. ``requests`` are all requests of the bot, as method and path,
    ``unknown_requests`` those without an endpoint; ``faults`` apply to the next requests.
    """

    def __init__(self) -> None:
        self.guild = 1 << 22
        self.token = TOKEN
        self.url = ""
        self.port = 0
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.unknown_requests: list[str] = []
        self.commands: list[Json] = []
        self.interactions: dict[str, FakeInteraction] = {}
        self._members = itertools.count(1000)
        self.gateway = Gateway(TOKEN, self.guild)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_subapp(ROOT, routes(self))
        app.router.add_get("/gateway", self.gateway.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = self.gateway.url = f"ws://127.0.0.1:{self.port}/gateway"
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.gateway.close()
        await self._runner.cleanup()

    async def start_command(
        self, command: str, /, *, age: float = 0, **values: Any
    ) -> FakeInteraction:
        """Send a command that a member gave ``age`` seconds ago."""
        return await self.send_interaction(COMMAND, self.command_data(command, values), age=age)

    async def run_command(self, command: str, /, **values: Any) -> FakeInteraction:
        """Send a command, and wait for the answer."""
        return await (await self.start_command(command, **values)).wait_for_answer()

    async def autocomplete(self, command: str, /, **values: Any) -> FakeInteraction:
        """Type the last of the values, and wait for the choices."""
        data = self.command_data(command, values)
        data["options"][-1]["focused"] = True
        return await (await self.send_interaction(COMPLETION, data)).wait_for_answer()

    async def press(self, answer: FakeInteraction, label: str) -> FakeInteraction:
        """Press a button by its label or custom id, and wait for the answer."""
        await asyncio.sleep(PRESS_SECONDS)
        component, message = answer.component(label)
        data = {"custom_id": component["custom_id"], "component_type": component["type"]}
        return await (
            await self.send_interaction(PRESS, data, answer.user, pressed=message)
        ).wait_for_answer()

    async def submit(self, form: FakeInteraction, values: dict[str, str]) -> FakeInteraction:
        """Submit a form with values by the labels of its inputs, and wait for the answer."""
        rows = [
            {"type": label["type"], "id": number, "component": _filled_input(label, values)}
            for number, label in enumerate(form.response_data["components"], start=1)
        ]
        data = {"custom_id": form.response_data["custom_id"], "components": rows}
        return await (await self.send_interaction(FORM, data, form.user)).wait_for_answer()

    async def deliver(self, interaction: FakeInteraction) -> None:
        """Send an interaction to the bot, possibly once more."""
        await self.gateway.dispatch("INTERACTION_CREATE", interaction.payload)

    async def drop(self, how: Drop = Drop.ABORTED, *, resumable: bool = True) -> None:
        """Drop the connection; the bot reconnects by itself."""
        await self.gateway.drop(how, resumable=resumable)

    def command_data(self, name: str, values: dict[str, Any]) -> Json:
        command = next(each for each in self.commands if each["name"] == name)
        option_list = options(command, values)
        return {"id": command["id"], "name": name, "type": 1, "options": option_list}

    async def send_interaction(
        self,
        type: int,
        data: Json,
        user: int | None = None,
        *,
        pressed: Json | None = None,
        age: float = 0,
    ) -> FakeInteraction:
        user = user or next(self._members)
        interaction = FakeInteraction(
            type, data, guild=self.guild, user=user, pressed=pressed, age=age
        )
        self.interactions[interaction.token] = interaction
        await self.deliver(interaction)
        return interaction


def _filled_input(label: Json, values: dict[str, str]) -> Json:
    field = label["component"]
    value = values.get(label["label"], field.get("value") or "")
    return {"type": field["type"], "id": 100, "custom_id": field["custom_id"], "value": value}

"""What a test drives."""

import asyncio
import itertools
from typing import Any, Self

from aiohttp import web

from tests.discord_server.faults import Fault
from tests.discord_server.gateway import Drop, Gateway
from tests.discord_server.interactions import COMMAND, COMPLETION, FORM, PRESS, Interaction
from tests.discord_server.payloads import Json, options
from tests.discord_server.rest import ROOT, routes

TOKEN = "MTE.loopback.the-token-that-nobody-may-see"
PRESS_SECONDS = 0.1  # that somebody takes; the bot may not know yet that its answer is there


class Discord:
    """A Discord with one server, for one bot. Each time it is another member who asks, and may keep
    the directory; they press what they asked for themselves. ``unknown`` are the requests that it
    does not know, ``requests`` all of them, ``faults`` what the next ones meet."""

    def __init__(self) -> None:
        self.guild = 1 << 22
        self.token = TOKEN
        self.url = ""
        self.port = 0
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.unknown: list[str] = []
        self.commands: list[Json] = []
        self.interactions: dict[str, Interaction] = {}
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

    async def begin(self, command: str, /, *, age: float = 0, **values: Any) -> Interaction:
        """Somebody gave a command ``age`` seconds ago."""
        return await self._ask(COMMAND, self._command(command, values), age=age)

    async def slash(self, command: str, /, **values: Any) -> Interaction:
        """Somebody gives a command, and waits for its answer."""
        return await (await self.begin(command, **values)).done()

    async def complete(self, command: str, /, **values: Any) -> Interaction:
        """Somebody types the last of the values, and waits for what to choose from."""
        data = self._command(command, values)
        data["options"][-1]["focused"] = True
        return await (await self._ask(COMPLETION, data)).done()

    async def press(self, answer: Interaction, label: str) -> Interaction:
        await asyncio.sleep(PRESS_SECONDS)
        component, shown = answer.component(label)
        data = {"custom_id": component["custom_id"], "component_type": component["type"]}
        return await (await self._ask(PRESS, data, answer.user, pressed=shown)).done()

    async def submit(self, form: Interaction, values: dict[str, str]) -> Interaction:
        """Fill a form in, by the labels of its fields."""
        rows = [
            {"type": label["type"], "id": number, "component": _filled(label, values)}
            for number, label in enumerate(form.first["components"], start=1)
        ]
        data = {"custom_id": form.first["custom_id"], "components": rows}
        return await (await self._ask(FORM, data, form.user)).done()

    async def again(self, asked: Interaction) -> None:
        """Tell the bot of it once more."""
        await self.gateway.dispatch("INTERACTION_CREATE", asked.payload)

    async def drop(self, how: Drop = Drop.ABORTED, *, resumable: bool = True) -> None:
        """Lose the connection; the bot comes back by itself."""
        await self.gateway.drop(how, resumable=resumable)

    def _command(self, name: str, values: dict[str, Any]) -> Json:
        command = next(each for each in self.commands if each["name"] == name)
        given = options(command, values)
        return {"id": command["id"], "name": name, "type": 1, "options": given}

    async def _ask(
        self,
        type: int,
        data: Json,
        user: int | None = None,
        *,
        pressed: Json | None = None,
        age: float = 0,
    ) -> Interaction:
        user = user or next(self._members)
        asked = Interaction(type, data, guild=self.guild, user=user, pressed=pressed, age=age)
        self.interactions[asked.token] = asked
        await self.again(asked)
        return asked


def _filled(label: Json, values: dict[str, str]) -> Json:
    field = label["component"]
    value = values.get(label["label"], field.get("value") or "")
    return {"type": field["type"], "id": 100, "custom_id": field["custom_id"], "value": value}

"""What a test drives."""

from collections.abc import Iterable
from typing import Any, Self

from aiohttp import web

from tests.discord_server.faults import Fault
from tests.discord_server.gateway import Drop, Gateway
from tests.discord_server.interactions import COMMAND, COMPLETION, FORM, PRESS, Interaction
from tests.discord_server.payloads import MANAGE_GUILD, Json, options
from tests.discord_server.rest import ROOT, routes

TOKEN = "MTE.loopback.the-token-that-nobody-may-see"
ADMIN = 1


class Discord:
    """A Discord with servers, for one bot. ``unknown`` are the requests that it does not know,
    ``requests`` all of them, ``faults`` what the next ones meet."""

    def __init__(self, guilds: Iterable[int] = (1 << 22,)) -> None:
        self.guilds = list(guilds)
        self.token = TOKEN
        self.url = ""
        self.port = 0
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.unknown: list[str] = []
        self.commands: list[Json] = []
        self.interactions: dict[str, Interaction] = {}
        self.gateway = Gateway(TOKEN, self.guilds)

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

    async def begin(
        self, command: str, /, *, guild: int = 0, user: int = ADMIN, **values: Any
    ) -> Interaction:
        """Somebody who may keep the directory gives a command."""
        return await self._ask(COMMAND, self._command(command, values), guild, user)

    async def slash(
        self, command: str, /, *, guild: int = 0, user: int = ADMIN, **values: Any
    ) -> Interaction:
        """The same, and waits until it is answered."""
        return await (await self.begin(command, guild=guild, user=user, **values)).done()

    async def complete(self, command: str, /, **values: Any) -> Interaction:
        """Somebody types the last of the values, and waits for what to choose from."""
        data = self._command(command, values)
        data["options"][-1]["focused"] = True
        return await (await self._ask(COMPLETION, data)).done()

    async def press(self, answer: Interaction, label: str) -> Interaction:
        component, shown = answer.component(label)
        data = {"custom_id": component["custom_id"], "component_type": component["type"]}
        return await (await self._ask(PRESS, data, answer.guild, pressed=shown)).done()

    async def submit(self, form: Interaction, values: dict[str, str]) -> Interaction:
        """Fill a form in, by the labels of its fields."""
        rows = [
            {"type": label["type"], "id": number, "component": _filled(label, values)}
            for number, label in enumerate(form.first["components"], start=1)
        ]
        data = {"custom_id": form.first["custom_id"], "components": rows}
        return await (await self._ask(FORM, data, form.guild)).done()

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
        guild: int = 0,
        user: int = ADMIN,
        pressed: Json | None = None,
    ) -> Interaction:
        asked = Interaction(
            type,
            data,
            guild=guild or self.guilds[0],
            user=user,
            permissions=MANAGE_GUILD,
            pressed=pressed,
        )
        self.interactions[asked.token] = asked
        await self.again(asked)
        return asked


def _filled(label: Json, values: dict[str, str]) -> Json:
    field = label["component"]
    value = values.get(label["label"], field.get("value") or "")
    return {"type": field["type"], "id": 100, "custom_id": field["custom_id"], "value": value}

"""How answers are sent to Discord, where connections break and servers fail."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

PAUSES_SECONDS = (0, 0.1, 0.3, 0.9)  # before each time a first answer is sent; Discord waits 3
SILENT_SECONDS = 1.5  # that Discord takes for one without files, before it is sent again

ACKNOWLEDGED = 40060
"""Discord's code for what has its first answer."""

LOST = (discord.DiscordServerError, discord.RateLimited, aiohttp.ClientError, TimeoutError)
"""What is raised for an answer that Discord did not take, or perhaps did."""


def deliver_safely() -> None:
    """Send what the current task and those that it starts answer by Delivery."""
    async_context.set(Delivery())


class Delivery(AsyncWebhookAdapter):
    """discord.py sends again what met an error of a server, after a second and more, and nothing
    whose connection broke. Of a first answer Discord takes but one, so that it can be sent again at
    once, whatever happened to it. Of other messages it takes as many as it gets."""

    async def create_interaction_response(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, interaction_id: int, token: str, *, session: Any, params: Any, **options: Any
    ) -> Any:
        once: Any = _Once(session)
        first_answer = super().create_interaction_response
        lost: Exception | None = None
        for pause in PAUSES_SECONDS:
            await asyncio.sleep(pause)
            for file in params.files or ():
                file.reset()
            try:
                async with asyncio.timeout(None if params.files else SILENT_SECONDS):
                    return await first_answer(
                        interaction_id, token, session=once, params=params, **options
                    )
            except LOST as error:
                lost = error
            except discord.HTTPException as error:
                if lost is None or error.code != ACKNOWLEDGED:
                    raise
                return _came_before(interaction_id)
        assert lost
        raise lost

    def execute_webhook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, webhook_id: int, token: str, *, session: Any, **options: Any
    ) -> Any:
        once: Any = _Once(session)
        return super().execute_webhook(webhook_id, token, session=once, **options)


def _came_before(interaction_id: int) -> dict[str, Any]:
    """In place of what Discord says of an answer it took: which message that made, it says but
    once. Of no message discord.py would think as of all; of this number there is none."""
    return {"interaction": {"id": interaction_id, "response_message_id": interaction_id}}


class _Once:
    """A session whose failures are raised at once."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(self, *what: Any, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(*what, **options) as response:
            if response.status >= 500:
                raise discord.DiscordServerError(response, None)
            yield response

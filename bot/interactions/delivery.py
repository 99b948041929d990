"""Sending answers to Discord over connections that break and to servers that fail.

discord.py retries server errors after a second or more, which is too late for a first response,
and doesn't retry broken connections at all. Discord accepts a first response only once, so it can
safely be sent again after any failure. A follow-up can't: it might be shown twice.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

RETRY_PAUSES_SECONDS = (0, 0.1, 0.3, 0.9)  # before each attempt; Discord waits 3 seconds
ATTEMPT_SECONDS = 1.5  # for a response without files, before it is sent again
ALREADY_ACKNOWLEDGED = 40060  # Discord's error code: the interaction has its first response

DELIVERY_ERRORS = (
    discord.DiscordServerError,
    discord.RateLimited,
    aiohttp.ClientError,
    TimeoutError,
)
"""Raised when it's unknown whether an answer reached Discord."""


def use_reliable_delivery() -> None:
    """Send the interaction responses of the current task, and of tasks it starts, reliably."""
    async_context.set(ReliableWebhookAdapter())


class ReliableWebhookAdapter(AsyncWebhookAdapter):
    """Repeats a first response until Discord accepts it; sends follow-ups once."""

    async def create_interaction_response(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, interaction_id: int, token: str, *, session: Any, params: Any, **options: Any
    ) -> Any:
        single_try: Any = _SingleTrySession(session)
        send = super().create_interaction_response
        failure: Exception | None = None
        for pause in RETRY_PAUSES_SECONDS:
            await asyncio.sleep(pause)
            for file in params.files or ():
                file.reset()
            try:
                async with asyncio.timeout(None if params.files else ATTEMPT_SECONDS):
                    return await send(
                        interaction_id, token, session=single_try, params=params, **options
                    )
            except DELIVERY_ERRORS as error:
                failure = error
            except discord.HTTPException as error:
                if failure is None or error.code != ALREADY_ACKNOWLEDGED:
                    raise
                # Only the attempt that succeeded was told the message's id. discord.py needs one,
                # so the interaction's id stands in for it.
                return {
                    "interaction": {"id": interaction_id, "response_message_id": interaction_id}
                }
        assert failure
        raise failure

    def execute_webhook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, webhook_id: int, token: str, *, session: Any, **options: Any
    ) -> Any:
        single_try: Any = _SingleTrySession(session)
        return super().execute_webhook(webhook_id, token, session=single_try, **options)


class _SingleTrySession:
    """An aiohttp session that raises server errors, to keep discord.py from retrying them."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @asynccontextmanager
    async def request(
        self, *arguments: Any, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self._session.request(*arguments, **options) as response:
            if response.status >= 500:
                raise discord.DiscordServerError(response, None)
            yield response

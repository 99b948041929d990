"""The bot in Discord, from its login until it's told to stop."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.client import PeopleBot
from bot.errors import SettingError
from bot.language import _

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0  # for the answers in progress


async def serve(bot: PeopleBot, token: str) -> None:
    """Run until Ctrl-C or SIGTERM, and finish the answers in progress before stopping; a second
    signal doesn't wait for them. Raises SettingError if Discord refuses the bot or can't be
    reached."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def on_signal() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    async with bot:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                with _as_setting_errors():
                    await running
            else:
                log.info("Stopping")
                await _drain(bot, hurry)
        finally:
            running.cancel()
            stopping.cancel()
            await bot.close()  # a shard that is connecting swallows the cancellation
            await asyncio.wait({running, stopping})


async def _drain(bot: PeopleBot, hurry: asyncio.Event) -> None:
    """Finish the answers in progress, which discord.py would drop, and accept nothing new. Answers
    that aren't done in time are cut off, and controls that wouldn't work after a restart are
    removed."""
    bot.gate.is_closed = True
    settling = asyncio.create_task(bot.gate.wait_until_idle())
    hurrying = asyncio.create_task(hurry.wait())
    waiting = {settling, hurrying}
    await asyncio.wait(waiting, timeout=DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await bot.gate.cancel_requests()
    await bot.answers.close_views()


@contextmanager
def _as_setting_errors() -> Iterator[None]:
    """Turn Discord's refusals into SettingError."""
    try:
        yield
    except discord.LoginFailure as error:
        raise SettingError(
            _("Discord refuses the DISCORD_TOKEN. Copy it again from the developer portal.")
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingError(
            _(
                "Discord refuses an intent of the bot, though it needs no privileged one. "
                "Check the application in the developer portal."
            )
        ) from error
    except discord.ConnectionClosed as error:
        raise SettingError(_close_reason(error.code)) from error
    except (
        discord.HTTPException,
        discord.GatewayNotFound,
        discord.RateLimited,
        aiohttp.ClientError,
        OSError,
    ) as error:
        raise SettingError(
            _(
                "Discord cannot be reached ({reason}). Check the network connection.",
                reason=str(error) or type(error).__name__,
            )
        ) from error


def _close_reason(code: int) -> str:
    """Return what a close code means after which Discord accepts no new connection."""
    match code:
        case 4004:
            return _(
                "Discord no longer accepts the DISCORD_TOKEN, because it was reset. Copy the new "
                "one from the developer portal."
            )
        case 4010:
            return _(
                "Discord doesn't know this shard. Set the same SHARD_COUNT in all processes, and "
                "SHARD_IDS below it."
            )
        case 4011:
            return _(
                "The bot is in too many servers for so few shards. Set a higher SHARD_COUNT, or "
                "leave it empty."
            )
        case _other:
            return _(
                "Discord closed the connection for good (code {code}). Check the application in "
                "the developer portal, and whether there is a newer version of the bot.",
                code=str(code),
            )

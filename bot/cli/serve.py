"""The bot in Discord, from its login until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot import sentences
from bot.client import PeopleBot
from bot.errors import SettingError

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10.0  # for the answers under way

REFUSALS = {
    4004: sentences.service.TOKEN_REVOKED,
    4010: sentences.service.NO_SUCH_SHARD,
    4011: sentences.service.MORE_SHARDS_NEEDED,
}
"""What the codes mean with which Discord ends a connection for good."""


async def serve(bot: PeopleBot, token: str) -> None:
    """Run until Ctrl-C or SIGTERM, and answer what is under way before leaving; at a second one,
    do not wait for it. Raises SettingError if Discord refuses the bot, or cannot be reached."""
    stop, hurry = asyncio.Event(), asyncio.Event()

    def end() -> None:
        (hurry if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    async with bot:
        running = asyncio.create_task(bot.start(token))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                with _as_sentences():
                    await running
            else:
                log.info("Stopping")
                await _drain(bot, hurry)
        finally:
            running.cancel()
            stopping.cancel()
            await bot.close()  # a shard that is just connecting swallows that it is cancelled
            await asyncio.wait({running, stopping})


async def _drain(bot: PeopleBot, hurry: asyncio.Event) -> None:
    """Answer what is under way, and nothing new; discord.py would drop the answers. What is not
    done in time is cut off, and controls that would not work after a restart are taken away."""
    bot.gate.closed = True
    settling = asyncio.create_task(bot.gate.settled())
    hurrying = asyncio.create_task(hurry.wait())
    waiting = {settling, hurrying}
    await asyncio.wait(waiting, timeout=DRAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await bot.gate.cut_off()
    await bot.asked.end_controls()


@contextmanager
def _as_sentences() -> Iterator[None]:
    """What Discord refuses, as SettingError."""
    try:
        yield
    except discord.LoginFailure as error:
        raise SettingError(sentences.service.TOKEN_REFUSED) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingError(sentences.service.INTENT_REFUSED) from error
    except discord.ConnectionClosed as error:
        sentence = REFUSALS.get(error.code) or sentences.service.connection_refused(error.code)
        raise SettingError(sentence) from error
    except (
        discord.HTTPException,
        discord.GatewayNotFound,
        discord.RateLimited,
        aiohttp.ClientError,
        OSError,
    ) as error:
        raise SettingError(sentences.service.discord_unreachable(error)) from error

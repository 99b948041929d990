"""The bot in an offline Discord, as a page in the browser. The only import of simcord but for the
tests: it is young, and this is the seam."""

import asyncio
import contextvars
import logging
import re
import signal
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import discord
import simcord

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories
from bot.errors import SettingError

log = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "Who"
SETTLE_SECONDS = 60.0  # the first search waits for the model
CLOCK_SECONDS = 0.5
SHOWN_SECONDS = 2.0  # after which the page shows how far something is; a press just then is lost


class PreviewBot(PeopleBot):
    """The bot in ``env``, which shows an answer once all that was begun for it has ended, but for
    what it is told of, and what is begun ``aside``, in a context that is not the bot's."""

    env: simcord.Env
    aside: contextvars.Context
    lasts: asyncio.Task[Any] | None = None
    """What goes on, or ended, since the page was last shown."""

    async def lasting(self, work: Coroutine[Any, Any, T]) -> T:
        task = self.aside.run(asyncio.create_task, work)
        shown = self.aside.run(asyncio.create_task, asyncio.sleep(SHOWN_SECONDS))
        try:
            await asyncio.wait({task, shown}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self.lasts = task
            return await self.env.external_wait(task, reason="it shows how far it is")
        finally:
            task.cancel()
            shown.cancel()


async def serve(directories: Directories, *, port: int = 0, browser: bool = True) -> None:
    """Serve until Ctrl-C, SIGTERM or the page's own end. Raises SettingError for a taken port."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bot = PreviewBot(directories)
    offline = simcord.run(bot, shard_count=1, settle_timeout=SETTLE_SECONDS, check_errors=False)
    async with offline as env, AsyncExitStack() as stack:
        bot.env, bot.aside = env, contextvars.copy_context()
        channel, viewers = await _furnish(env, bot)
        await directories.open("default")  # so that the first answer is there at once
        page = env.preview(channel, viewers=viewers, layout="channel", port=port)
        try:
            preview = await stack.enter_async_context(page)
        except OSError as error:
            raise SettingError(sentences.service.no_page(port, error)) from error
        print(sentences.service.page_at(preview.url), flush=True)
        if browser:
            webbrowser.open(preview.url)
        ends = {asyncio.create_task(preview.wait_closed()), asyncio.create_task(stop.wait())}
        beside = {
            asyncio.create_task(_keep_time(bot, preview)),
            asyncio.create_task(_show_what_lasts(bot, preview)),
        }
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends | beside:
            task.cancel()


async def _keep_time(bot: PreviewBot, preview: simcord.Preview) -> None:
    """Set simcord's clock and the page's, which stand still, to the time; but not while something
    is being answered, or what takes long here, with all in one process, would come too late."""
    while True:
        if bot.gate.idle:
            now = preview.capture_time = datetime.now(UTC)
            setattr(bot.env.backend.clock, "now", lambda now=now: now)  # noqa: B010 a method
        await asyncio.sleep(CLOCK_SECONDS)


async def _show_what_lasts(bot: PreviewBot, preview: simcord.Preview) -> None:
    while True:
        if lasts := bot.lasts:
            ended = lasts.done()
            with suppress(simcord.SetupError, TimeoutError):  # somebody is using the page
                await preview.refresh()
                if ended and bot.lasts is lasts:
                    bot.lasts = None
        await asyncio.sleep(SHOWN_SECONDS)


async def _furnish(env: simcord.Env, bot: PeopleBot):
    """A server with one channel, an administrator and a member; by the numbers that simcord gives
    before its clock is set, they are the same ones at every start, also to the history."""
    assert bot.user is not None
    await bot.user.edit(username=NAME)
    guild = env.create_guild("Preview")
    channel = guild.create_text_channel("general")
    keepers = guild.create_role(
        "Administrator", permissions=discord.Permissions(administrator=True)
    )
    admin = guild.add_member(env.create_user("admin"), roles=[keepers])
    member = guild.add_member(env.create_user("member"))
    for viewer in (admin, member):
        _let_mention(viewer, bot.user)
    return channel, [admin, member]


def _let_mention(viewer: simcord.MemberActor, whom: discord.ClientUser) -> None:
    """Make a mention of the name after an @, as Discord does while somebody types, and this page
    does not."""
    send = viewer.send
    typed = re.compile(rf"@{NAME}\b", re.IGNORECASE)

    async def send_mentioning(channel: Any, content: str = "", **options: Any) -> discord.Message:
        return await send(channel, typed.sub(whom.mention, content), **options)

    setattr(viewer, "send", send_mentioning)  # noqa: B010 as a method it would be another's

"""The bot in an offline Discord, served as a page in the browser.

Only this module and the tests import simcord, which is young and may change.
"""

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

from bot.client import PeopleBot
from bot.directory import Directories
from bot.errors import SettingError
from bot.language import _
from cogs.help import greeting_view

log = logging.getLogger(__name__)

T = TypeVar("T")

NAME = "Who"
SETTLE_SECONDS = 60.0  # the first search waits for the model
CLOCK_SECONDS = 0.5
REFRESH_SECONDS = 2.0  # between updates of a progress bar; a press during one is lost


class PreviewBot(PeopleBot):
    """The bot in the offline Discord *env*.

    *env* shows an answer once all tasks started for it have ended. Long tasks are started in
    *outside*, a context that *env* doesn't track.
    """

    env: simcord.Env
    outside: contextvars.Context
    long_task: asyncio.Task[Any] | None = None
    """A long task that is running, or that ended after the last refresh of the page."""

    async def run_long(self, work: Coroutine[Any, Any, T]) -> T:
        task = self.outside.run(asyncio.create_task, work)
        refresh = self.outside.run(asyncio.create_task, asyncio.sleep(REFRESH_SECONDS))
        try:
            await asyncio.wait({task, refresh}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self.long_task = task
            return await self.env.external_wait(task, reason="it shows how far it is")
        finally:
            task.cancel()
            refresh.cancel()


async def serve(directories: Directories, *, port: int = 0, browser: bool = True) -> None:
    """Serve until Ctrl-C, SIGTERM or the page is closed.

    Raises SettingError if the port is taken.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    bot = PreviewBot(directories)
    offline = simcord.run(bot, shard_count=1, settle_timeout=SETTLE_SECONDS, check_errors=False)
    async with offline as env, AsyncExitStack() as stack:
        bot.env, bot.outside = env, contextvars.copy_context()
        channel, viewers = await _set_up_server(env, bot)
        await directories.open("default")  # so that the first answer is fast
        _set_clock(env)
        await _greet(bot, channel.id)
        page = env.preview(channel, viewers=viewers, layout="channel", port=port)
        try:
            preview = await stack.enter_async_context(page)
        except OSError as error:
            raise SettingError(
                _(
                    "Can't serve the page on port {port} ({reason}). Choose another with --port.",
                    port=str(port),
                    reason=error,
                )
            ) from error
        print(
            _("The bot is at {address}\nPress Ctrl-C to stop it.", address=preview.url), flush=True
        )
        if browser:
            webbrowser.open(preview.url)
        ends = {asyncio.create_task(preview.wait_closed()), asyncio.create_task(stop.wait())}
        background = {
            asyncio.create_task(_keep_time(bot, preview)),
            asyncio.create_task(_refresh_during_long_tasks(bot, preview)),
        }
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in ends | background:
            task.cancel()


async def _keep_time(bot: PreviewBot, preview: simcord.Preview) -> None:
    """Set the clocks of simcord and the page, which don't run by themselves, to the current time.

    Not while the bot is answering: everything runs in one process here, and a slow answer would
    count as too late.
    """
    while True:
        if bot.gate.is_idle:
            preview.capture_time = _set_clock(bot.env)
        await asyncio.sleep(CLOCK_SECONDS)


def _set_clock(env: simcord.Env) -> datetime:
    """Set simcord's clock to the current time, and return it."""
    now = datetime.now(UTC)
    setattr(env.backend.clock, "now", lambda: now)  # noqa: B010 replaces a method
    return now


async def _greet(bot: PeopleBot, channel_id: int) -> None:
    """Post the greeting in the empty channel."""
    channel = bot.get_channel(channel_id)
    assert bot.user and isinstance(channel, discord.TextChannel)
    await channel.send(view=greeting_view(bot.user.mention))


async def _refresh_during_long_tasks(bot: PreviewBot, preview: simcord.Preview) -> None:
    while True:
        if task := bot.long_task:
            is_done = task.done()
            with suppress(simcord.SetupError, TimeoutError):  # someone is using the page
                await preview.refresh()
                if is_done and bot.long_task is task:
                    bot.long_task = None
        await asyncio.sleep(REFRESH_SECONDS)


async def _set_up_server(env: simcord.Env, bot: PeopleBot):
    """Create a server with one channel, an administrator and a member.

    They get the same IDs at every start, because simcord's clock isn't set yet, so the history
    recognises them.
    """
    assert bot.user is not None
    await bot.user.edit(username=NAME)
    guild = env.create_guild("Preview")
    channel = guild.create_text_channel("general")
    administrators = guild.create_role(
        "Administrator", permissions=discord.Permissions(administrator=True)
    )
    admin = guild.add_member(env.create_user("admin"), roles=[administrators])
    member = guild.add_member(env.create_user("member"))
    for viewer in (admin, member):
        _resolve_mentions(viewer, bot.user)
    return channel, [admin, member]


def _resolve_mentions(viewer: simcord.MemberActor, user: discord.ClientUser) -> None:
    """Turn a typed @name into a mention, as Discord does but the page doesn't."""
    send = viewer.send
    name = re.compile(rf"@{NAME}\b", re.IGNORECASE)

    async def send_mentioning(channel: Any, content: str = "", **options: Any) -> discord.Message:
        return await send(channel, name.sub(user.mention, content), **options)

    setattr(viewer, "send", send_mentioning)  # noqa: B010 replaces a method

"""Deciding which interactions and mentions are answered now, and which are turned away."""

import asyncio
import logging
from math import ceil
from typing import Any

import discord

from bot.interactions.errors import DISCORD_ERRORS, acknowledge_press, notify
from bot.interactions.limits import RateLimiter
from bot.interactions.request import (
    InteractionOrMessage,
    Outcome,
    begin_request,
    set_outcome,
    use_asker_language,
)
from bot.language import _, ngettext

log = logging.getLogger(__name__)

MEMBER_BURST, MEMBER_INTERVAL_SECONDS = 30, 1.0
SERVER_BURST, SERVER_INTERVAL_SECONDS = 600, 1 / 60

CHANNEL_REFUSAL_SECONDS = 30.0  # at most one public refusal per channel in this time
AUTOCOMPLETE_SECONDS = 3.0  # Discord accepts choices for this long

CANCEL_SECONDS = 1.0  # redis-py may swallow a cancellation
NOTIFY_SECONDS = 3.0


class AdmissionGate:
    """Admits what can be answered now, and knows which requests are under way.

    A request is under way until the task in which discord.py dispatched it is done. Members and
    servers over their rate limit, and everyone once the gate is closed, are asked to try again.
    """

    def __init__(self) -> None:
        self.is_closed = False
        self._under_way: dict[asyncio.Task[Any], InteractionOrMessage] = {}
        self._refusing: set[asyncio.Task[Any]] = set()  # tasks that arrived after closing
        self._autocompleting: dict[int, asyncio.Task[Any]] = {}  # the newest of each member
        self._members = RateLimiter(MEMBER_BURST, MEMBER_INTERVAL_SECONDS)
        self._servers = RateLimiter(SERVER_BURST, SERVER_INTERVAL_SECONDS)
        self._channel_refusals = RateLimiter(1, CHANNEL_REFUSAL_SECONDS)

    async def admit(self, source: InteractionOrMessage) -> bool:
        """Return whether to answer, and if not, tell the person why.

        Nothing is said about an autocompletion, which shows no text, or about repeated mentions in
        one channel.
        """
        begin_request(source)
        use_asker_language(source)
        task = self._track(source)
        if not isinstance(source, discord.Interaction):
            refusal = self._use_allowance(source.author.id, source.guild and source.guild.id)
            is_admitted = not refusal
            if refusal and not self._channel_refusals.acquire(source.channel.id):
                await _reply(source, refusal)
        elif source.type is discord.InteractionType.autocomplete:
            is_admitted = not self.is_closed and await self._is_newest(source.user.id, task)
        else:
            refusal = self._use_allowance(source.user.id, source.guild_id)
            is_admitted = not refusal
            if refusal:
                await notify(source, refusal)
        if not is_admitted:
            set_outcome(Outcome.TURNED_AWAY)
        return is_admitted

    def _use_allowance(self, member_id: int, server_id: int | None) -> str:
        """Count a request against the rate limits.

        Returns why it is turned away, or an empty text if it is admitted.
        """
        if self.is_closed:
            return _("The bot is restarting. Please try again in a moment.")
        if wait := self._members.acquire(member_id):
            return ngettext(
                "That's a lot at once. Please try again in {count} second.",
                "That's a lot at once. Please try again in {count} seconds.",
                ceil(wait),
            )
        if wait := self._servers.acquire(server_id or 0):
            return ngettext(
                "Too many people in this server are asking at once. Please try again in {count} "
                "second.",
                "Too many people in this server are asking at once. Please try again in {count} "
                "seconds.",
                ceil(wait),
            )
        return ""

    async def _is_newest(self, member_id: int, task: asyncio.Task[Any]) -> bool:
        """Wait for the member's previous autocompletion, then return whether this is the newest."""
        previous = self._autocompleting.get(member_id)
        self._autocompleting[member_id] = task
        if previous:
            done, _pending = await asyncio.wait({previous}, timeout=AUTOCOMPLETE_SECONDS)
            if not done:
                return False
        return self._autocompleting.get(member_id) is task

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return not self._under_way

    async def wait_until_idle(self) -> None:
        await asyncio.sleep(0)  # a task that was just created hasn't reached the gate yet
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def cancel_requests(self) -> None:
        """Cancel the requests under way, and tell the people who wait for them."""
        cancelled = dict(self._under_way)
        if cancelled:
            log.warning("Cut off %d answers", len(cancelled))
            for task in cancelled:
                task.cancel()
            await asyncio.wait(cancelled, timeout=CANCEL_SECONDS)
        notifying = {asyncio.ensure_future(_notify_cut_off(each)) for each in cancelled.values()}
        if notifying or self._refusing:
            await asyncio.wait(notifying | self._refusing, timeout=NOTIFY_SECONDS)

    def _track(self, source: InteractionOrMessage) -> asyncio.Task[Any]:
        """Note the current task as under way, or as refusing once the gate is closed."""
        task = asyncio.current_task()
        assert task is not None
        if self.is_closed:
            self._refusing.add(task)
        else:
            self._under_way[task] = source
        task.add_done_callback(self._untrack)
        return task

    def _untrack(self, task: asyncio.Task[Any]) -> None:
        self._refusing.discard(task)
        source = self._under_way.pop(task, None)
        member_id = source.user.id if isinstance(source, discord.Interaction) else 0
        if self._autocompleting.get(member_id) is task:
            del self._autocompleting[member_id]


class AdmissionCheck:
    """A mixin for command trees, views, forms and dynamic items: checks at the client's gate."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        gate: AdmissionGate = interaction.client.gate
        return await gate.admit(interaction)


def cut_off_text() -> str:
    """Return what people are told whose request ended because the bot is stopping."""
    return _(
        "The bot is restarting and couldn't finish this. If you changed something, check whether "
        "it was saved before you try again."
    )


async def _notify_cut_off(source: InteractionOrMessage) -> None:
    text = cut_off_text()
    if not isinstance(source, discord.Interaction):
        await _reply(source, text)
        return
    if source.type is discord.InteractionType.autocomplete:  # shows choices, no text
        return
    if source.type is discord.InteractionType.component:
        await acknowledge_press(source)  # so that its controls can still be removed
    await notify(source, text)


async def _reply(message: discord.Message, text: str) -> None:
    try:
        await message.reply(text, mention_author=False)
    except DISCORD_ERRORS as failure:
        log.warning("Could not send a notice: %s", failure)

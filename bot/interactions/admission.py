"""The gate that every interaction passes, and every mention of the bot, before it is answered."""

import asyncio
import logging
from math import ceil
from typing import Any

import discord

from bot import sentences
from bot.interactions.errors import DISCORD_ERRORS, leave, tell
from bot.interactions.limits import MADE_AT_ONCE, Rate, Turns
from bot.interactions.request import Outcome, begin, came_to

log = logging.getLogger(__name__)

MEMBER_AT_ONCE, MEMBER_SECONDS = 30, 1.0
SERVER_AT_ONCE, SERVER_SECONDS = 600, 1 / 60
"""What a member, and a server, may ask at once, and then one in so many seconds."""

SAID_SECONDS = 30.0  # in a channel, that somebody asks too much, at the most so often
COMPLETE_SECONDS = 3.0  # Discord takes what completes a word for so long

CANCEL_SECONDS = 1.0  # redis-py may swallow a cancellation
TELL_SECONDS = 3.0

Asking = discord.Interaction[Any] | discord.Message
"""What somebody wants to be answered."""


class Gate:
    """Lets in what may be answered now, and knows what is under way: the tasks of discord.py in
    which it was let in. Who asks too much, and, once it is closed, everybody is told to try again.
    ``turns`` are those of the answers in the making."""

    def __init__(self) -> None:
        self.closed = False
        self.turns = Turns()
        self._under_way: dict[asyncio.Task[Any], Asking] = {}
        self._telling: set[asyncio.Task[Any]] = set()  # that it is closed
        self._typing: dict[int, asyncio.Task[Any]] = {}
        self._members = Rate(MEMBER_AT_ONCE, MEMBER_SECONDS)
        self._servers = Rate(SERVER_AT_ONCE, SERVER_SECONDS)
        self._said = Rate(1, SAID_SECONDS)

    async def admit(self, asking: Asking) -> bool:
        """Whether to go on; who is refused was told why."""
        begin(asking)
        admitted = await self._admit(asking, self._keep(asking))
        if not admitted:
            came_to(Outcome.TURNED_AWAY)
        return admitted

    async def _admit(self, asking: Asking, task: asyncio.Task[Any]) -> bool:
        if isinstance(asking, discord.Interaction):
            if asking.type is discord.InteractionType.autocomplete:
                return not self.closed and await self._typed_last(asking.user.id, task)
            refusal = self._refusal(asking.user.id, asking.guild_id)
        else:
            refusal = self._refusal(asking.author.id, asking.guild.id if asking.guild else None)
            if refusal and self._said.take(asking.channel.id):
                return False  # all who are there have read it just now
        if refusal:
            await _tell(asking, refusal)
        return not refusal

    def _refusal(self, member: int, server: int | None) -> str:
        """Why it may not be asked now; empty if it may."""
        if self.closed:
            return sentences.answers.RESTARTING
        if wait := self._members.take(member):
            return sentences.answers.you_ask_too_much(ceil(wait))
        if wait := self._servers.take(server or 0):
            return sentences.answers.server_asks_too_much(ceil(wait))
        return ""

    async def _typed_last(self, member: int, task: asyncio.Task[Any]) -> bool:
        """Whether a task is still to complete what a member typed, once it is done with what they
        typed before: what was overtaken by then is dropped."""
        before, self._typing[member] = self._typing.get(member), task
        in_time = True
        if before:
            done, _ = await asyncio.wait({before}, timeout=COMPLETE_SECONDS)
            in_time = bool(done)
        return in_time and self._typing.get(member) is task

    @property
    def crowded(self) -> bool:
        """Whether what is asked now will take a while, for so much is under way."""
        return len(self._under_way) > MADE_AT_ONCE

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.sleep(0)  # a task that was just made has not asked yet
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def cut_off(self) -> None:
        """Give up what is under way, and say so to who waits for it."""
        left = dict(self._under_way)
        if left:
            log.warning("%d answers were cut off", len(left))
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=CANCEL_SECONDS)
        telling = {asyncio.ensure_future(_tell_cut_off(asking)) for asking in left.values()}
        if telling or self._telling:
            await asyncio.wait(telling | self._telling, timeout=TELL_SECONDS)

    def _keep(self, asking: Asking) -> asyncio.Task[Any]:
        """The task that answers, under way until it is done; or that tells that it is closed."""
        task = asyncio.current_task()
        assert task is not None
        if self.closed:
            self._telling.add(task)
        else:
            self._under_way[task] = asking
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._telling.discard(task)
        asking = self._under_way.pop(task, None)
        if isinstance(asking, discord.Interaction) and self._typing.get(asking.user.id) is task:
            del self._typing[asking.user.id]


class Gated:
    """Checks interactions at the gate: for a command tree, a view, a form or a dynamic item."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await interaction.client.gate.admit(interaction)


async def _tell_cut_off(asking: Asking) -> None:
    if isinstance(asking, discord.Interaction) and asking.type is discord.InteractionType.component:
        await leave(asking)  # so that the controls of what was pressed on can still be taken away
    await _tell(asking, sentences.answers.CUT_OFF)


async def _tell(asking: Asking, said: str) -> None:
    if not isinstance(asking, discord.Interaction):
        await _reply(asking, said)
    elif asking.type is not discord.InteractionType.autocomplete:  # which takes no sentence
        await tell(asking, said)


async def _reply(message: discord.Message, said: str) -> None:
    try:
        await message.reply(said, mention_author=False)
    except DISCORD_ERRORS as failure:
        log.warning("Could not tell: %s", failure)

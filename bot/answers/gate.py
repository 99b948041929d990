"""The gate that every interaction passes, and every mention of the bot, before it is answered."""

import asyncio
import logging
from typing import Any

import discord

from bot import sentences
from bot.answers.errors import DISCORD_ERRORS, tell

log = logging.getLogger(__name__)

CANCEL_SECONDS = 1.0  # redis-py may swallow a cancellation
TELL_SECONDS = 3.0

Asking = discord.Interaction[Any] | discord.Message
"""What somebody wants to be answered."""


class Gate:
    """Lets in what may be answered now, and knows what is under way: the tasks of discord.py in
    which it was let in. Once it is closed, who asks is told that the bot restarts."""

    def __init__(self) -> None:
        self.closed = False
        self._under_way: dict[asyncio.Task[Any], Asking] = {}

    async def admit(self, asking: Asking) -> bool:
        """Whether to go on; who is refused was told why."""
        self._keep(asking)
        refusal = sentences.answers.RESTARTING if self.closed else ""
        if refusal:
            await _refuse(asking, refusal)
        return not refusal

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        await asyncio.sleep(0)  # a task that was just made has not asked yet
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def cut_off(self) -> None:
        """Give up what is under way, and say so to who waits for it."""
        left = dict(self._under_way)
        if not left:
            return
        log.warning("%d answers were cut off", len(left))
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=CANCEL_SECONDS)
        telling = [
            asyncio.ensure_future(_refuse(asking, sentences.answers.CUT_OFF))
            for asking in left.values()
        ]
        await asyncio.wait(telling, timeout=TELL_SECONDS)

    def _keep(self, asking: Asking) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way[task] = asking
        task.add_done_callback(lambda task: self._under_way.pop(task, None))


class Gated:
    """Checks interactions at the gate: for a command tree, a view, a form or a dynamic item."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await interaction.client.gate.admit(interaction)


async def _refuse(asking: Asking, said: str) -> None:
    if isinstance(asking, discord.Interaction):
        if asking.type is not discord.InteractionType.autocomplete:  # which takes no sentence
            await tell(asking, said)
        return
    try:
        await asking.reply(said, mention_author=False)
    except DISCORD_ERRORS as failure:
        log.warning("Could not tell: %s", failure)

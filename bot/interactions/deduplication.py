"""Ignoring interactions that come twice or too late."""

import time
from collections import OrderedDict

import discord

RESPONSE_WINDOW_SECONDS = 3.0  # Discord waits this long for a first response
REMEMBERED_MAX = 5000  # interaction ids


class InteractionDeduplicator:
    """Recognises interactions that a resumed gateway connection delivers again or too late.

    Discord has already told the user of a late one that it failed, so they may have repeated it.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._disconnected_shards: set[int] = set()

    def shard_disconnected(self, shard_id: int) -> None:
        self._disconnected_shards.add(shard_id)

    def shard_caught_up(self, shard_id: int) -> None:
        """Note that a shard has delivered everything that it missed while disconnected."""
        self._disconnected_shards.discard(shard_id)

    def accept(self, interaction_id: int) -> bool:
        """Return whether to answer an interaction.

        Its age is checked only while a shard is disconnected, because that relies on our clock
        agreeing with Discord's.
        """
        if interaction_id in self._seen:
            return False
        age = time.time() - discord.utils.snowflake_time(interaction_id).timestamp()
        if self._disconnected_shards and age > RESPONSE_WINDOW_SECONDS:
            return False
        self._seen[interaction_id] = None
        if len(self._seen) > REMEMBERED_MAX:
            self._seen.popitem(last=False)
        return True

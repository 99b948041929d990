"""Which interactions are answered: each once, and none that Discord has given up."""

import time
from collections import OrderedDict

import discord

FIRST_ANSWER_SECONDS = 3.0  # that Discord waits, before it tells whoever asked that nobody answers
KNOWN_MAX = 5000  # interactions that are remembered


class Arrivals:
    """A connection that is resumed brings again what came while it was lost. Of that, nothing may
    be done that is done already, or that somebody has been told is not, and has asked for again.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, None] = OrderedDict()
        self._lost: set[int] = set()

    def lost(self, shard: int) -> None:
        self._lost.add(shard)

    def back(self, shard: int) -> None:
        """All that came meanwhile was brought."""
        self._lost.discard(shard)

    def take(self, interaction: int) -> bool:
        """Whether to answer the interaction of that number. How old one is, is a question of two
        clocks, and is only asked where it must be."""
        if interaction in self._known or (self._lost and _age(interaction) > FIRST_ANSWER_SECONDS):
            return False
        self._known[interaction] = None
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        return True


def _age(interaction: int) -> float:
    return time.time() - discord.utils.snowflake_time(interaction).timestamp()

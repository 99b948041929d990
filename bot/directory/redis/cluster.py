"""The nodes of a Redis Cluster, by the keys they hold.

redis-py has a client for clusters, too, but that of 8.1 closes all connections to all nodes, in the
middle of what others wait for, when one of them fails or has moved some keys; sends ASKING by
another connection than the command it is for; and does not look for a node's successor when a
pipeline fails. Ours knows less: a command has one key, and what is asked of a directory is on one
node.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from redis import exceptions
from redis.crc import key_slot

from bot.directory.redis.address import Host
from bot.directory.redis.commands import Argument, Command, key_of
from bot.directory.redis.node import JOIN_SECONDS, Lost, Node, Unanswered, Unreached
from bot.directory.shared_task import SharedTask

REDIRECTS = 5


class Cluster:
    """Finds the node of a key by what the nodes say; ``seeds`` are those that are known before, of
    which one has to be there. ``connect`` makes a Node."""

    def __init__(self, seeds: Sequence[Host], connect: Callable[[Host], Node]) -> None:
        self._seeds = seeds
        self._connect = connect
        self._nodes: dict[Host, Node] = {}
        self._slots: dict[int, Host] = {}
        self._looking = SharedTask[None]()

    async def exchange(
        self, commands: Sequence[Command], *, near: Argument | None = None, **how: Any
    ) -> list[Any]:
        """As Node.exchange, of the nodes that have the keys: one round trip for those on one slot.
        ``near`` is a key on the node to ask where a command has none."""
        if not self._slots:
            await self.look()
        by_slot: dict[int, list[int]] = defaultdict(list)
        for place, command in enumerate(commands):
            key = key_of(command)
            by_slot[_slot(near or "" if key is None else key)].append(place)
        answers: list[Any] = [None] * len(commands)
        for slot, places in by_slot.items():
            answered = await self._ask(slot, [commands[place] for place in places], **how)
            for place, answer in zip(places, answered, strict=True):
                answers[place] = answer
        return answers

    async def nodes(self) -> list[Node]:
        """All that hold keys."""
        if not self._slots:
            await self.look()
        return [self._node(host) for host in dict.fromkeys(self._slots.values())]

    async def look(self) -> None:
        """Learn who holds what, from whichever node answers first. Raises Unreached."""
        await self._looking.join(self._look)

    async def aclose(self) -> None:
        await self._looking.cancel()
        for node in self._nodes.values():
            await node.aclose()

    async def _ask(self, slot: int, commands: Sequence[Command], **how: Any) -> list[Any]:
        """What the node of a slot answers, or the nodes to which it refers."""
        if slot not in self._slots:
            await self.look()
        host = self._slots.get(slot)
        if host is None:
            return [exceptions.ClusterDownError(slot, status_code="CLUSTERDOWN")]
        answers = await self._ask_node(slot, host, commands, **how)
        for _ in range(REDIRECTS):
            elsewhere = [n for n, a in enumerate(answers) if isinstance(a, exceptions.AskError)]
            if not elsewhere:
                break
            told: exceptions.AskError = answers[elsewhere[0]]
            host = (told.host or host[0], told.port)
            moved = isinstance(told, exceptions.MovedError)
            if moved:
                self._slots[slot] = host
            rest = [commands[place] for place in elsewhere]
            again = await self._ask_node(slot, host, rest, asking=not moved, **how)
            for place, answer in zip(elsewhere, again, strict=True):
                answers[place] = answer
        return answers

    async def _ask_node(
        self, slot: int, host: Host, commands: Sequence[Command], **how: Any
    ) -> list[Any]:
        """What a node answers. If it has gone, its successor is there for whoever asks next."""
        try:
            answers = await self._node(host).exchange(commands, **how)
        except Unanswered as error:
            await self._look_for_a_moment()
            if self._slots.get(slot) != host:
                error.since = math.inf  # which another one may answer
            raise
        if any(isinstance(answer, exceptions.ClusterDownError) for answer in answers):
            await self._look_for_a_moment()
        return answers

    async def _look_for_a_moment(self) -> None:
        """Look; it goes on, but whoever waits is to be told in time if no node answers."""
        await asyncio.wait([self._looking.start(self._look)], timeout=JOIN_SECONDS)

    async def _look(self) -> None:
        known = dict.fromkeys([*self._slots.values(), *self._seeds])
        asked = [asyncio.create_task(self._ask_for_slots(host)) for host in known]
        try:
            self._slots = await _first(asked)
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        for host in self._nodes.keys() - set(self._slots.values()):
            await self._nodes[host].rest()

    async def _ask_for_slots(self, host: Host) -> dict[int, Host]:
        """Which slot is where, as one node knows. Raises Unreached."""
        try:
            (ranges,) = await self._node(host).exchange([("CLUSTER", "SLOTS")], change=False)
        except Lost as error:
            raise Unreached(error.reason) from error
        if isinstance(ranges, Exception):
            raise Unreached(ranges)
        return {
            slot: (owner[0] or host[0], owner[1])
            for first, last, owner, *_ in ranges
            for slot in range(first, last + 1)
        }

    def _node(self, host: Host) -> Node:
        if host not in self._nodes:
            self._nodes[host] = self._connect(host)
        return self._nodes[host]


def _slot(key: Argument) -> int:
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


async def _first(asked: Sequence[asyncio.Task[dict[int, Host]]]) -> dict[int, Host]:
    """What the first of them has that has anything. Raises Unreached."""
    failure = Unreached(exceptions.ConnectionError())
    for answer in asyncio.as_completed(asked):
        try:
            return await answer
        except Unreached as error:
            failure = error
    raise failure

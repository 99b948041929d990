"""The nodes of a Redis Cluster, by the keys they hold.

redis-py 8.1's own client for clusters is not used: when a node fails or has moved a slot, it closes
all connections to all nodes, even during other requests; it sends ASKING over a different
connection than the command; and it doesn't look for a node's replacement when a pipeline fails.
This one can be simpler, because a command has one key, and a directory's keys are on one node.
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
from bot.directory.redis.errors import NoReply, NotReached, ReplyLost
from bot.directory.redis.liveness import JOIN_SECONDS
from bot.directory.redis.node import Node
from bot.directory.shared_task import SharedTask

MAX_REDIRECTS = 5


class Cluster:
    """Sends each command to the node that holds its key. ``seeds`` are the nodes to ask first, one
    of which must reply; ``connect`` makes a Node."""

    def __init__(self, seeds: Sequence[Host], connect: Callable[[Host], Node]) -> None:
        self._seeds = seeds
        self._connect = connect
        self._nodes: dict[Host, Node] = {}
        self._slots: dict[int, Host] = {}
        self._refreshing = SharedTask[None]()

    async def exchange(
        self, commands: Sequence[Command], *, near: Argument | None = None, **options: Any
    ) -> list[Any]:
        """Send commands, as Node.exchange does, to the nodes that hold their keys: one round trip
        for each slot. A command without a key goes to the node that holds the key ``near``."""
        if not self._slots:
            await self.refresh_slots()
        positions_by_slot: dict[int, list[int]] = defaultdict(list)
        for position, command in enumerate(commands):
            key = key_of(command)
            positions_by_slot[_slot(near or "" if key is None else key)].append(position)
        replies: list[Any] = [None] * len(commands)
        for slot, positions in positions_by_slot.items():
            own = [commands[position] for position in positions]
            own_replies = await self._exchange_in_slot(slot, own, **options)
            for position, reply in zip(positions, own_replies, strict=True):
                replies[position] = reply
        return replies

    async def nodes(self) -> list[Node]:
        """Return all nodes that hold keys."""
        if not self._slots:
            await self.refresh_slots()
        return [self._node(host) for host in dict.fromkeys(self._slots.values())]

    async def refresh_slots(self) -> None:
        """Ask which node holds which slots; the first reply counts. Raises NotReached."""
        await self._refreshing.join(self._refresh_slots)

    async def aclose(self) -> None:
        await self._refreshing.cancel()
        for node in self._nodes.values():
            await node.aclose()

    async def _exchange_in_slot(
        self, slot: int, commands: Sequence[Command], **options: Any
    ) -> list[Any]:
        """Send commands whose keys are in one slot, and follow redirects to other nodes."""
        if slot not in self._slots:
            await self.refresh_slots()
        host = self._slots.get(slot)
        if host is None:
            return [exceptions.ClusterDownError(slot, status_code="CLUSTERDOWN")]
        replies = await self._exchange_with(slot, host, commands, **options)
        for _ in range(MAX_REDIRECTS):
            redirected = [
                position
                for position, reply in enumerate(replies)
                if isinstance(reply, exceptions.AskError)
            ]
            if not redirected:
                break
            redirect: Any = replies[redirected[0]]
            host = (redirect.host or host[0], redirect.port)
            is_moved = isinstance(redirect, exceptions.MovedError)
            if is_moved:
                self._slots[slot] = host
            again = [commands[position] for position in redirected]
            new_replies = await self._exchange_with(
                slot, host, again, asking=not is_moved, **options
            )
            for position, reply in zip(redirected, new_replies, strict=True):
                replies[position] = reply
        return replies

    async def _exchange_with(
        self, slot: int, host: Host, commands: Sequence[Command], **options: Any
    ) -> list[Any]:
        """Send commands to one node. If it fails, look for its replacement."""
        try:
            replies = await self._node(host).exchange(commands, **options)
        except NoReply as error:
            await self._refresh_briefly()
            if self._slots.get(slot) != host:
                error.down_since = math.inf  # the slot's new node is not down
            raise
        if any(isinstance(reply, exceptions.ClusterDownError) for reply in replies):
            await self._refresh_briefly()
        return replies

    async def _refresh_briefly(self) -> None:
        """Refresh the slots, without waiting long. The refresh goes on in the background."""
        await asyncio.wait([self._refreshing.start(self._refresh_slots)], timeout=JOIN_SECONDS)

    async def _refresh_slots(self) -> None:
        hosts = dict.fromkeys([*self._slots.values(), *self._seeds])
        fetching = [asyncio.create_task(self._fetch_slots(host)) for host in hosts]
        try:
            self._slots = await _first_result(fetching)
        finally:
            for task in fetching:
                task.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)
        for host in self._nodes.keys() - set(self._slots.values()):
            await self._nodes[host].close_idle()

    async def _fetch_slots(self, host: Host) -> dict[int, Host]:
        """Return which node holds which slot, as one node knows it. Raises NotReached."""
        try:
            (ranges,) = await self._node(host).exchange([("CLUSTER", "SLOTS")], is_change=False)
        except ReplyLost as error:
            raise NotReached(error.reason) from error
        if isinstance(ranges, Exception):
            raise NotReached(ranges)
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


async def _first_result(tasks: Sequence[asyncio.Task[dict[int, Host]]]) -> dict[int, Host]:
    """Return the result of the first task that succeeds. Raises NotReached if none does."""
    failure = NotReached(exceptions.ConnectionError())
    for task in asyncio.as_completed(tasks):
        try:
            return await task
        except NotReached as error:
            failure = error
    raise failure

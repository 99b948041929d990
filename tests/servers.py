"""Redis servers of the bot's wheel on loopback, to be killed, filled, refused and promoted."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis as redis_py
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.retry import Retry

from bot.embedded_redis.server import _binary

LONG_FAILOVERS = bool(os.environ.get("CLUSTER"))  # make cluster


def free_port() -> int:
    """A TCP port on loopback that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A redis-server with its files in ``folder``."""

    port: int
    folder: Path
    options: tuple[str, ...]
    limit: int = 0  # of the bytes in a file, by 1,024; 0 is none
    process: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> redis_py.Redis:
        once = Retry(NoBackoff(), 0)
        return redis_py.Redis(port=self.port, decode_responses=True, retry=once, **options)

    @property
    def id(self) -> str:
        """Its name in a cluster."""
        return str(raw(self, "CLUSTER", "MYID"))

    def start(self) -> None:
        """Start it, or start it again on what it has stored."""
        command = [_binary(), "--port", str(self.port), "--dir", str(self.folder), *self.options]
        if self.limit:
            limited = f"trap '' XFSZ; ulimit -f {self.limit}; exec \"$@\""
            command = ["bash", "-c", limited, "bash", *command]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, cwd=self.folder)

    def up(self) -> bool:
        try:
            with self.client(socket_timeout=1) as probe:
                probe.ping()
        except redis_py.AuthenticationError:
            return True
        except (redis_py.ConnectionError, redis_py.TimeoutError):
            return False
        return True

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Servers:
    """Those that were started, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Server] = []

    def start(self, *options: str, limit: int = 0) -> Server:
        server = self.make(*options, limit=limit)
        server.start()
        until(server.up)
        return server

    def make(self, *options: str, limit: int = 0) -> Server:
        port = free_port()
        folder = self._folder / str(port)
        folder.mkdir()
        server = Server(port, folder, ("--save", "", *options), limit)
        self._started.append(server)
        return server

    def kill_all(self) -> None:
        for server in self._started:
            with suppress(AttributeError):  # it was never started
                server.kill()


@contextmanager
def servers(folder: Path) -> Iterator[Servers]:
    started = Servers(folder)
    try:
        yield started
    finally:
        started.kill_all()


def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


NODE_SECONDS = 1.0  # after which a silent node of a cluster is taken for dead
OF_A_CLUSTER = (
    *("--cluster-enabled", "yes"),
    *("--cluster-node-timeout", str(int(NODE_SECONDS * 1000))),
    *("--cluster-require-full-coverage", "no"),
    *("--cluster-replica-validity-factor", "0"),
    *("--repl-diskless-sync-delay", "0"),
)


class Cluster:
    """Three nodes, and a replica of each."""

    def __init__(self, servers: Servers) -> None:
        buses = [free_port() for _ in range(6)]
        self.nodes = [servers.make(*OF_A_CLUSTER, "--cluster-port", str(bus)) for bus in buses]
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            until(node.up)
        first = self.nodes[0].client()
        for node, bus in zip(self.nodes[1:], buses[1:], strict=True):
            first.execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        for number, node in enumerate(self.nodes[:3]):
            last = 16383 if number == 2 else number * 5461 + 5460
            node.client().execute_command("CLUSTER", "ADDSLOTSRANGE", number * 5461, last)
        until(lambda: all(len(shown(node)) == 6 for node in self.nodes), 20)
        for primary, replica in zip(self.nodes[:3], self.nodes[3:], strict=True):
            replica.client().execute_command("CLUSTER", "REPLICATE", primary.id)
        until(self.whole, 20)

    @property
    def url(self) -> str:
        return self.nodes[0].url

    def whole(self) -> bool:
        """Whether everybody knows of three nodes with a replica each, and these have all."""
        running = [node for node in self.nodes if node.up()]
        with suppress(redis_py.BusyLoadingError):  # a replica that has begun to read its data
            return len(running) == 6 and all(
                node.client().cluster("INFO")["cluster_state"] == "ok"
                and sum("master" in flags for flags in shown(node).values()) == 3
                and not any("fail" in flags for flags in shown(node).values())
                and node.client().info("replication").get("master_link_status", "up") == "up"
                for node in running
            )
        return False

    def owner(self, key: str) -> Server:
        """The node that has a key, as another one says that is there."""
        slot = key_slot(key.encode())
        witness = next(node for node in self.nodes if node.up())
        for first, last, (_, port, *_), *_ in raw(witness, "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise LookupError(key)


def shown(node: Server) -> dict[str, str]:
    """The nodes that a node knows, and what it takes them for."""
    lines = str(raw(node, "CLUSTER", "NODES")).splitlines()
    return {line.split()[0]: line.split()[2] for line in lines}


def raw(node: Server, *command: str | int) -> Any:
    """What is answered, as it is."""
    with node.client() as client:
        client.response_callbacks.clear()
        return client.execute_command(*command)

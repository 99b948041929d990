"""Redis servers on loopback, run with the bot's own redis-server, that tests can kill, fill up and
promote."""

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

from bot.embedded_redis.server import binary


def free_port() -> int:
    """Return a TCP port on loopback that nothing listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class LocalRedis:
    """A redis-server that stores its files in ``folder``. ``file_limit`` is the greatest size of a
    file, in units of 1,024 bytes; 0 means no limit."""

    port: int
    folder: Path
    options: tuple[str, ...]
    file_limit: int = 0
    process: "subprocess.Popen[bytes]" = field(init=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> redis_py.Redis:
        once = Retry(NoBackoff(), 0)
        return redis_py.Redis(port=self.port, decode_responses=True, retry=once, **options)

    @property
    def id(self) -> str:
        """The server's id in a cluster."""
        return str(call_raw(self, "CLUSTER", "MYID"))

    def start(self) -> None:
        """Start the server with the data that it has stored."""
        command = [binary(), "--port", str(self.port), "--dir", str(self.folder), *self.options]
        if self.file_limit:
            limited = f"trap '' XFSZ; ulimit -f {self.file_limit}; exec \"$@\""
            command = ["bash", "-c", limited, "bash", *command]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, cwd=self.folder)

    def is_up(self) -> bool:
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


class LocalRedisServers:
    """Starts servers, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[LocalRedis] = []

    def start(self, *options: str, file_limit: int = 0) -> LocalRedis:
        server = self.make(*options, file_limit=file_limit)
        server.start()
        wait_until(server.is_up)
        return server

    def make(self, *options: str, file_limit: int = 0) -> LocalRedis:
        port = free_port()
        folder = self._folder / str(port)
        folder.mkdir()
        server = LocalRedis(port, folder, ("--save", "", *options), file_limit)
        self._started.append(server)
        return server

    def kill_all(self) -> None:
        for server in self._started:
            with suppress(AttributeError):  # made, but never started
                server.kill()


@contextmanager
def local_redis_servers(folder: Path) -> Iterator[LocalRedisServers]:
    started = LocalRedisServers(folder)
    try:
        yield started
    finally:
        started.kill_all()


def wait_until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


NODE_SECONDS = 1.0  # until a silent node counts as dead
CLUSTER_OPTIONS = (
    *("--cluster-enabled", "yes"),
    *("--cluster-node-timeout", str(int(NODE_SECONDS * 1000))),
    *("--cluster-require-full-coverage", "no"),
    *("--cluster-replica-validity-factor", "0"),
    *("--repl-diskless-sync-delay", "0"),
)


class LocalCluster:
    """A Redis Cluster of three nodes, each with a replica."""

    def __init__(self, servers: LocalRedisServers) -> None:
        buses = [free_port() for _ in range(6)]
        self.nodes = [servers.make(*CLUSTER_OPTIONS, "--cluster-port", str(bus)) for bus in buses]
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            wait_until(node.is_up)
        first = self.nodes[0].client()
        for node, bus in zip(self.nodes[1:], buses[1:], strict=True):
            first.execute_command("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        for number, node in enumerate(self.nodes[:3]):
            last = 16383 if number == 2 else number * 5461 + 5460
            node.client().execute_command("CLUSTER", "ADDSLOTSRANGE", number * 5461, last)
        wait_until(lambda: all(len(node_flags(node)) == 6 for node in self.nodes), 20)
        for primary, replica in zip(self.nodes[:3], self.nodes[3:], strict=True):
            replica.client().execute_command("CLUSTER", "REPLICATE", primary.id)
        wait_until(self.is_healthy, 20)

    @property
    def url(self) -> str:
        return self.nodes[0].url

    def is_healthy(self) -> bool:
        """Return whether all six servers run, agree on the cluster, and are in sync."""
        running = [node for node in self.nodes if node.is_up()]
        with suppress(redis_py.BusyLoadingError):  # a replica has begun to load its data
            return len(running) == 6 and all(
                node.client().cluster("INFO")["cluster_state"] == "ok"
                and sum("master" in flags for flags in node_flags(node).values()) == 3
                and not any("fail" in flags for flags in node_flags(node).values())
                and node.client().info("replication").get("master_link_status", "up") == "up"
                for node in running
            )
        return False

    def owner(self, key: str) -> LocalRedis:
        """Return the node that holds a key, according to any node that is up."""
        slot = key_slot(key.encode())
        witness = next(node for node in self.nodes if node.is_up())
        for first, last, (_, port, *_), *_ in call_raw(witness, "CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(node for node in self.nodes if node.port == port)
        raise LookupError(key)


def node_flags(node: LocalRedis) -> dict[str, str]:
    """Return the flags of each node in the cluster, by its id, as ``node`` sees them."""
    lines = str(call_raw(node, "CLUSTER", "NODES")).splitlines()
    return {line.split()[0]: line.split()[2] for line in lines}


def call_raw(node: LocalRedis, *command: str | int) -> Any:
    """Run a command and return the reply as it comes, unparsed."""
    with node.client() as client:
        client.response_callbacks.clear()
        return client.execute_command(*command)

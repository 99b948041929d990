"""The loop of Redis's walkthrough of vector sets, as printed, on a server with the
default configuration."""

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis

from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors
from bot.embedded_redis.server import binary

VECTOR_SET = "famousPeople"
ATTRIBUTES = ("born", "died", "country", "rank")


class WalkthroughStore:
    """A vector set filled and queried as in Redis's walkthrough."""

    version = f"redis-py {redis.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.server: int | None = None

    def load(self, dataset: Dataset) -> None:
        self.open()
        for person, vector in zip(dataset.people, dataset.vectors, strict=True):
            self.add(person, vector)

    def add(self, person: dict[str, Any], vector: Vectors) -> None:
        """Add a person as the walkthrough does, with the rank before the name."""
        attributes = {key: person[key] for key in ATTRIBUTES}
        element = f"{person['rank']} {person['name']}"
        self._redis.vset().vadd(VECTOR_SET, vector.tobytes(), element, attributes=attributes)

    def open(self) -> None:
        socket = self._folder / "redis.sock"
        command = [binary(), "--port", "0", "--unixsocket", str(socket), "--dir", self._folder]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}
        )
        self.server = self._process.pid
        self._redis = redis.Redis(unix_socket_path=str(socket), decode_responses=True)
        while self._process.poll() is None:
            with suppress(redis.RedisError, OSError):
                if self._redis.ping():
                    return
            time.sleep(0.005)
        raise RuntimeError(f"Redis did not start in {self._folder}")

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        filter_expression = None if rank_limit is None else f".rank < {rank_limit}"
        elements: Any = self._redis.vset().vsim(
            VECTOR_SET, vector.tobytes(), count=RESULT_COUNT, filter=filter_expression
        )
        return [int(element.split()[0]) for element in elements]

    def close(self) -> None:
        if self.server is None:
            return
        self._redis.shutdown(save=True)
        self._redis.close()
        self._process.wait()

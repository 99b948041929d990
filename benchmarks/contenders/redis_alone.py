"""The bot's server asked for what the bot asks of it, without the bot."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis

from benchmarks.crowd import COUNT, Crowd, Vectors
from benchmarks.ours import KEY, NAME
from bot.directory.vector_search import EFFORT, SCAN_PER_EFFORT, SPARE
from bot.embedded_redis import EmbeddedRedis

SET = KEY.replace("{guild}", NAME)


class Store:
    server = None
    version = f"redis-py {redis.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened = ExitStack()

    def load(self, crowd: Crowd) -> None:
        raise NotImplementedError("it asks about the bot's own people")

    def open(self) -> None:
        url = self._opened.enter_context(EmbeddedRedis(self._folder)).url
        client = redis.Redis.from_url(url, protocol=3, decode_responses=True)
        self._client = self._opened.enter_context(client)
        size: Any = self._client.execute_command("VCARD", SET)
        few = size <= SCAN_PER_EFFORT * EFFORT
        self._unfiltered = ("TRUTH",) if few else ("EF", EFFORT)

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        how = self._unfiltered if below is None else ("FILTER", f".rank < {below}", "TRUTH")
        near = ("VSIM", SET, "FP32", vector.tobytes(), "COUNT", COUNT + SPARE)
        found: Any = self._client.execute_command(*near, "WITHSCORES", "WITHATTRIBS", *how)
        first = list(found.values())[:COUNT]
        return [json.loads(attributes)["rank"] for _, attributes in first]

    def close(self) -> None:
        self._opened.close()

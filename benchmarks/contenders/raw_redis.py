"""The bot's Redis server, queried with the VSIM that the bot sends, without the bot."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import redis

from benchmarks.bot_directory import DIRECTORY, DIRECTORY_KEY
from benchmarks.dataset import RESULT_COUNT, Dataset, Vectors
from bot.directory.vector_search import EFFORT, SCAN_PER_EFFORT, SPARE
from bot.embedded_redis import EmbeddedRedis

VECTOR_SET = DIRECTORY_KEY.replace("{guild}", DIRECTORY)


class RawRedisStore:
    """The people of the bot's directory, queried through redis-py alone."""

    server = None
    version = f"redis-py {redis.__version__}"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def load(self, dataset: Dataset) -> None:
        raise NotImplementedError("this contender queries the people that the bot has loaded")

    def open(self) -> None:
        url = self._stack.enter_context(EmbeddedRedis(self._folder)).url
        client = redis.Redis.from_url(url, protocol=3, decode_responses=True)
        self._client = self._stack.enter_context(client)
        size: Any = self._client.execute_command("VCARD", VECTOR_SET)
        is_small = size <= SCAN_PER_EFFORT * EFFORT
        self._unfiltered = ("TRUTH",) if is_small else ("EF", EFFORT)

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        options = (
            self._unfiltered if rank_limit is None else ("FILTER", f".rank < {rank_limit}", "TRUTH")
        )
        command = ("VSIM", VECTOR_SET, "FP32", vector.tobytes(), "COUNT", RESULT_COUNT + SPARE)
        reply: Any = self._client.execute_command(*command, "WITHSCORES", "WITHATTRIBS", *options)
        nearest = list(reply.values())[:RESULT_COUNT]
        return [json.loads(attributes)["rank"] for _, attributes in nearest]

    def close(self) -> None:
        self._stack.close()

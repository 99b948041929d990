"""Measure a search of the bot, end to end, against encoding and VSIM alone; and concurrent
searches."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis.asyncio

from benchmarks.bot_directory import OpenBot
from benchmarks.dataset import RESULT_COUNT, Vectors
from benchmarks.timing import Times, time_interleaved
from bot.directory import Directory, Redis
from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.embedding import TextEmbedder
from bot.errors import QueryError

WORDS_ONLY = "words only"
SEARCH_KINDS = {WORDS_ONLY: "", "with a filter": "died<2000"}
"""The condition that each kind of search adds to its words."""

CONCURRENCY = 32
SEQUENTIAL, CONCURRENT = "one by one", "at once"
BOT, ENCODE_AND_VSIM = "the bot's search", "encode + VSIM alone"
REFERENCE_AND_VSIM = "SentenceTransformer + VSIM"

Encode = Callable[[str], Awaitable[Vectors]]
Command = tuple[Argument, ...]


@dataclass(frozen=True)
class SearchSetup:
    """A directory, and a client that sends the same VSIM commands without the bot. ``commands`` is
    the VSIM that the bot sends for words with a condition, by the condition."""

    directory: Directory
    client: redis.asyncio.Redis
    commands: Mapping[str, Command]

    async def vsim(self, condition: str, vector: Vectors) -> Any:
        """Send the bot's VSIM for a condition with another vector. Return the reply."""
        blob = vector.tobytes()
        command = (blob if isinstance(part, bytes) else part for part in self.commands[condition])
        return await self.client.execute_command(*command)


class VsimRecorder(Redis):
    """The bot's client, which also keeps the last VSIM command it was asked to send."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.last_vsim: Command = ()

    async def execute(self, *command: Argument, near: Argument | None = None) -> Any:
        self._record(command)
        return await self._redis.execute(*command, near=near)

    async def execute_all(
        self,
        commands: Sequence[Sequence[Argument]],
        *,
        near: Argument | None = None,
        raw: bool = False,
    ) -> list[Any]:
        for command in commands:
            self._record(command)
        return await self._redis.execute_all(commands, near=near, raw=raw)

    def _record(self, command: Sequence[Argument]) -> None:
        if command[0] == "VSIM":
            self.last_vsim = tuple(command)


@asynccontextmanager
async def prepare_searches(
    bot: OpenBot, embedder: TextEmbedder, conditions: Iterable[str]
) -> AsyncIterator[SearchSetup]:
    """Record the VSIM that the bot sends for words with each of the conditions."""
    directory = await bot.directory()
    recorder = VsimRecorder(bot.redis)
    storage = Storage(recorder, directory.storage.keys)
    recorded = Directory(storage, embedder, directory.fields.schema)
    await recorded.search("singers", RESULT_COUNT)  # the first also measures the similarity scale
    commands: dict[str, Command] = {}
    for condition in conditions:
        await recorded.search(f"singers {condition}", RESULT_COUNT)
        commands[condition] = recorder.last_vsim
    client = redis.asyncio.Redis.from_url(bot.url, decode_responses=True, protocol=3)
    try:
        yield SearchSetup(directory, client, commands)
    finally:
        await client.aclose()


async def texts_without_conditions(
    directory: Directory, texts: Iterable[str], count: int
) -> list[str]:
    """Return the first ``count`` texts in which the bot finds no condition."""
    plain_texts: list[str] = []
    for text in texts:
        try:
            query = await directory.parse(text)
        except QueryError:
            continue
        if query.filter is None and query.text == text:
            plain_texts.append(text)
        if len(plain_texts) == count:
            break
    return plain_texts


async def time_searches(
    setup: SearchSetup,
    condition: str,
    encode: Encode,
    reference_encode: Encode,
    texts: Iterable[str],
) -> Times:
    """Search for each text by the bot, by the bot's encoding and VSIM alone, and by
    SentenceTransformer.encode and the same VSIM."""

    async def search(text: str) -> Any:
        return await setup.directory.search(f"{text} {condition}".strip(), RESULT_COUNT)

    async def encode_and_vsim(text: str) -> Any:
        return await setup.vsim(condition, await encode(text))

    async def reference_and_vsim(text: str) -> Any:
        return await setup.vsim(condition, await reference_encode(text))

    variants = {
        BOT: search,
        ENCODE_AND_VSIM: encode_and_vsim,
        REFERENCE_AND_VSIM: reference_and_vsim,
    }
    return await time_interleaved(variants, texts)


async def time_repeated_searches(directory: Directory, texts: Iterable[str]) -> Times:
    """Search for each text twice in a row."""
    times: dict[str, list[float]] = {"first": [], "again": []}
    for text in texts:
        for seconds in times.values():
            start = time.perf_counter()
            await directory.search(text, RESULT_COUNT)
            seconds.append(time.perf_counter() - start)
    return times


async def time_concurrent_searches(
    setup: SearchSetup, embedder: TextEmbedder, texts: Sequence[str]
) -> Times:
    """Search for CONCURRENCY texts one by one; for others concurrently; and, for a third lot,
    encode them as one batch and run their VSIMs concurrently, without the bot."""

    async def one_by_one(texts: Sequence[str]) -> None:
        for text in texts[:CONCURRENCY]:
            await setup.directory.search(text, RESULT_COUNT)

    async def concurrently(texts: Sequence[str]) -> None:
        some = texts[CONCURRENCY : 2 * CONCURRENCY]
        await asyncio.gather(*(setup.directory.search(text, RESULT_COUNT) for text in some))

    async def encode_and_vsim(texts: Sequence[str]) -> None:
        vectors = await asyncio.gather(*map(embedder.embed, texts[2 * CONCURRENCY :]))
        await asyncio.gather(*(setup.vsim("", vector) for vector in vectors))

    iterator, size = iter(texts), 3 * CONCURRENCY
    rounds = [list(islice(iterator, size)) for _ in range(len(texts) // size)]
    variants = {
        SEQUENTIAL: one_by_one,
        CONCURRENT: concurrently,
        ENCODE_AND_VSIM: encode_and_vsim,
    }
    return await time_interleaved(variants, rounds)

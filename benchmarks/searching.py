"""Our search, end to end, against encoding and VSIM alone; and many at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import redis.asyncio

from benchmarks.crowd import COUNT, Vectors
from benchmarks.ours import Opened
from benchmarks.timing import Times, in_turns
from bot.directory import Directory, Redis
from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.embedding import Embeds
from bot.errors import QueryError

WORDS = "words only"
KINDS = {WORDS: "", "with a filter": "died<2000"}
"""The searches, by what stands beside their words."""

AT_ONCE = 32
ONE_BY_ONE, AT_ONCE_BOT = "one by one", "at once"
BOT, ALONE, REFERENCE = "the bot's search", "encode + VSIM alone", "SentenceTransformer + VSIM"

Encode = Callable[[str], Awaitable[Vectors]]
Command = tuple[Argument, ...]


@dataclass(frozen=True)
class Asker:
    """What asks one directory: the bot, and a client without it."""

    directory: Directory
    client: redis.asyncio.Redis
    heard: "Heard"

    async def command(self, text: str, vector: Vectors) -> Any:
        """What Redis answers to the VSIM that the bot sends for a text, with another vector."""
        command = self.heard.commands[text]
        blob = vector.tobytes()
        sent = (blob if isinstance(part, bytes) else part for part in command)
        return await self.client.execute_command(*sent)


class Heard(Redis):
    """The bot's client, and the last VSIM that it was told to send."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.last: Command = ()
        self.commands: dict[str, Command] = {}

    async def execute(self, *command: Argument, near: Argument | None = None) -> Any:
        self._hear(command)
        return await self._redis.execute(*command, near=near)

    async def execute_all(
        self,
        commands: Sequence[Sequence[Argument]],
        *,
        near: Argument | None = None,
        raw: bool = False,
    ) -> list[Any]:
        for command in commands:
            self._hear(command)
        return await self._redis.execute_all(commands, near=near, raw=raw)

    def _hear(self, command: Sequence[Argument]) -> None:
        if command[0] == "VSIM":
            self.last = tuple(command)


@asynccontextmanager
async def asker(bot: Opened, embedder: Embeds, conditions: Iterable[str]) -> AsyncIterator[Asker]:
    """An asker that has heard what the bot sends where these conditions stand beside words."""
    directory = await bot.directory()
    heard = Heard(bot.redis)
    storage = Storage(heard, directory.storage.keys)
    listened = Directory(storage, embedder, directory.fields.schema)
    await listened.search("singers", COUNT)  # measures what is near, by VSIMs of its own
    for condition in conditions:
        await listened.search(f"singers {condition}", COUNT)
        heard.commands[condition] = heard.last
    client = redis.asyncio.Redis.from_url(bot.url, decode_responses=True, protocol=3)
    try:
        yield Asker(directory, client, heard)
    finally:
        await client.aclose()


async def plain(directory: Directory, texts: Iterable[str], count: int) -> list[str]:
    """The first texts in which the bot reads no condition."""
    found: list[str] = []
    for text in texts:
        try:
            query = await directory.parse(text)
        except QueryError:
            continue
        if query.filter is None and query.text == text:
            found.append(text)
        if len(found) == count:
            break
    return found


async def search_times(
    asker: Asker, condition: str, encode: Encode, reference: Encode, texts: Iterable[str]
) -> Times:
    """One text after the other: by the bot, by its encoding and its VSIM alone, and by
    SentenceTransformer.encode and the same VSIM."""

    async def alone(text: str) -> Any:
        return await asker.command(condition, await encode(text))

    async def referred(text: str) -> Any:
        return await asker.command(condition, await reference(text))

    async def bot(text: str) -> Any:
        return await asker.directory.search(f"{text} {condition}".strip(), COUNT)

    return await in_turns({BOT: bot, ALONE: alone, REFERENCE: referred}, texts)


async def repeated_times(directory: Directory, texts: Iterable[str]) -> Times:
    """A text for the first time, and at once again."""
    times: dict[str, list[float]] = {"first": [], "again": []}
    for text in texts:
        for taken in times.values():
            start = time.perf_counter()
            await directory.search(text, COUNT)
            taken.append(time.perf_counter() - start)
    return times


async def crowded_times(asker: Asker, embedder: Embeds, texts: Sequence[str]) -> Times:
    """So many texts as are AT_ONCE: one by one and at once by the bot, and at once by its encoding,
    as one batch, and its VSIMs alone."""

    async def one_by_one(some: Sequence[str]) -> None:
        for text in some[:AT_ONCE]:
            await asker.directory.search(text, COUNT)

    async def at_once(some: Sequence[str]) -> None:
        texts = some[AT_ONCE : 2 * AT_ONCE]
        await asyncio.gather(*(asker.directory.search(text, COUNT) for text in texts))

    async def alone(some: Sequence[str]) -> None:
        texts = some[2 * AT_ONCE :]
        vectors = await asyncio.gather(*map(embedder.embed, texts))
        await asyncio.gather(*(asker.command("", vector) for vector in vectors))

    waiting, each = iter(texts), 3 * AT_ONCE
    rounds = [list(islice(waiting, each)) for _ in range(len(texts) // each)]
    return await in_turns({ONE_BY_ONE: one_by_one, AT_ONCE_BOT: at_once, ALONE: alone}, rounds)

"""How much of our code a command passes through on its way to Redis and back.

A real /search and a real /addperson are traced in the offline Discord, and the functions of ours
that they pass through are counted and printed.

- *Ours* is each function, method, property and lambda in bot/ and cogs/, and the test embedder,
  which replaces the bot's. A comprehension belongs to its function.
- A function counts if it runs for the interaction: in the task in which discord.py invokes the
  command, or in a task, callback or thread started from there. A context variable, which all of
  these inherit, marks them.
- *To Redis* is from the call of the command's callback until redis-py is told to send the last
  command before the message. It counts each function that is called or resumed in between.
- *To Discord* is from Redis's reply to that command until discord.py is told to send the message.
  It counts each function that is called, resumed or left in between, or is waiting for the message
  to be sent. So a function that only passes things on counts on the way there and on the way back.
- *Both* is the two together, with each function once.
- The *chain* is the functions that wait for one another when the last command is sent to redis-py,
  and when the message is sent: those that a reader has to step through from the command to Redis.
  What they call on the way (the parser of a query, the text of a card) is in the other counts.
- What runs before the callback (admission and rate limits) is printed, but has no limit.

Each command runs several times before it is traced, so that the caches (schema, values, names,
scale) are warm. To see the paths: ``pytest -s tests/test_call_path.py``.

Before the directory was composed of its parts (functions / files):

            chain    to Redis   to Discord   both
/search     18 / 8   109 / 24   91 / 21      174 / 33
/addperson  14 / 8   65 / 22    48 / 15      92 / 26
"""

import asyncio
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import discord
import pytest
from discord import app_commands
from redis.asyncio.connection import AbstractConnection

from tests.world import World, text

ROOT = Path(__file__).parent.parent
OURS = tuple(str(ROOT / name) for name in ("bot/", "cogs/", "tests/embedders.py"))
COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}

INVOKE = app_commands.CommandTree._call.__code__
CALL_BACK = app_commands.Command._do_call.__code__
SEND_TO_REDIS = AbstractConnection.send_packed_command.__code__
READ_REPLY = AbstractConnection.read_response.__code__
SEND_MESSAGE = {
    method.__code__
    for method in (
        discord.InteractionResponse.send_message,
        discord.InteractionResponse.edit_message,
        discord.Interaction.edit_original_response,
        discord.Webhook.send,
    )
}

# The limits: (functions, files) of the chain, and of all that runs, which includes translating.
SEARCH_MAX = ((9, 7), (141, 38))
ADD_PERSON_MAX = ((9, 6), (89, 27))

Sizes = tuple[tuple[int, int], ...]

_is_traced: ContextVar[bool] = ContextVar("is_traced", default=False)


@dataclass(frozen=True)
class CallPath:
    """The functions of ours in a part of a trace, in the order in which they first run."""

    functions: tuple[CodeType, ...]

    @classmethod
    def of(cls, codes: Iterable[CodeType]) -> "CallPath":
        return cls(tuple(code for code in dict.fromkeys(codes) if _is_ours(code)))

    def __add__(self, other: "CallPath") -> "CallPath":
        return CallPath.of(self.functions + other.functions)

    @property
    def size(self) -> tuple[int, int]:
        """The number of functions and of files."""
        return len(self.functions), len({code.co_filename for code in self.functions})

    @property
    def summary(self) -> str:
        return f"{self.size[0]} functions in {self.size[1]} files"

    def __str__(self) -> str:
        return "\n".join(
            f"    {Path(code.co_filename).relative_to(ROOT)}  {code.co_qualname}"
            for code in self.functions
        )


@dataclass(frozen=True)
class Trace:
    admission: CallPath
    to_redis: CallPath
    to_discord: CallPath
    chain: CallPath

    @property
    def sizes(self) -> Sizes:
        return self.chain.size, (self.to_redis + self.to_discord).size

    def __str__(self) -> str:
        parts = {
            "before the callback": self.admission,
            "to Redis": self.to_redis,
            "to Discord": self.to_discord,
            "chain": self.chain,
        }
        both = self.to_redis + self.to_discord
        lines = [f"  {name}: {path.summary}\n{path}" for name, path in parts.items()]
        packages = Counter(_package(code) for code in both.functions)
        lines.append(f"  both: {both.summary}")
        lines += [f"    {count:3} in {package}" for package, count in packages.most_common()]
        return "\n".join(lines)


class Tracer:
    """Records what is called, resumed and left for one interaction."""

    def __init__(self) -> None:
        self._events: list[tuple[str, CodeType]] = []
        self._waiting: list[CodeType] = []  # the stack when the message is sent
        self._at_redis: list[CodeType] = []  # the stack when the last command is sent to Redis
        self._callback: list[CodeType] = []  # the last stack of the callback

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        threading.setprofile(self._record)
        with ThreadPoolExecutor() as executor:  # whose threads start while they are traced
            loop.set_default_executor(executor)
            sys.setprofile(self._record)
            try:
                yield
            finally:
                sys.setprofile(None)
                threading.setprofile(None)
                loop.set_default_executor(ThreadPoolExecutor())

    def trace(self) -> Trace:
        called = self._first("call", CALL_BACK)
        sent = self._last("call", SEND_TO_REDIS)
        replied = self._last("return", READ_REPLY)
        assert called < sent < replied
        return Trace(
            CallPath.of(self._codes(0, called, "call")),
            CallPath.of(self._codes(called, sent, "call")),
            CallPath.of([*self._codes(replied, len(self._events)), *self._waiting]),
            CallPath.of(self._at_redis[::-1]) + CallPath.of(self._waiting[::-1]),
        )

    def _record(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if code is INVOKE:
            _is_traced.set(True)
        if event not in ("call", "return") or self._waiting or not _is_traced.get():
            return
        self._events.append((event, code))
        stack = _stack(frame)
        if CALL_BACK in stack:
            self._callback = stack[: stack.index(CALL_BACK)]
        if (event, code) == ("call", SEND_TO_REDIS):
            self._at_redis = [*stack, *self._callback]
        if code in SEND_MESSAGE:
            self._waiting = stack[1:]

    def _first(self, event: str, code: CodeType) -> int:
        return self._events.index((event, code))

    def _last(self, event: str, code: CodeType) -> int:
        return len(self._events) - 1 - self._events[::-1].index((event, code))

    def _codes(self, start: int, end: int, *events: str) -> list[CodeType]:
        return [code for event, code in self._events[start:end] if not events or event in events]


def _stack(frame: FrameType | None) -> list[CodeType]:
    """The code of a frame and of its callers, the innermost first. Within a task these include the
    coroutines that await one another."""
    codes: list[CodeType] = []
    while frame:
        codes.append(frame.f_code)
        frame = frame.f_back
    return codes


def _package(code: CodeType) -> str:
    return "/".join(Path(code.co_filename).relative_to(ROOT).parts[:2])


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(OURS) and code.co_name not in COMPREHENSIONS


async def search(world: World) -> str:
    return text(
        await world.member.slash(world.channel, "search", query="physicist died<2000", private=True)
    )


async def add_person(world: World, number: int) -> str:
    return text(
        await world.admin.slash(
            world.channel,
            "addperson",
            name=f"Person {number}",
            description="an astronomer",
            born="1900",
            attributes="country=Kenya",
        )
    )


def assert_within(sizes: Sizes, limits: Sizes) -> None:
    for part, size, limit in zip(("chain", "both"), sizes, limits, strict=True):
        assert size[0] <= limit[0], f"{part}: {size[0]} functions, at most {limit[0]}"
        assert size[1] <= limit[1], f"{part}: {size[1]} files, at most {limit[1]}"


@pytest.fixture
async def warm_world(world: World) -> World:
    for number in range(3):
        await search(world)
        await add_person(world, number)
    await search(world)
    return world


async def test_the_path_of_a_search_is_short(warm_world: World):
    tracer = Tracer()
    async with tracer.running():
        answer = await search(warm_world)
    assert "Marie Curie" in answer
    trace = tracer.trace()
    print(f"\n/search\n{trace}")
    assert_within(trace.sizes, SEARCH_MAX)


async def test_the_path_of_an_added_person_is_short(warm_world: World):
    tracer = Tracer()
    async with tracer.running():
        answer = await add_person(warm_world, 100)
    assert "Person 100" in answer
    trace = tracer.trace()
    print(f"\n/addperson\n{trace}")
    assert_within(trace.sizes, ADD_PERSON_MAX)

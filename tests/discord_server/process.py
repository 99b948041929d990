"""The bot as a process."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Self

from tests.discord_server.server import TOKEN, Discord

ROOT = Path(__file__).parents[2]


class Bot:
    """``python -m bot`` against a Discord of the tests, with ``settings`` in its environment.
    ``lines`` are those of its standard error. It is killed when the context ends."""

    def __init__(self, discord: Discord, *arguments: str, **settings: str) -> None:
        self.lines: list[str] = []
        self._command = ("-m", "tests.discord_server.bot", str(discord.port), *arguments)
        clean = {k: v for k, v in os.environ.items() if k not in ("DISCORD_TOKEN", "REDIS_URL")}
        self.settings = {"DISCORD_TOKEN": TOKEN, "STARTER_SET": "", **settings}
        self._environment = {**clean, **self.settings}
        self._said = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.signal(signal.SIGKILL)
        await self.ended()
        print(self.log)  # shown with a failure

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def ended(self, seconds: float = 30.0) -> int:
        """Wait for its end; gives the exit code."""
        async with asyncio.timeout(seconds):
            code = await self._process.wait()
            await self._reading
        return code

    async def says(self, pattern: str, seconds: float = 20.0) -> None:
        """Wait until a line of its log has ``pattern``."""
        async with asyncio.timeout(seconds), self._said:
            await self._said.wait_for(lambda: re.search(pattern, self.log))

    async def _read(self) -> None:
        assert self._process.stdout and self._process.stderr
        streams = (self._process.stdout, self._process.stderr)
        await asyncio.gather(*map(self._read_lines, streams))

    async def _read_lines(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._said:
                self.lines.append(line.decode().rstrip())
                self._said.notify_all()

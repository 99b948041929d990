"""Run the bot as a process."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Self

from tests.discord_server.server import TOKEN, FakeDiscord

ROOT = Path(__file__).parents[2]


class BotProcess:
    """``python -m bot`` connected to a FakeDiscord, with ``settings`` as environment variables.
    ``log_lines`` is what it has printed. It is killed when the context ends."""

    def __init__(self, discord: FakeDiscord, *arguments: str, **settings: str) -> None:
        self.log_lines: list[str] = []
        self._command = ("-m", "tests.discord_server.bot", str(discord.port), *arguments)
        replaced = ("DISCORD_TOKEN", "REDIS_URL")
        inherited = {name: value for name, value in os.environ.items() if name not in replaced}
        self.settings = {"DISCORD_TOKEN": TOKEN, "STARTER_SET": "", **settings}
        self._environment = {**inherited, **self.settings}
        self._log_changed = asyncio.Condition()

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
        await self.wait_for_exit()
        print(self.log)  # shown with a failure

    @property
    def log(self) -> str:
        return "\n".join(self.log_lines)

    def signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            self._process.send_signal(number)

    async def wait_for_exit(self, seconds: float = 30.0) -> int:
        """Wait until the process ends. Return its exit code."""
        async with asyncio.timeout(seconds):
            exit_code = await self._process.wait()
            await self._reading
        return exit_code

    async def wait_for_log(self, pattern: str, seconds: float = 20.0) -> None:
        """Wait until the log contains a match of the regular expression ``pattern``."""
        async with asyncio.timeout(seconds), self._log_changed:
            await self._log_changed.wait_for(lambda: re.search(pattern, self.log))

    async def _read(self) -> None:
        assert self._process.stdout and self._process.stderr
        streams = (self._process.stdout, self._process.stderr)
        await asyncio.gather(*map(self._read_lines, streams))

    async def _read_lines(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            async with self._log_changed:
                self.log_lines.append(line.decode().rstrip())
                self._log_changed.notify_all()

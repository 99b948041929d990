"""Many members at once, against the real process: what each of them waits for, and what it costs.

``make load`` goes on for five minutes, with the real model."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.conftest import ROOT
from tests.discord_server.interactions import COMMAND, FakeInteraction
from tests.discord_server.process import BotProcess
from tests.discord_server.server import FakeDiscord

MEMBERS = 200
AT_ONCE = 500
A_SECOND = 50
P99_SECONDS = 5.0
FILES_MAX = 400  # open at once: connections to Discord and to Redis
FILLING_MAX = 80  # megabytes: the views of a thousand answers, and the vectors of questions
GROWTH_MAX = 20  # megabytes from then on

ASKED = [
    ("whois", {"query": "singer who changed the world, number {}"}),
    ("search", {"query": "scientist {} died<1950"}),
    ("whois", {"query": "Marie Curie"}),
    ("people", {"filter": "born:1800..1950"}),
    ("search", {"query": "won a prize {}"}),
    ("random", {}),
    ("similar", {"person": "Marie Curie"}),
    ("about", {}),
]
REFUSALS = ("a lot at once", "Too many people in this server")


@dataclass
class Load:
    """Commands of MEMBERS members, in turns, and how long each waited."""

    discord: FakeDiscord
    pid: int
    asked: list[FakeInteraction] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    files: int = 0
    _waiting: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask(self) -> None:
        number = len(self.asked)
        command, values = ASKED[number % len(ASKED)]
        given = {name: value.format(number) for name, value in values.items()}
        data, member = self.discord.command_data(command, given), 1000 + number % MEMBERS
        self.asked.append(await self.discord.send_interaction(COMMAND, data, user=member))
        waiting = asyncio.create_task(self._wait(self.asked[-1]))
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def _wait(self, asked: FakeInteraction) -> None:
        begun = time.monotonic()
        await asked.wait_for_answer(60)
        self.answers.append(time.monotonic() - begun)
        self.files = max(self.files, self._files())

    async def go_on(self, seconds: float) -> None:
        """A_SECOND commands a second, and wait for the last answers."""
        begun = time.monotonic()
        for number in range(int(seconds * A_SECOND)):
            await asyncio.sleep(max(0, begun + number / A_SECOND - time.monotonic()))
            await self.ask()
        await self.done()

    def _files(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    async def done(self) -> None:
        if self._waiting:
            await asyncio.wait(self._waiting)

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def check(self) -> None:
        late = [asked for asked in self.asked if asked.seconds is None]
        acknowledged = [asked.seconds or 0 for asked in self.asked]
        refused = [a for a in self.asked if any(refusal in a.text for refusal in REFUSALS)]
        p99 = quantiles(self.answers, n=100)[-1]
        print(
            f"{len(self.asked)} commands, {len(refused)} refused, {len(late)} too late;",
            f"acknowledged {median(acknowledged):.2f} s, at the most {max(acknowledged):.2f} s;",
            f"answered {median(self.answers):.2f} s, p99 {p99:.2f} s, {max(self.answers):.2f} s;",
            f"{self.files} open files, {self.megabytes():.0f} MB",
        )
        assert not late and not refused
        assert all(asked.text for asked in self.asked)
        assert len(self.answers) == len(self.asked) and p99 < P99_SECONDS


@pytest.mark.parametrize(
    ("seconds", "settings"),
    [(4, {}), pytest.param(300, {"REAL_MODEL": "1"}, marks=pytest.mark.load)],
)
async def test_a_crowd_is_answered(
    loopback: FakeDiscord,
    start_bot: Callable[..., BotProcess],
    seconds: int,
    settings: dict[str, str],
):
    async with start_bot(STARTER_SET=str(ROOT / "data" / "people.json"), **settings) as bot:
        await loopback.gateway.wait_until_connected(60)
        warmed = await loopback.start_command("whois", query="somebody")
        await warmed.wait_for_answer(60)  # loads the model, makes the directory
        rush = Load(loopback, bot._process.pid)
        for _ in range(AT_ONCE):
            await rush.ask()
        await rush.done()
        rush.check()
        begun = rush.megabytes()
        stream = Load(loopback, bot._process.pid)
        await stream.go_on(seconds / 4)  # until as much is kept as ever is
        full = stream.megabytes()
        await stream.go_on(seconds * 3 / 4)
        stream.check()
        assert full - begun < FILLING_MAX and stream.megabytes() - full < GROWTH_MAX
        assert max(rush.files, stream.files) < FILES_MAX

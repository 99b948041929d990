"""What a start costs: counted where it can be, for time is the machine's."""

import re
import subprocess
import sys
import time

import pytest
import typer.core
import typer.main

from bot.__main__ import app
from tests.conftest import ROOT

GROUP = typer.main.get_command(app)
assert isinstance(GROUP, typer.core.TyperGroup)

HELP_SECONDS = 0.3
HELP_MODULES = 350  # at the most; it takes 146, and 258 with a verb, nearly all of them typer's
HEAVY = (
    *("asyncio", "ssl", "redis", "discord", "aiohttp", "simcord", "dotenv", "rich", "numpy", "PIL"),
    *("torch", "transformers", "sentence_transformers", "sklearn", "scipy"),
)


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command line imports."""
    command = [sys.executable, "-X", "importtime", "-m", "bot", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


@pytest.mark.parametrize("verb", ["", *GROUP.commands])
def test_a_help_imports_next_to_nothing(verb: str):
    modules = imported(*filter(None, [verb]), "--help")
    assert {module for module in modules if module.startswith("bot.")} <= {"bot.__main__"}
    assert not modules.intersection(HEAVY)
    assert "typer" in modules and len(modules) < HELP_MODULES


def test_a_help_is_there_at_once():
    def seconds() -> float:
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "bot", "--help"], cwd=ROOT, stdout=subprocess.DEVNULL)
        return time.monotonic() - started

    assert min(seconds() for _ in range(5)) < HELP_SECONDS

"""On what it was measured."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from bot.embedded_redis.server import _binary

LIBRARIES = ("redis", "hiredis", "sentence-transformers", "transformers", "torch", "numpy")


def machine() -> str:
    """The processor, its cores and the memory, in words."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{_processor()}, {cores} cores, {memory / 2**30:.0f} GB of memory, {_system()}"


def software() -> str:
    """Python, the embedded Redis, and the libraries the bot itself runs on."""
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    return ", ".join([f"Python {platform.python_version()}", f"Redis {_redis()}", *libraries])


def _processor() -> str:
    information = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.+)$", information, re.MULTILINE)
    return found[1] if found else platform.machine()


def _system() -> str:
    return f"{platform.system()} {platform.release().partition('-')[0]}"


def _redis() -> str:
    answer = subprocess.run([_binary(), "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"v=(\S+)", answer.stdout)
    return found[1] if found else "?"

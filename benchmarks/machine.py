"""Describe the machine and the software that the benchmarks run on."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from bot.embedded_redis.server import binary

LIBRARIES = ("redis", "hiredis", "sentence-transformers", "transformers", "torch", "numpy")


def describe_machine() -> str:
    """Describe the processor, its cores, the memory and the system."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{_processor()}, {cores} cores, {memory / 2**30:.0f} GB of memory, {_system()}"


def describe_software() -> str:
    """Return the versions of Python, the embedded Redis and the bot's libraries."""
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    return ", ".join(
        [f"Python {platform.python_version()}", f"Redis {_redis_version()}", *libraries]
    )


def _processor() -> str:
    cpu_info = Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*: (.+)$", cpu_info, re.MULTILINE)
    return found[1] if found else platform.machine()


def _system() -> str:
    return f"{platform.system()} {platform.release().partition('-')[0]}"


def _redis_version() -> str:
    result = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"v=(\S+)", result.stdout)
    return found[1] if found else "?"

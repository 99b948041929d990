"""A process of its own, and the memory of one, as Linux counts it."""

import multiprocessing
import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def apart(
    work: Callable[Arguments, Answer], *args: Arguments.args, **options: Arguments.kwargs
) -> Answer:
    """What a function of a module answers in a fresh process, which ends with it."""
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        return pool.submit(work, *args, **options).result()


def memory(process: int | None = None) -> int:
    """The bytes of memory that a process has resident; by default, this one."""
    return _status(process, "VmRSS")


def peak_memory() -> int:
    """The most that this process had resident since ``forget_peak``, in bytes."""
    return _status(None, "VmHWM")


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _status(process: int | None, field: str) -> int:
    status = Path(f"/proc/{process or os.getpid()}/status").read_text()
    found = re.search(rf"^{field}:\s*(\d+) kB", status, re.MULTILINE)
    assert found, field
    return 1024 * int(found[1])

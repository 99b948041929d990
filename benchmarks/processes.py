"""Run a function in a fresh process, and read the memory of a process from Linux."""

import multiprocessing
import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def run_in_process(
    function: Callable[Arguments, Result], *args: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """Call a module's function in a fresh process, which ends afterwards. Return the result."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(function, *args, **options).result()


def resident_bytes(pid: int | None = None) -> int:
    """Return the resident memory of a process, by default this one, in bytes."""
    return _read_status(pid, "VmRSS")


def peak_resident_bytes() -> int:
    """Return the most resident memory of this process since ``reset_peak``, in bytes."""
    return _read_status(None, "VmHWM")


def reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _read_status(pid: int | None, field: str) -> int:
    status = Path(f"/proc/{pid or os.getpid()}/status").read_text()
    found = re.search(rf"^{field}:\s*(\d+) kB", status, re.MULTILINE)
    assert found, field
    return 1024 * int(found[1])

"""``python -m benchmarks.contenders MODULE FOLDER``: does what comes in on standard input, and says
on standard output what came out and how many seconds it took; both pickled."""

import importlib
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.contenders import Store
from benchmarks.crowd import Crowd
from benchmarks.processes import forget_peak, memory, peak_memory


def main(module: str, folder: str) -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    store: Store = importlib.import_module(f"benchmarks.contenders.{module}").Store(Path(folder))
    idle = memory()

    def load(crowd: Path) -> int:
        """The bytes that it took at the most, beyond those it had before."""
        people = Crowd.load(crowd)
        before = memory()
        forget_peak()
        nonlocal started
        started = time.perf_counter()
        store.load(people)
        return peak_memory() - before

    def growth() -> int:
        """The bytes that the people take here, and in a server if they are in one."""
        return memory() - idle + (memory(store.server) if store.server else 0)

    does: dict[str, Callable[..., Any]] = {
        "load": load,
        "open": store.open,
        "query": store.query,
        "memory": growth,
        "version": lambda: store.version,
    }
    try:
        while (told := _next()) is not None:
            what, arguments = told
            started = time.perf_counter()
            try:
                answer = does[what](*arguments)
            except Exception as error:
                answer = RuntimeError(f"{module}: {what}: {error!r}")
            pickle.dump((answer, time.perf_counter() - started), answers)
            answers.flush()
    finally:
        store.close()


def _next() -> tuple[str, tuple[Any, ...]] | None:
    """What to do; None after the last."""
    try:
        return pickle.load(sys.stdin.buffer)
    except EOFError:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])

"""``python -m benchmarks.contenders MODULE FOLDER`` serves one contender: it reads operations from
standard input, and writes the result of each and the seconds it took to standard output, all
pickled."""

import importlib
import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, VectorStore
from benchmarks.dataset import Dataset
from benchmarks.processes import peak_resident_bytes, reset_peak, resident_bytes


def main(module: str, folder: str) -> None:
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to standard error
    store = create_store(module, Path(folder))
    idle_bytes = resident_bytes()

    def load(dataset_folder: Path) -> int:
        """Load a dataset. Return the peak bytes of memory, beyond those used before."""
        dataset = Dataset.load(dataset_folder)
        before = resident_bytes()
        reset_peak()
        nonlocal start
        start = time.perf_counter()
        store.load(dataset)
        return peak_resident_bytes() - before

    def memory() -> int:
        """Return the bytes that the people take in this process, and in its server if it has
        one."""
        server_bytes = resident_bytes(store.server) if store.server else 0
        return resident_bytes() - idle_bytes + server_bytes

    operations: dict[str, Callable[..., Any]] = {
        "load": load,
        "open": store.open,
        "query": store.query,
        "memory": memory,
        "version": lambda: store.version,
    }
    try:
        while (request := _read_request()) is not None:
            operation, arguments = request
            start = time.perf_counter()
            try:
                result = operations[operation](*arguments)
            except Exception as error:
                result = RuntimeError(f"{module}: {operation}: {error!r}")
            pickle.dump((result, time.perf_counter() - start), output)
            output.flush()
    finally:
        store.close()


def create_store(module: str, folder: Path) -> VectorStore:
    """Create the store of the contender with this module."""
    contender = next(each for each in CONTENDERS if each.module == module)
    imported = importlib.import_module(f"benchmarks.contenders.{module}")
    return getattr(imported, contender.store)(folder)


def _read_request() -> tuple[str, tuple[Any, ...]] | None:
    """Return the next operation and its arguments, or None at the end of the input."""
    try:
        return pickle.load(sys.stdin.buffer)
    except EOFError:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])

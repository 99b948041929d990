"""Run a contender in a process, and call it."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from benchmarks.contenders import Contender

ROOT = Path(__file__).parent.parent.parent
PEERS_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


def interpreter(contender: Contender) -> Path:
    """Return the Python that has the contender's libraries."""
    return PEERS_PYTHON if contender.is_peer else Path(sys.executable)


class ContenderProcess:
    """A contender in its own process, which stores its people in its own folder under
    ``folder``."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        module = contender.module
        own_folder = folder / (contender.uses_people_of or module)
        own_folder.mkdir(parents=True, exist_ok=True)
        command = [interpreter(contender), "-m", "benchmarks.contenders", module, own_folder]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()  # the process then closes its store and ends
        self._process.wait()
        self._process.stdout.close()

    def call(self, operation: str, *arguments: Any) -> tuple[Any, float]:
        """Run one of the operations of __main__.py. Return its result and the seconds it took.
        Raises RuntimeError if it fails."""
        assert self._process.stdin and self._process.stdout
        pickle.dump((operation, arguments), self._process.stdin)
        self._process.stdin.flush()
        result, seconds = pickle.load(self._process.stdout)
        if isinstance(result, RuntimeError):
            raise result
        return result, seconds

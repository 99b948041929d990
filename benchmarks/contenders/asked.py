"""The other end of a contender's process."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from benchmarks.contenders import Contender

ROOT = Path(__file__).parent.parent.parent
PEERS = ROOT / ".venv-bench" / "bin" / "python"


def interpreter(contender: Contender) -> Path:
    """The Python that has its libraries."""
    return PEERS if contender.peer else Path(sys.executable)


class Asked:
    """A contender in a process of its own, over the people in its own folder under ``folder``."""

    def __init__(self, contender: Contender, folder: Path) -> None:
        module = contender.module
        where = folder / (contender.asks or module)
        where.mkdir(parents=True, exist_ok=True)
        command = [interpreter(contender), "-m", "benchmarks.contenders", module, where]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()  # upon which it closes all it has opened, and ends
        self._process.wait()
        self._process.stdout.close()

    def do(self, what: str, *arguments: Any) -> tuple[Any, float]:
        """What it answers, and how many seconds it took. Raises RuntimeError."""
        assert self._process.stdin and self._process.stdout
        pickle.dump((what, arguments), self._process.stdin)
        self._process.stdin.flush()
        answer, seconds = pickle.load(self._process.stdout)
        if isinstance(answer, RuntimeError):
            raise answer
        return answer, seconds

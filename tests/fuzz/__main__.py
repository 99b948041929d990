"""python -m tests.fuzz [TARGET] [INPUTS]: inputs made by atheris, which keeps those that reach new
code; all targets in turn if none is named. What fails is left in the folder .fuzz."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

INPUTS = 1_000_000  # of all targets together
SECONDS = 900  # that one target takes at the most
FAILED = Path(".fuzz")


def fuzz(name: str, inputs: int) -> None:
    """Feed one target, and end the process: with 0 if nothing was found."""
    logging.disable()
    import atheris  # for Linux alone, and not on every processor

    with atheris.instrument_imports(include=["bot", "cogs"]):  # pyright: ignore[reportAttributeAccessIssue]
        from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    FAILED.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        options = [
            f"-runs={inputs}",
            f"-max_total_time={SECONDS}",
            f"-max_len={target.longest}",
            f"-artifact_prefix={FAILED}/{name}-",
            "-timeout=20",  # for what does not come back at all
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], target.run)
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    if arguments:
        fuzz(arguments[0], int(arguments[1]) if len(arguments) > 1 else INPUTS)
    from tests.fuzz.targets import TARGETS

    ends = []
    for name in TARGETS:
        print(f"--- {name}", flush=True)
        command = [sys.executable, "-m", "tests.fuzz", name, str(INPUTS // len(TARGETS))]
        ends.append(subprocess.run(command).returncode)
    return max(ends)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

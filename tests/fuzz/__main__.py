"""python -m tests.fuzz [TARGET] [INPUTS]: feed a target, or all targets in turn, inputs made by
atheris, which builds on those that reach new code. Inputs that fail stay in the folder .fuzz."""

import logging
import subprocess
import sys
import tempfile
from pathlib import Path

INPUTS = 1_000_000  # for all targets together
SECONDS = 900  # for one target, at most
FAILED_INPUTS = Path(".fuzz")


def fuzz(name: str, inputs: int) -> None:
    """Feed one target, and exit the process: with 0 if nothing failed."""
    logging.disable()
    import atheris  # only for Linux on some processors

    with atheris.instrument_imports(include=["bot", "cogs"]):  # pyright: ignore[reportAttributeAccessIssue]
        from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    FAILED_INPUTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            Path(corpus, str(number)).write_bytes(seed)
        options = [
            f"-runs={inputs}",
            f"-max_total_time={SECONDS}",
            f"-max_len={target.max_length}",
            f"-artifact_prefix={FAILED_INPUTS}/{name}-",
            "-timeout=20",  # for inputs that never return
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], target.run)
        atheris.Fuzz()


def main(arguments: list[str]) -> int:
    if arguments:
        fuzz(arguments[0], int(arguments[1]) if len(arguments) > 1 else INPUTS)
    from tests.fuzz.targets import TARGETS

    exit_codes = []
    for name in TARGETS:
        print(f"--- {name}", flush=True)
        command = [sys.executable, "-m", "tests.fuzz", name, str(INPUTS // len(TARGETS))]
        exit_codes.append(subprocess.run(command).returncode)
    return max(exit_codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

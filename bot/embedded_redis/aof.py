"""The append-only file of the embedded Redis: a base, which a start loads at once, and the commands
since, which a start runs again (about a millisecond for each person added).

The half-written end is removed here and not by redis-check-aof, because that tool also cuts at
damage in the middle of a file, which throws away every change after it.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

REWRITE_SECONDS = 30.0  # a rewrite of 100,000 people takes 2
LENGTH_DIGITS_MAX = 9  # Redis accepts at most 512 MB in one piece

INCREMENTAL_FILES = re.compile(r"^file (\S+) .*\btype i\b", re.MULTILINE)
"""The files of commands named in the manifest, which also names files about to be deleted."""


def incremental_files(folder: Path) -> list[Path]:
    """Return the non-empty files of commands that the next start of the server would run again.

    Raises OSError when the manifest can't be read."""
    files = folder / "appendonlydir"
    manifest = (files / "appendonly.aof.manifest").read_text("utf-8", "surrogateescape")
    names = INCREMENTAL_FILES.findall(manifest)
    return [files / name for name in names if (files / name).stat().st_size]


def truncate_incomplete(folder: Path) -> bool:
    """Remove the command or transaction that a killed server, or a power loss, left half written,
    and the zeros that a power loss may leave after it; it was never acknowledged. Return whether
    anything was removed.

    Redis 8.2.3 doesn't start when there are zeros; otherwise it removes only the last command, and
    either runs the others of the same transaction or, if a rewrite had begun, refuses to start
    (loadSingleAppendOnlyFile and loadAppendOnlyFiles in its aof.c). A file that can't be read or
    shortened is left for Redis to report."""
    truncated = False
    with suppress(OSError, ValueError):  # ValueError: the manifest holds an impossible file name
        for path in incremental_files(folder):
            with path.open("r+b") as file:
                complete = _complete_size(file)
                if complete < path.stat().st_size:
                    file.truncate(complete)
                    os.fsync(file.fileno())
                    truncated = True
    return truncated


def _complete_size(file: BinaryIO) -> int:
    """Return how many bytes hold complete commands and transactions; the whole size if something
    other than a cut-off command follows, because that is damage for Redis to report."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    complete = 0
    in_transaction = False
    try:
        while header := file.readline():
            if header.startswith(b"#"):  # a timestamp
                continue
            arguments = [_read_argument(file) for _ in range(_parse_length(header, b"*"))]
            name = arguments[0].upper()
            in_transaction = name == b"MULTI" or (in_transaction and name != b"EXEC")
            complete = complete if in_transaction else file.tell()
    except EOFError:
        return complete
    except (ValueError, IndexError):
        return size
    return complete


def _read_argument(file: BinaryIO) -> bytes:
    """Raises EOFError where the file ends or only zeros follow, and ValueError for damage."""
    length = _parse_length(file.readline(), b"$") + 2
    argument = file.read(length)
    if len(argument) < length:
        raise EOFError
    if argument.endswith(b"\0") and not file.read().strip(b"\0"):
        raise EOFError
    if not argument.endswith(b"\r\n"):
        raise ValueError
    return argument[:-2]


def _parse_length(line: bytes, prefix: bytes) -> int:
    if not line.endswith(b"\n"):
        raise EOFError
    digits = line[1:-2]
    if not (line.startswith(prefix) and digits.isdigit() and len(digits) <= LENGTH_DIGITS_MAX):
        raise ValueError
    return int(digits)


def start_rewrite(folder: Path, socket: Path) -> None:
    """Have the server write a new base in the background if there are commands since the last
    one."""
    with quiet_client(socket, REWRITE_SECONDS) as client:
        if incremental_files(folder):
            client.bgrewriteaof()


def rewrite(folder: Path, socket: Path) -> None:
    """Rewrite the file and wait for it, because a server that stops abandons its rewrite. After
    REWRITE_SECONDS, or if it fails, the only loss is a slower next start."""
    with quiet_client(socket, REWRITE_SECONDS) as client:
        deadline = time.monotonic() + REWRITE_SECONDS
        _wait_for_rewrite(client, deadline)  # one that started earlier
        if incremental_files(folder):
            client.bgrewriteaof()
            _wait_for_rewrite(client, deadline)


def _wait_for_rewrite(client: redis.Redis, deadline: float) -> None:
    while time.monotonic() < deadline:
        info = client.info("persistence")
        if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
            return
        time.sleep(0.01)


@contextmanager
def quiet_client(socket: Path, timeout: float) -> Iterator[redis.Redis]:
    """Connect to the server without retries; a failure ends the ``with`` block silently."""
    no_retries = Retry(NoBackoff(), 0)
    with (
        suppress(redis.RedisError, OSError),
        redis.Redis(
            unix_socket_path=str(socket), retry=no_retries, socket_timeout=timeout
        ) as client,
    ):
        yield client

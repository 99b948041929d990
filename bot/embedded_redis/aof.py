"""The append-only file of the embedded Redis: a base, which a start loads at once, and commands
since, which it carries out again; to add a person again takes about a millisecond."""

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

REWRITE_SECONDS = 30.0  # 100,000 people take 2
DIGITS = 9  # of a length, at the most: Redis takes no more than 512 MB at once

COMMANDS = re.compile(r"^file (\S+) .*\btype i\b", re.MULTILINE)
"""The files of commands in the manifest, which has others that are about to be deleted."""


def commands_since(folder: Path) -> list[Path]:
    """The files whose commands the next start of the server in ``folder`` would carry out again,
    if there are any in them."""
    files = folder / "appendonlydir"
    manifest = (files / "appendonly.aof.manifest").read_text("utf-8", "surrogateescape")
    named = COMMANDS.findall(manifest)
    return [files / name for name in named if (files / name).stat().st_size]


def cut_torn(folder: Path) -> bool:
    """Cut off what a server that was killed, or lost its power, left half written, with the zeros
    that may stand for the rest of it: nobody was told that it was made. Whether there was any.
    Behind such zeros Redis 8.2.3 does not start; otherwise it cuts off the last command alone: the
    others of a torn transaction it carries out at its next start, or ends there if a rewrite had
    begun (loadSingleAppendOnlyFile and loadAppendOnlyFiles in its aof.c). What cannot be read, or
    cut, is for Redis to tell."""
    torn = False
    with suppress(OSError, ValueError):  # ValueError: no name of a file
        for path in commands_since(folder):
            with path.open("r+b") as file:
                whole = _whole(file)
                if whole < path.stat().st_size:
                    file.truncate(whole)
                    os.fsync(file.fileno())
                    torn = True
    return torn


def _whole(file: BinaryIO) -> int:
    """How many bytes hold whole commands, and whole transactions of them. All, if what they hold is
    something else: that is for Redis to tell."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    whole = 0
    inside = False
    try:
        while first := file.readline():
            if first.startswith(b"#"):  # when the next was written
                continue
            parts = [_part(file) for _ in range(_number(first, b"*"))]
            name = parts[0].upper()
            inside = name == b"MULTI" or (inside and name != b"EXEC")
            whole = whole if inside else file.tell()
    except EOFError:
        return whole
    except (ValueError, IndexError):
        return size
    return whole


def _part(file: BinaryIO) -> bytes:
    length = _number(file.readline(), b"$") + 2
    part = file.read(length)
    if len(part) < length:
        raise EOFError
    if part.endswith(b"\0") and not file.read().strip(b"\0"):
        raise EOFError
    if not part.endswith(b"\r\n"):
        raise ValueError
    return part[:-2]


def _number(line: bytes, sign: bytes) -> int:
    if not line.endswith(b"\n"):
        raise EOFError
    digits = line[1:-2]
    if not (line.startswith(sign) and digits.isdigit() and len(digits) <= DIGITS):
        raise ValueError
    return int(digits)


def begin_rewrite(folder: Path, socket: Path) -> None:
    """Have the server make a new base of what it holds, in the background, if there are commands
    since the last."""
    with _client(socket) as client:
        if commands_since(folder):
            client.bgrewriteaof()


def rewrite(folder: Path, socket: Path) -> None:
    """The same, and wait until there are none: a server that ends gives up what it began. After
    REWRITE_SECONDS, and wherever it fails, the next start takes longer, no more."""
    with _client(socket) as client:
        deadline = time.monotonic() + REWRITE_SECONDS
        _wait(client, deadline)  # for one that began earlier
        if commands_since(folder):
            client.bgrewriteaof()
            _wait(client, deadline)


def _wait(client: redis.Redis, deadline: float) -> None:
    while time.monotonic() < deadline:
        info = client.info("persistence")
        if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
            return
        time.sleep(0.01)


@contextmanager
def _client(socket: Path) -> Iterator[redis.Redis]:
    """A client of the server, for what is only for speed: failures end it in silence."""
    once = Retry(NoBackoff(), 0)
    with (
        suppress(redis.RedisError, OSError),
        redis.Redis(
            unix_socket_path=str(socket), retry=once, socket_timeout=REWRITE_SECONDS
        ) as client,
    ):
        yield client

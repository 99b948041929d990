"""Which commands only read, where their key is, and how to read members with a prefix."""

from collections.abc import Iterable, Sequence

from redis.commands import READ_COMMANDS

Argument = str | bytes | int | float
Command = Sequence[Argument]

READS = READ_COMMANDS | {
    *("VCARD", "VDIM", "VEMB", "VGETATTR", "VINFO", "VISMEMBER", "VRANDMEMBER", "VSIM"),
    *("INFO", "MEMORY", "PING"),
}
"""Commands that can safely be sent twice. All others are taken for changes."""

KEYLESS = {"BGREWRITEAOF", "INFO", "PING", "SCAN"}
KEY_POSITION = {"EVAL": 3, "EVAL_RO": 3, "EVALSHA": 3, "EVALSHA_RO": 3, "MEMORY": 2}


def has_change(commands: Iterable[Command]) -> bool:
    """Return whether any of the commands may change something."""
    return any(command[0] not in READS for command in commands)


def prefix_bounds(prefix: str) -> tuple[bytes, bytes]:
    """Return the bounds of the members that start with a prefix, for commands with BYLEX."""
    start = prefix.encode("utf-8", "replace")
    return b"[" + start, b"(" + start + b"\xff"


def range_by_prefix(key: str, prefix: str, limit: int = -1) -> tuple[Argument, ...]:
    """Return the command that reads the members of a sorted set that start with a prefix, in order,
    at most ``limit`` if it isn't negative."""
    return ("ZRANGE", key, *prefix_bounds(prefix), "BYLEX", "LIMIT", 0, limit)


def key_of(command: Command) -> Argument | None:
    """Return the first key of a command; None if it is about a whole server."""
    name = str(command[0])
    return None if name in KEYLESS else command[KEY_POSITION.get(name, 1)]

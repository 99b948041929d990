"""Which commands only read, and where their key is."""

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


def key_of(command: Command) -> Argument | None:
    """Return the first key of a command; None if it is about a whole server."""
    name = str(command[0])
    return None if name in KEYLESS else command[KEY_POSITION.get(name, 1)]

"""Which commands change nothing, and where their key stands."""

from collections.abc import Iterable, Sequence

from redis.commands import READ_COMMANDS

Argument = str | bytes | int | float
Command = Sequence[Argument]

READS = READ_COMMANDS | {
    *("VCARD", "VDIM", "VEMB", "VGETATTR", "VINFO", "VISMEMBER", "VRANDMEMBER", "VSIM"),
    *("INFO", "MEMORY", "PING"),
}
"""What can be asked twice. A command that is not among them is taken for a change."""

KEYLESS = {"BGREWRITEAOF", "INFO", "PING", "SCAN"}
KEY_AT = {"EVAL": 3, "EVAL_RO": 3, "EVALSHA": 3, "EVALSHA_RO": 3, "MEMORY": 2}


def changes(commands: Iterable[Command]) -> bool:
    """Whether one of the commands may change something."""
    return any(command[0] not in READS for command in commands)


def key_of(command: Command) -> Argument | None:
    """The first key of a command; None for one of a whole server."""
    name = str(command[0])
    return None if name in KEYLESS else command[KEY_AT.get(name, 1)]

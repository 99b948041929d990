"""The settings, read once from the environment and the .env file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from dotenv import dotenv_values

from bot.errors import SettingError
from bot.language import _, format_list

NUMBER_MAX = 1_000_000_000
PORT_MAX = 65_535
SHARDS_MAX = 16_384  # beyond this, Discord requires a special arrangement
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True)
class Settings:
    """Each field is the environment variable of the same name in capitals; see .env.example."""

    discord_token: str = field(default="", repr=False)  # keeps secrets out of the log
    redis_url: str = field(default="", repr=False)
    data_dir: Path = Path("data")
    directory_key: str = "people:{guild}"
    starter_set: str = "data/people.json"
    embedding_model: str = ""
    history_changes: int = 100_000
    history_days: int = 365
    grace_days: int = 30
    sync_guild: int | None = None
    shard_count: int | None = None
    shard_ids: tuple[int, ...] | None = None
    log_level: str = "INFO"
    log_format: str = "text"
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"

    @classmethod
    def load(cls, env_file: Path = Path(".env")) -> Self:
        """Read the environment, which overrides ``env_file``. Raises SettingError."""
        try:
            values = dotenv_values(env_file)
        except UnicodeDecodeError as error:
            raise SettingError(
                _("{file} isn't UTF-8 text. Save it in UTF-8.", file=env_file)
            ) from error
        except OSError as error:
            raise SettingError(
                _(
                    "Can't read {file} ({reason}). Allow the user who runs the bot to read it.",
                    file=env_file,
                    reason=error.strerror,
                )
            ) from error
        return cls.parse({**values, **os.environ})

    @classmethod
    def parse(cls, values: Mapping[str, str | None]) -> Self:
        """Build the settings from variables. A missing or empty one takes the default, except that
        an empty STARTER_SET means none. Raises SettingError."""

        def text(name: str, default: str = "") -> str:
            return (values.get(name) or "").strip() or default

        def integer(name: str, maximum: int = NUMBER_MAX) -> int | None:
            return _parse_integer(name, text(name), maximum) if text(name) else None

        starter_set = values.get("STARTER_SET")
        sync_guild = text("SYNC_GUILD")
        if sync_guild and not re.fullmatch(r"[0-9]{1,20}", sync_guild):
            raise SettingError(
                _("SYNC_GUILD must be the ID of a server, not {value}.", value=repr(sync_guild))
            )
        log_level = text("LOG_LEVEL", cls.log_level).upper()
        if log_level not in LOG_LEVELS:
            raise SettingError(
                _(
                    "LOG_LEVEL must be {levels}, not {value}.",
                    levels=format_list(LOG_LEVELS, "or"),
                    value=log_level,
                )
            )
        log_format = text("LOG_FORMAT", cls.log_format).lower()
        if log_format not in LOG_FORMATS:
            raise SettingError(
                _(
                    "LOG_FORMAT must be {formats}, not {value}.",
                    formats=format_list(LOG_FORMATS, "or"),
                    value=log_format,
                )
            )
        shard_count = integer("SHARD_COUNT", SHARDS_MAX)
        directory_key = text("DIRECTORY_KEY", cls.directory_key)
        without_guild = directory_key.replace("{guild}", "", 1)
        braces = re.sub(r"[^{}]+", "x", without_guild.replace("{guild", "{{"))
        if not directory_key.isprintable() or not re.fullmatch(r"x?(\{x\}x?)?", braces):
            raise SettingError(
                _(
                    "DIRECTORY_KEY must be a Redis key with at most one {guild}, and besides "
                    "that at most one hash tag such as {app}."
                )
            )
        return cls(
            discord_token=text("DISCORD_TOKEN"),
            redis_url=text("REDIS_URL"),
            data_dir=Path(text("DATA_DIR", str(cls.data_dir))),
            directory_key=directory_key,
            starter_set=cls.starter_set if starter_set is None else starter_set.strip(),
            embedding_model=text("EMBEDDING_MODEL"),
            history_changes=integer("HISTORY_CHANGES") or cls.history_changes,
            history_days=integer("HISTORY_DAYS") or cls.history_days,
            grace_days=integer("GRACE_DAYS") or cls.grace_days,
            sync_guild=int(sync_guild) if sync_guild else None,
            shard_count=shard_count,
            shard_ids=_parse_shard_ids(text("SHARD_IDS"), shard_count),
            log_level=log_level,
            log_format=log_format,
            metrics_port=integer("METRICS_PORT", PORT_MAX),
            metrics_host=text("METRICS_HOST", cls.metrics_host),
        )


def _parse_integer(name: str, text: str, maximum: int) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(maximum))
    if not (is_number and 0 < int(text) <= maximum):
        raise SettingError(
            _(
                "{setting} must be a whole number from 1 to {maximum}, not {value}.",
                setting=name,
                maximum=maximum,
                value=repr(text),
            )
        )
    return int(text)


def _parse_shard_ids(text: str, count: int | None) -> tuple[int, ...] | None:
    """Parse shard IDs such as ``0,2,4-7``, out of ``count`` shards."""
    if not text:
        return None
    if count is None:
        raise SettingError(
            _("SHARD_IDS needs SHARD_COUNT: the number of shards of all processes together.")
        )
    ids: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < count:
            raise SettingError(
                _(
                    "SHARD_IDS must be a list such as 0,2,4-7, with shards from 0 to {last} "
                    "(SHARD_COUNT minus one), not {value}.",
                    last=str(count - 1),
                    value=repr(text),
                )
            )
        ids += range(first, last + 1)
    return tuple(dict.fromkeys(ids))

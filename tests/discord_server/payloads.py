"""Users, servers, messages and commands as JSON that Discord sends."""

import itertools
import time
from typing import Any

Json = dict[str, Any]

EPOCH = 1_420_070_400_000  # milliseconds; snowflakes count from here
MANAGE_GUILD = 1 << 5
APPLICATION = 11
BOT_USER: Json = {
    "id": str(APPLICATION),
    "username": "Who",
    "discriminator": "0",
    "avatar": None,
    "bot": True,
}

_counter = itertools.count()


def snowflake(age: float = 0) -> str:
    """Return a new Discord ID from ``age`` seconds ago."""
    milliseconds = int((time.time() - age) * 1000) - EPOCH
    return str(milliseconds << 22 | next(_counter) % (1 << 12))


def user(number: int) -> Json:
    return {
        "id": str(number),
        "username": f"user{number}",
        "discriminator": "0",
        "global_name": f"User {number}",
        "avatar": None,
    }


def member(number: int, permissions: int) -> Json:
    return {
        "user": user(number),
        "roles": [],
        "joined_at": "2024-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
        "permissions": str(permissions),
    }


def channel(guild: int) -> Json:
    return {
        "id": str(guild + 1),
        "guild_id": str(guild),
        "type": 0,
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
    }


def server(number: int) -> Json:
    everyone = {
        "id": str(number),
        "name": "@everyone",
        "permissions": str((1 << 50) - 1),
        "position": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "color": 0,
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    return {
        "id": str(number),
        "name": f"Server {number}",
        "owner_id": "1",
        "roles": [everyone],
        "channels": [channel(number)],
        "members": [{**member(APPLICATION, 0), "user": BOT_USER}],
        "member_count": 2,
        "unavailable": False,
    }


def message(guild: int, sent: Json) -> Json:
    """Return the message that the bot creates by sending ``sent``."""
    return {
        "id": snowflake(),
        "channel_id": str(guild + 1),
        "author": BOT_USER,
        "content": sent.get("content") or "",
        "components": sent.get("components") or [],
        "flags": sent.get("flags", 0),
        "timestamp": "2024-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "type": 0,
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
        "mention_everyone": False,
        "pinned": False,
        "tts": False,
    }


def application() -> Json:
    return {
        "id": str(APPLICATION),
        "name": "Who",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": user(1),
        "verify_key": "00",
        "flags": 0,
    }


def registered(command: Json) -> Json:
    own = {"id": snowflake(), "application_id": str(APPLICATION), "version": snowflake()}
    return {"description": "", **command, **own}


def options(command: Json, values: dict[str, Any]) -> list[Json]:
    """Return values as the options of a command."""
    kinds = {option["name"]: option["type"] for option in command.get("options", [])}
    return [{"name": name, "type": kinds[name], "value": value} for name, value in values.items()]

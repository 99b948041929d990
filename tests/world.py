"""A Discord server with three people in its directory, and how answers there are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.directory import Directories, Directory


@dataclass
class World:
    env: Any
    channel: Any
    admin: Any
    member: Any
    directories: Directories

    async def directory(self) -> Directory:
        return await self.directories.open(str(self.env.guild.id))


def texts(components: list[dict]) -> Iterator[str]:
    for component in components:
        if "content" in component:
            yield component["content"]
        yield from texts(component.get("components", []))


def text(result: Any) -> str:
    """What the newest answer says."""
    message = result.followups[-1] if result.followups else result.response
    assert message is not None, result
    return "\n".join([message.content, *texts(message.components)]).strip()


def fields(modal: dict) -> dict[str, dict]:
    return {label["label"]: label["component"] for label in modal["components"]}


def form(modal: dict, **values: str) -> dict[str, str]:
    return {fields(modal)[label]["custom_id"]: value for label, value in values.items()}

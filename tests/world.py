"""A simulated Discord server with three people in its directory, and functions to read the bot's
messages and fill in its forms."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.directory import Directories, Directory


@dataclass
class World:
    """A simulated server, with an admin who may edit its directory and a member who may not."""

    env: Any
    channel: Any
    admin: Any
    member: Any
    directories: Directories

    async def directory(self) -> Directory:
        return await self.directories.open(str(self.env.guild.id))


def texts(components: list[dict]) -> Iterator[str]:
    """Yield the texts of components and of those inside them."""
    for component in components:
        if "content" in component:
            yield component["content"]
        yield from texts(component.get("components", []))


def message_text(message: Any) -> str:
    return "\n".join([message.content, *texts(message.components)]).strip()


def text(result: Any) -> str:
    """Return the text of the newest answer to an interaction."""
    message = result.followups[-1] if result.followups else result.response
    assert message is not None, result
    return message_text(message)


def form_inputs(modal: dict) -> dict[str, dict]:
    """Return a form's inputs by their labels."""
    return {label["label"]: label["component"] for label in modal["components"]}


def fill_form(modal: dict, **values: str) -> dict[str, str]:
    """Return values by the custom ids of the inputs with these labels."""
    inputs = form_inputs(modal)
    return {inputs[label]["custom_id"]: value for label, value in values.items()}

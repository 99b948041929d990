"""What Discord offers while somebody types."""

from collections.abc import Awaitable, Sequence

from discord import app_commands

from bot.directory import Directory
from bot.errors import DirectoryError
from bot.interactions import label

CHOICES = 25  # Discord shows no choices at all if there are more
CHOICE_MAX = 100  # or if one has more characters

Choices = list[app_commands.Choice[str]]


async def name_choices(opening: Awaitable[Directory], typed: str) -> Choices:
    """Names in which a word starts so, the best known first."""

    async def texts() -> Sequence[str]:
        return await (await opening).names.complete(typed, CHOICES)

    return await choices(texts())


async def query_choices(opening: Awaitable[Directory], typed: str) -> Choices:
    """What was typed, which Enter takes, and how it may go on; nothing if it is whole."""

    async def texts() -> Sequence[str]:
        lines = await (await opening).suggest(typed, CHOICES)
        lines = [line for line in lines if line.casefold() != typed.casefold()]
        return [typed, *lines] if typed.strip() and lines else lines

    return await choices(texts())


async def choices(making: Awaitable[Sequence[str]]) -> Choices:
    """The texts as choices; none where they cannot be had, for there is no way to say why."""
    try:
        texts = await making
    except DirectoryError:
        return []
    fitting = [text for text in texts if len(text) <= CHOICE_MAX][:CHOICES]
    return [app_commands.Choice(name=label(text, CHOICE_MAX), value=text) for text in fitting]

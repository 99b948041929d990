"""What Discord offers while somebody types."""

from collections.abc import Awaitable, Sequence

from discord import app_commands

from bot.errors import DirectoryError

CHOICES = 25  # Discord shows no choices at all if there are more
CHOICE_MAX = 100  # or if one has more characters

Choices = list[app_commands.Choice[str]]


async def choices(making: Awaitable[Sequence[str]]) -> Choices:
    """The texts as choices; none where they cannot be had, for there is no way to say why."""
    try:
        texts = await making
    except DirectoryError:
        return []
    fitting = [text for text in texts if len(text) <= CHOICE_MAX][:CHOICES]
    return [app_commands.Choice(name=text, value=text) for text in fitting]

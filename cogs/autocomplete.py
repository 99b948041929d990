"""What Discord offers while someone types an option."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, ParamSpec

from discord import app_commands

from bot.directory import Directory
from bot.errors import DirectoryError
from bot.interactions import Interaction, label

CHOICES_MAX = 25  # Discord shows no choices at all if there are more
CHOICE_MAX = 100  # or if one has more characters

P = ParamSpec("P")
Choices = list[app_commands.Choice[str]]


def no_choices_on_error(
    complete: Callable[P, Awaitable[Choices]],
) -> Callable[P, Coroutine[Any, Any, Choices]]:
    """Offer nothing after a DirectoryError: Discord has no way to show why."""

    @wraps(complete)
    async def complete_or_nothing(*args: P.args, **kwargs: P.kwargs) -> Choices:
        try:
            return await complete(*args, **kwargs)
        except DirectoryError:
            return []

    return complete_or_nothing


async def name_choices(directory: Directory, typed: str) -> Choices:
    """Offer names with a word that starts with what was typed, the best known first."""
    return to_choices(await directory.names.complete(typed, CHOICES_MAX))


@no_choices_on_error
async def complete_name(interaction: Interaction, typed: str) -> Choices:
    """Complete an option that takes a name."""
    directory = await interaction.client.directories.for_server(interaction.guild_id)
    return await name_choices(directory, typed)


@no_choices_on_error
async def complete_query(interaction: Interaction, typed: str) -> Choices:
    """Complete an option that takes a query or conditions."""
    directory = await interaction.client.directories.for_server(interaction.guild_id)
    return await query_choices(directory, typed)


async def query_choices(directory: Directory, typed: str) -> Choices:
    """Offer what was typed, then ways to continue it; nothing if it is already complete."""
    suggestions = await directory.suggest(typed, CHOICES_MAX)
    longer = [text for text in suggestions if text.casefold() != typed.casefold()]
    return to_choices([typed, *longer] if typed.strip() and longer else longer)


def to_choices(texts: Iterable[str]) -> Choices:
    """Return the texts that fit as choices, as many as Discord shows."""
    fitting = [text for text in texts if len(text) <= CHOICE_MAX][:CHOICES_MAX]
    return [app_commands.Choice(name=label(text, CHOICE_MAX), value=text) for text in fitting]

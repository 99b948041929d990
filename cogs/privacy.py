"""What is stored: /privacy, and /mydata, where members can delete what is stored about them."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import AuthorExport, HistoryStats, export_author
from bot.errors import DirectoryError
from bot.interactions import (
    AdmissionCheck,
    FileView,
    Interaction,
    answer,
    answer_error,
    plain,
)
from bot.language import _, ngettext
from cogs.buttons import PersistentButton
from cogs.cards import Block, container, static_view
from cogs.forms import Form
from cogs.permissions import allow_everyone, author_of

DELETE_ID = "mydata:delete"
CONFIRMATION_WORD = "delete"  # the same in every language
FILE_NAME = "mydata.json"


class PrivacyCog(commands.Cog):
    @app_commands.command(
        description=locale_str("See what this bot stores, where, and for how long")
    )
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        async with answer(interaction, private=True) as response:
            response.view = await _privacy_view(interaction)

    @app_commands.command(
        description=locale_str("Download what this directory stores about you, or delete it")
    )
    @app_commands.guild_only()
    async def mydata(self, interaction: Interaction) -> None:
        async with answer(interaction, private=True) as response:
            response.view = await _my_data_view(interaction)


async def _privacy_view(interaction: Interaction) -> ui.LayoutView:
    bot = interaction.client
    directory = await bot.directories.for_server(interaction.guild_id)
    texts = [
        _(
            "**Your Discord account**\nNothing, unless you change the directory. If you do, its "
            "history stores your Discord ID, your display name, what you changed and when, until "
            "it deletes that change. Use /mydata to download this, or to remove your ID and name."
        ),
        _(
            "**The people in the directory**\nWhat the directory's editors typed: a name, a "
            "description and attributes. This is stored until an editor removes it. The history "
            "then keeps it, so that the removal can be undone, until it deletes that change."
        ),
        describe_history(await directory.history.stats()),
        _(
            "**Where**\nIn the Redis database of whoever runs this bot, and perhaps longer in its "
            "backups. The language model runs inside the bot. Your data is sent to nobody but "
            "Discord, which carries questions and answers."
        ),
        _(
            "**What isn't stored**\nQuestions, messages and lists of members. The bot reads the "
            "messages that mention it, the replies to its answers, and the messages on which you "
            "use *Who is this about?*, and then forgets them. It remembers which question each of "
            "its answers belongs to, but only in memory, until it restarts. Its log contains "
            "errors and the IDs of channels and servers, but neither the questions nor the people "
            "who asked them."
        ),
        _describe_deletion(bot),
    ]
    title = _("What this bot stores, where, and for how long")
    return static_view(f"## {title}", [Block(text) for text in texts])


def describe_history(stats: HistoryStats) -> str:
    """Return what the history holds and for how long, under a heading."""
    parts = [_("It's empty.")]
    if stats.since:
        # Translators: {date} is a day, such as May 3, 2026.
        held = ngettext(
            "It has {count} change since {date}.",
            "It has {count} changes since {date}.",
            stats.operations,
            date=discord.utils.format_dt(stats.since, "D"),
        )
        parts = [held]
    parts += [
        ngettext(
            "Changes are kept for {count} day.",
            "Changes are kept for {count} days.",
            stats.limits.days,
        ),
        # Translators: a change to 500 people counts as 500 changes to people.
        ngettext(
            "At most {count} change to a person is kept.",
            "At most {count} changes to people are kept.",
            stats.limits.changes,
        ),
        _(
            "Older changes are deleted the next time someone changes the directory. The latest "
            "change is always kept in full."
        ),
    ]
    heading = _("**The history**")
    return f"{heading}\n{' '.join(parts)}"


def _describe_deletion(bot: PeopleBot) -> str:
    """Return what happens to the directory when the bot is removed from the server."""
    if bot.directories.is_shared:
        return _(
            "**One directory for all servers**\nAll servers of this bot share one directory. It is "
            "kept when the bot is removed from one of them."
        )
    return ngettext(
        "**When the bot is removed from this server**\nThe directory and its history are kept for "
        "{count} day, in case the bot comes back. Then they are deleted.",
        "**When the bot is removed from this server**\nThe directory and its history are kept for "
        "{count} days, in case the bot comes back. Then they are deleted.",
        bot.grace_days,
    )


async def _my_data_view(interaction: Interaction) -> ui.LayoutView:
    directories = interaction.client.directories
    directory = await directories.for_server(interaction.guild_id)
    export = await export_author(directory.history, str(interaction.user.id))
    if directories.is_shared:
        scope = _("This covers all servers of this bot, because they share one directory.")
    else:
        scope = _("Other servers have their own directories. Use /mydata there to check those.")
    if export is None:
        text = _(
            "If you are one of the people in it, use /whois with your name to see what it says "
            "about you. To have that changed or removed, ask someone who manages this server."
        )
        return static_view(_nothing_stored(), [Block(f"{text}\n-# {scope}")])
    view = FileView(FILE_NAME, export.file)
    title = _("What this directory stores about you")
    delete_button = PersistentButton(
        label=_("Delete my data"),
        style=discord.ButtonStyle.danger,
        custom_id=DELETE_ID,
    )
    view.add_item(container(f"## {title}", [Block(_summary(export)), Block(f"-# {scope}")]))
    view.add_item(view.download_item())
    view.add_item(ui.ActionRow(delete_button))
    return view


def _nothing_stored() -> str:
    return _("This directory stores nothing about your Discord account.")


def _summary(export: AuthorExport) -> str:
    stored = ngettext(
        "Your Discord ID and the name **{name}**, with {count} change.",
        "Your Discord ID and the name **{name}**, with {count} changes.",
        export.operation_count,
        name=plain(export.author.name),
    )
    if export.exported_count == export.operation_count:
        in_file = _("The file contains all of this.")
    else:
        in_file = ngettext(
            "The file contains only the latest change, because Discord limits its size.",
            "The file contains only the latest {count} changes, because Discord limits its size.",
            export.exported_count,
        )
    return f"{stored} {in_file}"


class DeleteDataButton(AdmissionCheck, ui.DynamicItem[ui.Button[Any]], template=DELETE_ID):
    """The button under /mydata. It works as long as its message exists, and deletes what is stored
    about the person pressing it."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=DELETE_ID))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: Any, /
    ) -> "DeleteDataButton":
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await DeleteDataForm().open(interaction)
        except Exception as error:  # discord.py would only log it
            await answer_error(interaction, error)


class DeleteDataForm(Form):
    """Deletes what is stored about the person submitting it, once they type a word."""

    def __init__(self) -> None:
        super().__init__(_("Delete my data"), allow_everyone)
        self.word = ui.TextInput["DeleteDataForm"](max_length=50)
        # Translators: {word} stays "delete" in every language.
        text = _("Type {word} to confirm", word=CONFIRMATION_WORD)
        description = _("Your ID and name are deleted for good. Your changes remain.")
        self.add_item(ui.Label(text=text, description=description, component=self.word))

    def refilled(self) -> "DeleteDataForm":
        return DeleteDataForm()

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.word.value.strip()
        if typed.casefold() != CONFIRMATION_WORD:
            message = _(
                "Nothing was deleted, because you typed “{typed}”. Type “{word}” to confirm.",
                typed=typed,
                word=CONFIRMATION_WORD,
            )
            raise DirectoryError(message)
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        author = author_of(interaction)
        changes = await directory.history.count(author_id=author.id)
        if not await directory.history.forget_author(author):
            return static_view(_nothing_stored())
        kept = ngettext(
            "Deleted your ID and name from the history. Your {count} change remains, without a "
            "name.",
            "Deleted your ID and name from the history. Your {count} changes remain, without a "
            "name.",
            changes,
        )
        again = _("If you change the directory again, your ID and name are stored again.")
        return static_view(f"{kept} {again}")


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(PrivacyCog())
    bot.add_dynamic_items(DeleteDataButton)

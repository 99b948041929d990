"""What is stored: /privacy, and /mydata, where members can delete what is stored about them."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import AuthorExport, export_author
from bot.errors import DirectoryError
from bot.interactions import (
    AdmissionCheck,
    FileView,
    Interaction,
    answer,
    answer_error,
    plain,
)
from cogs.buttons import PersistentButton
from cogs.cards import Block, container, static_view
from cogs.forms import Form
from cogs.permissions import allow_everyone, author_of

DELETE_ID = "mydata:delete"
CONFIRMATION_WORD = "delete"  # the same in every language
FILE_NAME = "mydata.json"


class PrivacyCog(commands.Cog):
    @app_commands.command()
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        """What the bot stores, where, and for how long."""

        async with answer(interaction, private=True) as response:
            response.view = await _privacy_view(interaction)

    @app_commands.command()
    @app_commands.guild_only()
    async def mydata(self, interaction: Interaction) -> None:
        """What this server's directory holds of you, as a file; and a button to delete it."""

        async with answer(interaction, private=True) as response:
            response.view = await _my_data_view(interaction)


async def _privacy_view(interaction: Interaction) -> ui.LayoutView:
    bot = interaction.client
    directory = await bot.directories.for_server(interaction.guild_id)
    stats = await directory.history.stats()
    since = discord.utils.format_dt(stats.since, "D") if stats.since else ""
    max_changes, max_days = stats.limits.changes, stats.limits.days
    is_shared = bot.directories.is_shared
    texts = [
        sentences.privacy.OF_MEMBERS,
        sentences.privacy.OF_PEOPLE,
        sentences.privacy.history(stats.operations, since, max_changes, max_days),
        sentences.privacy.WHERE,
        sentences.privacy.NOT_STORED,
        sentences.privacy.SHARED if is_shared else sentences.privacy.when_removed(bot.grace_days),
    ]
    return static_view(f"## {sentences.privacy.TITLE}", [Block(text) for text in texts])


async def _my_data_view(interaction: Interaction) -> ui.LayoutView:
    directories = interaction.client.directories
    directory = await directories.for_server(interaction.guild_id)
    export = await export_author(directory.history, str(interaction.user.id))
    is_shared = directories.is_shared
    scope = sentences.privacy.ALL_SERVERS if is_shared else sentences.privacy.ONE_SERVER
    if export is None:
        text = f"{sentences.privacy.IF_LISTED}\n-# {scope}"
        return static_view(sentences.privacy.NOTHING, [Block(text)])
    view = FileView(FILE_NAME, export.file)
    title = f"## {sentences.privacy.MINE}"
    delete_button = PersistentButton(
        label=sentences.privacy.DELETE_TRACES,
        style=discord.ButtonStyle.danger,
        custom_id=DELETE_ID,
    )
    view.add_item(container(title, [Block(_summary(export)), Block(f"-# {scope}")]))
    view.add_item(view.download_item())
    view.add_item(ui.ActionRow(delete_button))
    return view


def _summary(export: AuthorExport) -> str:
    is_complete = export.exported_count == export.operation_count
    in_file = (
        sentences.privacy.ALL_IN_FILE
        if is_complete
        else sentences.privacy.newest_in_file(export.exported_count)
    )
    return f"{sentences.privacy.mine(plain(export.author.name), export.operation_count)} {in_file}"


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
        super().__init__(sentences.privacy.DELETE_TRACES, allow_everyone)
        self.word = ui.TextInput["DeleteDataForm"](max_length=50)
        text = sentences.privacy.type_word(CONFIRMATION_WORD)
        description = sentences.privacy.CHANGES_STAY
        self.add_item(ui.Label(text=text, description=description, component=self.word))

    def refilled(self) -> "DeleteDataForm":
        return DeleteDataForm()

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.word.value.strip()
        if typed.casefold() != CONFIRMATION_WORD:
            raise DirectoryError(sentences.privacy.not_typed(CONFIRMATION_WORD, typed))
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        author = author_of(interaction)
        changes = await directory.history.count(author_id=author.id)
        if not await directory.history.forget_author(author):
            return static_view(sentences.privacy.NOTHING)
        return static_view(sentences.privacy.deleted(changes, sentences.history.SOMEBODY))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(PrivacyCog())
    bot.add_dynamic_items(DeleteDataButton)

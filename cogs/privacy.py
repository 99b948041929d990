"""What is stored: /privacy, and /mydata, where members can delete what is stored about them."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import AuthorExport, Directories, Directory, export_author
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
    """The commands about stored data; their answers are private."""

    def __init__(self, directories: Directories, grace_days: int) -> None:
        self._directories = directories
        self._grace_days = grace_days

    @app_commands.command()
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        """What the bot stores, where, and for how long."""

        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            response.view = await self._privacy_view(directory)

    @app_commands.command()
    @app_commands.guild_only()
    async def mydata(self, interaction: Interaction) -> None:
        """What this server's directory holds of you, as a file; and a button to delete it."""

        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            response.view = await self._my_data_view(directory, interaction.user.id)

    async def _privacy_view(self, directory: Directory) -> ui.LayoutView:
        stats = await directory.history.stats()
        since = discord.utils.format_dt(stats.since, "D") if stats.since else ""
        max_changes, max_days = stats.limits.changes, stats.limits.days
        is_shared = self._directories.is_shared
        texts = [
            sentences.privacy.OF_MEMBERS,
            sentences.privacy.OF_PEOPLE,
            sentences.privacy.history(stats.operations, since, max_changes, max_days),
            sentences.privacy.WHERE,
            sentences.privacy.NOT_STORED,
            sentences.privacy.SHARED
            if is_shared
            else sentences.privacy.when_removed(self._grace_days),
        ]
        title = f"## {sentences.privacy.TITLE}"
        return static_view(title, [Block(text) for text in texts])

    async def _my_data_view(self, directory: Directory, asker: int) -> ui.LayoutView:
        export = await export_author(directory.history, str(asker))
        if export is None:
            text = f"{sentences.privacy.IF_LISTED}\n-# {self._scope()}"
            return static_view(sentences.privacy.NOTHING, [Block(text)])
        view = FileView(FILE_NAME, export.file)
        title = f"## {sentences.privacy.MINE}"
        view.add_item(container(title, [Block(_summary(export)), Block(f"-# {self._scope()}")]))
        view.add_item(view.download_item())
        view.add_item(ui.ActionRow(_delete_button()))
        return view

    def _scope(self) -> str:
        is_shared = self._directories.is_shared
        return sentences.privacy.ALL_SERVERS if is_shared else sentences.privacy.ONE_SERVER


def _summary(export: AuthorExport) -> str:
    is_complete = export.exported_count == export.operation_count
    in_file = (
        sentences.privacy.ALL_IN_FILE
        if is_complete
        else sentences.privacy.newest_in_file(export.exported_count)
    )
    return f"{sentences.privacy.mine(plain(export.author.name), export.operation_count)} {in_file}"


def _delete_button() -> PersistentButton:
    danger = discord.ButtonStyle.danger
    return PersistentButton(
        label=sentences.privacy.DELETE_TRACES, style=danger, custom_id=DELETE_ID
    )


class DeleteDataButton(AdmissionCheck, ui.DynamicItem[ui.Button[Any]], template=DELETE_ID):
    """The button under /mydata, which works as long as its message exists, and deletes what is
    stored about the person pressing it."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=DELETE_ID))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: Any, /
    ) -> "DeleteDataButton":
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await DeleteDataForm(interaction.client.directories).open(interaction)
        except Exception as error:  # discord.py would only log it
            await answer_error(interaction, error)


class DeleteDataForm(Form):
    """Asks for a word to be typed, and deletes what is stored about the person submitting it."""

    def __init__(self, directories: Directories) -> None:
        super().__init__(sentences.privacy.DELETE_TRACES, allow_everyone)
        self._directories = directories
        self.word = ui.TextInput["DeleteDataForm"](max_length=50)
        text, description = (
            sentences.privacy.type_word(CONFIRMATION_WORD),
            sentences.privacy.CHANGES_STAY,
        )
        self.add_item(ui.Label(text=text, description=description, component=self.word))

    def refilled(self) -> "DeleteDataForm":
        return DeleteDataForm(self._directories)

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.word.value.strip()
        if typed.casefold() != CONFIRMATION_WORD:
            raise DirectoryError(sentences.privacy.not_typed(CONFIRMATION_WORD, typed))
        history = (await self._directories.for_server(interaction.guild_id)).history
        author = author_of(interaction)
        changes = await history.count(author_id=author.id)
        if not await history.forget_author(author):
            return static_view(sentences.privacy.NOTHING)
        return static_view(sentences.privacy.deleted(changes, sentences.history.SOMEBODY))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(PrivacyCog(bot.directories, bot.grace_days))
    bot.add_dynamic_items(DeleteDataButton)

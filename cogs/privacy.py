"""What is stored: /privacy, and /mydata, where one's traces can be deleted."""

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

DELETE = "mydata:delete"
WORD = "delete"  # to be typed; of no language
FILE = "mydata.json"


class Privacy(commands.Cog):
    """The commands of who wants to know what is kept; their answers are private."""

    def __init__(self, directories: Directories, grace_days: int) -> None:
        self._directories = directories
        self._grace_days = grace_days

    @app_commands.command()
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        """What the bot stores, where, and for how long."""

        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            response.view = await self._stored(directory)

    @app_commands.command()
    @app_commands.guild_only()
    async def mydata(self, interaction: Interaction) -> None:
        """What this server's directory holds of you, as a file; and a button to delete it."""

        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            response.view = await self._mine(directory, interaction.user.id)

    async def _stored(self, directory: Directory) -> ui.LayoutView:
        held = await directory.history.stats()
        since = discord.utils.format_dt(held.since, "D") if held.since else ""
        most, days = held.limits.changes, held.limits.days
        shared = self._directories.is_shared
        texts = [
            sentences.privacy.OF_MEMBERS,
            sentences.privacy.OF_PEOPLE,
            sentences.privacy.history(held.operations, since, most, days),
            sentences.privacy.WHERE,
            sentences.privacy.NOT_STORED,
            sentences.privacy.SHARED
            if shared
            else sentences.privacy.when_removed(self._grace_days),
        ]
        title = f"## {sentences.privacy.TITLE}"
        return static_view(title, [Block(text) for text in texts])

    async def _mine(self, directory: Directory, asker: int) -> ui.LayoutView:
        traces = await export_author(directory.history, str(asker))
        if traces is None:
            about = f"{sentences.privacy.IF_LISTED}\n-# {self._whose()}"
            return static_view(sentences.privacy.NOTHING, [Block(about)])
        shown = FileView(FILE, traces.file)
        title = f"## {sentences.privacy.MINE}"
        shown.add_item(container(title, [Block(_summary(traces)), Block(f"-# {self._whose()}")]))
        shown.add_item(shown.download_item())
        shown.add_item(ui.ActionRow(_delete_button()))
        return shown

    def _whose(self) -> str:
        shared = self._directories.is_shared
        return sentences.privacy.ALL_SERVERS if shared else sentences.privacy.ONE_SERVER


def _summary(traces: AuthorExport) -> str:
    complete = traces.exported_count == traces.operation_count
    in_file = (
        sentences.privacy.ALL_IN_FILE
        if complete
        else sentences.privacy.newest_in_file(traces.exported_count)
    )
    return f"{sentences.privacy.mine(plain(traces.author.name), traces.operation_count)} {in_file}"


def _delete_button() -> PersistentButton:
    danger = discord.ButtonStyle.danger
    return PersistentButton(label=sentences.privacy.DELETE_TRACES, style=danger, custom_id=DELETE)


class Delete(AdmissionCheck, ui.DynamicItem[ui.Button[Any]], template=DELETE):
    """The button under /mydata: it works for as long as the message is there, and for whoever
    presses, on their own traces."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=DELETE))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: Any, /
    ) -> "Delete":
        return cls()

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            await DeleteForm(interaction.client.directories).open(interaction)
        except Exception as error:  # discord.py would only log it
            await answer_error(interaction, error)


class DeleteForm(Form):
    """Asks for a word to be typed, and deletes the traces of who sends it."""

    def __init__(self, directories: Directories) -> None:
        super().__init__(sentences.privacy.DELETE_TRACES, allow_everyone)
        self._directories = directories
        self.word = ui.TextInput["DeleteForm"](max_length=50)
        text, about = sentences.privacy.type_word(WORD), sentences.privacy.CHANGES_STAY
        self.add_item(ui.Label(text=text, description=about, component=self.word))

    def refilled(self) -> "DeleteForm":
        return DeleteForm(self._directories)

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.word.value.strip()
        if typed.casefold() != WORD:
            raise DirectoryError(sentences.privacy.not_typed(WORD, typed))
        history = (await self._directories.for_server(interaction.guild_id)).history
        author = author_of(interaction)
        changes = await history.count(author_id=author.id)
        if not await history.forget_author(author):
            return static_view(sentences.privacy.NOTHING)
        return static_view(sentences.privacy.deleted(changes, sentences.history.SOMEBODY))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Privacy(bot.directories, bot.grace_days))
    bot.add_dynamic_items(Delete)

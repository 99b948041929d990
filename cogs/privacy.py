"""What is stored: /privacy, and /mydata, where one's traces can be deleted."""

from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import AuthorExport, Directories, Directory, export_author
from bot.errors import DirectoryError
from bot.interactions import FileView, Gated, answer_error, plain
from cogs import results
from cogs.buttons import Lead
from cogs.cards import container, said, view
from cogs.forms import Form, Making
from cogs.permissions import anybody, author_of

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
    async def privacy(self, interaction: discord.Interaction) -> None:
        """What the bot stores, where, and for how long."""

        await results.ask(interaction, self._directories, self._stored, private=True)

    @app_commands.command()
    @app_commands.guild_only()
    async def mydata(self, interaction: discord.Interaction) -> None:
        """What this server's directory holds of you, as a file; and a button to delete it."""

        await results.ask(interaction, self._directories, self._mine, private=True)

    async def _stored(self, directory: Directory, asker: int) -> results.Answer:
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
        return view(title, [said(text) for text in texts])

    async def _mine(self, directory: Directory, asker: int) -> results.Answer:
        traces = await export_author(directory.history, str(asker))
        if traces is None:
            about = f"{sentences.privacy.IF_LISTED}\n-# {self._whose()}"
            return view(sentences.privacy.NOTHING, [said(about)])
        shown = FileView(FILE, traces.file)
        title = f"## {sentences.privacy.MINE}"
        shown.add_item(container(title, [said(_summary(traces)), said(f"-# {self._whose()}")]))
        shown.add_item(shown.download())
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


def _delete_button() -> Lead:
    danger = discord.ButtonStyle.danger
    return Lead(label=sentences.privacy.DELETE_TRACES, style=danger, custom_id=DELETE)


class Delete(Gated, ui.DynamicItem[ui.Button[Any]], template=DELETE):
    """The button under /mydata: it works for as long as the message is there, and for whoever
    presses, on their own traces."""

    def __init__(self) -> None:
        super().__init__(ui.Button(custom_id=DELETE))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: ui.Item[Any], match: Any, /
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
        super().__init__(sentences.privacy.DELETE_TRACES, anybody)
        self._directories = directories
        self.word = ui.TextInput["DeleteForm"](max_length=50)
        text, about = sentences.privacy.type_word(WORD), sentences.privacy.CHANGES_STAY
        self.add_item(ui.Label(text=text, description=about, component=self.word))

    def making(self, interaction: discord.Interaction) -> Making:
        return self._delete(interaction)

    def again(self) -> "DeleteForm":
        return DeleteForm(self._directories)

    async def _delete(self, interaction: discord.Interaction) -> ui.LayoutView:
        typed = self.word.value.strip()
        if typed.casefold() != WORD:
            raise DirectoryError(sentences.privacy.not_typed(WORD, typed))
        history = (await self._directories.of(interaction.guild_id)).history
        author = author_of(interaction)
        changes = await history.count(author_id=author.id)
        if not await history.forget_author(author):
            return view(sentences.privacy.NOTHING)
        return view(sentences.privacy.deleted(changes, sentences.history.SOMEBODY))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Privacy(bot.directories, bot.grace_days))
    bot.add_dynamic_items(Delete)

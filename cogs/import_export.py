"""Files of people: /import and /export."""

import asyncio
import shlex

import discord
from discord import app_commands, ui

from bot import files, sentences
from bot.client import PeopleBot
from bot.errors import DirectoryError
from bot.files import FILE_MAX, UPLOAD_MAX, FileFormat, ImportMode
from bot.interactions import DISCORD_ERRORS, FileView, Interaction, answer
from cogs.autocomplete import Choices, no_choices_on_error, query_choices
from cogs.bulk_edit import nobody_text
from cogs.cards import condition_chips, container
from cogs.import_view import Importing
from cogs.permissions import EditorCog, author_of

MODES = [
    app_commands.Choice(name=text, value=mode) for mode, text in sentences.transfer.MODES.items()
]
FORMATS = [
    app_commands.Choice(name=text, value=format) for format, text in sentences.files.FORMATS.items()
]


class Transfer(EditorCog):
    """The commands for files of people."""

    @app_commands.command(name="import")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        file="CSV, JSON or JSON lines: people with a name, a description, and what is known",
        mode="What becomes of who is here; add only, unless you say otherwise",
        dry_run="Only say what it would do",
    )
    @app_commands.choices(mode=MODES)
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        mode: str = ImportMode.ADD,
        dry_run: bool = False,
    ) -> None:
        """Bring in people from a file; says first what it would do."""
        async with answer(interaction, private=True) as response:
            response.view = await self._ask(interaction, file, ImportMode(mode), dry=dry_run)

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        format="CSV for a spreadsheet; each of them can be imported again",
        filter="Only who fits conditions: country:france born<1900",
    )
    @app_commands.choices(format=FORMATS)
    async def export(
        self, interaction: Interaction, format: str = FileFormat.CSV, filter: str = ""
    ) -> None:
        """The people of this server, or some of them, as a file."""
        async with answer(interaction, private=True) as response:
            response.view = await self._export(interaction, FileFormat(format), filter)

    @export.autocomplete("filter")
    @no_choices_on_error
    async def _complete_filter(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        return await query_choices(await self._directories.for_server(interaction.guild_id), typed)

    async def _ask(
        self, interaction: Interaction, file: discord.Attachment, mode: ImportMode, *, dry: bool
    ) -> ui.LayoutView:
        name = file.filename
        content = await asyncio.to_thread(files.read_bytes, name, await _download(file))
        importing = Importing(
            await self._directories.for_server(interaction.guild_id),
            name,
            content,
            mode,
            author_of(interaction),
            self._permissions.checker("import"),
            interaction.filesize_limit,
            dry,
        )
        return await importing.ask(interaction.user.id)

    async def _export(
        self, interaction: Interaction, format: FileFormat, conditions: str
    ) -> ui.LayoutView:
        directory = await self._directories.for_server(interaction.guild_id)
        query = await directory.parse_conditions(conditions)
        count, content = await files.export_bytes(directory, format, query)
        if query.filter and not count:
            raise DirectoryError(nobody_text(await directory.browse(query, 0, 1)))
        most = interaction.filesize_limit
        if len(content) > most:
            command = self._command(interaction, format, conditions)
            sentence = sentences.transfer.too_large_to_send(len(content), most, command)
            raise DirectoryError(sentence)
        view = FileView(f"people.{format}", content)
        lines = [sentences.transfer.exported(count, format), *condition_chips(query)]
        view.add_item(container("\n".join(lines), []))
        view.add_item(view.download_item())
        return view

    def _command(self, interaction: Interaction, format: FileFormat, conditions: str) -> str:
        """What does the same on the command line."""
        words = ["python", "-m", "bot", "export", f"people.{format}"]
        words += ["--filter", conditions] if conditions.strip() else []
        words += [] if self._directories.is_shared else ["--directory", str(interaction.guild_id)]
        return shlex.join(words)


async def _download(file: discord.Attachment) -> bytes:
    if file.size > UPLOAD_MAX:
        name = file.filename
        raise DirectoryError(sentences.files.too_large_to_send(name, UPLOAD_MAX, FILE_MAX))
    try:
        return await file.read()
    except DISCORD_ERRORS as error:
        raise DirectoryError(sentences.transfer.attachment_lost(file.filename)) from error


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Transfer(bot.directories))

"""Files of people: /import and /export."""

import asyncio
import shlex

import discord
from discord import app_commands

from bot import files, sentences
from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import DirectoryError
from bot.files import FILE_MAX, UPLOAD_MAX, FileFormat, ImportMode
from bot.interactions import DISCORD_ERRORS, FileView, Interaction, answer
from cogs.autocomplete import Choices, query_choices
from cogs.bulk_edit import nobody_text
from cogs.cards import condition_chips, container
from cogs.import_view import ImportView
from cogs.permissions import EditorCog, complete_for_editors

MODES = [
    app_commands.Choice(name=text, value=mode) for mode, text in sentences.transfer.MODES.items()
]
FORMATS = [
    app_commands.Choice(name=text, value=format) for format, text in sentences.files.FORMATS.items()
]


class ImportExport(EditorCog):
    """The commands for files of people."""

    @app_commands.command(name="import")
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
            content = await _download(file)
            contents = await asyncio.to_thread(files.read_bytes, file.filename, content)
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = view = ImportView(
                interaction,
                directory,
                file.filename,
                contents,
                ImportMode(mode),
                self.permissions.checker("import"),
                is_dry_run=dry_run,
            )
            await view.load_plan()

    @app_commands.command()
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
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            query = await directory.parse_conditions(filter)
            count, content = await files.export_bytes(directory, FileFormat(format), query)
            if query.filter and not count:
                raise DirectoryError(nobody_text(await directory.browse(query, 0, 1)))
            _check_size(interaction, content, format, filter)
            view = FileView(f"people.{format}", content)
            lines = [sentences.transfer.exported(count, format), *condition_chips(query)]
            view.add_item(container("\n".join(lines), []))
            view.add_item(view.download_item())
            response.view = view

    @export.autocomplete("filter")
    @complete_for_editors
    async def _complete_filter(self, directory: Directory, typed: str) -> Choices:
        return await query_choices(directory, typed)


async def _download(file: discord.Attachment) -> bytes:
    if file.size > UPLOAD_MAX:
        name = file.filename
        raise DirectoryError(sentences.files.too_large_to_send(name, UPLOAD_MAX, FILE_MAX))
    try:
        return await file.read()
    except DISCORD_ERRORS as error:
        raise DirectoryError(sentences.transfer.attachment_lost(file.filename)) from error


def _check_size(interaction: Interaction, content: bytes, format: str, conditions: str) -> None:
    """Raise DirectoryError if a file is too large to send. The message has the command that writes
    the file in a terminal."""
    size_limit = interaction.filesize_limit
    if len(content) <= size_limit:
        return
    command = ["python", "-m", "bot", "export", f"people.{format}"]
    if conditions.strip():
        command += ["--filter", conditions]
    if not interaction.client.directories.is_shared:
        command += ["--directory", str(interaction.guild_id)]
    text = shlex.join(command)
    raise DirectoryError(sentences.transfer.too_large_to_send(len(content), size_limit, text))


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(ImportExport())

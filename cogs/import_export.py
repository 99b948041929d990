"""Files of people: /import and /export."""

import asyncio
import shlex

import discord
from discord import app_commands
from discord.app_commands import Choice, locale_str

from bot import files
from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import DirectoryError
from bot.files import UPLOAD_MAX, FileFormat, ImportMode
from bot.interactions import DISCORD_ERRORS, FileView, Interaction, answer
from bot.language import _, format_number, ngettext
from cogs.autocomplete import Choices, query_choices
from cogs.bulk_edit import nobody_text
from cogs.cards import condition_chips, container
from cogs.import_view import ImportView
from cogs.permissions import EditorCog, complete_for_editors

MODES = [
    Choice(name=locale_str("Add only: leave existing people as they are"), value=ImportMode.ADD),
    Choice(
        name=locale_str("Add and update: change existing people to match the file"),
        value=ImportMode.UPDATE,
    ),
    Choice(
        name=locale_str("Replace everyone: keep only the people in the file"),
        value=ImportMode.REPLACE,
    ),
]
FORMATS = [
    Choice(name=locale_str("CSV"), value=FileFormat.CSV),
    Choice(name=locale_str("JSON"), value=FileFormat.JSON),
    Choice(name=locale_str("JSON Lines"), value=FileFormat.JSONL),
]


class ImportExport(EditorCog):
    """The commands for files of people."""

    @app_commands.command(
        name="import",
        description=locale_str("Import people from a file; shows you first what would change"),
    )
    @app_commands.describe(
        file=locale_str("People's names and descriptions, as CSV, JSON or JSON Lines"),
        mode=locale_str("What to do about people already in the directory; default: add only"),
        dry_run=locale_str("Only show what would change"),
    )
    @app_commands.choices(mode=MODES)
    async def import_(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        mode: str = ImportMode.ADD,
        dry_run: bool = False,
    ) -> None:
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

    @app_commands.command(
        description=locale_str("Export everyone in this server's directory, or some of them")
    )
    @app_commands.describe(
        format=locale_str("CSV suits spreadsheets; you can import all formats again"),
        filter=locale_str("Only people who match conditions like country=France born<1900"),
    )
    @app_commands.choices(format=FORMATS)
    async def export(
        self, interaction: Interaction, format: str = FileFormat.CSV, filter: str = ""
    ) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            query = await directory.parse_conditions(filter)
            count, content = await files.export_bytes(directory, FileFormat(format), query)
            if query.filter and not count:
                raise DirectoryError(nobody_text(await directory.browse(query, 0, 1)))
            _check_size(interaction, content, format, filter)
            view = FileView(f"people.{format}", content)
            exported = ngettext(
                "Exported {count} person as {format}.",
                "Exported {count} people as {format}.",
                count,
                format=files.format_name(FileFormat(format)),
            )
            lines = [exported, *condition_chips(query)]
            view.add_item(container("\n".join(lines), []))
            view.add_item(view.download_item())
            response.view = view

    @export.autocomplete("filter")
    @complete_for_editors
    async def _complete_filter(self, directory: Directory, typed: str) -> Choices:
        return await query_choices(directory, typed)


async def _download(file: discord.Attachment) -> bytes:
    if file.size > UPLOAD_MAX:
        raise files.upload_too_large(file.filename)
    try:
        return await file.read()
    except DISCORD_ERRORS as error:
        message = _(
            "Couldn't download {file} from Discord, so nothing changed. Attach it again.",
            file=file.filename,
        )
        raise DirectoryError(message) from error


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
    raise DirectoryError(
        _(
            "The file would be {size} MB, and Discord allows only {limit} MB here. "
            "Whoever runs the bot can export it on the command line: {command}",
            size=format_number(_megabytes(len(content))),
            limit=format_number(_megabytes(size_limit)),
            command=shlex.join(command),
        )
    )


def _megabytes(size: int) -> float:
    return round(size / 2**20, 1)


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(ImportExport())

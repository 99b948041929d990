"""An import in Discord: its plan, the buttons that run or discard it, its progress, its report."""

import asyncio
import logging
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot import files
from bot.directory import Directory
from bot.errors import DirectoryError
from bot.files import FileContents, Importer, ImportMode, ImportPlan, ImportReport, SummarySection
from bot.interactions import (
    DISCORD_ERRORS,
    AnswerView,
    Control,
    ControlId,
    Interaction,
    PermissionCheck,
    plain,
    truncate,
    update,
)
from bot.language import _, ngettext
from cogs.cards import Block, container, omitted_note
from cogs.forms import Form
from cogs.permissions import author_of
from cogs.progress import ProgressUpdates, bar_text

log = logging.getLogger(__name__)

EXAMPLES_MAX = 3
EXAMPLE_LENGTH_MAX = 150
REFUSED_FILE = "refused.csv"
CONFIRM_WORD = "replace"  # the same in every language


class ImportView(AnswerView):
    """The plan of an import; once it is started, its progress; in the end, its report.

    ``load_plan`` must be called before the view is sent. A dry run has no buttons.
    """

    def __init__(
        self,
        interaction: Interaction,
        directory: Directory,
        file_name: str,
        contents: FileContents,
        mode: ImportMode,
        check: PermissionCheck,
        *,
        is_dry_run: bool,
    ) -> None:
        super().__init__(interaction.user.id, check=check)
        self._directory = directory
        self._file_name = file_name
        self._contents = contents
        self._mode = mode
        self._check = check
        self._is_dry_run = is_dry_run
        self._author = author_of(interaction)
        self._size_limit = interaction.filesize_limit  # bytes of the table of refused rows
        self._latest = interaction
        self._plan: ImportPlan
        self._refused_csv: bytes
        self._is_checking = self._is_running = self._stop_requested = False
        self._done = 0
        self._editing = asyncio.Lock()  # so that edits arrive in order

    def files(self) -> list[discord.File]:
        if not self._plan.refused:
            return []
        return [discord.File(BytesIO(self._refused_csv), REFUSED_FILE)]

    def expire(self) -> None:
        if self._is_running:
            self._show_progress()
        else:
            self._show([Block(_("Nobody answered, so nothing changed."))])

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        is_allowed = await super().interaction_check(interaction)
        if is_allowed:
            self._latest = interaction
        return is_allowed

    # Planning

    async def load_plan(self) -> None:
        """Make the plan, and show it. Raises DirectoryError."""
        self._plan, self._refused_csv = await self._make_plan()
        self._show_plan()

    async def _make_plan(self) -> tuple[ImportPlan, bytes]:
        """Return the plan, and the table of the rows it refuses."""
        plan = await files.make_plan(self._directory, self._contents, self._mode)
        if not (plan.total or self._is_dry_run):
            # An import that was interrupted after its last person is still open.
            await self._directory.history.finish(plan.request(self._author, self._file_name))
        table = await asyncio.to_thread(files.refused_rows_csv, plan.refused, self._size_limit)
        return plan, table

    async def _check_plan(self) -> None:
        """Make the plan again. Run it if its effect is still the one shown; otherwise show it."""
        plan, table = await self._make_plan()
        is_unchanged = await asyncio.to_thread(plan.has_same_effect, self._plan)
        if self.is_finished():  # cancelled meanwhile
            return
        self._plan, self._refused_csv, self._is_running = plan, table, is_unchanged
        if is_unchanged:
            self._show_progress()
        else:
            self._show_plan(files.outdated_plan_text())

    # Presses

    async def _press_import(self, interaction: Interaction) -> None:
        if self._is_running or self.is_finished():
            await self._update_message(interaction)
        elif self._mode is ImportMode.REPLACE:
            await ReplaceForm(self, len(self._plan.removed), self._check).open(interaction)
        else:
            await self.start(interaction)

    async def _press_discard(self, interaction: Interaction) -> None:
        if not self._is_running:
            self._show([Block(_("Cancelled. Nothing changed."))])
            self.stop()
        await self._update_message(interaction)

    async def _press_stop(self, interaction: Interaction) -> None:
        async with self._editing:
            self._stop_requested = True
            if not self.is_finished():
                self._show_progress()
            await self._update_message(interaction)

    async def reject_word(self, interaction: Interaction, typed: str) -> None:
        """Show that the typed word isn't the one asked for."""
        if self._can_start:
            self._show_plan(
                _(
                    'You typed "{typed}" instead of "{word}", so nothing changed.',
                    typed=typed,
                    word=CONFIRM_WORD,
                )
                if typed
                else _('You didn\'t type "{word}", so nothing changed.', word=CONFIRM_WORD)
            )
        await self._update_message(interaction)

    async def _update_message(self, interaction: Interaction) -> None:
        """Show the view as it is now."""
        async with update(interaction) as response:
            response.view = self

    # Running

    @property
    def _can_start(self) -> bool:
        return not (self._is_checking or self._is_running or self.is_finished())

    async def start(self, interaction: Interaction) -> None:
        """Import; but if the plan has a different effect now, show that instead."""
        if not self._can_start:
            await self._update_message(interaction)
            return
        self._is_checking, self._latest = True, interaction
        self.edit_message = interaction.edit_original_response
        try:
            async with update(interaction) as response:
                await self._check_plan()
                response.view = self
        except BaseException:
            self._is_running = False
            raise
        finally:
            self._is_checking = False
        if self._is_running:
            await interaction.client.run_long(self._run())

    async def _run(self) -> None:
        updates = ProgressUpdates(self._update_progress)

        def on_progress(done: int, total: int) -> None:
            self._done = done
            updates.update(done, total)

        request = self._plan.request(self._author, self._file_name)
        importer = Importer(self._directory, self._plan, request, on_progress, self._should_stop)
        try:
            blocks = _report_blocks(await importer.run())
        except DirectoryError as error:
            blocks = [Block(plain(str(error)))]
        finally:
            await updates.finish()
        self._show(blocks)
        self.stop()
        async with self._editing:
            await self._edit()

    def _should_stop(self) -> bool:
        return self._stop_requested or self._latest.client.gate.is_closed

    async def _update_progress(self, done: int, total: int) -> bool:
        async with self._editing:
            self._show_progress()
            await self._edit()
        return not self._latest.is_expired()

    async def _edit(self) -> None:
        try:
            if self.edit_message:
                await self.edit_message(view=self)
        except DISCORD_ERRORS as error:  # the answer was dismissed, or is too old to be edited
            log.debug("Could not show the progress of an import: %s", error)

    # What is shown

    def _show_plan(self, note: str = "") -> None:
        blocks = [Block(plain(note))] if note else []
        blocks.append(Block(f"**{files.summarize_plan(self._plan)}**"))
        blocks += map(_section_block, files.plan_sections(self._plan))
        if self._is_dry_run:
            dry_run = _("This was a dry run. Nothing changed.")
            self._show([*blocks, Block(f"-# {dry_run}")])
        elif not self._plan.total:
            nothing = _("Nothing to change.")
            self._show([*blocks, Block(f"-# {nothing}")])
        else:
            label, style = _("Import"), discord.ButtonStyle.primary
            if self._mode is ImportMode.REPLACE:
                label, style = _("Replace everyone…"), discord.ButtonStyle.danger
            self._show(
                blocks,
                Control(ControlId.IMPORT, label, self._press_import, style),
                Control(ControlId.DISCARD, _("Cancel"), self._press_discard),
            )

    def _show_progress(self) -> None:
        bar = bar_text(self._done, self._plan.total)
        # Translators: how many people are imported so far.
        count = _("{done} of {total}", done=self._done, total=self._plan.total)
        label = _("Stopping…") if self._stop_requested else _("Stop")
        stop = Control(ControlId.STOP, label, self._press_stop, disabled=self._stop_requested)
        self._show([Block(f"{bar}\n{count}")], *([] if self.is_finished() else [stop]))

    def _show(self, blocks: list[Block], *buttons: Control) -> None:
        """Show only these blocks and buttons, and the table of refused rows."""
        self.clear_items()
        title = f"{self._file_name} · {_mode_name(self._mode)}"
        components = 2 + len(buttons)  # the file and the row of buttons
        self.add_item(container(f"### {plain(title)}", blocks, other_components=components))
        if self._plan.refused:
            self.add_item(ui.File(f"attachment://{REFUSED_FILE}"))
        if buttons:
            self.add_item(ui.ActionRow(*buttons))


def _mode_name(mode: ImportMode) -> str:
    match mode:
        case ImportMode.ADD:
            return _("Add only")
        case ImportMode.UPDATE:
            return _("Add and update")
        case ImportMode.REPLACE:
            return _("Replace everyone")


def _report_blocks(report: ImportReport) -> list[Block]:
    blocks = [Block(plain(files.summarize_report(report)))]
    if report.number:
        undo = _(
            "This is change #{number}. To undo it, use /undo {number}.", number=str(report.number)
        )
        blocks.append(Block(plain(undo)))
    if report.refused:
        blocks.append(_section_block(files.refused_section(report.refused)))
    return blocks


def _section_block(section: SummarySection) -> Block:
    examples = section.examples[:EXAMPLES_MAX]
    lines = [plain(section.title)]
    lines += [f"- {plain(truncate(example, EXAMPLE_LENGTH_MAX))}" for example in examples]
    if more := len(section.examples) - len(examples):
        lines.append(omitted_note(more))
    return Block("\n".join(lines))


class ReplaceForm(Form):
    """Asks for a word before everyone who isn't in the file is removed."""

    def __init__(self, import_view: ImportView, removed: int, check: PermissionCheck) -> None:
        super().__init__(_("Replace everyone?"), check)
        self._import_view = import_view
        self.word = ui.TextInput["ReplaceForm"](max_length=20)
        description = ngettext(
            "Removes {count} person. Only the people in the file remain.",
            "Removes {count} people. Only the people in the file remain.",
            removed,
        )
        label = _('Type "{word}" to continue', word=CONFIRM_WORD)
        self.add_item(ui.Label(text=label, description=description, component=self.word))

    async def submit(self, interaction: Interaction) -> None:
        typed = self.word.value.strip()
        if typed.lower() == CONFIRM_WORD:
            await self._import_view.start(interaction)
        else:
            await self._import_view.reject_word(interaction, typed)

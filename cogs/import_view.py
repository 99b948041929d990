"""An import in Discord: what it would do, the buttons that do it or not, and how far it is."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot import files, sentences
from bot.directory import Author, Directory, Progress
from bot.errors import DirectoryError
from bot.files import FileContents, Importer, ImportMode, ImportPlan, ImportReport, SummarySection
from bot.interactions import (
    DISCORD_ERRORS,
    AnswerView,
    ControlId,
    Interaction,
    plain,
    truncate,
    update,
)
from cogs.cards import Block, container
from cogs.forms import Form
from cogs.permissions import PermissionCheck, allow_everyone
from cogs.progress import UPDATE_SECONDS, bar_text

log = logging.getLogger(__name__)

EXAMPLES = 3
EXAMPLE_MAX = 150  # characters
REFUSED = "refused.csv"


@dataclass(frozen=True)
class Preview:
    """What an import would do, and who is refused, as a file."""

    plan: ImportPlan
    refused: bytes


@dataclass(frozen=True)
class Importing:
    """People of the file ``name``, to be imported by somebody; ``dry``: to say only what that would
    do. Who is refused is told in ``refused_max`` bytes."""

    directory: Directory
    name: str
    content: FileContents
    mode: ImportMode
    by: Author
    check: PermissionCheck
    refused_max: int
    dry: bool

    async def ask(self, asker: int) -> "ImportView":
        """What it would do, and whether to. Raises DirectoryError."""
        return ImportView(asker, self, await self.preview())

    async def preview(self) -> Preview:
        """What it would do just now. Raises DirectoryError."""
        plan = await files.make_plan(self.directory, self.content, self.mode)
        if not (plan.total or self.dry):  # what was interrupted after its last person
            await self.directory.history.finish(plan.request(self.by, self.name))
        refused = await asyncio.to_thread(files.refused_rows_csv, plan.refused, self.refused_max)
        return Preview(plan, refused)

    async def carry_out(
        self, plan: ImportPlan, progress: Progress, stop: Callable[[], bool]
    ) -> ImportReport:
        """Do what was planned. Raises DirectoryError."""
        request = plan.request(self.by, self.name)
        return await Importer(self.directory, plan, request, progress, stop).run()


class ImportView(AnswerView):
    """What an import would do; then, once it is begun, how far it is; then what it did. A dry one
    has no buttons."""

    def __init__(self, asker: int, importing: Importing, preview: Preview) -> None:
        super().__init__(asker, check=importing.check)
        title = sentences.transfer.file_and_mode(importing.name, importing.mode)
        self._title = f"### {plain(title)}"
        self._importing = importing
        self._preview = preview
        self._looking = self._begun = self._stopping = False
        self._done = 0
        self._latest: Interaction | None = None
        self._showing = asyncio.Lock()  # what is shown last is what is true last
        self._show_plan()

    @property
    def _plan(self) -> ImportPlan:
        return self._preview.plan

    def files(self) -> list[discord.File]:
        if not self._plan.refused:
            return []
        return [discord.File(BytesIO(self._preview.refused), REFUSED)]

    def expire(self) -> None:
        if self._begun:
            self._show_progress()
        else:
            self._show([Block(sentences.transfer.IMPORT_UNANSWERED)])

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        allowed = await super().interaction_check(interaction)
        if allowed:
            self._latest = interaction
        return allowed

    # Pressed

    async def _press_import(self, interaction: Interaction) -> None:
        if self._begun or self.is_finished():
            await self._show_current(interaction)
        elif self._plan.mode is ImportMode.REPLACE:
            await ReplaceForm(self, len(self._plan.removed)).open(interaction)
        else:
            await self.begin(interaction)

    async def _press_discard(self, interaction: Interaction) -> None:
        if not self._begun:
            self._show([Block(sentences.transfer.NOTHING_CHANGED)])
            self.stop()
        await self._show_current(interaction)

    async def _press_stop(self, interaction: Interaction) -> None:
        async with self._showing:
            self._stopping = True
            if not self.is_finished():
                self._show_progress()
            await self._show_current(interaction)

    async def _show_current(self, interaction: Interaction) -> None:
        """Show the view as it is now."""
        async with update(interaction) as response:
            response.view = self

    async def not_confirmed(self, interaction: Interaction, typed: str) -> None:
        """Say that another word was typed; the buttons stay."""
        if not (self._looking or self._begun or self.is_finished()):
            self._show_plan(sentences.transfer.not_typed(typed))
        await self._show_current(interaction)

    # Under way

    async def begin(self, interaction: Interaction) -> None:
        """Import, if that would still do what is shown; and show how far it is on the answer, as
        long as Discord lets that be edited."""
        if self._looking or self._begun or self.is_finished():
            await self._show_current(interaction)
            return
        self._looking, self._latest = True, interaction
        self.edit_message = interaction.edit_original_response
        try:
            async with update(interaction) as response:
                response.view = await self._look_again()
        except BaseException:
            self._begun = False
            raise
        finally:
            self._looking = False
        if self._begun:
            await interaction.client.run_long(self._go_through())

    async def _look_again(self) -> ui.LayoutView:
        """How far it is, if it would do what is shown; else what it would do now."""
        now = await self._importing.preview()
        as_shown = await asyncio.to_thread(now.plan.has_same_effect, self._plan)
        if self.is_finished():  # it was cancelled meanwhile
            return self
        self._preview, self._begun = now, as_shown
        if as_shown:
            self._show_progress()
        else:
            self._show_plan(sentences.transfer.CHANGED_WHILE_ASKED)
        return self

    async def _go_through(self) -> None:
        moving = asyncio.create_task(self._move())
        try:
            blocks = await self._import()
        finally:
            async with self._showing:  # not while it edits: that could still arrive, later
                moving.cancel()
        self._show(blocks)
        self.stop()
        await self._edit()

    async def _import(self) -> list[Block]:
        """Do it; what is to be said of it."""
        try:
            report = await self._importing.carry_out(self._plan, self._hear, self._is_stopping)
        except DirectoryError as error:
            return [Block(plain(str(error)))]
        lines = [files.summarize_report(report)]
        lines += [sentences.transfer.number(report.number)] if report.number else []
        refused = [_block(files.refused_section(report.refused))] if report.refused else []
        return [Block(plain(line)) for line in lines] + refused

    def _is_stopping(self) -> bool:
        return self._stopping or bool(self._latest and self._latest.client.gate.is_closed)

    def _hear(self, done: int, total: int) -> None:
        self._done = done

    async def _move(self) -> None:
        while self._latest and not self._latest.is_expired():
            await asyncio.sleep(UPDATE_SECONDS)
            self._show_progress()
            await self._edit()

    async def _edit(self) -> None:
        async with self._showing:
            try:
                if self.edit_message:
                    await self.edit_message(view=self)
            except DISCORD_ERRORS as error:  # the answer was dismissed, or is too old to be edited
                log.debug("How far an import is was not shown: %s", error)

    # What is shown

    def _show_plan(self, *notes: str) -> None:
        blocks = [*(Block(plain(note)) for note in notes)]
        blocks.append(Block(f"**{files.summarize_plan(self._plan)}**"))
        blocks += map(_block, files.plan_sections(self._plan))
        if self._importing.dry:
            self._show([*blocks, Block(f"-# {sentences.transfer.DRY_RUN}")])
        elif not self._plan.total:
            self._show([*blocks, Block(f"-# {sentences.transfer.NOTHING_TO_CHANGE}")])
        else:
            replace = self._plan.mode is ImportMode.REPLACE
            go = ui.Button[ui.LayoutView](
                label=sentences.transfer.REPLACE_ALL if replace else sentences.transfer.IMPORT,
                style=discord.ButtonStyle.danger if replace else discord.ButtonStyle.primary,
                custom_id=ControlId.IMPORT,
            )
            no = ui.Button[ui.LayoutView](
                label=sentences.transfer.DISCARD, custom_id=ControlId.DISCARD
            )
            go.callback, no.callback = self._press_import, self._press_discard
            self._show(blocks, go, no)

    def _show_progress(self) -> None:
        bar = bar_text(self._done, self._plan.total)
        far = sentences.transfer.how_far(self._done, self._plan.total)
        stop = ui.Button[ui.LayoutView](
            label=sentences.transfer.STOPPING if self._stopping else sentences.transfer.STOP,
            custom_id=ControlId.STOP,
            disabled=self._stopping,
        )
        stop.callback = self._press_stop
        self._show([Block(f"{bar}\n{far}")], *([] if self.is_finished() else [stop]))

    def _show(self, blocks: list[Block], *buttons: ui.Button[ui.LayoutView]) -> None:
        """This and nothing else, with who is refused as a file."""
        self.clear_items()
        self.add_item(container(self._title, blocks, other_components=2 + len(buttons)))
        if self._plan.refused:
            self.add_item(ui.File(f"attachment://{REFUSED}"))
        if buttons:
            self.add_item(ui.ActionRow(*buttons))


def _block(section: SummarySection) -> Block:
    shown = [
        f"- {plain(truncate(example, EXAMPLE_MAX))}" for example in section.examples[:EXAMPLES]
    ]
    left = len(section.examples) - len(shown)
    more = [f"-# {sentences.answers.more(left)}"] if left else []
    return Block("\n".join([plain(section.title), *shown, *more]))


class ReplaceForm(Form):
    """Asks for a word before everybody else is removed."""

    def __init__(self, importing: ImportView, removed: int) -> None:
        super().__init__(sentences.transfer.CONFIRM, importing.check or allow_everyone)
        self._importing = importing
        self.word = ui.TextInput["ReplaceForm"](max_length=20)
        about = sentences.transfer.about_replacing(removed)
        label = sentences.transfer.CONFIRM_LABEL
        self.add_item(ui.Label(text=label, description=about, component=self.word))

    async def submit(self, interaction: Interaction) -> None:
        typed = self.word.value.strip()
        if typed.lower() == sentences.transfer.CONFIRM_WORD:
            await self._importing.begin(interaction)
        else:
            await self._importing.not_confirmed(interaction, typed)

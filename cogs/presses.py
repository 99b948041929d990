"""Answering presses in old messages: on buttons that never expire, and on controls that have."""

import re
from typing import Any

import discord
from discord import ui

from bot.client import PeopleBot
from bot.directory import Directory
from bot.interactions import (
    AdmissionCheck,
    Control,
    ControlId,
    Interaction,
    answer,
    answer_error,
    notify,
)
from bot.language import _
from bot.map import MapCache
from cogs import results
from cogs.buttons import CUSTOM_ID, digest
from cogs.help import help_view
from cogs.history import undo_question
from cogs.map import map_view
from cogs.paging import PagesView
from cogs.permissions import EditPermissions

CANDIDATES_MAX = 100  # names with the same start
NUMBER = re.compile(r"\d{1,15}", re.ASCII)


class PersistentButtonHandler(
    AdmissionCheck, ui.DynamicItem[ui.Button[Any]], template=re.compile(CUSTOM_ID, re.DOTALL)
):
    """Answers the press of a PersistentButton, privately."""

    def __init__(self, action: str, subject: str, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self._action = action
        self._subject = subject.encode("utf-8", "replace").decode()  # no lone surrogates

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> "PersistentButtonHandler":
        return cls(match["action"], match["subject"], match.string)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        try:
            async with answer(interaction, private=True) as response:
                directory = await interaction.client.directories.for_server(interaction.guild_id)
                if self._action == "undo":
                    response.view = await self._undo_question(interaction, directory)
                else:
                    response.view = await self._answer(
                        directory, interaction.user.id, interaction.client.maps
                    )
        except Exception as error:  # discord.py would only log it
            await answer_error(interaction, error)

    async def _answer(self, directory: Directory, asker: int, maps: MapCache) -> ui.LayoutView:
        match self._action:
            case "details" | "meant":
                return await results.card_view(directory, await self._find_name(directory))
            case "random":
                return await results.random_card_view(directory)
            case "map":
                return await map_view(maps, directory)
            case "help":
                return await help_view(directory, self._subject)
            case "similar":
                book = await results.similar(directory, await self._find_name(directory))
            case "search":
                book = await results.search(directory, self._subject)
            case "people":
                book = await results.people(directory, self._subject)
            case _:
                book = await results.whois(directory, self._subject)
        return await PagesView(asker, book).show()

    async def _undo_question(self, interaction: Interaction, directory: Directory) -> ui.LayoutView:
        check = EditPermissions().checker("undo")
        await check(interaction)
        number = int(self._subject) if NUMBER.fullmatch(self._subject) else 0
        operation = await directory.history.get(number)
        return await undo_question(directory, interaction, operation.number, check)

    async def _find_name(self, directory: Directory) -> str:
        """Return the name in the custom id, or find a long name by its start and digest."""
        start, _tilde, mark = self._subject.rpartition("~")
        names = await directory.names.starting_with(start, CANDIDATES_MAX) if start else []
        return next((name for name in names if digest(name) == mark), self._subject)


class ExpiredControls(AdmissionCheck, ui.LayoutView):
    """Answers presses on controls whose view is gone because it expired or the bot restarted."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for control_id in ControlId:
            if control_id is ControlId.JUMP:
                option = discord.SelectOption(label=control_id.name)
                item = ui.Select[ExpiredControls](custom_id=control_id, options=[option])
                item.callback = _notify_expired
            else:
                item = Control(control_id, control_id.name, _notify_expired)
            self.add_item(ui.ActionRow(item))


async def _notify_expired(interaction: Interaction) -> None:
    text = _(
        "These buttons no longer work: they expire after 14 minutes, or when the bot restarts. "
        "Please ask again."
    )
    await notify(interaction, text)


async def answer_lost_form(interaction: Interaction) -> None:
    """Answer a form that was opened before a restart.

    Every form has its own custom id, so no view can be registered for them beforehand.
    """
    if interaction.type is discord.InteractionType.modal_submit:
        custom_id = str((interaction.data or {}).get("custom_id"))
        is_lost = custom_id not in interaction.client.open_forms
        if is_lost and await interaction.client.gate.admit(interaction):
            text = _(
                "This form has expired or was already sent. Check whether it was saved before you "
                "fill it in again."
            )
            await notify(interaction, text)


async def setup(bot: PeopleBot) -> None:
    bot.add_dynamic_items(PersistentButtonHandler)
    bot.add_view(ExpiredControls())
    bot.add_listener(answer_lost_form, "on_interaction")

"""Answers with pages, and the controls that turn them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import discord
from discord import ui

from bot.interactions import (
    AnswerView,
    Control,
    ControlId,
    Interaction,
    PermissionCheck,
    label,
    update,
)
from bot.language import _
from cogs.cards import Block, container

PAGE_SIZE = 6  # people; with their buttons and all controls, the most that Discord accepts
OPTIONS_MAX = 25  # Discord, for a select
OPTION_LABEL_MAX = 100  # Discord


@dataclass(frozen=True)
class AlternateReading:
    """Another way to read the question: the label of its button, and how to load its answer."""

    label: str
    load_book: Callable[[], Awaitable["Book"]]


@dataclass(frozen=True)
class Book:
    """The content of an answer with pages.

    *count* is the number of people (or other items) on all pages. *load_page* returns the blocks of
    the page that starts at a position, counted from 0. *load_names* returns the names at positions,
    if that is possible without loading the pages. *question* is what a reply to the answer refines.
    """

    title: str
    count: int
    load_page: Callable[[int], Awaitable[Sequence[Block]]]
    load_names: Callable[[Sequence[int]], Awaitable[Sequence[str]]] | None = None
    question: str = ""
    alternate: AlternateReading | None = None
    page_size: int = PAGE_SIZE

    @property
    def page_count(self) -> int:
        return max(1, -(-self.count // self.page_size))


class PagesView(AnswerView):
    """A page of a book, with controls to turn it and to read its question differently."""

    def __init__(self, asker: int, book: Book, check: PermissionCheck | None = None) -> None:
        super().__init__(asker, book.question, check)
        self._book = book
        self._controls: list[ui.ActionRow[PagesView]] = []

    def expire(self) -> None:
        for row in self._controls:
            self.remove_item(row)
        self._controls = []

    async def show(self, page: int = 0, book: Book | None = None) -> Self:
        """Show a page, of a new book if one is given, and its controls.

        The view changes only once everything is loaded, because another control may be pressed
        meanwhile.
        """
        book = book or self._book
        last = book.page_count - 1
        page = min(max(page, 0), last)
        blocks = await book.load_page(page * book.page_size)
        first_row: list[ui.Item[Any]] = self._turn_buttons(book, page) if last else []
        if book.alternate:
            read = partial(self._read_differently, book.alternate)
            first_row.append(Control(ControlId.ALTERNATE_READING, book.alternate.label, read))
        select_row = [await self._page_select(book, page)] if last > 1 else []
        rows = [row for row in (first_row, select_row) if row]
        shown = container(
            book.title,
            blocks or [Block(_("There's nobody on this page anymore."))],
            other_components=sum(1 + len(row) for row in rows),
        )
        self._book = book
        self._controls = [ui.ActionRow(*row) for row in rows]
        self.clear_items()
        for item in (shown, *self._controls):
            self.add_item(item)
        return self

    async def _turn_to(self, page: int, book: Book, interaction: Interaction) -> None:
        async with update(interaction) as response:
            response.view = await self.show(page, book)

    async def _read_differently(self, other: AlternateReading, interaction: Interaction) -> None:
        async with update(interaction) as response:
            response.view = await self.show(0, await other.load_book())

    def _turn_buttons(self, book: Book, page: int) -> list[ui.Item[Any]]:
        last = book.page_count - 1
        targets = {
            ControlId.FIRST: (_("« First"), 0),
            ControlId.PREVIOUS: (_("‹ Previous"), page - 1),
            ControlId.NEXT: (_("Next ›"), page + 1),
            ControlId.LAST: (_("Last »"), last),
        }
        if last < 2:
            del targets[ControlId.FIRST], targets[ControlId.LAST]
        return [
            Control(
                control_id,
                text,
                partial(self._turn_to, target, book),
                disabled=target == page or not 0 <= target <= last,
            )
            for control_id, (text, target) in targets.items()
        ]

    async def _page_select(self, book: Book, page: int) -> ui.Select["PagesView"]:
        pages = _spread_pages(book.page_count, page)
        texts = await _page_labels(book, pages)
        options = [
            discord.SelectOption(label=text, value=str(number))
            for number, text in zip(pages, texts, strict=True)
        ]
        select = ui.Select[PagesView](
            custom_id=ControlId.JUMP,
            placeholder=_("Page {page} of {pages} · Go to …", page=page + 1, pages=book.page_count),
            options=options,
        )

        async def jump(interaction: discord.Interaction[Any]) -> None:
            value = "".join(select.values)
            is_option = value in [option.value for option in options]
            await self._turn_to(int(value) if is_option else page, book, interaction)

        select.callback = jump
        return select


async def _page_labels(book: Book, pages: Sequence[int]) -> list[str]:
    """Return the options of the select: the first name on each page, or the positions on it."""
    starts = [page * book.page_size for page in pages]
    names = await book.load_names(starts) if book.load_names else []
    if len(names) == len(pages):
        texts = [
            # Translators: {name} is the first name on the page
            _("Page {page}: from {name}", page=page + 1, name=name)
            for page, name in zip(pages, names, strict=True)
        ]
    else:
        texts = [
            _(
                "Page {page}: {first}–{last}",
                page=page + 1,
                first=start + 1,
                last=min(start + book.page_size, book.count),
            )
            for page, start in zip(pages, starts, strict=True)
        ]
    return [label(text, OPTION_LABEL_MAX) for text in texts]


def _spread_pages(page_count: int, current: int) -> list[int]:
    """Return at most OPTIONS_MAX pages, evenly spread and including the current one."""
    if page_count <= OPTIONS_MAX:
        return list(range(page_count))
    spread = {round(step * (page_count - 1) / (OPTIONS_MAX - 1)) for step in range(OPTIONS_MAX)}
    nearest = min(spread, key=lambda page: abs(page - current))
    return sorted(spread - {nearest} | {current})

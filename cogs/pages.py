"""Pages of an answer, and the controls that turn them."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.answers import AnswerView, Control, change, label
from cogs.cards import Block, container, said

SIZE = 6  # people on a page: with their buttons, and all controls, what Discord takes
OPTIONS_MAX = 25  # of a select
OPTION_MAX = 100  # characters

Button = ui.Button["PagesView"]
Otherwise = Callable[[], Coroutine[Any, Any, ui.LayoutView]]


async def _no_names(places: Sequence[int]) -> Sequence[str]:
    return []


@dataclass(frozen=True)
class Book:
    """What is shown: under a title, ``people`` on pages of SIZE. ``page`` makes the blocks of the
    page whose first person has a place, counted from 0; ``names`` looks up who is at some places,
    where that is known without all pages."""

    title: str
    people: int
    page: Callable[[int], Awaitable[Sequence[Block]]]
    names: Callable[[Sequence[int]], Awaitable[Sequence[str]]] = _no_names

    @property
    def pages(self) -> int:
        return max(1, -(-self.people // SIZE))


class PagesView(AnswerView):
    """A page, controls to turn it if there are others, and a button to read the question otherwise
    if there is another way. Make it with ``open``."""

    def __init__(self, asker: int, question: str, book: Book) -> None:
        super().__init__(asker, question)
        self._book = book
        self._controls: list[ui.ActionRow[PagesView]] = []
        self._otherwise: tuple[str, Otherwise] | None = None

    @classmethod
    async def open(
        cls,
        asker: int,
        question: str,
        book: Book,
        otherwise: tuple[str, Otherwise] | None = None,
    ) -> "PagesView":
        """The first page. ``otherwise`` is a button's text, and what makes the other answer."""
        view = cls(asker, question, book)
        view._otherwise = otherwise
        return await view._turn_to(0)

    def close(self) -> None:
        for row in self._controls:
            self.remove_item(row)
        self._controls = []

    async def _turn_to(self, page: int) -> "PagesView":
        """This view at a page, once all that it needs is there."""
        page = min(max(page, 0), self._book.pages - 1)
        blocks = await self._book.page(page * SIZE)
        jump = await self._jump(page) if self._book.pages > 2 else []
        row = self._buttons(page)
        self._controls = [ui.ActionRow(*items) for items in (row, jump) if items]
        self.clear_items()
        beside = sum(1 + len(items) for items in (row, jump) if items)
        blocks = blocks or [said(sentences.answers.EMPTY_PAGE)]
        self.add_item(container(self._book.title, blocks, beside=beside))
        for controls in self._controls:
            self.add_item(controls)
        return self

    def _buttons(self, page: int) -> list[Button]:
        last = self._book.pages - 1
        turns = {
            Control.FIRST: (sentences.answers.FIRST, 0),
            Control.PREVIOUS: (sentences.answers.PREVIOUS, page - 1),
            Control.NEXT: (sentences.answers.NEXT, page + 1),
            Control.LAST: (sentences.answers.LAST, last),
        }
        if last < 2:
            del turns[Control.FIRST], turns[Control.LAST]
        buttons: list[Button] = []
        for control, (text, to) in turns.items() if last else ():
            there = to == page or not 0 <= to <= last
            buttons.append(self._button(control, text, self._turning(to), disabled=there))
        if self._otherwise:
            text, making = self._otherwise
            buttons.append(self._button(Control.OTHERWISE, text, self._reading(making)))
        return buttons

    def _button(
        self, control: Control, text: str, callback: Any, *, disabled: bool = False
    ) -> Button:
        button = Button(label=text, custom_id=control, disabled=disabled)
        button.callback = callback
        return button

    def _turning(self, page: int) -> Callable[[discord.Interaction], Awaitable[None]]:
        async def turn(interaction: discord.Interaction) -> None:
            await change(interaction, self._turn_to(page))

        return turn

    def _reading(self, making: Otherwise) -> Callable[[discord.Interaction], Awaitable[None]]:
        async def read(interaction: discord.Interaction) -> None:
            await change(interaction, self._replaced(making))

        return read

    async def _replaced(self, making: Otherwise) -> ui.LayoutView:
        view = await making()
        self.stop()
        return view

    async def _jump(self, page: int) -> list[ui.Select["PagesView"]]:
        pages = _some_pages(self._book.pages, page)
        names = await self._book.names([number * SIZE for number in pages])
        select = ui.Select["PagesView"](
            custom_id=Control.JUMP,
            placeholder=sentences.answers.page_of(page + 1, self._book.pages),
            options=[
                discord.SelectOption(label=text, value=str(number))
                for number, text in zip(pages, self._page_labels(pages, names), strict=True)
            ],
        )

        async def jump(interaction: discord.Interaction) -> None:
            await change(interaction, self._turn_to(int(select.values[0])))

        select.callback = jump
        return [select]

    def _page_labels(self, pages: Sequence[int], names: Sequence[str]) -> list[str]:
        if len(names) == len(pages):
            texts = [
                sentences.answers.page_from(number + 1, name)
                for number, name in zip(pages, names, strict=True)
            ]
        else:
            texts = [
                sentences.answers.page(
                    number + 1, number * SIZE + 1, min((number + 1) * SIZE, self._book.people)
                )
                for number in pages
            ]
        return [label(text, OPTION_MAX) for text in texts]


def _some_pages(pages: int, current: int) -> list[int]:
    """Up to OPTIONS_MAX pages, evenly spread, the current one among them."""
    if pages <= OPTIONS_MAX:
        return list(range(pages))
    spread = {round(step * (pages - 1) / (OPTIONS_MAX - 1)) for step in range(OPTIONS_MAX)}
    nearest = min(spread, key=lambda page: abs(page - current))
    return sorted(spread - {nearest} | {current})

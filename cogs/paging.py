"""Pages of an answer, and the controls that turn them."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord
from discord import ui

from bot import sentences
from bot.interactions import AnswerView, Check, Control, change, label
from cogs.cards import Block, container, said

SIZE = 6  # people on a page: with their buttons, and all controls, what Discord takes
OPTIONS_MAX = 25  # of a select
OPTION_MAX = 100  # characters

Item = ui.Item["PagesView"]

Reading = Callable[[], Coroutine[Any, Any, "PagesView"]]

Otherwise = tuple[str, Reading]
"""A button's text, and what makes the answer that a question read otherwise has."""

TurnTo = Callable[[int], Coroutine[Any, Any, "PagesView"]]


async def _no_names(places: Sequence[int]) -> Sequence[str]:
    return []


@dataclass(frozen=True)
class Book:
    """What is shown: under a title, ``people``, or what else there is, on pages of ``size``.
    ``page`` makes the blocks of the page whose first person has a place, counted from 0; ``names``
    looks up who is at some places, where that is known without all pages."""

    title: str
    people: int
    page: Callable[[int], Awaitable[Sequence[Block]]]
    names: Callable[[Sequence[int]], Awaitable[Sequence[str]]] = _no_names
    size: int = SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.people // self.size))


class PagesView(AnswerView):
    """A page, controls to turn it if there are others, and a button to read the question otherwise
    if there is another way. Make it with ``open``."""

    def __init__(self, asker: int, question: str, check: Check | None) -> None:
        super().__init__(asker, question, check)
        self._controls: list[ui.ActionRow[PagesView]] = []

    @classmethod
    async def open(
        cls,
        asker: int,
        question: str,
        book: Book,
        otherwise: Otherwise | None = None,
        check: Check | None = None,
    ) -> "PagesView":
        """The first page. ``otherwise`` is a button's text, and what makes the other answer."""
        return await cls(asker, question, check)._turn_to(0, book, otherwise)

    def close(self) -> None:
        for row in self._controls:
            self.remove_item(row)
        self._controls = []

    async def _turn_to(self, page: int, book: Book, otherwise: Otherwise | None) -> "PagesView":
        """This view at a page. It changes all at once, when all that it needs is there: another
        control may be pressed meanwhile."""
        page = min(max(page, 0), book.pages - 1)
        blocks = await book.page(page * book.size) or [said(sentences.answers.EMPTY_PAGE)]
        to = partial(self._turn_to, book=book, otherwise=otherwise)
        rows = [
            _turns(book, page, to) + self._readings(otherwise),
            await _jump(book, page, to) if book.pages > 2 else [],
        ]
        rows = [row for row in rows if row]
        shown = container(book.title, blocks, beside=sum(1 + len(row) for row in rows))
        self._book, self._otherwise = book, otherwise
        self._controls = [ui.ActionRow(*row) for row in rows]
        self.clear_items()
        for item in (shown, *self._controls):
            self.add_item(item)
        return self

    def _readings(self, otherwise: Otherwise | None) -> list[Item]:
        if not otherwise:
            return []
        text, making = otherwise

        async def read() -> PagesView:
            other = await making()
            return await self._turn_to(0, other._book, other._otherwise)

        return [_button(Control.OTHERWISE, text, read)]


def _turns(book: Book, page: int, to: TurnTo) -> list[Item]:
    last = book.pages - 1
    turns = {
        Control.FIRST: (sentences.answers.FIRST, 0),
        Control.PREVIOUS: (sentences.answers.PREVIOUS, page - 1),
        Control.NEXT: (sentences.answers.NEXT, page + 1),
        Control.LAST: (sentences.answers.LAST, last),
    }
    if last < 2:
        del turns[Control.FIRST], turns[Control.LAST]
    return [
        _button(control, text, partial(to, there), disabled=there == page or not 0 <= there <= last)
        for control, (text, there) in turns.items()
        if last
    ]


def _button(control: Control, text: str, making: Reading, *, disabled: bool = False) -> Item:
    async def press(interaction: discord.Interaction) -> None:
        await change(interaction, making())

    button = ui.Button[PagesView](label=text, custom_id=control, disabled=disabled)
    button.callback = press
    return button


async def _jump(book: Book, page: int, to: TurnTo) -> list[Item]:
    pages = _some_pages(book.pages, page)
    texts = _page_labels(book, pages, await book.names([number * book.size for number in pages]))
    numbers = {str(number): number for number in pages}
    select = ui.Select[PagesView](
        custom_id=Control.JUMP,
        placeholder=sentences.answers.page_of(page + 1, book.pages),
        options=[
            discord.SelectOption(label=text, value=value)
            for value, text in zip(numbers, texts, strict=True)
        ],
    )

    async def jump(interaction: discord.Interaction) -> None:
        chosen = numbers.get("".join(select.values), page)  # what is no option leads nowhere
        await change(interaction, to(chosen))

    select.callback = jump
    return [select]


def _page_labels(book: Book, pages: Sequence[int], names: Sequence[str]) -> list[str]:
    if len(names) == len(pages):
        texts = map(sentences.answers.page_from, (number + 1 for number in pages), names)
    else:
        texts = (
            sentences.answers.page(
                number + 1, number * book.size + 1, min((number + 1) * book.size, book.people)
            )
            for number in pages
        )
    return [label(text, OPTION_MAX) for text in texts]


def _some_pages(pages: int, current: int) -> list[int]:
    """Up to OPTIONS_MAX pages, evenly spread, the current one among them."""
    if pages <= OPTIONS_MAX:
        return list(range(pages))
    spread = {round(step * (pages - 1) / (OPTIONS_MAX - 1)) for step in range(OPTIONS_MAX)}
    nearest = min(spread, key=lambda page: abs(page - current))
    return sorted(spread - {nearest} | {current})

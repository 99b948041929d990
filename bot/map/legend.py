"""The legend: rows of a coloured dot, its group and how many are in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import sentences
from bot.map.fonts import Line, line
from bot.map.groups import Group

SIZE = 34  # px; 10 px on a phone that shows the whole picture at 350
CAPITAL = 24  # px, a capital's height at this size
ROW = 52  # px from one row to the next
DOT = 12  # px, a dot's radius
INDENT = 38  # px from an entry's beginning to its text
BEFORE_NUMBER = 12  # px between a group and its number
SPACE = 40  # px between two entries
ENTRY_WIDTH = 500  # px of an entry's text at most


@dataclass(frozen=True)
class Entry:
    """A group's line of text at ``left`` px, its row's middle ``middle`` px from the legend's top,
    with a dot before it and its number behind it; the legend's title has neither."""

    line: Line
    number: Line | None
    left: float
    middle: float
    colour: str | None

    @property
    def dot(self) -> tuple[float, float]:
        """The dot's middle."""
        return self.left + DOT, self.middle

    @property
    def baseline(self) -> float:
        return self.middle + CAPITAL / 2

    @property
    def text_left(self) -> float:
        return self.left + (INDENT if self.colour else 0)

    @property
    def number_left(self) -> float:
        return self.text_left + self.line.box[2] + BEFORE_NUMBER

    @property
    def right(self) -> float:
        return (
            self.number_left + self.number.box[2]
            if self.number
            else self.text_left + self.line.box[2]
        )


@dataclass(frozen=True)
class Legend:
    entries: Sequence[Entry]
    height: float


def legend(title: str, groups: Sequence[Group], width: float) -> Legend:
    """The legend of these groups, at most ``width`` px wide."""
    rows: list[tuple[str, str, str | None]] = []
    if title and any(group.label for group in groups):
        rows.append((title, "", None))
    for group in groups:
        number = f"{len(group.people):,}" if group.label else ""
        rows.append(
            (group.label or sentences.answers.people(len(group.people)), number, group.colour)
        )
    entries: list[Entry] = []
    left, middle = 0.0, ROW / 2
    for text, number, colour in rows:
        shaped = line(text, SIZE, ENTRY_WIDTH)
        if shaped is None:
            continue
        entry = Entry(shaped, line(number, SIZE, ENTRY_WIDTH), left, middle, colour)
        if left and entry.right > width:
            middle += ROW
            entry = replace(entry, left=0.0, middle=middle)
        entries.append(entry)
        left = entry.right + SPACE
    return Legend(entries, middle + ROW / 2 if entries else 0)

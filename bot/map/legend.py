"""The legend: rows of coloured dots, each with its group and the number of people in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import sentences
from bot.map.fonts import Line, shape_line
from bot.map.groups import Group

TEXT_SIZE = 34  # px; 10 px on a phone that shows the picture 350 px wide
CAPITAL_HEIGHT = 24  # px, at this size
ROW_HEIGHT = 52  # px
DOT_RADIUS = 12  # px
INDENT = 38  # px from the beginning of an entry to its text
COUNT_GAP = 12  # px between a group and its count
ENTRY_GAP = 40  # px between two entries
MAX_TEXT_WIDTH = 500  # px


@dataclass(frozen=True)
class LegendEntry:
    """One group, or the title of the legend, which has neither a colour nor a count.

    *left*, and the *middle* of the row, are in px from the top left corner of the legend.
    """

    text: Line
    count: Line | None
    left: float
    middle: float
    colour: str | None

    @property
    def baseline(self) -> float:
        return self.middle + CAPITAL_HEIGHT / 2

    @property
    def text_left(self) -> float:
        return self.left + (INDENT if self.colour else 0)

    @property
    def count_left(self) -> float:
        return self.text_left + self.text.box[2] + COUNT_GAP

    @property
    def right(self) -> float:
        if self.count:
            return self.count_left + self.count.box[2]
        return self.text_left + self.text.box[2]


def lay_out_legend(title: str, groups: Sequence[Group], max_width: float) -> list[LegendEntry]:
    """Arrange the entries of a legend in rows of at most *max_width* px."""
    rows: list[tuple[str, str, str | None]] = []
    if title and any(group.label for group in groups):
        rows.append((title, "", None))
    for group in groups:
        count = len(group.people)
        if group.label:
            rows.append((group.label, f"{count:,}", group.colour))
        else:
            rows.append((sentences.answers.people(count), "", group.colour))
    entries: list[LegendEntry] = []
    left, middle = 0.0, ROW_HEIGHT / 2
    for label, count, colour in rows:
        text = shape_line(label, TEXT_SIZE, MAX_TEXT_WIDTH)
        if text is None:
            continue
        count_line = shape_line(count, TEXT_SIZE, MAX_TEXT_WIDTH)
        entry = LegendEntry(text, count_line, left, middle, colour)
        if left and entry.right > max_width:
            middle += ROW_HEIGHT
            entry = replace(entry, left=0.0, middle=middle)
        entries.append(entry)
        left = entry.right + ENTRY_GAP
    return entries

"""The legend: rows of coloured dots, each with its group and the number of people in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.language import format_number, ngettext
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


def lay_out_legend(title: str, groups: Sequence[Group], max_width: float) -> list[LegendEntry]:
    """Arrange the entries of a legend in rows of at most *max_width* px."""
    rows: list[tuple[str, str, str | None]] = []
    if title and any(group.label for group in groups):
        rows.append((title, "", None))
    for group in groups:
        count = len(group.people)
        if group.label:
            rows.append((group.label, format_number(count), group.colour))
        else:
            rows.append((ngettext("{count} person", "{count} people", count), "", group.colour))
    entries: list[LegendEntry] = []
    left, middle = 0.0, ROW_HEIGHT / 2
    for label, count, colour in rows:
        text = shape_line(label, TEXT_SIZE, MAX_TEXT_WIDTH)
        if text is None:
            continue
        count_line = shape_line(count, TEXT_SIZE, MAX_TEXT_WIDTH)
        width = (INDENT if colour else 0) + text.box[2]
        if count_line:
            width += COUNT_GAP + count_line.box[2]
        if left and left + width > max_width:
            left, middle = 0.0, middle + ROW_HEIGHT
        entries.append(LegendEntry(text, count_line, left, middle, colour))
        left += width + ENTRY_GAP
    return entries

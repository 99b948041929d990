"""Choose which names are written, and where, so that none overlaps another.

The usual label placers (adjustText, textalloc) only work on matplotlib figures.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.map.fonts import Box, Line, shape_line
from bot.map.layout import Floats

# Font size in px, the maximum number of names, and how many dots a name may hide, relative to the
# number that its box would hide if the dots were spread evenly.
SIZES = (
    (46, 6, 2.0),
    (36, 12, 1.5),
    (28, 40, 1.0),
)
SMALLEST_SIZE = SIZES[-1][0]
ALWAYS_NAMED = 12  # people named even if that hides dots, at the smallest size if necessary
MAX_TRIES = 200  # people considered for the names of one size
NAME_WIDTH = 430  # px; a longer name is written smaller, or shortened at the smallest size
INKED_SHARE = 0.75  # of a dot's radius; a name this close to the centre hides the dot
DOT_GAP = 5  # px between a dot and its name
NAME_GAP = 5  # px between two names
GRID = 3  # by 3 regions: the best person of each is named before the second best of any
CELL = 4  # px; the resolution at which the dots under a name are counted
CORNER_SHIFT = 0.4  # of the distance, by which names at a corner come nearer: dots are round
MIN_LETTER_WIDTH = 0.35  # of the font size, on average; rejects most names before shaping

# From the centre of a dot to the centre of its name, in units of the distance at which they touch.
SIDES = np.array([(1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)], np.float32)


@dataclass(frozen=True)
class Label:
    """A name on the map: the index of the person, and *box*, which encloses its ink, in px."""

    person: int
    line: Line
    box: Box


def rank_people(
    points: Floats, names: Sequence[str], weights: Sequence[float], area: Box
) -> NDArray[np.intp]:
    """Return the indices of the people in the order in which they should be named.

    *points* is float32[n, 2]. First comes the person of the greatest weight from each region of
    *area*, then the second of each, and so on; within such a round, by weight. Ties are broken by a
    hash of the name, which favours no part of the alphabet.
    """
    left, top, right, bottom = area
    share = (points - (left, top)) / (right - left, bottom - top)
    column, row = np.clip((share * GRID).astype(int), 0, GRID - 1).T
    region = row * GRID + column
    name_hash = np.array([zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names], int)
    negative_weight = -np.array(weights, float)
    by_weight = np.lexsort((name_hash, negative_weight, region))
    inhabited, starts = np.unique(region[by_weight], return_index=True)
    rank = np.arange(len(points)) - starts[np.searchsorted(inhabited, region[by_weight])]
    return by_weight[np.lexsort((negative_weight[by_weight], rank))]


class LabelPlacer:
    """Places names beside dots, within an area.

    *points* are the centres of the dots, float32[n, 2], and *radii* float32[n], both in px.
    """

    def __init__(self, points: Floats, radii: Floats, area: Box) -> None:
        self._points = points
        self._radii = radii
        self._area = np.array(area, np.float32)
        self._occupied = np.empty((0, 4), np.float32)
        self._dot_sums = _cumulative_counts(points, self._area)
        self._density = len(points) / ((area[2] - area[0]) * (area[3] - area[1]))

    def place_names(self, names: Sequence[str], order: Sequence[int]) -> list[Label]:
        """Place as many names as SIZES allows, in this order of people, the largest first."""
        labels: list[Label] = []
        remaining, always_named = list(order), set(order[:ALWAYS_NAMED])
        for size, max_count, hidden_share in SIZES:
            placed: set[int] = set()
            for person in remaining[:MAX_TRIES]:
                if len(placed) == max_count:
                    break
                is_forced = size == SMALLEST_SIZE and person in always_named
                max_hidden = math.inf if is_forced else hidden_share
                if label := self._place_name(person, names[person], size, max_hidden):
                    labels.append(label)
                    placed.add(person)
            remaining = [person for person in remaining if person not in placed]
        return labels

    def place_text(self, person: int, text: str, size: int, max_width: float) -> Label | None:
        """Place a text beside a dot, whatever other dots it hides; None if there is no room."""
        line = shape_line(text, size, max_width)
        if line is None:
            return None
        return self._place(person, line, self._free_boxes(person, line.width, line.height))

    def reserve(self, box: Box | Floats) -> None:
        """Keep names out of *box*."""
        self._occupied = np.concatenate([self._occupied, np.asarray(box, np.float32)[None]])

    def _place_name(self, person: int, name: str, size: int, max_hidden: float) -> Label | None:
        """Place a name beside a person's dot.

        Returns None if there is no room, or if it would hide more than *max_hidden* times as many
        dots as it would if they were spread evenly.
        """
        min_width = min(MIN_LETTER_WIDTH * size * len(name), NAME_WIDTH / 2)
        if self._is_covered(person) or not len(self._free_boxes(person, min_width, size / 2)):
            return None  # without shaping the name, which takes the most time
        line = shape_line(name, size, NAME_WIDTH if size == SMALLEST_SIZE else math.inf)
        if line is None or line.width > NAME_WIDTH:
            return None
        boxes = self._free_boxes(person, line.width, line.height)
        expected = line.width * line.height * self._density
        return self._place(person, line, boxes[self._count_dots(boxes) <= max_hidden * expected])

    def _place(self, person: int, line: Line, boxes: Floats) -> Label | None:
        """Write the line in whichever of *boxes* hides the fewest dots; None if there are none."""
        if not len(boxes):
            return None
        left, top, right, bottom = map(float, boxes[self._count_dots(boxes).argmin()])
        self.reserve((left, top, right, bottom))
        self.reserve(self._dot_box(person))
        return Label(person, line, (left, top, right, bottom))

    def _dot_box(self, person: int) -> Floats:
        """Return the box around a person's dot, float32[4]."""
        centre, radius = self._points[person], self._radii[person]
        return np.concatenate([centre - radius, centre + radius])

    def _is_covered(self, person: int) -> bool:
        """Whether a name already overlaps the person's dot."""
        dot = self._dot_box(person)
        overlaps = (self._occupied[:, :2] < dot[2:]) & (self._occupied[:, 2:] > dot[:2])
        return bool(overlaps.all(axis=1).any())

    def _free_boxes(self, person: int, width: float, height: float) -> Floats:
        """Return the boxes of this size around a dot that overlap nothing, float32[m, 4]."""
        half_size = np.array([width, height], np.float32) / 2
        distance = self._radii[person] + DOT_GAP
        centres = self._points[person] + SIDES * (half_size + distance)
        is_corner = SIDES.all(axis=1)
        centres[is_corner] -= SIDES[is_corner] * distance * CORNER_SHIFT
        boxes = np.concatenate([centres - half_size, centres + half_size], axis=1)
        is_inside = (boxes[:, :2] >= self._area[:2]) & (boxes[:, 2:] <= self._area[2:])
        is_separate = (
            (boxes[:, None, :2] >= self._occupied[:, 2:] + NAME_GAP)
            | (boxes[:, None, 2:] <= self._occupied[:, :2] - NAME_GAP)
        ).any(axis=2)
        return boxes[np.all(is_inside, axis=1) & np.all(is_separate, axis=1)]

    def _count_dots(self, boxes: Floats) -> NDArray[np.int64]:
        """Count the dots that each of *boxes*, float32[m, 4], would hide: int64[m]."""
        radius = float(self._radii.min())  # the centre of a hidden dot may be outside
        grown = boxes + np.array([-radius, -radius, radius, radius], np.float32) * INKED_SHARE
        corners = (grown - np.tile(self._area[:2], 2)) / CELL
        corners = corners.astype(int).clip(0, np.array(self._dot_sums.shape * 2)[::-1] - 2)
        left, top, right, bottom = corners.T
        right, bottom = right + 1, bottom + 1
        sums = self._dot_sums
        return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _cumulative_counts(points: Floats, area: Floats) -> NDArray[np.int64]:
    """Count the points to the left of and above each corner of a grid over *area*."""
    columns, rows = (np.ceil((area[2:] - area[:2]) / CELL).astype(int) + 1).tolist()
    column, row = ((points - area[:2]) / CELL).astype(int).T
    counts = np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)
    return np.pad(counts.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

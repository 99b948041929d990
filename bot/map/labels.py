"""Which names are written, and where, so that none lies on another."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.map.fonts import Box, Line, line
from bot.map.layout import Floats

SIZES = (  # px; how many names at most; how many times as many dots one may hide as stand evenly
    (46, 6, 2.0),
    (36, 12, 1.5),
    (28, 40, 1.0),
)
SMALLEST = SIZES[-1][0]
KNOWN = 12  # people whose names are written whatever dots they hide, small if they must
TRIES = 200  # people looked at for the names of one size
NAME_WIDTH = 430  # px; a longer name is written smaller, and at last shortened
INKED = 0.75  # of a dot's radius; a name that comes as near to its middle hides it
GAP = 5  # px between a dot and its name
PADDING = 5  # px between two names
REGIONS = 3  # by as many: each has its best known named before another's second best
CELL = 4  # px; as finely as the dots under a name are counted
ROUNDNESS = 0.4  # how much nearer a name comes from a corner than from a side
NARROWEST = 0.35  # of its size, an average letter's width; a name surely no narrower is not tried

# From the dot's middle to the name's, in units of the distance at which they touch.
SIDES = np.array([(1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)], np.float32)


@dataclass(frozen=True)
class Label:
    """The name of a person, by their number, written with its ink in ``box``, in px."""

    person: int
    line: Line
    box: Box


def ranked(
    points: Floats, names: Sequence[str], weights: Sequence[float], area: Box
) -> NDArray[np.intp]:
    """The people at ``points``, float32[n, 2], in the order in which they deserve a name: the
    first of each region of ``area``, then the second of each, always the weightier before. People
    of equal weight come in an order that nobody takes for one."""
    left, top, right, bottom = area
    share = (points - (left, top)) / (right - left, bottom - top)
    column, row = np.clip((share * REGIONS).astype(int), 0, REGIONS - 1).T
    region = row * REGIONS + column
    lot = np.array([zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names], int)
    lightness = -np.array(weights, float)
    by_weight = np.lexsort((lot, lightness, region))
    inhabited, starts = np.unique(region[by_weight], return_index=True)
    place = np.arange(len(points)) - starts[np.searchsorted(inhabited, region[by_weight])]
    return by_weight[np.lexsort((lightness[by_weight], place))]


class Placing:
    """Writes names beside dots within ``area``; their middles, float32[n, 2], and radii,
    float32[n], are in px."""

    def __init__(self, points: Floats, radii: Floats, area: Box) -> None:
        self._points = points
        self._radii = radii
        self._area = np.array(area, np.float32)
        self._taken = np.empty((0, 4), np.float32)
        self._dots = _summed(points, self._area)
        self._density = len(points) / ((area[2] - area[0]) * (area[3] - area[1]))

    def names(self, names: Sequence[str], order: Sequence[int]) -> list[Label]:
        """As many of ``names`` as SIZES allows, in this order, large ones first."""
        labels: list[Label] = []
        waiting, known = list(order), set(order[:KNOWN])
        for size, most, hiding in SIZES:
            placed: set[int] = set()
            for person in waiting[:TRIES]:
                if len(placed) == most:
                    break
                most_hidden = math.inf if size == SMALLEST and person in known else hiding
                if label := self.name(person, names[person], size, most_hidden):
                    labels.append(label)
                    placed.add(person)
            waiting = [person for person in waiting if person not in placed]
        return labels

    def name(self, person: int, name: str, size: int, hiding: float) -> Label | None:
        """``name`` beside a person's dot; None if there is no room for it, or it would hide more
        than ``hiding`` times as many dots as if they stood evenly."""
        at_least = min(NARROWEST * size * len(name), NAME_WIDTH / 2)
        if self._is_hidden(person) or not len(self._free(person, at_least, size / 2)):
            return None  # without shaping it, which takes longest
        shaped = line(name, size, NAME_WIDTH if size == SMALLEST else math.inf)
        if shaped is None or shaped.width > NAME_WIDTH:
            return None
        free = self._free(person, shaped.width, shaped.height)
        evenly = shaped.width * shaped.height * self._density
        return self._written(person, shaped, free[self._dots_in(free) <= hiding * evenly])

    def text(self, person: int, text: str, size: int, width: float) -> Label | None:
        """``text`` of at most ``width`` px beside a dot, whatever dots it hides."""
        shaped = line(text, size, width)
        if shaped is None:
            return None
        return self._written(person, shaped, self._free(person, shaped.width, shaped.height))

    def _written(self, person: int, shaped: Line, free: Floats) -> Label | None:
        """The label in that of the ``free`` boxes which hides the fewest dots."""
        if not len(free):
            return None
        left, top, right, bottom = map(float, free[self._dots_in(free).argmin()])
        self.keep((left, top, right, bottom))
        self.keep(self._dot(person))
        return Label(person, shaped, (left, top, right, bottom))

    def keep(self, box: Box | Floats) -> None:
        """Let no name lie on ``box``."""
        self._taken = np.concatenate([self._taken, np.asarray(box, np.float32)[None]])

    def _dot(self, person: int) -> Floats:
        """The box of a person's dot, float32[4]."""
        middle, radius = self._points[person], self._radii[person]
        return np.concatenate([middle - radius, middle + radius])

    def _is_hidden(self, person: int) -> bool:
        """Whether a name lies on the dot."""
        dot = self._dot(person)
        overlaps = (self._taken[:, :2] < dot[2:]) & (self._taken[:, 2:] > dot[:2])
        return bool(overlaps.all(axis=1).any())

    def _free(self, person: int, width: float, height: float) -> Floats:
        """The places round the dot where such a box fits, float32[m, 4]."""
        half = np.array([width, height], np.float32) / 2
        reach = self._radii[person] + GAP
        middles = self._points[person] + SIDES * (half + reach)
        slanted = SIDES.all(axis=1)  # nearer, for the dot is round
        middles[slanted] -= SIDES[slanted] * reach * ROUNDNESS
        boxes = np.concatenate([middles - half, middles + half], axis=1)
        inside = (boxes[:, :2] >= self._area[:2]) & (boxes[:, 2:] <= self._area[2:])
        apart = (
            (boxes[:, None, :2] >= self._taken[:, 2:] + PADDING)
            | (boxes[:, None, 2:] <= self._taken[:, :2] - PADDING)
        ).any(axis=2)
        return boxes[np.all(inside, axis=1) & np.all(apart, axis=1)]

    def _dots_in(self, boxes: Floats) -> NDArray[np.int64]:
        """How many dots lie in each of ``boxes``, float32[m, 4]: int64[m]."""
        radius = float(self._radii.min())  # a dot's middle may be outside
        grown = boxes + np.array([-radius, -radius, radius, radius], np.float32) * INKED
        corners = (grown - np.tile(self._area[:2], 2)) / CELL
        corners = corners.astype(int).clip(0, np.array(self._dots.shape * 2)[::-1] - 2)
        left, top, right, bottom = corners.T
        right, bottom = right + 1, bottom + 1
        sums = self._dots
        return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]


def _summed(points: Floats, area: Floats) -> NDArray[np.int64]:
    """How many points lie left of and above each corner of a grid over ``area``."""
    columns, rows = (np.ceil((area[2:] - area[:2]) / CELL).astype(int) + 1).tolist()
    column, row = ((points - area[:2]) / CELL).astype(int).T
    counts = np.bincount(row * columns + column, minlength=rows * columns).reshape(rows, columns)
    return np.pad(counts.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

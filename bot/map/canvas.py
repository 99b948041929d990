"""Discs and bars with smooth edges, painted with numpy.

numpy paints thousands of discs at once, and unlike Pillow mixes the colours where they overlap.
"""

import numpy as np
from PIL import ImageColor

from bot.map.layout import Floats

MAX_OPACITY = 0.995  # below 1, so that the logarithm in paint_discs is finite


def parse_colour(colour: str) -> Floats:
    """Convert ``#rrggbb`` to float32[3], 0 to 255."""
    return np.array(ImageColor.getrgb(colour)[:3], np.float32)


def blank_canvas(width: int, height: int, colour: str) -> Floats:
    """Return a canvas filled with one colour, float32[height, width, 3]."""
    return np.full((height, width, 3), parse_colour(colour), np.float32)


def paint_discs(
    canvas: Floats, centres: Floats, colours: Floats, radius: float, opacity: float = 1
) -> None:
    """Paint discs of one radius on the canvas.

    *centres* is float32[n, 2] in px; *colours* is float32[n, 3], or float32[3] for all. Where discs
    overlap, their colours mix equally, whatever the order, so a crowd looks denser and brighter
    than a few people.
    """
    height, width, _ = canvas.shape
    reach = int(radius + 1)
    offsets = np.arange(-reach, reach + 1)
    x = np.floor(centres[:, :1]).astype(np.int32) + np.repeat(offsets, len(offsets))
    y = np.floor(centres[:, 1:]).astype(np.int32) + np.tile(offsets, len(offsets))
    distance = np.hypot(x + 0.5 - centres[:, :1], y + 0.5 - centres[:, 1:])
    coverage = np.clip(radius + 0.5 - distance, 0, 1) * min(opacity, MAX_OPACITY)
    is_visible = (coverage > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    disc, _ = np.nonzero(is_visible)
    pixel = (y * width + x)[is_visible]
    # Transparencies multiply, so their logarithms (optical depths) add up.
    depth = -np.log1p(-coverage[is_visible])
    colours = np.broadcast_to(colours, (len(centres), 3))

    pixels = canvas.reshape(-1, 3)
    depths = np.bincount(pixel, depth, minlength=len(pixels))
    touched = np.flatnonzero(depths)
    opacities = 1 - np.exp(-depths[touched])
    for channel in range(3):
        sums = np.bincount(pixel, depth * colours[disc, channel], minlength=len(pixels))
        mean = sums[touched] / depths[touched]
        pixels[touched, channel] += opacities * (mean - pixels[touched, channel])


def paint_bar(canvas: Floats, box: tuple[float, float, float, float], colour: str) -> None:
    """Paint a bar with round ends in *box* (left, top, right, bottom, in px)."""
    left, top, right, bottom = (round(side) for side in box)
    radius = (bottom - top) / 2
    ends = np.array([(left + radius, top + radius), (right - radius, top + radius)], np.float32)
    paint_discs(canvas, ends, parse_colour(colour), radius)
    canvas[top:bottom, round(left + radius) : round(right - radius)] = parse_colour(colour)

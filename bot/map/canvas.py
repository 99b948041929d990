"""Discs and bars with smooth edges, painted with numpy: thousands at once, none of them hidden."""

import numpy as np
from PIL import ImageColor

from bot.map.layout import Floats

OPAQUE = 0.995  # as good as opaque; the logarithm below needs something to be left


def rgb(colour: str) -> Floats:
    """``#rrggbb`` as float32[3], 0 to 255."""
    return np.array(ImageColor.getrgb(colour)[:3], np.float32)


def blank(width: int, height: int, colour: str) -> Floats:
    """A canvas, float32[height, width, 3]."""
    return np.full((height, width, 3), rgb(colour), np.float32)


def discs(canvas: Floats, at: Floats, colours: Floats, radius: float, opacity: float = 1) -> None:
    """Paint discs with these middles, float32[n, 2] in px, and colours, float32[n, 3] or
    float32[3]. Where discs overlap, their colours mix in whatever order they come, so that a
    crowd is denser and brighter than a few."""
    height, width, _ = canvas.shape
    reach = int(radius + 1)
    square = np.arange(-reach, reach + 1)
    x = np.floor(at[:, :1]).astype(np.int32) + np.repeat(square, len(square))
    y = np.floor(at[:, 1:]).astype(np.int32) + np.tile(square, len(square))
    distance = np.hypot(x + 0.5 - at[:, :1], y + 0.5 - at[:, 1:])
    covered = np.clip(radius + 0.5 - distance, 0, 1) * min(opacity, OPAQUE)
    seen = (covered > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    disc, _ = np.nonzero(seen)
    pixel = (y * width + x)[seen]
    depth = -np.log1p(-covered[seen])  # depths add up where what is let through multiplies
    colours = np.broadcast_to(colours, (len(at), 3))

    pixels = canvas.reshape(-1, 3)
    depths = np.bincount(pixel, depth, minlength=len(pixels))
    touched = np.flatnonzero(depths)
    shown = 1 - np.exp(-depths[touched])
    for channel in range(3):
        sums = np.bincount(pixel, depth * colours[disc, channel], minlength=len(pixels))
        mean = sums[touched] / depths[touched]
        pixels[touched, channel] += shown * (mean - pixels[touched, channel])


def bar(canvas: Floats, box: tuple[float, float, float, float], colour: str) -> None:
    """Paint the bar in ``box`` (left, top, right, bottom, in px), its ends round."""
    left, top, right, bottom = (round(side) for side in box)
    radius = (bottom - top) / 2
    ends = np.array([(left + radius, top + radius), (right - radius, top + radius)], np.float32)
    discs(canvas, ends, rgb(colour), radius)
    canvas[top:bottom, round(left + radius) : round(right - radius)] = rgb(colour)

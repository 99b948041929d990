"""Paint a map whose parts all have their places: dots, names, the query, the title and legend.

numpy paints thousands of discs at once, and unlike Pillow mixes the colours where they overlap.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from bot.language import _
from bot.map.fonts import Box, shape_line
from bot.map.groups import Group
from bot.map.labels import Label
from bot.map.layout import Floats
from bot.map.legend import DOT_RADIUS, ROW_HEIGHT, LegendEntry

WIDTH, HEIGHT = 1200, 1060  # px, of the map without its heading and legend
MARGIN = 40  # px
HEADING_HEIGHT = 138  # px, of the title and the hint above the map
TITLE_BASELINE, HINT_BASELINE = 62, 112  # px from the top
AREA: Box = (MARGIN, HEADING_HEIGHT, WIDTH - MARGIN, HEADING_HEIGHT + HEIGHT)
LEGEND_TOP = HEADING_HEIGHT + HEIGHT + 10

BACKGROUND = "#1e1f22"  # the darkest of Discord's own backgrounds
TEXT, FAINT_TEXT = "#f2f3f5", "#a9adb5"
QUERY = "#5865f2"  # Discord's blurple
TITLE_SIZE, HINT_SIZE, STAR_SIZE = 52, 31, 46  # px
RIM = 2.5  # px, of the light rim around a dot with a name
STAR_RADIUS = 28  # px, of the disc under the star
STAR_SHIFT = 2  # px up, because the middle of the glyph's ink isn't the centre of the star
QUERY_PADDING = 19, 12  # px between the query's text and the edge of its bar, in x and y
PNG_COMPRESSION = 6
MAX_OPACITY = 0.995  # below 1, so that the logarithm in _paint_discs is finite


@dataclass(frozen=True)
class Scene:
    """What is drawn, and where.

    *points* are the centres of the people's dots, float32[n, 2] in px, and *radius* is the radius
    of each. *star* is the centre of the query's star, float32[1, 2], or [0, 2] without a query.
    """

    title: str
    points: Floats
    radius: float
    opacity: float
    groups: Sequence[Group]
    labels: Sequence[Label]
    star: Floats
    query: Label | None
    legend: Sequence[LegendEntry]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in px."""
        legend_height = self.legend[-1].middle + ROW_HEIGHT / 2 if self.legend else 0
        return WIDTH, round(LEGEND_TOP + legend_height + MARGIN / 2)


def draw_png(scene: Scene) -> bytes:
    """Draw *scene* and return the contents of a PNG file."""
    image = Image.fromarray(_paint_shapes(scene).astype(np.uint8))
    _write_text(ImageDraw.Draw(image), scene)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=PNG_COMPRESSION)
    return file.getvalue()


def query_bar(box: Box) -> Box:
    """Return the box of the bar under the query's text, given the box of the text."""
    left, top, right, bottom = box
    x, y = QUERY_PADDING
    return left - x, top - y, right + x, bottom + y


def _paint_shapes(scene: Scene) -> Floats:
    """Paint everything but the text."""
    width, height = scene.size
    canvas = np.full((height, width, 3), _parse_colour(BACKGROUND), np.float32)
    colours = np.empty((len(scene.points), 3), np.float32)
    for group in scene.groups:
        colours[list(group.people)] = _parse_colour(group.colour)
    _paint_discs(canvas, scene.points, colours, scene.radius, scene.opacity)

    named = [label.person for label in scene.labels]
    _paint_discs(canvas, scene.points[named], _parse_colour(TEXT), scene.radius + RIM)
    _paint_discs(canvas, scene.points[named], colours[named], scene.radius)

    if scene.query:
        _paint_bar(canvas, query_bar(scene.query.box), QUERY)
    _paint_discs(canvas, scene.star, _parse_colour(TEXT), STAR_RADIUS + RIM)
    _paint_discs(canvas, scene.star, _parse_colour(QUERY), STAR_RADIUS)
    for entry in scene.legend:
        if entry.colour:
            x, y = MARGIN + entry.left + DOT_RADIUS, LEGEND_TOP + entry.middle
            centre = np.array([(x, y)], np.float32)
            _paint_discs(canvas, centre, _parse_colour(entry.colour), DOT_RADIUS)
    return canvas


def _paint_discs(
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


def _paint_bar(canvas: Floats, box: Box, colour: str) -> None:
    """Paint a bar with round ends in *box*."""
    left, top, right, bottom = (round(side) for side in box)
    radius = (bottom - top) / 2
    ends = np.array([(left + radius, top + radius), (right - radius, top + radius)], np.float32)
    _paint_discs(canvas, ends, _parse_colour(colour), radius)
    canvas[top:bottom, round(left + radius) : round(right - radius)] = _parse_colour(colour)


def _parse_colour(colour: str) -> Floats:
    """Convert ``#rrggbb`` to float32[3], 0 to 255."""
    return np.array(ImageColor.getrgb(colour)[:3], np.float32)


def _write_text(draw: ImageDraw.ImageDraw, scene: Scene) -> None:
    if title := shape_line(scene.title, TITLE_SIZE, WIDTH - 2 * MARGIN):
        title.draw_on_baseline(draw, MARGIN, TITLE_BASELINE, TEXT)
    hint = _("Similar people are close together.")
    if line := shape_line(hint, HINT_SIZE, WIDTH - 2 * MARGIN):
        line.draw_on_baseline(draw, MARGIN, HINT_BASELINE, FAINT_TEXT)
    for label in scene.labels:
        label.line.draw(draw, label.box[0], label.box[1], TEXT, BACKGROUND)
    if scene.query:
        scene.query.line.draw(draw, scene.query.box[0], scene.query.box[1], TEXT)
    for x, y in scene.star:
        star = shape_line("★", STAR_SIZE, math.inf)
        assert star is not None
        star.draw(draw, x - star.width / 2, y - STAR_SHIFT - star.height / 2, TEXT)
    for entry in scene.legend:
        baseline = LEGEND_TOP + entry.baseline
        colour = TEXT if entry.colour else FAINT_TEXT
        entry.text.draw_on_baseline(draw, MARGIN + entry.text_left, baseline, colour)
        if entry.count:
            entry.count.draw_on_baseline(draw, MARGIN + entry.count_left, baseline, FAINT_TEXT)

"""Paint a map whose parts all have their places: dots, names, the query, the title and legend."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from bot import sentences
from bot.map.canvas import blank_canvas, paint_bar, paint_discs, parse_colour
from bot.map.fonts import Box, shape_line
from bot.map.groups import Group
from bot.map.labels import Label
from bot.map.layout import Floats
from bot.map.legend import DOT_RADIUS, Legend

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
QUERY_PADDING_X, QUERY_PADDING_Y = 19, 12  # px between the query's text and the edge of its bar
PNG_COMPRESSION = 6


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
    legend: Legend

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in px."""
        return WIDTH, round(LEGEND_TOP + self.legend.height + MARGIN / 2)


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
    return (
        left - QUERY_PADDING_X,
        top - QUERY_PADDING_Y,
        right + QUERY_PADDING_X,
        bottom + QUERY_PADDING_Y,
    )


def _paint_shapes(scene: Scene) -> Floats:
    """Paint everything but the text."""
    canvas = blank_canvas(*scene.size, BACKGROUND)
    colours = np.empty((len(scene.points), 3), np.float32)
    for group in scene.groups:
        colours[list(group.people)] = parse_colour(group.colour)
    paint_discs(canvas, scene.points, colours, scene.radius, scene.opacity)

    named = [label.person for label in scene.labels]
    paint_discs(canvas, scene.points[named], parse_colour(TEXT), scene.radius + RIM)
    paint_discs(canvas, scene.points[named], colours[named], scene.radius)

    if scene.query:
        paint_bar(canvas, query_bar(scene.query.box), QUERY)
    paint_discs(canvas, scene.star, parse_colour(TEXT), STAR_RADIUS + RIM)
    paint_discs(canvas, scene.star, parse_colour(QUERY), STAR_RADIUS)
    for entry in scene.legend.entries:
        if entry.colour:
            x, y = entry.dot_centre
            centre = np.array([(MARGIN + x, LEGEND_TOP + y)], np.float32)
            paint_discs(canvas, centre, parse_colour(entry.colour), DOT_RADIUS)
    return canvas


def _write_text(draw: ImageDraw.ImageDraw, scene: Scene) -> None:
    if title := shape_line(scene.title, TITLE_SIZE, WIDTH - 2 * MARGIN):
        title.draw_on_baseline(draw, MARGIN, TITLE_BASELINE, TEXT)
    if hint := shape_line(sentences.map.HINT, HINT_SIZE, WIDTH - 2 * MARGIN):
        hint.draw_on_baseline(draw, MARGIN, HINT_BASELINE, FAINT_TEXT)
    for label in scene.labels:
        label.line.draw(draw, label.box[0], label.box[1], TEXT, BACKGROUND)
    if scene.query:
        scene.query.line.draw(draw, scene.query.box[0], scene.query.box[1], TEXT)
    for x, y in scene.star:
        star = shape_line("★", STAR_SIZE, math.inf)
        assert star is not None
        star.draw(draw, x - star.width / 2, y - STAR_SHIFT - star.height / 2, TEXT)
    for entry in scene.legend.entries:
        baseline = LEGEND_TOP + entry.baseline
        colour = TEXT if entry.colour else FAINT_TEXT
        entry.text.draw_on_baseline(draw, MARGIN + entry.text_left, baseline, colour)
        if entry.count:
            entry.count.draw_on_baseline(draw, MARGIN + entry.count_left, baseline, FAINT_TEXT)

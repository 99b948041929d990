"""What has its place on the picture, painted: dots, names, the query's star, title and legend."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from bot import sentences
from bot.map import canvas, legend
from bot.map.fonts import Box, line
from bot.map.groups import Group
from bot.map.labels import Label
from bot.map.layout import Floats

WIDTH, HEIGHT = 1200, 1060  # px of the map itself; the legend comes below
MARGIN = 40  # px
HEADING = 138  # px of title and hint above the map
TITLE_AT, HINT_AT = 62, 112  # px from the top to their base lines
AREA: Box = (MARGIN, HEADING, WIDTH - MARGIN, HEADING + HEIGHT)
LEGEND_TOP = HEADING + HEIGHT + 10

BACKGROUND = "#1e1f22"  # the darkest of Discord's own, on which the colours shine
TEXT, FAINT = "#f2f3f5", "#a9adb5"
QUERY = "#5865f2"  # Discord's blurple
TITLE_SIZE, HINT_SIZE, STAR_SIZE = 52, 31, 46  # px
RIM = 2.5  # px, of the light rim round a dot whose name is written
STAR_DISC, STAR_HIGHER = 28, 2  # px, the radius of the disc under the star
PILL_X, PILL_Y = 19, 12  # px between the query's text and the edge of the bar under it
COMPRESSION = 6  # of the PNG


@dataclass(frozen=True)
class Scene:
    """What is drawn. ``points`` are the middles of the people's dots, float32[n, 2] in px, each of
    ``radius`` px; ``star`` is the middle of the query's, float32[1, 2], or [0, 2] if there is none,
    and ``query`` its text."""

    title: str
    points: Floats
    radius: float
    opacity: float
    groups: Sequence[Group]
    labels: Sequence[Label]
    star: Floats
    query: Label | None
    legend: legend.Legend

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, in px."""
        return WIDTH, round(LEGEND_TOP + self.legend.height + MARGIN / 2)


def draw(scene: Scene) -> bytes:
    """``scene`` as a PNG file's content."""
    image = Image.fromarray(_painted(scene).astype(np.uint8))
    _write(ImageDraw.Draw(image), scene)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=COMPRESSION)
    return file.getvalue()


def _painted(scene: Scene) -> Floats:
    """All but the text."""
    ground = canvas.blank(*scene.size, BACKGROUND)
    colours = np.empty((len(scene.points), 3), np.float32)
    for group in scene.groups:
        colours[list(group.people)] = canvas.rgb(group.colour)
    canvas.discs(ground, scene.points, colours, scene.radius, scene.opacity)

    named = [label.person for label in scene.labels]
    canvas.discs(ground, scene.points[named], canvas.rgb(TEXT), scene.radius + RIM)
    canvas.discs(ground, scene.points[named], colours[named], scene.radius)

    if scene.query:
        canvas.bar(ground, padded(scene.query.box), QUERY)
    canvas.discs(ground, scene.star, canvas.rgb(TEXT), STAR_DISC + RIM)
    canvas.discs(ground, scene.star, canvas.rgb(QUERY), STAR_DISC)
    for entry in scene.legend.entries:
        if entry.colour:
            x, y = entry.dot
            middle = np.array([(MARGIN + x, LEGEND_TOP + y)], np.float32)
            canvas.discs(ground, middle, canvas.rgb(entry.colour), legend.DOT)
    return ground


def _write(draw: ImageDraw.ImageDraw, scene: Scene) -> None:
    if title := line(scene.title, TITLE_SIZE, WIDTH - 2 * MARGIN):
        title.draw_on(draw, MARGIN, TITLE_AT, TEXT)
    if hint := line(sentences.map.HINT, HINT_SIZE, WIDTH - 2 * MARGIN):
        hint.draw_on(draw, MARGIN, HINT_AT, FAINT)
    for label in scene.labels:
        label.line.draw(draw, label.box[0], label.box[1], TEXT, BACKGROUND)
    if scene.query:
        scene.query.line.draw(draw, scene.query.box[0], scene.query.box[1], TEXT)
    for x, y in scene.star:
        star = line("★", STAR_SIZE, math.inf)
        assert star is not None
        middle = y - STAR_HIGHER  # the ink's middle is not the star's
        star.draw(draw, x - star.width / 2, middle - star.height / 2, TEXT)
    for entry in scene.legend.entries:
        baseline = LEGEND_TOP + entry.baseline
        fill = TEXT if entry.colour else FAINT
        entry.line.draw_on(draw, MARGIN + entry.text_left, baseline, fill)
        if entry.number:
            entry.number.draw_on(draw, MARGIN + entry.number_left, baseline, FAINT)


def padded(box: Box) -> Box:
    """The bar under the query's text."""
    left, top, right, bottom = box
    return left - PILL_X, top - PILL_Y, right + PILL_X, bottom + PILL_Y

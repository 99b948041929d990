"""Text of every script as a line that can be measured and drawn.

The Noto fonts come from the wheels manimgx-fonts and manimgx-fonts-cjk. Each font knows some
scripts, so that a line is a row of runs, each in the first font that has its characters; within a
run HarfBuzz joins and orders the letters.
"""

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
FIRST, LAST = "NotoSans[", "NotoEmoji["  # the emoji font has digits too, none that go with letters
WEIGHT = 500  # medium: thin strokes drown on a dark background
PROBE = 40  # px; two different glyphs are never the same picture at this size
MARKS_MAX = 3  # on one letter; Hebrew and Thai need as many, and more would cover the neighbours
JOINERS = "\u200c\u200d"  # not seen, but they shape Persian, Sinhala and emoji
ELLIPSIS = "…"

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in px."""


@dataclass(frozen=True)
class Run:
    """Characters of one font, ``left`` px from the line's beginning."""

    text: str
    font: ImageFont.FreeTypeFont
    left: float


@dataclass(frozen=True)
class Line:
    """Text ready to be drawn. ``box`` is its ink around the beginning of its base line, in px."""

    runs: tuple[Run, ...]
    box: Box

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    def draw(
        self, draw: ImageDraw.ImageDraw, left: float, top: float, fill: str, halo: str = ""
    ) -> None:
        """Draw so that the ink begins at ``left``, ``top``, with a rim of colour ``halo``."""
        self.draw_on(draw, left - self.box[0], top - self.box[1], fill, halo)

    def draw_on(
        self, draw: ImageDraw.ImageDraw, x: float, y: float, fill: str, halo: str = ""
    ) -> None:
        """Draw on the base line ``y`` from ``x`` on, with a rim of colour ``halo``."""
        for run in self.runs:
            draw.text(
                (x + run.left, y),
                run.text,
                fill,
                run.font,
                anchor="ls",
                stroke_width=run.font.size / 10 if halo else 0,
                stroke_fill=halo or None,
            )


def line(text: str, size: int, width: float) -> Line | None:
    """``text`` at ``size`` px, shortened with … to at most ``width`` px; None if it has a letter
    that no font has, or nothing to be seen."""
    shown = drawable(text)
    if shown is None:
        return None
    shaped = _shape(shown, size)
    while shaped and shaped.width > width and len(shown) > 1:
        shown = _cut(shown, min(len(shown) - 1, int(len(shown) * width / shaped.width)))
        shaped = _shape(shown + ELLIPSIS, size)
    return shaped if shaped and shaped.width <= width else None


def drawable(text: str) -> str | None:
    """``text`` without what cannot be drawn: controls, directions, piled-up accents, and symbols
    that no font has. None if a letter is among them, for half a name is another name."""
    kept: list[str] = []
    marks = 0
    for character in "".join(map(_folded, unicodedata.normalize("NFC", " ".join(text.split())))):
        category = unicodedata.category(character)
        marks = marks + 1 if category[0] == "M" else 0
        if character in JOINERS:
            kept.append(character)
        elif category[0] == "C" or marks > MARKS_MAX or _is_variation(character):
            continue
        elif _face(character) is not None:
            kept.append(character)
        elif category[0] in "LMN":
            return None
    return " ".join("".join(kept).split()).strip(JOINERS) or None


def _folded(character: str) -> str:
    """A styled letter that no font has, such as 𝕯, as the plain one."""
    return character if _face(character) else unicodedata.normalize("NFKC", character)


def _is_variation(character: str) -> bool:
    """Whether it asks for another form of the character before it."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _cut(text: str, length: int) -> str:
    """The beginning of ``text``, not ending within a letter and its marks."""
    while length > 1 and (unicodedata.category(text[length])[0] == "M" or text[length] in JOINERS):
        length -= 1
    return text[:length].rstrip(JOINERS + " ")


def _shape(text: str, size: int) -> Line | None:
    runs: list[Run] = []
    boxes: list[Box] = []
    x = 0.0
    for path, part in _in_visual_order(text):
        font = _font(path, size)
        left, top, right, bottom = font.getbbox(part, anchor="ls")
        runs.append(Run(part, font, x))
        if right > left and bottom > top:
            boxes.append((x + left, top, x + right, bottom))
        x += font.getlength(part)
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Line(tuple(runs), (min(lefts), min(tops), max(rights), max(bottoms)))


def _in_visual_order(text: str) -> list[tuple[Path, str]]:
    """The runs of ``text`` with their fonts, from left to right."""
    runs = [
        (path, "".join(part for _, part in run)) for path, run in groupby(_faces_of(text), _first)
    ]
    strong = (unicodedata.bidirectional(character) for character in text)
    direction = next((kind for kind in strong if kind in ("L", "R", "AL")), "L")
    return runs if direction == "L" else runs[::-1]


def _first(pair: tuple[Path, str]) -> Path:
    return pair[0]


def _faces_of(text: str) -> Iterator[tuple[Path, str]]:
    """Each character with its font: the one before it, if that has it, so that runs are long. Not
    so the emoji's, whose spaces and digits are wide."""
    path = next(filter(None, map(_face, text)), _paths()[0])
    for character in text:
        if character not in JOINERS and (path == _paths()[-1] or not _has(path, character)):
            path = _face(character) or path
        yield path, character


@functools.cache
def _face(character: str) -> Path | None:
    """The first font that has ``character``."""
    return next((path for path in _paths() if _has(path, character)), None)


@functools.cache
def _paths() -> list[Path]:
    """The fonts, upright ones only, in the order they are asked."""
    found = [
        Path(str(file))
        for package in PACKAGES
        for file in sorted(files(package).iterdir(), key=lambda file: file.name)
        if file.name.endswith((".ttf", ".ttc")) and "Italic" not in file.name
    ]
    return sorted(found, key=lambda path: _rank(path.name))


def _rank(name: str) -> int:
    return 0 if name.startswith(FIRST) else 2 if name.startswith(LAST) else 1


@functools.lru_cache(maxsize=65536)
def _has(path: Path, character: str) -> bool:
    """Whether it is drawn otherwise than a character that nobody has. Pillow cannot be asked
    for a font's characters."""
    return _glyph(path, character) != _missing(path)


@functools.cache
def _missing(path: Path) -> bytes:
    return _glyph(path, "\U0010ffff")


def _glyph(path: Path, character: str) -> bytes:
    font = _font(path, PROBE)
    image = Image.new("L", (3 * PROBE, 3 * PROBE))
    ImageDraw.Draw(image).text((PROBE, 2 * PROBE), character, 255, font, anchor="ls")
    return image.tobytes()


@functools.cache
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size)
    font.set_variation_by_axes([WEIGHT])
    return font

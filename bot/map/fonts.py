"""Text in any script as a line that can be measured and drawn.

The Noto fonts come from the wheels manimgx-fonts and manimgx-fonts-cjk. Each font covers a few
scripts, so a line is a sequence of runs, each in the first font that has its characters. Within a
run, Pillow's HarfBuzz joins and orders the letters.

Pillow draws a string in one font only, so splitting a line into runs is our own code.
"""

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONT_PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")
FIRST_FONT = "NotoSans["  # the prefix of its file name
LAST_FONT = "NotoEmoji["  # its digits and spaces don't match the letters of the others
WEIGHT = 500  # medium: thin strokes are hard to read on a dark background
PROBE_SIZE = 40  # px; at this size, two different glyphs never look the same
MAX_MARKS = 3  # on one letter: Hebrew and Thai need three, and more would cover the neighbours
JOINERS = "\u200c\u200d"  # invisible, but they shape Persian, Sinhala and emoji
ELLIPSIS = "…"

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in px."""


@dataclass(frozen=True)
class Run:
    """Consecutive characters in one font, *left* px from the beginning of the line."""

    text: str
    font: ImageFont.FreeTypeFont
    left: float


@dataclass(frozen=True)
class Line:
    """Text that is ready to be drawn.

    *box* encloses its ink, in px relative to the beginning of the baseline.
    """

    runs: tuple[Run, ...]
    box: Box

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    def draw(
        self, draw: ImageDraw.ImageDraw, left: float, top: float, fill: str, outline: str = ""
    ) -> None:
        """Draw the line with its ink beginning at *left*, *top*."""
        self.draw_on_baseline(draw, left - self.box[0], top - self.box[1], fill, outline)

    def draw_on_baseline(
        self, draw: ImageDraw.ImageDraw, x: float, y: float, fill: str, outline: str = ""
    ) -> None:
        """Draw the line from *x* on the baseline *y*."""
        for run in self.runs:
            draw.text(
                (x + run.left, y),
                run.text,
                fill,
                run.font,
                anchor="ls",
                stroke_width=run.font.size / 10 if outline else 0,
                stroke_fill=outline or None,
            )


def shape_line(text: str, size: int, max_width: float) -> Line | None:
    """Lay out *text* at *size* px, shortened with … to at most *max_width* px.

    Returns None if a letter is in no font, or if there is nothing to draw.
    """
    shown = drawable_text(text)
    if shown is None:
        return None
    line = _shape(shown, size)
    while line and line.width > max_width and len(shown) > 1:
        shown = _truncate(shown, min(len(shown) - 1, int(len(shown) * max_width / line.width)))
        line = _shape(shown + ELLIPSIS, size)
    return line if line and line.width <= max_width else None


def drawable_text(text: str) -> str | None:
    """Remove what can't be drawn: control characters, piled-up accents and symbols in no font.

    Returns None if nothing is left, or if a letter is in no font, because a name without one of its
    letters is a different name.
    """
    drawable: list[str] = []
    marks = 0
    normalized = unicodedata.normalize("NFC", " ".join(text.split()))
    for character in "".join(map(_without_style, normalized)):
        category = unicodedata.category(character)
        marks = marks + 1 if category[0] == "M" else 0
        if character in JOINERS:
            drawable.append(character)
        elif category[0] == "C" or marks > MAX_MARKS or _is_variation_selector(character):
            continue
        elif _find_font(character) is not None:
            drawable.append(character)
        elif category[0] in "LMN":
            return None
    return " ".join("".join(drawable).split()).strip(JOINERS) or None


def _without_style(character: str) -> str:
    """Return the plain form of a styled letter, such as 𝕯, that no font has."""
    return character if _find_font(character) else unicodedata.normalize("NFKC", character)


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _truncate(text: str, length: int) -> str:
    """Cut *text* to *length* characters, or fewer so as not to separate a letter from its marks."""
    while length > 1 and (unicodedata.category(text[length])[0] == "M" or text[length] in JOINERS):
        length -= 1
    return text[:length].rstrip(JOINERS + " ")


def _shape(text: str, size: int) -> Line | None:
    runs: list[Run] = []
    boxes: list[Box] = []
    x = 0.0
    for path, part in _split_into_runs(text):
        font = _load_font(path, size)
        left, top, right, bottom = font.getbbox(part, anchor="ls")
        runs.append(Run(part, font, x))
        if right > left and bottom > top:
            boxes.append((x + left, top, x + right, bottom))
        x += font.getlength(part)
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Line(tuple(runs), (min(lefts), min(tops), max(rights), max(bottoms)))


def _split_into_runs(text: str) -> list[tuple[Path, str]]:
    """Split *text* into runs with their fonts, in the order in which they appear on the line."""
    runs = [
        (path, "".join(character for _, character in pairs))
        for path, pairs in groupby(_choose_fonts(text), key=itemgetter(0))
    ]
    directions = (unicodedata.bidirectional(character) for character in text)
    direction = next((kind for kind in directions if kind in ("L", "R", "AL")), "L")
    return runs if direction == "L" else runs[::-1]


def _choose_fonts(text: str) -> Iterator[tuple[Path, str]]:
    """Yield each character with its font.

    A character takes the font of the one before it if that font has it, which makes runs long. The
    emoji font is the exception, because its spaces and digits are wide.
    """
    emoji_font = _font_paths()[-1]
    path = next(filter(None, map(_find_font, text)), _font_paths()[0])
    for character in text:
        if character not in JOINERS and (path == emoji_font or not _has_glyph(path, character)):
            path = _find_font(character) or path
        yield path, character


@functools.cache
def _find_font(character: str) -> Path | None:
    """Return the first font that has *character*."""
    return next((path for path in _font_paths() if _has_glyph(path, character)), None)


@functools.cache
def _font_paths() -> list[Path]:
    """Return the upright fonts in the order in which they are tried."""
    paths = [
        Path(str(file))
        for package in FONT_PACKAGES
        for file in sorted(files(package).iterdir(), key=lambda file: file.name)
        if file.name.endswith((".ttf", ".ttc")) and "Italic" not in file.name
    ]
    paths.sort(key=lambda path: path.name.startswith(LAST_FONT))
    paths.sort(key=lambda path: not path.name.startswith(FIRST_FONT))
    return paths


@functools.lru_cache(maxsize=65536)
def _has_glyph(path: Path, character: str) -> bool:
    """Whether a font draws *character* differently from a character that no font has.

    Pillow can't list the characters of a font.
    """
    return _draw_glyph(path, character) != _missing_glyph(path)


@functools.cache
def _missing_glyph(path: Path) -> bytes:
    return _draw_glyph(path, "\U0010ffff")


def _draw_glyph(path: Path, character: str) -> bytes:
    font = _load_font(path, PROBE_SIZE)
    image = Image.new("L", (3 * PROBE_SIZE, 3 * PROBE_SIZE))
    ImageDraw.Draw(image).text((PROBE_SIZE, 2 * PROBE_SIZE), character, 255, font, anchor="ls")
    return image.tobytes()


@functools.cache
def _load_font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(path, size)
    font.set_variation_by_axes([WEIGHT])
    return font

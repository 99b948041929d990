"""A picture of a table: one row a contender, one mark a case, on a logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

COLOURS = ("#1b6ca8", "#2a9d5c", "#d98e04", "#c8553d", "#7a4fa3")
LEFT, RIGHT, TOP, ROW, BOTTOM = 170, 30, 64, 30, 40
WIDTH = 760


@dataclass(frozen=True)
class Mark:
    """A value above 0 in a case; hollow where it is not to be compared as it stands."""

    value: float
    hollow: bool = False


def draw(
    path: Path,
    title: str,
    cases: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Mark]]],
    unit: str,
) -> None:
    """Write it as SVG, which reads on white and on black."""
    values = [mark.value for _, marks in rows for mark in marks]
    scale = _Scale(min(values), max(values))
    height = TOP + ROW * len(rows) + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="12" fill="#808080">',
        _text(12, 20, title, "start", 14),
        *_legend(cases),
        *_axis(scale, height, unit),
    ]
    for number, (name, marks) in enumerate(rows):
        middle = TOP + ROW * number + ROW / 2
        parts.append(_text(LEFT - 12, middle + 4, name, "end"))
        parts += [
            _dot(scale.at(mark.value), middle, colour, mark.hollow)
            for mark, colour in zip(marks, COLOURS, strict=False)
        ]
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


class _Scale:
    """Where a value stands, between whole powers of ten."""

    def __init__(self, least: float, greatest: float) -> None:
        self.first = math.floor(math.log10(least))
        self.last = max(self.first + 1, math.ceil(math.log10(greatest)))

    def at(self, value: float) -> float:
        part = (math.log10(value) - self.first) / (self.last - self.first)
        return LEFT + part * (WIDTH - LEFT - RIGHT)


def _axis(scale: _Scale, height: int, unit: str) -> list[str]:
    lines: list[str] = []
    for power in range(scale.first, scale.last + 1):
        x = scale.at(10.0**power)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}" '
            'stroke="#808080" stroke-opacity="0.3"/>'
        )
        lines.append(_text(x, height - BOTTOM + 18, f"{10.0**power:g} {unit}", "middle"))
    return lines


def _legend(cases: Sequence[str]) -> list[str]:
    step = (WIDTH - LEFT) / len(cases)
    parts: list[str] = []
    for number, (case, colour) in enumerate(zip(cases, COLOURS, strict=False)):
        x = LEFT + number * step
        parts += [_dot(x, 42, colour, False), _text(x + 10, 46, case, "start")]
    return parts


def _dot(x: float, y: float, colour: str, hollow: bool) -> str:
    fill = "none" if hollow else colour
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" '
        'stroke-width="2" fill-opacity="0.8"/>'
    )


def _text(x: float, y: float, text: str, anchor: str, size: int = 12) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {place}>{escape(text)}</text>"

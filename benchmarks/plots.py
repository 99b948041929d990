"""Plot a table as SVG: a row per contender, a mark per case, on a logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

COLORS = ("#1b6ca8", "#2a9d5c", "#d98e04", "#c8553d", "#7a4fa3")
LEFT, RIGHT, TOP, ROW, BOTTOM = 170, 30, 64, 30, 40
WIDTH = 760


@dataclass(frozen=True)
class Mark:
    """A positive value of one case, drawn hollow if it is not directly comparable."""

    value: float
    hollow: bool = False


def draw(
    path: Path,
    title: str,
    cases: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Mark]]],
    unit: str,
) -> None:
    """Write the plot as SVG that is legible on light and dark backgrounds."""
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
    for row, (name, marks) in enumerate(rows):
        y = TOP + ROW * row + ROW / 2
        parts.append(_text(LEFT - 12, y + 4, name, "end"))
        parts += [
            _dot(scale.x_of(mark.value), y, color, mark.hollow)
            for mark, color in zip(marks, COLORS, strict=False)
        ]
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


class _Scale:
    """The x coordinates of values, on a logarithmic axis between whole powers of ten."""

    def __init__(self, minimum: float, maximum: float) -> None:
        self.first_power = math.floor(math.log10(minimum))
        self.last_power = max(self.first_power + 1, math.ceil(math.log10(maximum)))

    def x_of(self, value: float) -> float:
        share = (math.log10(value) - self.first_power) / (self.last_power - self.first_power)
        return LEFT + share * (WIDTH - LEFT - RIGHT)


def _axis(scale: _Scale, height: int, unit: str) -> list[str]:
    lines: list[str] = []
    for power in range(scale.first_power, scale.last_power + 1):
        x = scale.x_of(10.0**power)
        lines.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}" '
            'stroke="#808080" stroke-opacity="0.3"/>'
        )
        lines.append(_text(x, height - BOTTOM + 18, f"{10.0**power:g} {unit}", "middle"))
    return lines


def _legend(cases: Sequence[str]) -> list[str]:
    step = (WIDTH - LEFT) / len(cases)
    parts: list[str] = []
    for row, (case, color) in enumerate(zip(cases, COLORS, strict=False)):
        x = LEFT + row * step
        parts += [_dot(x, 42, color, False), _text(x + 10, 46, case, "start")]
    return parts


def _dot(x: float, y: float, color: str, hollow: bool) -> str:
    fill = "none" if hollow else color
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{color}" '
        'stroke-width="2" fill-opacity="0.8"/>'
    )


def _text(x: float, y: float, text: str, anchor: str, size: int = 12) -> str:
    attributes = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {attributes}>{escape(text)}</text>"

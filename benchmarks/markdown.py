"""Write tables and sentences as Markdown, which is also readable in a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        """Pad each column to the width of its longest cell."""
        lines = [self.headings, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        formatted = [
            f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
            for line in lines
        ]
        rule = f"|{'|'.join('-' * (width + 2) for width in widths)}|"
        return "\n".join([formatted[0], rule, *formatted[1:]])


@dataclass(frozen=True)
class Section:
    """A heading, followed by tables, images and paragraphs; empty ones are left out."""

    title: str
    parts: Sequence[object] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n\n".join([f"## {self.title}", *(str(part) for part in self.parts if part)])


def page(title: str, parts: Sequence[object]) -> str:
    return "\n\n".join([f"# {title}", *map(str, parts)]) + "\n"


def bullet_list(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def times(ratio: float) -> str:
    """Format a ratio, with two decimals if it is below 10."""
    return f"{ratio:.2f}×" if ratio < 10 else f"{ratio:,.0f}×"


def seconds(value: float) -> str:
    """Format seconds in a suitable unit."""
    if value < 1:
        return f"{1000 * value:.2g} ms" if value < 0.01 else f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def megabytes(value: float) -> str:
    return f"{value / 2**20:,.0f} MB"

"""``make bench`` measures all, and writes docs/benchmarks.md. With QUICK=1 it measures less, and
only prints, or writes where OUT says."""

import asyncio
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import measuring, own, peers
from benchmarks.comparison import Compared
from benchmarks.machine import machine, software
from benchmarks.measuring import FULL, QUICK
from benchmarks.people import DATA
from benchmarks.report import page

DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    quick = bool(os.environ.get("QUICK"))
    out = os.environ.get("OUT") or ("" if quick else str(DOCS / "benchmarks.md"))
    with tempfile.TemporaryDirectory(prefix="whos-who-bench-") as folder:
        compared, ours = asyncio.run(measuring.measure(QUICK if quick else FULL, Path(folder)))
    pictures = draw(compared, Path(out)) if out else [""] * len(compared)
    parts = [
        said_first(quick),
        *own.sections(ours),
        peers.introduction(compared[0]),
        *map(peers.section, compared, pictures),
    ]
    written = page("Benchmarks", parts)
    print(written)
    if out:
        Path(out).write_text(written, encoding="utf-8")
        print(f"Written to {out}", file=sys.stderr)


def draw(compared: list[Compared], out: Path) -> list[str]:
    """The names of a picture for each size, beside the page."""
    names = [f"{out.stem}-{one.size}.svg" for one in compared]
    for one, name in zip(compared, names, strict=True):
        peers.draw_times(one, out.parent / name)
    return names


def said_first(quick: bool) -> str:
    people = (
        "those of `wikipedia_deaths.jsonl`, and beyond them copies with their vectors a little "
        "moved"
        if DATA.exists()
        else "made up of a few words, as the file of real ones is not beside the checkout"
    )
    return (
        f"Measured by `make bench{' QUICK=1' if quick else ''}` on {date.today():%Y-%m-%d}, on "
        f"{machine()}; {software()}. The people are {people}. What is compared was asked in turns "
        "in one run; a ratio is one of medians, with the medians beside it. Every figure and every "
        "sentence on figures comes from that run."
    )


if __name__ == "__main__":
    main()

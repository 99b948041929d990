"""``make bench`` runs all benchmarks and writes docs/benchmarks.md. With QUICK=1 it measures less,
and only prints the page, or writes it to the file named in OUT."""

import asyncio
import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from benchmarks import bot_report, peer_report, suite
from benchmarks.comparison import PeerComparison
from benchmarks.machine import describe_machine, describe_software
from benchmarks.markdown import page
from benchmarks.people import DATA_FILE
from benchmarks.suite import FULL, QUICK

DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    quick = bool(os.environ.get("QUICK"))
    out = os.environ.get("OUT") or ("" if quick else str(DOCS / "benchmarks.md"))
    with tempfile.TemporaryDirectory(prefix="whos-who-bench-") as folder:
        comparisons, results = asyncio.run(suite.measure(QUICK if quick else FULL, Path(folder)))
    plots = draw_plots(comparisons, Path(out)) if out else [""] * len(comparisons)
    parts = [
        introduction(quick),
        *bot_report.sections(results),
        peer_report.peers_section(comparisons[0]),
        *map(peer_report.size_section, comparisons, plots),
    ]
    markdown = page("Benchmarks", parts)
    print(markdown)
    if out:
        Path(out).write_text(markdown, encoding="utf-8")
        print(f"Written to {out}", file=sys.stderr)


def draw_plots(comparisons: list[PeerComparison], out: Path) -> list[str]:
    """Plot the times of each size, beside the page. Return the names of the files."""
    names = [f"{out.stem}-{comparison.size}.svg" for comparison in comparisons]
    for comparison, name in zip(comparisons, names, strict=True):
        peer_report.draw_times(comparison, out.parent / name)
    return names


def introduction(quick: bool) -> str:
    people = (
        "those of `wikipedia_deaths.jsonl`, and beyond them copies with their vectors a little "
        "moved"
        if DATA_FILE.exists()
        else "made up of a few words, as the file of real ones is not beside the checkout"
    )
    return (
        f"Measured by `make bench{' QUICK=1' if quick else ''}` on {date.today():%Y-%m-%d}, on "
        f"{describe_machine()}; {describe_software()}. The people are {people}. "
        "What is compared was asked in turns in one run; a ratio is one of medians, with the "
        "medians beside it. Every figure and every sentence on figures comes from that run."
    )


if __name__ == "__main__":
    main()

"""What the command line prints."""

from collections.abc import Iterable
from pathlib import Path

ASKING = "Asking …"
ERROR = "Error:"
NOBODY_TO_ASK = "Nobody is at the terminal to confirm that; --yes confirms it beforehand."


# Answers

CONDITIONS_FROM_WORDS = "Conditions were read from plain words; --literal takes them as words."
NOBODY = "Nobody."
NONE = "none"
NO_FILTER = "no FILTER"


def in_all(total: int) -> str:
    return f"({total:,} in all)"


# What an import did

REFUSED = "Refused:"


def added(added: int, refused: int) -> str:
    return f"{added:,} added, {refused:,} refused."


def new_attributes(fields: Iterable[str]) -> str:
    return f"New attributes: {', '.join(fields)}."


def repeated(number: int) -> str:
    return f"{number:,} stood in the file more than once."


def same(number: int) -> str:
    return f"{number:,} were here already, with the same facts:"


def different(number: int) -> str:
    return f"{number:,} were here already, with other facts, and were left as they are:"


def told_apart(number: int) -> str:
    return f"{number:,} shared names, whose people were told apart:"


def and_more(number: int) -> str:
    return f"… and {number:,} more"


def into(directory: str) -> str:
    return f"Into {directory}"


def written(count: int, file: Path) -> str:
    return f"{count:,} people written to {file}."


# How a search was carried out

SCAN = "exact scan"
SCAN_MISSES_NOBODY = "exact scan, for the graph would miss people"
SCAN_FOR_OTHERS = "exact scan for those who do not match, who are fewer"
INDEX = "index of names"


def scan_of_few(people: int) -> str:
    return f"exact scan, as fast as the graph for {people:,}"


def graph(effort: int) -> str:
    return f"graph, with an effort of {effort:,}"

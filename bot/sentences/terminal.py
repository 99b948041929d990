"""What the command line prints."""

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


# What an export did


def and_more(number: int) -> str:
    return f"… and {number:,} more"


def written(count: int, file: Path) -> str:
    return f"{count:,} people written to {file}."

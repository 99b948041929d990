"""What may be meant instead."""

from collections.abc import Sequence


def did_you_mean(near: Sequence[str]) -> str:
    return f"Did you mean {' or '.join(near)}?"

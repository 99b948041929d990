"""What was changed, and what is taken back."""

from collections.abc import Sequence

SOMEBODY = "somebody"


def no_change(number: int) -> str:
    return f"There is no change #{number} in the history. /history lists those there are."


def undone_already(number: int, by: int) -> str:
    return f"Change #{number} was undone already, by #{by}. To have it again, undo #{by}."


def forgotten_in_part(number: int) -> str:
    return (
        f"The beginning of change #{number} is no longer in the history, so that it cannot be "
        "undone."
    )


def nothing_to_undo(number: int, why: Sequence[str]) -> str:
    return f"Change #{number} cannot be undone. {' '.join(why)}"


def changed_since(name: str, what: Sequence[str], by: int | None) -> str:
    """``what`` are attributes, or the description."""
    again = f" by #{by}" if by else ""
    return f"{', '.join(what)} of {name} was changed since{again}, and stays."


def gone_since(name: str, by: int | None) -> str:
    again = f" by #{by}" if by else ""
    return f"{name} was removed since{again}, and stays away."


def there_again(name: str, by: int | None) -> str:
    again = f" by #{by}" if by else ""
    return f"{name} is there again{again}, and stays."


def field_in_use(field: str) -> str:
    return f"The attribute {field} stays, for somebody has a value of it."


def field_not_renamed(now: str, old: str) -> str:
    return f"The attribute {now} is not called {old} again: it is gone since, or {old} is there."


DESCRIPTION = "the description"

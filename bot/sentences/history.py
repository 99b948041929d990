"""What was changed, and what is taken back."""

<<<<<<< HEAD
DESCRIBED = "description"


def from_to(field: str, before: str, after: str) -> str:
    return f"{field} {before} → {after}".strip()
=======
from collections.abc import Mapping, Sequence

SOMEBODY = "someone"


def no_change(number: int) -> str:
    return (
        f"There is no change #{number} in the history (any more). /history lists those there are."
    )


def undone_already(number: int, by: int) -> str:
    return f"Change #{number} was undone already, by #{by}. To have it again, undo #{by}."


def forgotten_in_part(number: int) -> str:
    return (
        f"The beginning of change #{number} is no longer in the history, so that it cannot be "
        "undone."
    )


def nothing_to_undo(number: int, why: Sequence[str]) -> str:
    return f"Change #{number} cannot be undone. {' '.join(why)}"


def changed_since(name: str, what: Mapping[str, int | None]) -> str:
    """``what`` are attributes, or the description, and the change of each if that is known."""
    was, stays = ("was", "stays") if len(what) == 1 else ("were", "stay")
    numbers = {*what.values()}
    if len(numbers) == 1:
        by = _by([number for number in numbers if number])
        return f"Of {name}, {_and([*what])} {was} changed since{by}, and {stays}."
    each = [f"{attribute} (#{by})" if by else attribute for attribute, by in what.items()]
    return f"Of {name}, {_and(each)} {was} changed since, and {stays}."


def stays_here(name: str, by: Sequence[int]) -> str:
    """Of somebody who was added."""
    return f"{name} was changed since{_by(by)}, and stays in the directory."


def gone_since(name: str, by: Sequence[int]) -> str:
    return f"{name} was removed since{_by(by)}, and stays away."


def there_again(name: str, by: Sequence[int]) -> str:
    return f"{name} is there again{_by(by)}, and stays."


def _by(numbers: Sequence[int]) -> str:
    """By which changes something was done; none may be known."""
    return f" by {_and([f'#{number}' for number in numbers])}" if numbers else ""


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def field_in_use(field: str) -> str:
    return f"The attribute {field} stays, for somebody has a value of it."


def field_not_renamed(now: str, old: str) -> str:
    return f"The attribute {now} is not called {old} again: it is gone since, or {old} is there."


def field_lost(field: str) -> str:
    return f"The attribute {field} is gone since, or takes something else; its values stay away."


DESCRIPTION = "the description"
AS_BEFORE = "All that it changed is as it was before."
>>>>>>> 288a819 (Restore the messages of files, which another change took back by mistake)

"""Who is not here, and what of a person cannot be stored."""

from collections.abc import Sequence


def nobody_called(name: str, near: Sequence[str]) -> str:
    sentence = f"Nobody here is called {name}."
    return f"{sentence} {_did_you_mean(near)}" if near else sentence


NOBODY_YET = "Nobody is here yet. Somebody who may manage the server adds people with /addperson."


def too_many_attributes(most: int) -> str:
    return f"A directory has at most {most} attributes."


def no_attribute(name: str, near: Sequence[str], there: Sequence[str]) -> str:
    hint = _did_you_mean(near) if near else f"There are {', '.join(there)}."
    return f"Nobody here has an attribute {name}. {hint}"


def attribute_gone(field: str, number: int) -> str:
    return (
        f"The attribute {field} was renamed or removed by another while it was being removed. Some "
        f"people may have lost their values of it by then: that is change #{number}, and "
        f"/undo {number} takes it back."
    )


def attribute_there(field: str, kind: str) -> str:
    return f"There is an attribute {field} already ({kind})."


def attribute_of_everybody(field: str) -> str:
    return f"Everybody has the attribute {field}; it stays, under its name."


def nobody_has(condition: str, near: Sequence[str]) -> str:
    sentence = f"Nobody here has {condition}."
    return f"{sentence} {_did_you_mean(near)}" if near else sentence


def already_here(name: str) -> str:
    return (
        f"{name} is already here, and was left as it is. "
        "Edit that person, or add this one under a name that tells them apart."
    )


def changed_by_another(name: str) -> str:
    return f"{name} is being changed by someone else. Nothing was saved; try again."


def _did_you_mean(near: Sequence[str]) -> str:
    return f"Did you mean {' or '.join(near)}?"

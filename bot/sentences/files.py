"""People as files. Some say why: that is put into the sentence it ends."""

from pathlib import Path

NOT_UTF8 = "it is not UTF-8 text"
NESTED_TOO_DEEPLY = "it is nested too deeply"


def not_json(error: Exception) -> str:
    return f"it is not JSON ({error})"


def key_twice(key: str) -> str:
    return f"the key {key} stands twice in one object"


def cannot_be_read(path: Path, why: str) -> str:
    return f"{path} cannot be read: {why}."


def cannot_be_used(path: Path, why: str) -> str:
    return f"{path} cannot be used: {why}."


def cannot_be_written(path: Path, why: str) -> str:
    return f"{path} cannot be written: {why}."


def neither_list_nor_object(path: Path) -> str:
    return f"{path} holds neither a list of people nor an object of names."


def unknown_ending(path: Path) -> str:
    return f"{path} is not written: its name must end in .json or .jsonl."


def person(number: int) -> str:
    return f"person {number}"


def line(number: int) -> str:
    return f"line {number}"


NO_OBJECT = "It is not an object with a name."
NO_TEXT = "It needs a name and a description, both text."


def unusable_line(why: str) -> str:
    return f"It cannot be used: {why}."


def same_attribute(field: str) -> str:
    return f"Two of its keys are the attribute {field}."

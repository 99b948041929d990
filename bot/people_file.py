"""People as files: a JSON list, an object of names, or JSON lines."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.errors import DirectoryError, InvalidPerson
from bot.person import (
    BASE_SCHEMA,
    NAME_MAX,
    Person,
    Schema,
    clean_field,
    fold,
    format_value,
    kind_of,
)

LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Record:
    """One person of a file, not yet looked at: ``where`` says which, for messages."""

    where: str
    name: Any
    description: Any
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Refused:
    where: str
    reason: str


@dataclass(frozen=True)
class Content:
    """What a file holds: its records, and what in it is none."""

    records: Sequence[Record]
    refused: Sequence[Refused]


def read(path: Path) -> Content:
    """The people of a ``.jsonl`` file, one object a line, or else of a JSON file: a list of objects
    with a ``name``, or an object from names to the rest. Lines that are none are refused one by
    one. Raises DirectoryError if the file as a whole is none."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise DirectoryError(f"{path} cannot be read: {reason}.") from error
    if path.suffix.lower() in LINES:
        return _sort(_lines(text))
    try:
        content = json.loads(text)
    except ValueError as error:
        raise DirectoryError(f"{path} is not JSON: {error}.") from error
    if isinstance(content, dict):
        content = [
            {"name": name, **rest} if isinstance(rest, dict) else rest
            for name, rest in content.items()
        ]
    if not isinstance(content, list):
        raise DirectoryError(f"{path} holds neither a list of people nor an object of names.")
    return _sort((f"person {number}", item) for number, item in enumerate(content, 1))


def _lines(text: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                yield f"line {number}", InvalidPerson(f"It is not JSON: {error}.")


def _sort(items: Iterable[tuple[str, Any]]) -> Content:
    records: list[Record] = []
    refused: list[Refused] = []
    for where, item in items:
        try:
            records.append(_record(where, item))
        except InvalidPerson as error:
            refused.append(Refused(where, str(error)))
    return Content(records, refused)


def _record(where: str, item: Any) -> Record:
    if isinstance(item, InvalidPerson):
        raise item
    if not isinstance(item, dict):
        raise InvalidPerson("It is not an object with a name.")
    attributes = {
        clean_field(re.sub(r"\W+", "_", key).strip("_")): value
        for key, value in item.items()
        if key not in ("name", "description")
    }
    return Record(where, item.get("name"), item.get("description"), attributes)


def schema_of(records: Iterable[Record]) -> Schema:
    """The fields of the records, with the kinds their values show."""
    values: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        for name, value in record.attributes.items():
            values[name].append(value)
    return {
        **BASE_SCHEMA,
        **{name: kind_of(v) for name, v in values.items() if name not in BASE_SCHEMA},
    }


def to_people(records: Iterable[Record], schema: Schema) -> tuple[list[Person], list[Refused]]:
    """The people the records describe, and why some do not."""
    people: list[Person] = []
    refused: list[Refused] = []
    for record in records:
        try:
            if not isinstance(record.name, str) or not isinstance(record.description, str | None):
                raise InvalidPerson("It needs a name and a description, both text.")
            person = Person.create(record.name, record.description or "", record.attributes, schema)
            people.append(person)
        except InvalidPerson as error:
            name = f" ({record.name[:60]})" if isinstance(record.name, str) else ""
            refused.append(Refused(record.where + name, str(error)))
    return people, refused


@dataclass(frozen=True)
class ToldApart:
    """People with distinct names, case and accents aside; the new names of those who shared one,
    by the name they shared; and how many were the same person written twice."""

    people: list[Person]
    renamed: dict[str, list[str]]
    repeated: int


def tell_apart(people: Sequence[Person]) -> ToldApart:
    """Give everybody who shares a name the least that tells them apart: ``John Smith (1901)``,
    else ``(1901–1980)``, else a country or the like, else a number."""
    sharing: dict[str, list[Person]] = defaultdict(list)
    for person in dict.fromkeys(map(_Same, people)):
        sharing[fold(person.person.name)].append(person.person)
    taken = {folded for folded, group in sharing.items() if len(group) == 1}
    names: dict[_Same, str] = {}
    renamed: dict[str, list[str]] = {}
    for group in sharing.values():
        if len(group) > 1:
            new = _distinct(group, taken)
            taken.update(map(fold, new))
            names.update(zip(map(_Same, group), new, strict=True))
            renamed[group[0].name] = new
    apart = [
        replace(same.person, name=names.get(same, same.person.name))
        for same in dict.fromkeys(map(_Same, people))
    ]
    return ToldApart(apart, renamed, len(people) - len(apart))


class _Same:
    """A person as a dictionary's key: the same if all of them is."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._all = (person.name, person.description, tuple(sorted(person.attributes.items())))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)


def _distinct(group: Sequence[Person], taken: set[str]) -> list[str]:
    fields = Counter(field for person in group for field in person.attributes)
    kinds_of_hint = [["born"], ["born", "died"], *([f] for f in fields if f not in BASE_SCHEMA)]
    for hint in kinds_of_hint:
        names = [_with_hint(person, hint) for person in group]
        folded = set(map(fold, names))
        if (
            len(folded) == len(group)
            and all(name.endswith(")") for name in names)
            and not folded & taken
        ):
            return names
    names = []
    number = 0
    for person in group:
        number += 1
        while fold(f"{person.name} ({number})") in taken:
            number += 1
        names.append(_fit(person.name, f"({number})"))
    return names


def _with_hint(person: Person, fields: Sequence[str]) -> str:
    values = [person.attributes.get(field) for field in fields]
    if None in values:
        return person.name
    if fields == ["born", "died"]:
        return _fit(person.name, f"({person.years})")
    return _fit(person.name, f"({format_value(fields[0], values[0])})")


def _fit(name: str, hint: str) -> str:
    return f"{name[: NAME_MAX - len(hint) - 1].rstrip()} {hint}"


def to_record(person: Person) -> dict[str, Any]:
    """The person as ``read`` reads it back."""
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in person.attributes.items()}
    base = {name: values.pop(name, None) for name in BASE_SCHEMA}
    return {"name": person.name, "description": person.description, **base, **values}


def write(path: Path, people: Sequence[Person]) -> None:
    """Write people as JSON lines or a JSON list, as the file's ending says; the file is there
    whole or not at all. Raises DirectoryError."""
    lines = [json.dumps(to_record(person), ensure_ascii=False) for person in people]
    text = "".join(f"{line}\n" for line in lines)
    if path.suffix.lower() not in LINES:
        text = "[\n" + ",\n".join(lines) + "\n]\n"
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(path)
    except OSError as error:
        raise DirectoryError(f"{path} cannot be written: {error.strerror}.") from error

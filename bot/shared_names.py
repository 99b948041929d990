"""People who share a name, told apart by the least that does."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from bot.person import BASE_SCHEMA, NAME_MAX, Person, fold, format_value

HINT_MAX = 40  # characters in the brackets that tell a name apart


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
    different = list({_identity(person): person for person in people}.values())
    sharing: dict[str, list[Person]] = defaultdict(list)
    for person in different:
        sharing[fold(person.name)].append(person)
    taken = {folded for folded, group in sharing.items() if len(group) == 1}
    names: dict[int, str] = {}
    renamed: dict[str, list[str]] = {}
    for group in sharing.values():
        if len(group) > 1:
            new = _distinct(group, taken)
            taken.update(map(fold, new))
            names.update(zip(map(id, group), new, strict=True))
            renamed[group[0].name] = new
    apart = [replace(person, name=names.get(id(person), person.name)) for person in different]
    return ToldApart(apart, renamed, len(people) - len(different))


def _identity(person: Person) -> Hashable:
    return person.name, person.description, tuple(sorted(person.attributes.items()))


def _distinct(group: Sequence[Person], taken: set[str]) -> list[str]:
    fields = Counter(field for person in group for field in person.attributes)
    hints = [["born"], ["born", "died"], *([field] for field in fields if field not in BASE_SCHEMA)]
    for hint in hints:
        names = [_with_hint(person, hint) for person in group]
        folded = {fold(name) for name in names if name is not None}
        if len(folded) == len(group) and not folded & taken:
            return [name for name in names if name is not None]
    numbered: list[str] = []
    number = 0
    for person in group:
        name = ""
        while not name or fold(name) in taken:
            number += 1
            name = _fit(person.name, f"({number})")
        numbered.append(name)
    return numbered


def _with_hint(person: Person, fields: Sequence[str]) -> str | None:
    values = [person.attributes.get(field) for field in fields]
    if None in values:
        return None
    hint = person.years if len(fields) > 1 else format_value(fields[0], values[0])
    return _fit(person.name, f"({hint})") if len(hint) <= HINT_MAX else None


def _fit(name: str, hint: str) -> str:
    return f"{name[: NAME_MAX - len(hint) - 1].rstrip()} {hint}"

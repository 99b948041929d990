"""Distinct names for people who share one: ``John Smith (1901)``."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.person import BASE_SCHEMA, NAME_MAX, Person, fold, format_value

HINT_MAX = 40  # characters in the brackets of a name
YEAR_HINTS = (["born"], ["born", "died"])  # tried before other attributes
BIRTH_TOLERANCE = 2  # years by which sources may differ about one person's birth


@dataclass(frozen=True)
class Disambiguation:
    """People with names that differ in more than case and accents, without repeats.

    ``indices`` are their positions among the given people. ``renamed`` has the new names of those
    who shared a name, by that name. ``repeated`` counts the repeats that were dropped.
    """

    people: Sequence[Person]
    indices: Sequence[int]
    renamed: Mapping[str, list[str]]
    repeated: int


def disambiguate(
    people: Sequence[Person], existing: Mapping[str, Person] | None = None
) -> Disambiguation:
    """Give everyone who shares a name the shortest hint that distinguishes them: the birth, both
    years, another attribute that isn't a flag, or else a number.

    ``existing`` are the people of a directory, by folded name, who keep their names. Someone who is
    one of them gets that name, and someone who may be one of them shares it.
    """
    first_index: dict[Hashable, int] = {}
    for index, person in enumerate(people):
        first_index.setdefault(_identity(person), index)
    indices = list(first_index.values())
    groups: dict[str, list[int]] = defaultdict(list)
    for index in indices:
        groups[fold(people[index].name)].append(index)
    names = _choose_names(people, groups, existing or {})
    renamed: dict[str, list[str]] = {}
    for group in groups.values():
        new = [names[i] for i in group if names.get(i, people[i].name) != people[i].name]
        if new:
            renamed[people[group[0]].name] = new
    distinct = [replace(people[i], name=names.get(i, people[i].name)) for i in indices]
    return Disambiguation(distinct, indices, renamed, len(people) - len(indices))


def match_namesakes(
    people: Sequence[Person], existing: Mapping[str, Person]
) -> Iterator[tuple[int, Person]]:
    """Yield the index of each person who shares a name with one of ``existing``, and that one.
    Names that several people have on either side, ignoring hints, are left out."""
    names = [fold(person.name) for person in people]
    counts = Counter(_base_name(name) or name for name in names)
    groups = _group_existing(counts.keys(), existing)
    for index, name in enumerate(names):
        if counts[name] == 1 and name in existing and len(groups[name]) == 1:
            yield index, existing[name]


def are_different_people(one: Person, other: Person) -> bool:
    """Whether two people of the same name were clearly born in different years."""
    births = [birth for person in (one, other) if (birth := _birth(person)) is not None]
    return len(births) > 1 and abs(births[0] - births[1]) > BIRTH_TOLERANCE


def _choose_names(
    people: Sequence[Person], groups: Mapping[str, Sequence[int]], existing: Mapping[str, Person]
) -> dict[int, str]:
    """Return, by index, the names of those who are in ``existing`` or need another name. ``groups``
    has the indices of everyone by folded name."""
    candidates = _group_existing(groups.keys(), existing)
    names: dict[int, str] = {}
    to_rename: dict[str, list[int]] = {}
    for name, group in groups.items():
        names |= _match_existing(people, group, candidates.get(name, []))
        if indices := _indices_to_rename(people, group, names, existing.get(name)):
            to_rename[name] = indices
    taken = {*existing}
    for name, group in groups.items():
        settled = [i for i in group if i not in to_rename.get(name, ())]
        taken.update(fold(names.get(i, people[i].name)) for i in settled)
    for name, indices in to_rename.items():
        group = [people[i] for i in groups[name]]
        new = _distinct_names([people[i] for i in indices], group, taken)
        taken.update(map(fold, new))
        names.update(zip(indices, new, strict=True))
    return names


def _group_existing(
    names: Collection[str], existing: Mapping[str, Person]
) -> Mapping[str, list[Person]]:
    """Return who has each of these folded names: first the one without a hint, then the others."""
    groups = {name: [existing[name]] for name in names if name in existing}
    for folded, person in existing.items():
        name = _base_name(folded)
        if name in names and folded not in names:
            groups.setdefault(name, []).append(person)
    return groups


def _base_name(folded: str) -> str:
    """Return a folded name without the hint in brackets; '' if it has none."""
    return folded.rpartition(" (")[0]


def _match_existing(
    people: Sequence[Person], group: Sequence[int], candidates: Sequence[Person]
) -> dict[int, str]:
    """Return, by index, the names of those who are in the directory already: a candidate's data
    includes all of theirs, or its name has the hint that they would get. The others match the
    candidates whose hint is just a number in order, if there are as many of them."""
    unmatched = {fold(person.name): person for person in candidates}
    names: dict[int, str] = {}
    strategies = [_find_same, _find_consistent, _find_by_years]
    if len(group) > 1:  # a single French John Smith may be John Smith (France) or not
        strategies.append(_find_by_other_fields)
    for find in strategies:
        for index in group:
            if index not in names and (name := next(find(people[index], unmatched), None)):
                is_unchanged = fold(people[index].name) == name
                names[index] = people[index].name if is_unchanged else unmatched[name].name
                del unmatched[name]
    rest = [index for index in group if index not in names]
    numbered = [name for name, person in unmatched.items() if _has_number_hint(name, person)]
    if len(group) > 1 and len(rest) == len(numbered):
        in_order = sorted(numbered, key=_number_hint)
        names |= {i: unmatched[name].name for i, name in zip(rest, in_order, strict=True)}
    return names


def _has_number_hint(name: str, person: Person) -> bool:
    """Whether the hint is a number that says nothing about the person, such as a year."""
    number = _number_hint(name)
    known = {format_value(*attribute) for attribute in person.attributes.items()}
    return number > 0 and str(number) not in known


def _number_hint(name: str) -> int:
    found = re.search(r" \((\d+)\)$", name)
    return int(found[1]) if found else 0


def _find_same(person: Person, candidates: Mapping[str, Person]) -> Iterator[str]:
    for name in _find_consistent(person, candidates):
        if len(candidates[name].attributes) == len(person.attributes):
            yield name


def _find_consistent(person: Person, candidates: Mapping[str, Person]) -> Iterator[str]:
    """Yield the names of candidates about whom the person says nothing new."""
    attributes = person.attributes.items()
    for name, other in candidates.items():
        same_description = person.description in ("", other.description)
        if same_description and attributes <= other.attributes.items():
            yield name


def _find_by_years(person: Person, candidates: Mapping[str, Person]) -> Iterator[str]:
    return _find_by_hints(person, YEAR_HINTS, candidates)


def _find_by_other_fields(person: Person, candidates: Mapping[str, Person]) -> Iterator[str]:
    hints = [[field] for field in person.attributes if field not in BASE_SCHEMA]
    return _find_by_hints(person, hints, candidates)


def _find_by_hints(
    person: Person, hints: Sequence[Sequence[str]], candidates: Mapping[str, Person]
) -> Iterator[str]:
    """Yield the candidates' names that the person would get by these hints."""
    for fields in hints:
        name = fold(_with_hint(person, fields) or "")
        if name in candidates and not are_different_people(person, candidates[name]):
            yield name


def _indices_to_rename(
    people: Sequence[Person],
    group: Sequence[int],
    names: Mapping[int, str],
    holder: Person | None,
) -> list[int]:
    """Return the members of a group who need a new name: everyone without one in ``names``, except
    the one who takes the place of ``holder``, the person who has the shared name in the directory.
    That is someone alone who may be the holder, or the only one born in the holder's year."""
    rest = [index for index in group if index not in names]
    if holder is None:
        return rest if len(group) > 1 else []
    if any(fold(names[i]) == fold(holder.name) for i in group if i in names):
        return rest
    same = [i for i in rest if not are_different_people(people[i], holder)]
    if len(group) > 1:
        same = [i for i in same if None not in (_birth(people[i]), _birth(holder))]
    return [i for i in rest if len(same) != 1 or i != same[0]]


def _birth(person: Person) -> float | None:
    born = person.attributes.get("born")
    return born if isinstance(born, int | float) else None


def _identity(person: Person) -> Hashable:
    return fold(person.name), person.description, tuple(sorted(person.attributes.items()))


def _distinct_names(
    people: Sequence[Person], group: Sequence[Person], taken: set[str]
) -> list[str]:
    """Return names for people that distinguish their whole group and aren't taken."""
    attributes = [attribute for person in group for attribute in person.attributes.items()]
    fields = dict.fromkeys(name for name, value in attributes if not isinstance(value, bool))
    hints = [*YEAR_HINTS, *([name] for name in fields if name not in BASE_SCHEMA)]
    for hint in hints:
        in_group = {fold(name) for person in group if (name := _with_hint(person, hint))}
        names = [name for person in people if (name := _with_hint(person, hint))]
        if len(in_group) == len(group) and taken.isdisjoint(map(fold, names)):
            return names
    numbered: list[str] = []
    number = 0
    for person in people:
        name = ""
        while not name or fold(name) in taken:
            number += 1
            name = _fit(person.name, f"({number})")
        numbered.append(name)
    return numbered


def _with_hint(person: Person, fields: Sequence[str]) -> str | None:
    """Return the name with the values of these fields in brackets; None without a short hint."""
    values = [person.attributes.get(field) for field in fields]
    if None in values:
        return None
    hint = person.years if len(fields) > 1 else format_value(fields[0], values[0])
    return _fit(person.name, f"({hint})") if len(hint) <= HINT_MAX else None


def _fit(name: str, hint: str) -> str:
    return f"{name[: NAME_MAX - len(hint) - 1].rstrip()} {hint}"

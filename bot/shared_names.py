"""People who share a name, told apart by the least that does."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.person import BASE_SCHEMA, NAME_MAX, Person, fold, format_value

HINT_MAX = 40  # characters in the brackets that tell a name apart
YEARS_APART = 2  # between births, up to which sources may differ on one person


@dataclass(frozen=True)
class ToldApart:
    """People with distinct names, case and accents aside, and which of those given each is, by
    places from 0; the new names of those who shared one, by the name they shared; and how many were
    the same person written twice."""

    people: Sequence[Person]
    places: Sequence[int]
    renamed: Mapping[str, list[str]]
    repeated: int


def tell_apart(people: Sequence[Person], there: Mapping[str, Person] | None = None) -> ToldApart:
    """Give everybody who shares a name the least that tells them apart: ``John Smith (1901)``,
    else ``(1901–1980)``, else a country or the like, else a number. ``there`` are others, by their
    folded names, who keep theirs: whoever may be the same person shares it with them."""
    different: dict[Hashable, int] = {}
    for place, person in enumerate(people):
        different.setdefault(_identity(person), place)
    sharing: dict[str, list[int]] = defaultdict(list)
    for place in different.values():
        sharing[fold(people[place].name)].append(place)
    renaming = {name: _renaming(people, who, there or {}) for name, who in sharing.items()}
    taken = {name for name, who in sharing.items() if len(renaming[name]) < len(who)}
    names: dict[int, str] = {}
    renamed: dict[str, list[str]] = {}
    for who in filter(None, renaming.values()):
        new = _distinct([people[place] for place in who], taken)
        taken.update(map(fold, new))
        names.update(zip(who, new, strict=True))
        renamed[people[who[0]].name] = new
    places = list(different.values())
    apart = [replace(people[at], name=names.get(at, people[at].name)) for at in places]
    return ToldApart(apart, places, renamed, len(people) - len(places))


def are_two(one: Person, other: Person) -> bool:
    """Whether people of the same name are plainly two: by their births."""
    births = [birth for person in (one, other) if (birth := _birth(person)) is not None]
    return len(births) > 1 and abs(births[0] - births[1]) > YEARS_APART


def _renaming(
    people: Sequence[Person], who: Sequence[int], there: Mapping[str, Person]
) -> list[int]:
    """Which of those that share a name get another: all, but for one who is alone with it and may
    be whoever is there, or is the only one to be born when they were."""
    holder = there.get(fold(people[who[0]].name))
    if holder is None:
        return [*who] if len(who) > 1 else []
    same = [at for at in who if not are_two(people[at], holder)]
    if len(who) > 1:
        same = [at for at in same if None not in (_birth(people[at]), _birth(holder))]
    return [at for at in who if len(same) != 1 or at != same[0]]


def _birth(person: Person) -> float | None:
    born = person.attributes.get("born")
    return born if isinstance(born, int | float) else None


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

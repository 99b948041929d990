"""People who share a name, told apart by the least that does."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.person import BASE_SCHEMA, NAME_MAX, Person, fold, format_value

HINT_MAX = 40  # characters in the brackets that tell a name apart
YEARS = (["born"], ["born", "died"])  # the least that tells people apart
YEARS_APART = 2  # between births, up to which sources may differ on one person


@dataclass(frozen=True)
class Disambiguation:
    """People with distinct names, case and accents aside, and which of those given each is, by
    places from 0; the new names of those who shared one, by the name they shared; and how many were
    the same person written twice."""

    people: Sequence[Person]
    places: Sequence[int]
    renamed: Mapping[str, list[str]]
    repeated: int


def disambiguate(
    people: Sequence[Person], there: Mapping[str, Person] | None = None
) -> Disambiguation:
    """Give everybody who shares a name the least that tells them apart: ``John Smith (1901)``,
    else ``(1901–1980)``, else a country or the like, but no yes or no, else a number. ``there``
    are others, by their folded names, who keep theirs: whoever is one of them, told apart before,
    has that name, and whoever may be the same person shares it."""
    different: dict[Hashable, int] = {}
    for place, person in enumerate(people):
        different.setdefault(_identity(person), place)
    sharing: dict[str, list[int]] = defaultdict(list)
    for place in different.values():
        sharing[fold(people[place].name)].append(place)
    names = _names(people, sharing, there or {})
    renamed: dict[str, list[str]] = {}
    for who in sharing.values():
        new = [names[at] for at in who if names.get(at, people[at].name) != people[at].name]
        renamed |= {people[who[0]].name: new} if new else {}
    places = list(different.values())
    apart = [replace(people[at], name=names.get(at, people[at].name)) for at in places]
    return Disambiguation(apart, places, renamed, len(people) - len(places))


def namesakes(
    people: Sequence[Person], there: Mapping[str, Person]
) -> Iterator[tuple[int, Person]]:
    """The places of those whose name one of ``there`` has, and who that is; but for names that
    several have on either side, and for what tells people apart."""
    names = [fold(person.name) for person in people]
    sharing = Counter(_shared(name) or name for name in names)
    called = _there(sharing.keys(), there)
    for place, name in enumerate(names):
        if sharing[name] == 1 and name in there and len(called[name]) == 1:
            yield place, there[name]


def are_different_people(one: Person, other: Person) -> bool:
    """Whether people of the same name are plainly two: by their births."""
    births = [birth for person in (one, other) if (birth := _birth(person)) is not None]
    return len(births) > 1 and abs(births[0] - births[1]) > YEARS_APART


def _names(
    people: Sequence[Person], sharing: Mapping[str, Sequence[int]], there: Mapping[str, Person]
) -> dict[int, str]:
    """What those are called who do not just keep their names; ``sharing`` are all, by theirs."""
    called = _there(sharing.keys(), there)
    names: dict[int, str] = {}
    renaming: dict[str, list[int]] = {}
    for name, who in sharing.items():
        names |= _told_before(people, who, called.get(name, []))
        if some := _renaming(people, who, names, there.get(name)):
            renaming[name] = some
    others = (at for name, who in sharing.items() for at in who if at not in renaming.get(name, ()))
    taken = {*there, *(fold(names.get(at, people[at].name)) for at in others)}
    for name, some in renaming.items():
        group = [people[at] for at in sharing[name]]
        new = _distinct([people[at] for at in some], group, taken)
        taken.update(map(fold, new))
        names.update(zip(some, new, strict=True))
    return names


def _there(names: Collection[str], there: Mapping[str, Person]) -> Mapping[str, list[Person]]:
    """Who is there by one of these folded names, and then who was told apart from others of it."""
    called = {name: [there[name]] for name in names if name in there}
    for folded, person in there.items():
        name = _shared(folded)
        if name in names and folded not in names:
            called.setdefault(name, []).append(person)
    return called


def _shared(folded: str) -> str:
    """The name that one with something in brackets was told apart by; '' for another."""
    return folded.rpartition(" (")[0]


def _told_before(
    people: Sequence[Person], who: Sequence[int], called: Sequence[Person]
) -> dict[int, str]:
    """Those of whom nothing new is said, or whose name is what would tell them apart: they are
    there, and this is what they are called. As many as are left of both, told apart by numbers
    alone, are taken to be in their order."""
    free = {fold(person.name): person for person in called}
    names: dict[int, str] = {}
    ways = [_the_same, _saying_nothing_else, _called_by_years]
    if len(who) > 1:  # one French John Smith need not be another
        ways.append(_called_by_others)
    for alike in ways:
        for at in who:
            if at not in names and (name := next(alike(people[at], free), None)):
                same = fold(people[at].name) == name
                names[at] = people[at].name if same else free[name].name
                del free[name]
    rest = [at for at in who if at not in names]
    numbered = sorted((name for name in free if _number(name, free[name])), key=_last_number)
    if len(who) > 1 and len(rest) == len(numbered):
        names |= {at: free[name].name for at, name in zip(rest, numbered, strict=True)}
    return names


def _number(name: str, person: Person) -> int:
    """The number that tells a person apart, or 0; one that is known of the person is none."""
    number = _last_number(name)
    known = {format_value(*attribute) for attribute in person.attributes.items()}
    return 0 if str(number) in known else number


def _last_number(name: str) -> int:
    found = re.search(r" \((\d+)\)$", name)
    return int(found[1]) if found else 0


def _the_same(person: Person, free: Mapping[str, Person]) -> Iterator[str]:
    for name in _saying_nothing_else(person, free):
        if len(free[name].attributes) == len(person.attributes):
            yield name


def _saying_nothing_else(person: Person, free: Mapping[str, Person]) -> Iterator[str]:
    said = person.attributes.items()
    for name, other in free.items():
        if person.description in ("", other.description) and said <= other.attributes.items():
            yield name


def _called_by_years(person: Person, free: Mapping[str, Person]) -> Iterator[str]:
    return _called(person, YEARS, free)


def _called_by_others(person: Person, free: Mapping[str, Person]) -> Iterator[str]:
    fields = [[field] for field in person.attributes if field not in BASE_SCHEMA]
    return _called(person, fields, free)


def _called(
    person: Person, hints: Sequence[Sequence[str]], free: Mapping[str, Person]
) -> Iterator[str]:
    """The names that these attributes would tell somebody apart by."""
    for hint in hints:
        name = fold(_with_hint(person, hint) or "")
        if name in free and not are_different_people(person, free[name]):
            yield name


def _renaming(
    people: Sequence[Person],
    who: Sequence[int],
    names: Mapping[int, str],
    holder: Person | None,
) -> list[int]:
    """Which of those that share a name get another: all who have none of ``names``, but for one who
    is alone with it and may be ``holder``, or is the only one to be born when they were."""
    rest = [at for at in who if at not in names]
    if holder is None:
        return rest if len(who) > 1 else []
    if any(fold(names[at]) == fold(holder.name) for at in who if at in names):
        return rest
    same = [at for at in rest if not are_different_people(people[at], holder)]
    if len(who) > 1:
        same = [at for at in same if None not in (_birth(people[at]), _birth(holder))]
    return [at for at in rest if len(same) != 1 or at != same[0]]


def _birth(person: Person) -> float | None:
    born = person.attributes.get("born")
    return born if isinstance(born, int | float) else None


def _identity(person: Person) -> Hashable:
    return fold(person.name), person.description, tuple(sorted(person.attributes.items()))


def _distinct(people: Sequence[Person], group: Sequence[Person], taken: set[str]) -> list[str]:
    """Names for people that tell all of their group apart, and of which none is taken."""
    known = [known for person in group for known in person.attributes.items()]
    others = dict.fromkeys(field for field, value in known if not isinstance(value, bool))
    hints = [*YEARS, *([field] for field in others if field not in BASE_SCHEMA)]
    for hint in hints:
        every = {fold(name) for person in group if (name := _with_hint(person, hint))}
        names = [name for person in people if (name := _with_hint(person, hint))]
        if len(every) == len(group) and taken.isdisjoint(map(fold, names)):
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
    values = [person.attributes.get(field) for field in fields]
    if None in values:
        return None
    hint = person.years if len(fields) > 1 else format_value(fields[0], values[0])
    return _fit(person.name, f"({hint})") if len(hint) <= HINT_MAX else None


def _fit(name: str, hint: str) -> str:
    return f"{name[: NAME_MAX - len(hint) - 1].rstrip()} {hint}"

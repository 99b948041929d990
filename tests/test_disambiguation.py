from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files.disambiguation import disambiguate
from bot.person import NAME_MAX, Person, fold


def smith(**attributes) -> Person:
    return Person("John Smith", "x", attributes)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([smith()], ["John Smith"]),
        ([smith(born=1901), smith(born=1950)], ["John Smith (1901)", "John Smith (1950)"]),
        (
            [smith(born=1901, died=1980), smith(born=1901, died=1990)],
            ["John Smith (1901–1980)", "John Smith (1901–1990)"],
        ),
        (
            [smith(country="Peru"), smith(country="Chile")],
            ["John Smith (Peru)", "John Smith (Chile)"],
        ),
        ([smith(board=True), smith(board=False)], ["John Smith (1)", "John Smith (2)"]),
        (
            [smith(board=True, country="Peru"), smith(board=False, country="Chile")],
            ["John Smith (Peru)", "John Smith (Chile)"],
        ),
        ([smith(born=1901), smith(died=1950)], ["John Smith (1)", "John Smith (2)"]),
        (
            [smith(born=1), smith(born=2), Person("john smith (1)", "y")],
            ["John Smith (1)", "John Smith (2)", "john smith (1)"],
        ),
    ],
)
def test_namesakes_get_the_shortest_distinguishing_hint(people: list[Person], expected: list[str]):
    result = disambiguate(people)
    folded = [fold(person.name) for person in result.people]
    assert len(set(folded)) == len(people)
    if "john smith (1)" not in expected:
        assert [person.name for person in result.people] == expected


def test_a_repeated_person_is_kept_once():
    result = disambiguate([smith(born=1901), smith(born=1901), smith(born=1950)])
    assert [p.name for p in result.people] == ["John Smith (1901)", "John Smith (1950)"]
    assert result.repeated == 1
    assert disambiguate([smith(), replace(smith(), name="JOHN SMITH")]).repeated == 1
    assert result.renamed == {"John Smith": ["John Smith (1901)", "John Smith (1950)"]}


@pytest.mark.parametrize("value", ["p" * 100, ("t" * 99, "u" * 99)])
def test_a_long_hint_is_not_used(value):
    people = [Person("John", "x", {"place": value}), Person("JOHN", "y", {"place": value})]
    assert [person.name for person in disambiguate(people).people] == ["John (1)", "JOHN (2)"]


def test_a_shortened_name_does_not_collide():
    people = [Person("A" * 100, "x"), Person("A" * 100, "y"), Person("A" * 96 + " (1)", "z")]
    names = [fold(person.name) for person in disambiguate(people).people]
    assert len(set(names)) == 3 and max(map(len, names)) <= NAME_MAX


def test_hints_keep_names_within_the_limit():
    people = [Person("x" * NAME_MAX, "d", {"born": year}) for year in (1901, 1950)]
    result = disambiguate(people).people
    assert [len(person.name) for person in result] == [NAME_MAX, NAME_MAX]
    assert result[0].name.endswith(" (1901)")


words = st.text(alphabet="abcé ", min_size=1, max_size=3).filter(str.strip)
crowd = st.lists(
    st.builds(
        Person,
        words,
        words,
        st.dictionaries(st.sampled_from(["born", "died"]), st.integers(0, 2)),
    ),
    max_size=12,
)


def facts(person: Person) -> tuple[object, ...]:
    return person.description, tuple(sorted(person.attributes.items()))


@given(crowd)
def test_nobody_is_lost_and_no_name_is_shared(people: list[Person]):
    result = disambiguate(people)
    assert len({fold(person.name) for person in result.people}) == len(result.people)
    assert {*map(facts, people)} == {*map(facts, result.people)}
    assert len(result.people) + result.repeated == len(people)


def by_folded_name(*others: Person) -> dict[str, Person]:
    return {fold(other.name): other for other in others}


SAILOR = Person("John Smith", "sailor", {"born": 1901, "died": 1980})
FARMER = Person("John Smith", "farmer", {"born": 1950})
EDITED = {"captain": "sailor", "chef": "cook", "novelist": "poet"}
COOK, BAKER = Person("John Smith", "cook"), Person("John Smith", "baker")
FRENCH, SPANISH = (
    Person("John Smith", description, {"country": country})
    for description, country in (("poet", "France"), ("painter", "Spain"))
)
EARLY, LATER = (Person("John Smith", "empress", {"born": year}) for year in (500, 800))


@pytest.mark.parametrize(
    ("before", "people"),
    [
        ([COOK], [COOK, BAKER]),
        ([COOK, BAKER], [BAKER]),
        ([COOK, BAKER], [BAKER, SAILOR, COOK]),
        ([SAILOR, FARMER], [SAILOR, FARMER, BAKER]),
        ([SAILOR, FARMER], [FARMER]),
        ([SAILOR, FARMER], [SAILOR, FARMER, replace(BAKER, attributes={"born": 1950})]),
        ([SAILOR, FARMER], [replace(SAILOR, description="captain"), BAKER]),
        ([SAILOR, replace(SAILOR, description="x", attributes={"born": 1901})], [SAILOR]),
        ([COOK, replace(COOK, attributes={"born": 1901})],) * 2,
        ([COOK, BAKER], [replace(COOK, description="chef"), BAKER]),
        ([FRENCH, SPANISH], [replace(FRENCH, description="novelist"), SPANISH]),
        ([FRENCH, SPANISH], [SPANISH, BAKER]),
        ([EARLY, LATER], [EARLY, BAKER]),
        ([EARLY, LATER], [EARLY, replace(LATER, attributes={"born": 900})]),
    ],
)
def test_people_in_the_directory_get_their_names_again(before: list[Person], people: list[Person]):
    """Even if the file gained or lost others of that name."""
    old = disambiguate(before).people
    new = disambiguate(people, by_folded_name(*old)).people
    names = {person.name for person in old}
    known = {(person.description, person.attributes.get("born")): person.name for person in old}
    for person in new:
        description = EDITED.get(person.description, person.description)
        key = (description, person.attributes.get("born"))
        assert person.name == known[key] if key in known else person.name not in names
    again = disambiguate(people, by_folded_name(*old, *new))
    assert [person.name for person in again.people] == [person.name for person in new]


@pytest.mark.parametrize("before", [[SAILOR, FARMER], [FRENCH, SPANISH]])
def test_people_without_a_description_are_recognised(before: list[Person]):
    old = disambiguate(before).people
    new = disambiguate(
        [replace(person, description="") for person in before], by_folded_name(*old)
    ).people
    assert [person.name for person in new] == [person.name for person in old]


def test_people_once_named_by_a_flag_are_recognised():
    yes, no = smith(board=True), smith(board=False)
    old = [replace(yes, name="John Smith (yes)"), replace(no, name="John Smith (no)")]
    edited = [replace(no, description="chair"), replace(yes, description="clerk")]
    for people in ([yes, no], [no, yes], edited):
        found = {
            fact: person.name
            for person in disambiguate(people, by_folded_name(*old)).people
            for fact in [person.attributes["board"]]
        }
        assert found == {True: "John Smith (yes)", False: "John Smith (no)"}
    new = disambiguate([yes, no, replace(no, description="third")], by_folded_name(*old)).people
    assert [person.name for person in new] == [
        "John Smith (yes)",
        "John Smith (no)",
        "John Smith (1)",
    ]


def test_a_thousand_edited_namesakes_are_recognised():
    old = disambiguate([replace(COOK, description=f"cook {n}") for n in range(1200)]).people
    new = [replace(person, name=COOK.name, description=person.description + "!") for person in old]
    found = disambiguate(new, by_folded_name(*old)).people
    assert [person.name for person in found] == [person.name for person in old]


def test_a_name_in_brackets_is_not_mistaken_for_a_hint():
    band = Person("Queen (band)", "rock band", {"born": 1970})
    other = Person("Queen", "head of state", {"born": 1970})
    assert [person.name for person in disambiguate([other], by_folded_name(band)).people] == [
        "Queen"
    ]
    both = [SAILOR, replace(SAILOR, name="John Smith (1901)")]
    names = ["John Smith", "John Smith (1901)"]
    assert [person.name for person in disambiguate(both, by_folded_name(both[1])).people] == names


@given(crowd, crowd, st.randoms())
def test_nobody_in_the_directory_is_duplicated(before: list[Person], others: list[Person], random):
    old = disambiguate(before)
    people = [*before, *others]
    random.shuffle(people)
    new = disambiguate(people, by_folded_name(*old.people))
    assert len({fold(person.name) for person in new.people}) == len(new.people)
    here = {(fold(person.name), *facts(person)) for person in new.people}
    assert here >= {(fold(person.name), *facts(person)) for person in old.people}

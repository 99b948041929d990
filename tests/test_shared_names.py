import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.person import NAME_MAX, Person, fold
from bot.shared_names import tell_apart


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
        ([smith(born=1901), smith(died=1950)], ["John Smith (1)", "John Smith (2)"]),
        (
            [smith(born=1), smith(born=2), Person("john smith (1)", "y")],
            ["John Smith (1)", "John Smith (2)", "john smith (1)"],
        ),
    ],
)
def test_people_who_share_a_name_are_told_apart(people: list[Person], expected: list[str]):
    apart = tell_apart(people)
    folded = [fold(person.name) for person in apart.people]
    assert len(set(folded)) == len(people)
    if "john smith (1)" not in expected:
        assert [person.name for person in apart.people] == expected


def test_the_same_person_twice_is_one():
    apart = tell_apart([smith(born=1901), smith(born=1901), smith(born=1950)])
    assert [p.name for p in apart.people] == ["John Smith (1901)", "John Smith (1950)"]
    assert apart.repeated == 1
    assert apart.renamed == {"John Smith": ["John Smith (1901)", "John Smith (1950)"]}


@pytest.mark.parametrize("value", ["p" * 100, ("t" * 99, "u" * 99)])
def test_a_long_hint_is_left_out(value):
    people = [Person("John", "x", {"place": value}), Person("JOHN", "y", {"place": value})]
    assert [person.name for person in tell_apart(people).people] == ["John (1)", "JOHN (2)"]


def test_a_name_that_was_cut_is_not_taken():
    people = [Person("A" * 100, "x"), Person("A" * 100, "y"), Person("A" * 96 + " (1)", "z")]
    names = [fold(person.name) for person in tell_apart(people).people]
    assert len(set(names)) == 3 and max(map(len, names)) <= NAME_MAX


def test_long_names_stay_within_the_limit():
    people = [Person("x" * NAME_MAX, "d", {"born": year}) for year in (1901, 1950)]
    apart = tell_apart(people).people
    assert [len(person.name) for person in apart] == [NAME_MAX, NAME_MAX]
    assert apart[0].name.endswith(" (1901)")


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


@given(crowd)
def test_nobody_is_lost_and_no_name_is_shared(people: list[Person]):
    apart = tell_apart(people)
    assert len({fold(person.name) for person in apart.people}) == len(apart.people)
    facts = {(p.description, tuple(sorted(p.attributes.items()))) for p in people}
    assert facts == {(p.description, tuple(sorted(p.attributes.items()))) for p in apart.people}
    assert len(apart.people) + apart.repeated == len(people)

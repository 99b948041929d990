"""Fields are followed through renames, from the time of a history entry until today."""

from itertools import pairwise

import pytest

from bot.directory.history.field_renames import FieldRenames, find_rename
from bot.person import Kind, Person, Schema


def schema(names: str) -> Schema:
    return dict.fromkeys(names.split(), Kind.TEXT)


@pytest.mark.parametrize(
    ("before", "after", "rename"),
    [
        ("a b", "a c", ("b", "c")),
        ("a b", "a b", None),
        ("a", "a b", None),
        ("a b", "a", None),
    ],
)
def test_a_rename_is_recognised(before: str, after: str, rename: tuple[str, str] | None):
    assert find_rename(schema(before), schema(after)) == rename


@pytest.mark.parametrize(
    ("schemas", "then", "today"),
    [
        (["land", "country"], "land", "country"),
        (["land", "country", "home"], "land", "home"),
        (["land", "country", "land"], "land", "land"),
        (
            ["land other", "country other", "country other land", "country other city"],
            "land",
            "country",
        ),
        (["land other", "land"], "land", "land"),
    ],
)
def test_a_field_is_followed_through_renames(schemas: list[str], then: str, today: str):
    """``schemas`` are those that the directory had, earliest first."""
    versions = [schema(each) for each in schemas]
    changes = reversed([*pairwise(versions)])
    assert FieldRenames(changes).current_name(then) == today


def test_a_person_gets_the_fields_of_today():
    renames = FieldRenames([(schema("land city"), schema("country city"))])
    person = Person("Ada", "poet", {"land": "England", "city": "London", "other": "x"})
    updated = renames.update(person, schema("country"))
    assert updated == Person("Ada", "poet", {"country": "England"})

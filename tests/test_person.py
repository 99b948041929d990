"""People: their names, values and attributes, and the JSON that is stored."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidPerson
from bot.person import (
    BASE_SCHEMA,
    Kind,
    Person,
    clean_field_name,
    fold,
    format_attributes,
    format_value,
    infer_kind,
    parse_attributes,
)

SCHEMA = {
    **BASE_SCHEMA,
    "country": Kind.TEXT,
    "field": Kind.TAGS,
    "height": Kind.NUMBER,
    "laureate": Kind.FLAG,
}
WORDS = "A chemist."


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Marie Curie", "marie curie"),
        ("  Paul   ERDŐS ", "paul erdos"),
        ("Søren Łukasz Æthelstan", "soren lukasz aethelstan"),
        ("Conan O’Brien", "conan obrien"),
        ("Conan O'Brien", "conan obrien"),
        ('Dwayne "The Rock" Johnson', "dwayne the rock johnson"),
        ("STRASSE straße", "strasse strasse"),
        ("İstanbul", "istanbul"),
        ("Ελένη", "ελενη"),
        ("A\u200bda\ufeff \u2066Love\u00adlace", "ada lovelace"),  # what is not seen
        ("がか", "がか"),  # a different letter, not an accent
        ("कि कु", "कि कु"),
        ("a\\b", "ab"),
    ],
)
def test_folding_drops_case_accents_quotes_and_invisible_characters(text: str, folded: str):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x24F)))
def test_folding_ignores_how_accents_are_encoded(text: str):
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text())
def test_folded_text_fits_a_redis_literal(text: str):
    assert not set(fold(text)) & set("'\"\\")


def test_a_created_person_has_clean_texts_and_typed_values():
    person = Person.create(
        " Marie  Curie ",
        "\n  Polish-French chemist\n  and physicist. ",
        {"born": "1867", "died": 1934.0, "field": "physics, chemistry ,physics", "country": "none"},
        SCHEMA,
    )
    assert person == Person(
        "Marie Curie",
        "Polish-French chemist and physicist.",
        {"born": 1867, "died": 1934, "field": ("physics", "chemistry")},
    )


@pytest.mark.parametrize(
    ("name", "description", "attributes", "reason"),
    [
        ("", WORDS, {}, "A name needs at least one letter or digit"),
        ("…", WORDS, {}, "A name needs at least one letter or digit"),
        ("x" * 101, WORDS, {}, "This one has 101"),
        ("A\0B", WORDS, {}, "U+0000"),
        ("A\u202eB", WORDS, {}, "U+202E"),
        ("A\ud800B", WORDS, {}, "U+D800"),
        ("A", " ", {}, "description in words"),
        ("A", "🎸", {}, "description in words"),
        ("A", "x" * 2001, {}, "This one has 2,001"),
        ("A", WORDS, {"born": 1950, "died": 1949}, "can't have died in 1949"),
        (
            "A",
            WORDS,
            {"born": "44 BC", "died": "45 BC"},
            "in 45 BC, before being born in 44 BC",
        ),
        ("A", WORDS, {"born": 99999}, 'between 9999 BC and 9999, .*, not "99999"'),
        (
            "A",
            WORDS,
            {"born": "soon"},
            'born must be just a year .*, such as 1867 or 44 BC, not "soon"',
        ),
        ("A", WORDS, {"born": 1950.5}, "born must be just a year"),
        ("A", WORDS, {"born": True}, "born must be just a year"),
        ("A", WORDS, {"height": float("nan")}, "height must be a number"),
        ("A", WORDS, {"height": 10**15}, "at most 15 digits"),
        ("A", WORDS, {"height": 10**400}, "at most 15 digits"),
        ("A\u2066B", WORDS, {}, "U+2066"),
        ("A", WORDS, {"laureate": "maybe"}, 'laureate must be yes or no, not "maybe"'),
        ("A", WORDS, {"country": "'"}, "at least one letter or digit"),
        ("A", WORDS, {"country": "x" * 101}, "at most 100 characters"),
        ("A", WORDS, {"country": {"in": "Europe"}}, "country must be text"),
        ("A", WORDS, {"field": [1]}, "tags in field must be text"),
        ("A", WORDS, {"field": [str(n) for n in range(26)]}, "at most 25 tags, not 26"),
    ],
)
def test_a_person_that_cannot_be_stored_is_refused_with_the_reason(
    name: str, description: str, attributes: dict, reason: str
):
    with pytest.raises(InvalidPerson, match=reason.replace("+", r"\+")):
        Person.create(name, description, attributes, SCHEMA)


@pytest.mark.parametrize("year", ["1934", "-44", "44 BC", "44bc", "44 BCE", "−44", "1934 AD"])
def test_years_are_read_as_people_write_them(year: str):
    person = Person.create("A", WORDS, {"born": year}, SCHEMA)
    assert person.attributes["born"] == (1934 if "1934" in year else -44)


@pytest.mark.parametrize(
    ("attributes", "years"),
    [
        ({"born": 1867, "died": 1934}, "1867–1934"),
        ({"born": -100, "died": -44}, "100–44 BC"),
        ({"born": -63, "died": 14}, "63 BC–14"),
        ({"born": 1958}, "born 1958"),
        ({"died": 415}, "died 415"),
        ({}, ""),
    ],
)
def test_the_years_of_a_life_are_formatted(attributes: dict, years: str):
    assert Person("A", WORDS, attributes).years == years


def test_numbers_are_stored_and_formatted_in_full():
    for typed in ("0.1234567", "0.00001", "100000000000000.5", "-3", "180"):
        person = Person("A", WORDS).with_changes(None, {"height": typed}, SCHEMA)
        assert format_value("height", person.attributes["height"]) == typed
        assert Person.load("A", person.dump(SCHEMA)) == person


def test_dump_keeps_what_another_program_stored():
    before = '{"born":1867,"Country":"France","nested":{"a":[1]},"name":"x","description":"y"}'
    person = Person.load("A", before)
    assert person == Person("A", "y", {"born": 1867})
    after = json.loads(person.dump(SCHEMA, before))
    assert after["Country"] == "France" and after["nested"] == {"a": [1]} and after["name"] == "x"
    again = Person.load("A", json.dumps(after)).dump(SCHEMA, json.dumps(after))
    assert json.loads(again) == after
    assert json.loads(Person("A").dump(SCHEMA, "no json"))["_foreign"] == "no json"


def test_dump_has_every_field_first_folded_and_null_where_unknown():
    attributes = {"country": "Côte d’Ivoire", "field": ("Physics", "art"), "laureate": False}
    stored = Person("A", "Ü", attributes).dump(SCHEMA)
    assert "Ü" in stored  # Redis does not decode \u
    assert list(json.loads(stored).items()) == [
        ("born", None),
        ("died", None),
        ("country", "cote divoire"),
        ("field", ["physics", "art"]),
        ("height", None),
        ("laureate", False),
        ("description", "Ü"),
        ("_typed", {"country": "Côte d’Ivoire", "field": ["Physics", "art"]}),
    ]


def test_dump_omits_the_typed_values_that_folding_does_not_change():
    stored = Person("A", "x", {"country": "iceland", "field": ("physics", "art")}).dump(SCHEMA)
    assert "_typed" not in json.loads(stored)


texts = st.text(min_size=1, max_size=40)
people = st.fixed_dictionaries(
    {},
    optional={
        "born": st.integers(-9999, 1000),
        "died": st.integers(1000, 9999),
        "country": texts,
        "field": st.lists(texts, max_size=5),
        "height": st.floats(-1e9, 1e9),
        "laureate": st.booleans(),
    },
)


def create(name: str, description: str, attributes: dict) -> Person | None:
    try:
        return Person.create(name, description, attributes, SCHEMA)
    except InvalidPerson:
        return None


@given(texts, texts, people)
def test_load_reads_what_dump_wrote(name: str, description: str, attributes: dict):
    if person := create(name, description, attributes):
        assert Person.load(person.name, person.dump(SCHEMA)) == person


@given(texts, texts, people)
def test_creating_again_changes_nothing(name: str, description: str, attributes: dict):
    if person := create(name, description, attributes):
        assert create(person.name, person.description, dict(person.attributes)) == person


@pytest.mark.parametrize("stored", [None, "", "[]", "no json", '"text"', "{}"])
def test_load_accepts_whatever_other_programs_stored(stored: str | None):
    assert Person.load("A", stored) == Person("A")


def test_years_that_another_program_stored_do_not_stop_other_edits():
    person = Person("Ada", "x", {"born": 2, "died": 1})
    schema = {**BASE_SCHEMA, "country": Kind.TEXT}
    assert (
        person.with_changes(None, {"country": "France"}, schema).attributes["country"] == "France"
    )
    with pytest.raises(InvalidPerson, match="before being born"):
        person.with_changes(None, {"died": 0}, schema)


def test_changes_replace_the_given_values_and_none_clears_one():
    person = Person("A", WORDS, {"born": 1900, "country": "France", "height": 180})
    edited = person.with_changes("A physicist.", {"country": "none", "died": "1950"}, SCHEMA)
    assert edited == Person("A", "A physicist.", {"born": 1900, "died": 1950, "height": 180})
    with pytest.raises(InvalidPerson, match="can't have died in 1899"):
        person.with_changes(None, {"died": 1899}, SCHEMA)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        (
            "country=France field=physics,chemistry",
            {"country": "France", "field": "physics,chemistry"},
        ),
        (
            "country = United States field= physics",
            {"country": "United States", "field": "physics"},
        ),
        ('country="a=b" height=180', {"country": "a=b", "height": "180"}),
        ("country=none", {"country": "none"}),
        ("prize=1903, shared=yes", {"prize": 1903, "shared": True}),
        ("hobbies=chess, cycling", {"hobbies": ("chess", "cycling")}),
        ("motto=Nothing is to be feared", {"motto": "Nothing is to be feared"}),
    ],
)
def test_typed_attributes_parse_to_values(text: str, values: dict):
    assert parse_attributes(text, SCHEMA) == values


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("France", "Write attributes as name=value"),
        ("in France country=x", "Write attributes as name=value"),
        ("country=a country=b", "given twice"),
        ("and=b", '"and", because the bot uses that word'),
        ("1st=b", 'An attribute can\'t be called "1st"'),
    ],
)
def test_wrong_attributes_are_refused_with_the_reason(text: str, reason: str):
    with pytest.raises(InvalidPerson, match=reason):
        parse_attributes(text, SCHEMA)


@given(people)
def test_formatted_attributes_parse_to_the_same_values(attributes: dict):
    person = create("A", WORDS, attributes)
    awkward = set('"=,;')
    if person is None or awkward & set(str(person.attributes)) - {","} or "," in str(attributes):
        return
    text = format_attributes(person.attributes)
    again = Person("A", WORDS).with_changes(None, parse_attributes(text, SCHEMA), SCHEMA)
    expected = {k: v for k, v in person.attributes.items() if k not in BASE_SCHEMA}
    assert again.attributes == expected


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 2.5], Kind.NUMBER),
        ([True, False], Kind.FLAG),
        ([True, 1], Kind.TEXT),
        ([["a"], None, "b"], Kind.TAGS),
        (["a", 1], Kind.TEXT),
        ([None], Kind.TEXT),
        ([], Kind.TEXT),
    ],
)
def test_the_kind_of_a_new_field_is_inferred_from_its_values(values: list, kind: Kind):
    assert infer_kind(values) is kind


@pytest.mark.parametrize("name", ["", "a b", "1a", "a" * 33, "or", "description", "é"])
def test_a_field_name_that_queries_could_not_hold_is_refused(name: str):
    with pytest.raises(InvalidPerson, match=r"attribute (can't be called|needs a name)"):
        clean_field_name(name)

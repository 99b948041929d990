import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DirectoryError
from bot.files import (
    FileFormat,
    FileRecord,
    Place,
    dump_people,
    infer_schema,
    read_bytes,
    read_file,
    to_json_object,
    to_people,
    used_schema,
    write_file,
)
from bot.person import BASE_SCHEMA, Kind, Person, Schema
from bot.person.schema import is_field_name
from tests.test_disambiguation import smith


def line(number: int) -> Place:
    return Place(number, f"line {number}")


def test_json_and_json_lines_in_every_shape_are_read(tmp_path: Path):
    ada = {"description": "A programmer.", "born": 1815}
    named = {"name": "Ada", **ada}
    shapes = {
        "list.json": json.dumps([named]),
        "object.json": json.dumps({"Ada": ada}),
        "lines.jsonl": json.dumps(named) + "\r\n\n",
        "lines.NDJSON": json.dumps(named),
        "capitals.json": json.dumps(
            [{"Name": "Ada", " Description": "A programmer.", "Born": 1815}]
        ),
        "bom.json": "\ufeff" + json.dumps([named]),
    }
    for name, text in shapes.items():
        path = tmp_path / name
        path.write_text(text, "utf-8")
        content = read_file(path)
        assert [(r.name, r.description, dict(r.attributes)) for r in content.records] == [
            ("Ada", "A programmer.", {"born": 1815})
        ]
        assert content.refused == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "JSON ends too early"),
        ("3", "a list of people, or an object"),
        ('"x"', "a list of people, or an object"),
        ('{"Ada": {}, "Ada": {}}', "The key Ada occurs twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_json_document_of_people_is_refused(
    tmp_path: Path, text: str, message: str
):
    path = tmp_path / "people.json"
    path.write_text(text)
    with pytest.raises(DirectoryError, match=message):
        read_file(path)


@pytest.mark.parametrize(
    "text",
    [
        '{"people": [{"name": "Ada", "description": "x", "tags": ["a"]}]}',
        '{"count": 1, "next": null, "results": [{"name": "Ada", "description": "x"}]}',
        '{"name": "Ada", "description": "x", "tags": ["a"]}',
        '{"Ada": {"description": "x"}}',
    ],
)
def test_objects_of_other_tools_are_unwrapped(tmp_path: Path, text: str):
    path = tmp_path / "people.json"
    path.write_text(text)
    content = read_file(path)
    assert [(record.name, record.description) for record in content.records] == [("Ada", "x")]
    assert not content.refused


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path):
    with pytest.raises(DirectoryError, match="No such file"):
        read_file(tmp_path / "none.json")
    with pytest.raises(DirectoryError, match="Can't read"):
        read_file(tmp_path)


def test_rows_are_refused_one_by_one_with_their_place(tmp_path: Path):
    path = tmp_path / "people.jsonl"
    rows = ['{"name": "A\u2028", "description": "x"}', "nonsense", "[1]", '{"name": "B", "or": 1}']
    rows += ['{"name": "C", "a b": 1, "a-b": 2}', '{"name": "D", "x": 1, "x": 2}']
    path.write_text("\n".join(rows))
    content = read_file(path)
    assert [record.place.label for record in content.records] == ["line 1"]
    assert [row.where for row in content.refused] == [f"line {n}" for n in range(2, 7)]
    bad = [
        FileRecord(line(1), "A", "x", {"born": "soon"}),
        FileRecord(line(2), None, "x", {}),
        FileRecord(line(3), "B", None, {}),
        FileRecord(line(4), "C", 3, {}),
        FileRecord(line(5), "D", "fine", {"born": {}}),
        FileRecord(line(6), "E", "fine", {"born": None}),
    ]
    people, refused = to_people(bad, BASE_SCHEMA)
    assert [person.name for person in people] == ["E"]
    assert [row.where for row in refused] == [
        "line 1 (A)",
        "line 2",
        "line 3 (B)",
        "line 4 (C)",
        "line 5 (D)",
    ]
    assert "soon" in refused[0].reason and "name and a description" in refused[1].reason


def test_the_schema_is_inferred_from_the_values():
    records = [
        FileRecord(
            line(1), "A", "", {"born": 1, "tags": ["a"], "flag": True, "text": "x", "mixed": 1}
        ),
        FileRecord(line(2), "B", "", {"born": None, "tags": None, "flag": None, "mixed": "y"}),
    ]
    assert infer_schema(records) == {
        **BASE_SCHEMA,
        "tags": Kind.TAGS,
        "flag": Kind.FLAG,
        "text": Kind.TEXT,
        "mixed": Kind.TEXT,
    }


DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CHARACTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=DIRECTION)
PIECES = st.sampled_from(["=", "+", "-", "@", "'", '"', ",", ";", "|", "none", "\ufeff", "a", " "])
TEXTS = st.text(CHARACTERS, max_size=20) | st.lists(PIECES, max_size=6).map("".join)
WORDS = st.tuples(TEXTS, st.sampled_from("aé1")).map("".join)
VALUES = {
    Kind.NUMBER: st.integers(-(10**15) + 1, 10**15 - 1)
    | st.floats(1e-9, 1e15, exclude_max=True)
    | st.sampled_from([1e-9, 10**14, -44, 0.1, -0.5]),
    Kind.TEXT: WORDS,
    Kind.TAGS: st.lists(WORDS | st.just("none"), max_size=4),
    Kind.FLAG: st.booleans(),
}
FIELDS = st.from_regex(r"[a-z_][a-z0-9_]{0,31}", fullmatch=True) | st.sampled_from(
    ["bio", "about", "full_name", "person", "_x", "x", "x_", "birth"]
)


@st.composite
def people_of(draw: st.DrawFn, schema: Schema) -> Person:
    """Anyone who can be stored."""
    values = {
        field: draw(st.none() | VALUES[kind])
        for field, kind in schema.items()
        if field not in BASE_SCHEMA
    }
    years = {"born": draw(st.none() | st.integers(-9999, 0)), "died": draw(st.none() | st.just(9))}
    return Person.create(draw(WORDS), draw(WORDS), {**years, **values}, schema)


@st.composite
def people_and_schemas(draw: st.DrawFn) -> tuple[list[Person], Schema]:
    others = draw(st.dictionaries(FIELDS.filter(is_field_name), st.sampled_from(Kind), max_size=5))
    schema = {**BASE_SCHEMA, **{n: kind for n, kind in others.items() if n not in BASE_SCHEMA}}
    return draw(st.lists(people_of(schema), min_size=1, max_size=4)), schema


@given(people_and_schemas(), st.sampled_from(FileFormat))
def test_people_are_read_back_as_they_were_written(
    directory: tuple[list[Person], Schema], format: FileFormat
):
    people, schema = directory
    content = read_bytes(f"people.{format}", dump_people(format, people, schema))
    assert not content.notes
    carried = schema if format is FileFormat.CSV else used_schema(people, schema)
    found = infer_schema(content.records)
    assert list(found.items()) == list(carried.items())
    again, refused = to_people(content.records, found)
    assert not content.refused and not refused
    assert again == people
    assert [list(map(type, p.attributes.values())) for p in again] == [
        list(map(type, p.attributes.values())) for p in people
    ]


def test_a_json_object_holds_the_values_as_typed():
    person = Person("A", "x", {"died": 1900, "field": ("Physics",), "country": "Côte d’Ivoire"})
    schema = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS}
    assert to_json_object(person, schema) == {
        "name": "A",
        "description": "x",
        "born": None,
        "died": 1900,
        "field": ["Physics"],
        "country": "Côte d’Ivoire",
    }


def test_writing_fills_a_pipe_and_follows_a_link(tmp_path: Path):
    (tmp_path / "link.json").symlink_to(tmp_path / "people.json")
    write_file(tmp_path / "link.json", [smith()], BASE_SCHEMA)
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "people.json").is_file()
    os.mkfifo(tmp_path / "pipe.json")
    reader = os.open(tmp_path / "pipe.json", os.O_RDONLY | os.O_NONBLOCK)
    write_file(tmp_path / "pipe.json", [smith()], BASE_SCHEMA)
    assert os.read(reader, 10_000) == (tmp_path / "people.json").read_bytes()
    os.close(reader)


def test_a_file_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path):
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(DirectoryError, match="Can't write"):
        write_file(folder, [], BASE_SCHEMA)
    with pytest.raises(DirectoryError, match=r"must end in \.csv"):
        write_file(tmp_path / "people.xlsx", [], BASE_SCHEMA)
    assert list(tmp_path.iterdir()) == [folder], "nothing is left lying about"
    with pytest.raises(DirectoryError, match="Can't write"):
        write_file(tmp_path / "none" / "people.json", [], BASE_SCHEMA)

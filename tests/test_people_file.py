import json
import os
from pathlib import Path

import pytest
from hypothesis import given

from bot.errors import DirectoryError
from bot.people_file import Record, read, schema_of, to_people, to_record, write
from bot.person import BASE_SCHEMA, Kind, Person
from tests.test_shared_names import crowd, smith


def test_the_shapes(tmp_path: Path):
    ada = {"description": "A programmer.", "born": 1815}
    named = {"name": "Ada", **ada}
    shapes = {
        "list.json": json.dumps([named]),
        "object.json": json.dumps({"Ada": ada}),
        "lines.jsonl": json.dumps(named) + "\r\n\n",
        "lines.NDJSON": json.dumps(named),
        "bom.json": "\ufeff" + json.dumps([named]),
    }
    for name, text in shapes.items():
        path = tmp_path / name
        path.write_text(text, "utf-8")
        content = read(path)
        assert [(r.name, r.description, dict(r.attributes)) for r in content.records] == [
            ("Ada", "A programmer.", {"born": 1815})
        ]
        assert content.refused == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("3", "neither a list"),
        ('"x"', "neither a list"),
        ('{"Ada": {}, "Ada": {}}', "the key Ada stands twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, text: str, says: str):
    path = tmp_path / "people.json"
    path.write_text(text)
    with pytest.raises(DirectoryError, match=says):
        read(path)


def test_a_file_that_cannot_be_read(tmp_path: Path):
    with pytest.raises(DirectoryError, match="No such file"):
        read(tmp_path / "none.json")
    with pytest.raises(DirectoryError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "latin.json").write_bytes('["é"]'.encode("latin-1"))
    with pytest.raises(DirectoryError, match="not UTF-8"):
        read(tmp_path / "latin.json")


def test_rows_are_refused_one_by_one_with_their_place(tmp_path: Path):
    path = tmp_path / "people.jsonl"
    rows = ['{"name": "A\u2028", "description": "x"}', "nonsense", "[1]", '{"name": "B", "or": 1}']
    rows += ['{"name": "C", "a b": 1, "a-b": 2}', '{"name": "D", "x": 1, "x": 2}']
    path.write_text("\n".join(rows))
    content = read(path)
    assert [record.where for record in content.records] == ["line 1"]
    assert [row.where for row in content.refused] == [f"line {n}" for n in range(2, 7)]
    bad = [
        Record("line 1", "A", "x", {"born": "soon"}),
        Record("line 2", None, "x", {}),
        Record("line 3", "B", None, {}),
        Record("line 4", "C", 3, {}),
        Record("line 5", "D", "fine", {"born": {}}),
        Record("line 6", "E", "fine", {"born": None}),
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


def test_the_schema_is_read_off_the_values():
    records = [
        Record("", "A", "", {"born": 1, "tags": ["a"], "flag": True, "text": "x", "mixed": 1}),
        Record("", "B", "", {"born": None, "tags": None, "flag": None, "mixed": "y"}),
    ]
    assert schema_of(records) == {
        **BASE_SCHEMA,
        "tags": Kind.TAGS,
        "flag": Kind.FLAG,
        "text": Kind.TEXT,
        "mixed": Kind.TEXT,
    }


@given(crowd)
def test_what_is_written_is_read_back(people: list[Person]):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for ending in ("json", "jsonl"):
            path = Path(folder) / f"people.{ending}"
            write(path, people, BASE_SCHEMA)
            again = [
                Person(
                    record.name,
                    record.description,
                    {key: value for key, value in record.attributes.items() if value is not None},
                )
                for record in read(path).records
            ]
            assert again == people


def test_a_record_holds_the_values_as_typed():
    person = Person("A", "x", {"died": 1900, "field": ("Physics",), "country": "Côte d’Ivoire"})
    schema = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS}
    assert to_record(person, schema) == {
        "name": "A",
        "description": "x",
        "born": None,
        "died": 1900,
        "field": ["Physics"],
        "country": "Côte d’Ivoire",
    }


def test_a_pipe_is_written_and_a_link_followed(tmp_path: Path):
    (tmp_path / "link.json").symlink_to(tmp_path / "people.json")
    write(tmp_path / "link.json", [smith()], BASE_SCHEMA)
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "people.json").is_file()
    os.mkfifo(tmp_path / "pipe.json")
    reader = os.open(tmp_path / "pipe.json", os.O_RDONLY | os.O_NONBLOCK)
    write(tmp_path / "pipe.json", [smith()], BASE_SCHEMA)
    assert os.read(reader, 10_000) == (tmp_path / "people.json").read_bytes()
    os.close(reader)


def test_a_file_that_cannot_be_written(tmp_path: Path):
    folder = tmp_path / "folder.json"
    folder.mkdir()
    with pytest.raises(DirectoryError, match="cannot be written"):
        write(folder, [], BASE_SCHEMA)
    with pytest.raises(DirectoryError, match=r"must end in \.json"):
        write(tmp_path / "people.csv", [], BASE_SCHEMA)
    assert list(tmp_path.iterdir()) == [folder], "nothing is left lying about"
    with pytest.raises(DirectoryError, match="cannot be written"):
        write(tmp_path / "none" / "people.json", [], BASE_SCHEMA)

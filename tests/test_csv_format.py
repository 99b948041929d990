"""People in CSV: what the columns mean, and what their cells hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import (
    FileContents,
    FileFormat,
    dump_people,
    infer_schema,
    read_bytes,
    to_people,
)
from bot.files.cells import (
    SEPARATORS,
    escape_formula,
    find_separators,
    join_tags,
    split_tags,
    unescape_formula,
)
from bot.person import BASE_SCHEMA, Kind, Person

CELL_TEXTS = st.text(st.sampled_from("=+-@'\"\t\r,;| ab"), max_size=8)


def table(*lines: str) -> FileContents:
    return read_bytes("people.csv", "\n".join(lines).encode())


def kinds(*lines: str) -> dict[str, Kind]:
    schema = infer_schema(table(*lines).records)
    return {name: kind for name, kind in schema.items() if name not in BASE_SCHEMA}


@pytest.mark.parametrize(
    "header",
    [
        "name,description,born,died",
        "Name,DESCRIPTION,Born,Died",
        "Full name,Bio,Birth year,Year of death",
        "full_name,About,year_of_birth,DEATH_YEAR",
        "Person,Biography,birth,death",
        "name:text,description:text,born:number,died:Number",
    ],
)
def test_common_headers_are_understood(header: str):
    (record,) = table(header, "Ada,programmer,1815,1852").records
    assert (record.place.label, record.name, record.description) == ("line 2", "Ada", "programmer")
    assert record.attributes == {"born": "1815", "died": "1852"}


def test_other_headers_become_fields():
    assert list(kinds("name,Größe (cm),_x,Place-of Birth", "A,1,2,3")) == [
        "grosse_cm",
        "_x",
        "place_of_birth",
    ]


def test_a_header_with_a_kind_is_taken_literally():
    (record,) = table("name,bio:text,Height : Number", "A,x,1.5").records
    assert record.description is None and record.attributes == {"bio": "x", "height": "1.5"}
    assert infer_schema([record]) == {**BASE_SCHEMA, "bio": Kind.TEXT, "height": Kind.NUMBER}


def test_an_empty_cell_differs_from_none():
    first, second = table("name,description,a,field", "A,x,none,", "B,,,none").records
    assert first.attributes == {"a": "none"} and first.attributes.get("field") is None
    assert second.attributes == {"field": "none"} and second.description is None


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2.5", "-3", "", "none"], Kind.NUMBER),
        (["44 BC", "1900"], Kind.NUMBER),
        (["007", "8"], Kind.TEXT),
        (["1", "unsure"], Kind.TEXT),
        (["yes", "No", "TRUE", "", "none"], Kind.FLAG),
        (["yes", "maybe"], Kind.TEXT),
        (['"physics, chemistry"', '"chemistry, peace"', "physics"], Kind.TAGS),
        (['"physics; chemistry"', '"chemistry;peace"', "none"], Kind.TAGS),
        (["physics|chemistry", "peace|physics"], Kind.TAGS),
        (["France"] * 8 + ['"Congo, Republic of"', '"Korea, Republic of"'], Kind.TEXT),
        (['"1,75"', '"1,80"', '"1,75"'], Kind.TEXT),
        ([f'"It was {n}, and {"so very " * 6}on"' for n in "abc"], Kind.TEXT),
        (["", "none"], Kind.TEXT),
    ],
)
def test_the_kind_of_a_column_is_inferred(cells: list[str], kind: Kind):
    rows = [f"P{number},{cell}" for number, cell in enumerate(cells)]
    assert kinds("name,field", *rows) == {"field": kind}


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("physics", ("physics",)),
        ("physics;chemistry", ("physics", "chemistry")),
        ("physics | chemistry |", ("physics", "chemistry")),
        ('"physics, ""a, b"""', ("physics", "a, b")),
        ('"Dwayne ""The Rock"" J, x"', ('Dwayne "The Rock" J', "x")),
        ('"""none"""', ("none",)),
        ("none", None),
    ],
)
@pytest.mark.parametrize("label", ["field", "field:tags"])
def test_an_existing_tags_field_is_read_as_tags(cell: str, tags: object, label: str):
    records = table(f"name,bio,{label}", f"A,x,{cell}").records
    people, refused = to_people(records, {**BASE_SCHEMA, "field": Kind.TAGS})
    assert not refused and people[0].attributes.get("field") == tags


def test_existing_fields_are_read_by_their_kinds():
    schema = {**BASE_SCHEMA, "code": Kind.TEXT, "alive": Kind.FLAG}
    people, _ = to_people(table("name,bio,born,code,alive", "A,x,44 BC,12,yes").records, schema)
    assert people[0].attributes == {"born": -44, "code": "12", "alive": True}


def test_csv_is_written_with_kinds_quotes_and_escapes():
    schema = {**BASE_SCHEMA, "field": Kind.TAGS, "height": Kind.NUMBER, "alive": Kind.FLAG}
    values = {"born": -44, "field": ("physics", "a, b"), "height": 1e-7, "alive": False}
    people = [Person("=A", '"x"', values), Person("É", "'-", {"field": ("none",)})]
    text = dump_people(FileFormat.CSV, people, schema)
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").split("\r\n") == [
        "name,description,born,died,field:tags,height:number,alive:flag",
        '\'=A,"""x""",-44,,"physics, ""a, b""",0.0000001,no',
        'É,\'\'-,,,"""none""",,',
        "",
    ]


@given(CELL_TEXTS)
def test_unescaping_a_formula_undoes_escaping_it(text: str):
    cell = escape_formula(text)
    assert unescape_formula(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(CELL_TEXTS.map(str.strip).filter(bool) | st.just("none"), max_size=4))
def test_splitting_tags_undoes_joining_them(tags: list[str]):
    cell = join_tags(tags)
    assert split_tags(cell, ",") == tags
    assert find_separators(cell) <= {","} <= {*SEPARATORS}


def test_json_keeps_the_kinds_of_its_values():
    content = read_bytes(
        "people.json", b'[{"name":"A","h":1,"t":["a"],"f":true},{"name":"B","h":"none","t":null}]'
    )
    assert infer_schema(content.records) == {
        **BASE_SCHEMA,
        "h": Kind.NUMBER,
        "t": Kind.TAGS,
        "f": Kind.FLAG,
    }
    assert content.records[1].attributes == {"h": "none", "t": None}

"""Broken files: the answer to each says what is wrong with it, and where."""

import gzip
import io
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from bot.errors import DirectoryError
from bot.files import (
    FILE_MAX,
    PEOPLE_MAX,
    UPLOAD_MAX,
    FileContents,
    infer_schema,
    read_bytes,
    read_file,
    to_people,
)

HEADER = b"name,description\n"
TEXT = "name,description\nJosé,poète à Paris\n"
ADA = b'{"name":"Ada","description":"programmer"}'


def bomb() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("people.csv", bytes(50_000_000))
    return archive.getvalue()


REFUSED = {
    "a zip bomb": ("people.csv", bomb(), "a ZIP archive or an Excel workbook; unpack"),
    "an Excel workbook": ("people.xlsx", b"PK\x03\x04[Content_Types]", "save it as CSV first"),
    "an old one": ("people.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "an Excel workbook; save it as CSV"),
    "gzip": ("people.json", gzip.compress(b"[]"), "a compressed file; unpack it first"),
    "a PDF": ("people.csv", b"%PDF-1.7\n", "a PDF, not a text"),
    "a picture": ("people.csv", b"\x89PNG\r\n\x1a\n\0\0", "a picture or a recording"),
    "rich text": ("people.txt", b"{\\rtf1\\ansi name", "save it as plain text first"),
    "a web page": ("people.csv", b"\n<!DOCTYPE html><p>404", "a web page or XML"),
    "XML": ("people.json", b"<people><person/></people>", "a web page or XML"),
    "NULs": ("people.csv", HEADER + b"A\0da,x\n", "line 2 contains a zero byte"),
    "bytes of no text": ("people.csv", bytes(range(1, 256)) * 20, "encoding is unknown"),
    "damaged UTF-8": (
        "people.csv",
        TEXT.encode() + b"B\xff,x\n",
        "Line 3 contains bytes",
    ),
    "half a character": (
        "people.csv",
        (TEXT + "é").encode()[:-1],
        "Line 3 contains bytes",
    ),
    "surrogates as UTF-8": (
        "people.csv",
        HEADER + b"A\xed\xa0\x80,x",
        "aren't valid UTF-8",
    ),
    "damaged UTF-16": (
        "people.csv",
        b"\xff\xfeA\0\n\0\0\xd8A\0",
        "aren't valid UTF-16",
    ),
    "empty": ("people.csv", b"", "is empty"),
    "empty lines": ("people.jsonl", b"", "is empty"),
    "a mark alone": ("people.json", b"\xef\xbb\xbf", "is empty"),
    "blank lines": ("people.csv", b"\n\r\n  \n\t\n", "is empty"),
    "header only": ("people.csv", HEADER, "a header, but nobody below it"),
    "header and empty cells": ("people.csv", HEADER + b",\n,\n", "a header, but nobody below it"),
    "no header": ("people.csv", b"Ada,x\nBob,y\n", "No column is called name. Line 1 should be"),
    "a letter": (
        "people.txt",
        b"Dear all,\nhello.\n",
        "header such as name,description,born, but it is: Dear all",
    ),
    "one other column": ("people.csv", b"\npeople\nAda\n", "Line 2 should be a header"),
    "names twice": ("people.csv", b"name,Full Name\nA,B\n", "Columns 1 and 2 both mean name"),
    "a field twice": ("people.csv", b"name,a b,A_B\nA,1,2\n", "Columns 2 and 3 both mean a_b"),
    "no label": (
        "people.csv",
        b"name,,\nA,,\nB,,x\n",
        "Column 3 has no header, but line 3",
    ),
    "a label of Chinese": (
        "people.csv",
        "name,身長\nA,1\n".encode(),
        'Column 2: An attribute can\'t be called "身長"',
    ),
    "a reserved word": (
        "people.csv",
        b"name,or\nA,1\n",
        'Column 2: An attribute can\'t be called "or"',
    ),
    "born as text": ("people.csv", b"name,born:text\nA,1\n", "born always holds years"),
    "10,000 columns": (
        "people.csv",
        b"name" + b",a" * 9999 + b"\nA\n",
        "10,000 columns, and the limit is 200",
    ),
    "an open quote": ("people.csv", HEADER + b'A,x\nB,"y\nC,z\n', "opens in line 3 doesn't close"),
    "an open one further on": ("people.csv", HEADER + b'"A\nB","y\nC', "opens in line 3 doesn't"),
    "an open one for long": (
        "people.csv",
        HEADER + b'A,"' + b"x\n" * 99_999,
        "opens in line 2 doesn't",
    ),
    "a quote in the header": (
        "people.csv",
        b'name,"a"b\nA,x\n',
        "the header (line 1). The quote",
    ),
    "too many values": ("people.csv", HEADER + b"," * 5_000_000, "more than 4,000,000 values"),
    "too many people": ("people.csv", b"name\n" + b"A\n" * (PEOPLE_MAX + 1), "than 500,000 people"),
    "too many lines": ("people.jsonl", b"1\n" * (PEOPLE_MAX + 1), "more than 500,000 people"),
    "nested JSON": ("people.json", b"[" * 100_000, "nested too deeply"),
    "truncated JSON": ("people.json", b"[" + ADA + b",", "JSON ends too early"),
    "a truncated text": ("people.json", b"[" + ADA[:-7], "JSON ends too early"),
    "no JSON": ("people.json", b"[{name: 'Ada'}]", "isn't valid JSON"),
    "a key twice": ("people.json", b'[{"name":"A","na\\u006de":"B"}]', "key name occurs twice"),
    "a number": ("people.json", b"3", "a list of people, or an object"),
}


@pytest.mark.parametrize(("name", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_an_unusable_file_is_refused_with_the_reason(name: str, content: bytes, message: str):
    with pytest.raises(DirectoryError) as caught:
        read_bytes(name, content)
    assert str(caught.value).startswith(f"Can't import {name}. ")
    assert message in str(caught.value)
    assert str(caught.value).isprintable() and len(str(caught.value)) < 300


LONG = b"x" * 200_000
ROWS = {
    "too many cells": (
        "csv",
        HEADER + b"Bob,x,1,2\nAda,x,,,\n",
        "line 2: The row has 4 cells",
    ),
    "after lone CRs": ("csv", b"name,bio\rAda,x\rBob,y,z\r", "line 3: The row has 3 cells"),
    "after mixed line ends": ("csv", b"name,bio\r\nAda,x\n\rB,y,z", "line 4: The row has 3 cells"),
    "after a cell of two lines": (
        "csv",
        b'name,bio\nAda,"x\ny"\nB,y,z',
        "line 4: The row has 3 cells",
    ),
    "quotes in quotes": (
        "csv",
        HEADER + b'B,"a "b" c"\nAda,x',
        "line 2: The quote that opens in line 2",
    ),
    "a quote closed by the next": (
        "csv",
        HEADER + b'B,"a\nC,"d"\nAda,x',
        "lines 2–3: The quote",
    ),
    "a giant cell": ("csv", HEADER + b"B," + LONG + b"\nAda,x", "line 2: A cell is longer"),
    "a giant one in quotes": (
        "csv",
        HEADER + b'B,"' + LONG + b'"\nAda,x',
        "line 2: A cell is longer",
    ),
    "one column": ("csv", b"name\nBob\n", "line 2 (Bob): A person needs a description"),
    "a control character": (
        "csv",
        HEADER + b"B\x07,x\nAda,x",
        "line 2 (B\ufffd): The name contains a control character",
    ),
    "a mark of direction": (
        "csv",
        HEADER + "B\u202e,x\nAda,x".encode(),
        "line 2 (B\ufffd): The",
    ),
    "a surrogate": (
        "json",
        b'[{"name":"B\\ud800","description":"x"}]',
        "person 1 (B\ufffd): The",
    ),
    "one bad line": (
        "jsonl",
        ADA + b'\n{"name":\n' + ADA,
        "line 2: The JSON ends too early",
    ),
    "a long line": (
        "jsonl",
        ADA + b'\n{"name":"' + LONG * 6 + b'"}',
        "line 2: The line is longer than",
    ),
    "lines of no objects": (
        "jsonl",
        b"[1]\n" + ADA,
        "line 1: This isn't a JSON object",
    ),
    "NaN": ("json", b"[" + ADA[:-1] + b',"born":NaN}]', "born must be just a year"),
    "Infinity": (
        "json",
        b"[" + ADA[:-1] + b',"h":-Infinity}]',
        "a number with at most 15",
    ),
    "1e999": (
        "json",
        b"[" + ADA[:-1] + b',"h":1e999}]',
        "a number with at most 15 digits",
    ),
    "5,000 digits": (
        "json",
        b"[" + ADA[:-1] + b',"h":' + b"9" * 5000 + b"}]",
        "h must be a number with",
    ),
    "nested values": (
        "json",
        b"[" + ADA[:-1] + b',"h":[[1]]}]',
        "h holds an object or a list",
    ),
    "the same attribute twice": (
        "json",
        b"[" + ADA[:-1] + b',"a b":1,"a-b":2}]',
        "mean the attribute",
    ),
}


@pytest.mark.parametrize(("ending", "content", "message"), ROWS.values(), ids=ROWS)
def test_an_unusable_row_is_refused_and_the_others_are_taken(
    ending: str, content: bytes, message: str
):
    contents = read_bytes(f"people.{ending}", content)
    people, invalid = to_people(contents.records, infer_schema(contents.records))
    refused = [f"{row.where}: {row.reason}" for row in [*contents.refused, *invalid]]
    assert len(refused) == 1 and message in refused[0]
    assert refused[0].isprintable()
    assert {person.name for person in people} <= {"Ada"}, "the others are taken"
    assert bool(people) == (b"Ada" in content and ending != "json")


def read_as(name: str, content: bytes) -> tuple[FileContents, list[str]]:
    contents = read_bytes(name, content)
    people, refused = to_people(contents.records, infer_schema(contents.records))
    assert not refused and not contents.refused
    return contents, [f"{person.name}: {person.description}" for person in people]


VALID = {
    "quotes inside cells": (HEADER + b'Ada,the "first" one\nBob,"a ""b"""', 'Ada: the "first" one'),
    "a space before a quote": (HEADER + b'Ada, "a, b"\n', "Ada: a, b"),
    "missing cells": (b"name,description,born,died\nAda,x\n", "Ada: x"),
    "a cell of two lines": (HEADER + b'Ada,"x\r\ny"\n', "Ada: x y"),
    "mixed line ends": (b"name,description\r\nAda,x\rBob,y\n", "Ada: x"),
    "rows of empty cells": (b"\n,\nname,description,,\n,,,\nAda,x,,\n,,,,,", "Ada: x"),
    "files put together": (b"\xef\xbb\xbf" + HEADER + b'Ada,x\n\xef\xbb\xbf"Bob",y\n', "Ada: x"),
    "a formula": (HEADER + b"=1+1,-x\n", "=1+1: -x"),
    "a formula that was kept from running": (HEADER + b"'=1+1,''-x\n", "=1+1: '-x"),
    "an apostrophe": (HEADER + b"'t Hooft,'x\n", "'t Hooft: 'x"),
}


@pytest.mark.parametrize(("content", "first"), VALID.values(), ids=VALID)
def test_what_looks_broken_but_is_valid_is_read(content: bytes, first: str):
    contents, people = read_as("people.csv", content)
    assert people[0] == first and not contents.notes


ENCODED = {
    "UTF-8": ("utf-8", TEXT, None),
    "its mark": ("utf-8-sig", TEXT, None),
    "UTF-16": ("utf-16", TEXT, "Read as UTF-16."),
    "UTF-16 without a mark": ("utf-16-le", TEXT, "Read as UTF-16."),
    "and the other way around": ("utf-16-be", TEXT, "Read as UTF-16."),
    "UTF-32": ("utf-32", TEXT, "Read as UTF-32."),
    "French": ("cp1252", TEXT, "Read as Windows-1252. If letters look wrong"),
    "typography": ("cp1252", "name,description\nTom Waits,singer – and “actor”", "dows-1252"),
    "Polish": ("cp1250", "name,description\nLech Wałęsa,działacz związkowy", "Windows-1250."),
    "Russian": ("cp1251", "name,description\nЛев Толстой,русский писатель", "Windows-1251."),
    "Greek": ("cp1253", "name,description\nΝίκος Καζαντζάκης,Έλληνας συγγραφέας", "ndows-1253."),
    "Japanese": (
        "shift_jis",
        "name,description\n夏目漱石,日本の小説家",
        "Shift_JIS",
    ),
    "Chinese": ("gb18030", "name,description\n鲁迅,中国作家\n屠呦呦,药学家", "Read as GB18030."),
    "Korean": ("cp949", "name,description\n봉준호,영화 감독\n한강,소설가", "EUC-KR"),
}


@pytest.mark.parametrize(("encoding", "text", "message"), ENCODED.values(), ids=ENCODED)
def test_the_encoding_is_detected(encoding: str, text: str, message: str | None):
    contents, people = read_as("people.csv", text.encode(encoding))
    assert people[0] == text.splitlines()[1].replace(",", ": ")
    assert [*contents.notes] == [] if message is None else message in contents.notes[0]


FORMATTED = {
    "JSON named .csv": (
        "people.csv",
        b"[" + ADA + b"]",
        ["Read as JSON, detected from"],
    ),
    "CSV named .json": (
        "people.json",
        HEADER + b"Ada,programmer",
        ["Read as CSV, detected from"],
    ),
    "lines named .json": (
        "people.json",
        ADA + b"\n" + ADA,
        ["Read as JSON Lines, detected"],
    ),
    "a list named .jsonl": (
        "people.jsonl",
        b"[\n" + ADA + b"]",
        ["Read as JSON, detected from"],
    ),
    "an object named .jsonl": (
        *("people.jsonl", b'{\n"Ada":{"description":"programmer"}}'),
        ["Read as JSON, detected from"],
    ),
    "no ending": (
        "people",
        HEADER + b"Ada,programmer",
        ["Read as CSV, detected from"],
    ),
    "semicolons": (
        "people.csv",
        b"Name;Bio\r\nAda;programmer\r\n",
        ["The columns are separated by semi"],
    ),
    "tabs": ("people.tsv", b"name\tabout\nAda\tprogrammer", ["The columns are separated by tabs."]),
    "bars": (
        "people.txt",
        b"name|bio\nAda|programmer",
        ["The columns are separated by vert"],
    ),
    "Excel's own line": (
        "p.csv",
        b"sep=;\r\nname;bio\r\nAda;programmer",
        ["The columns are separated by semi"],
    ),
    "commas in a label": (
        "p.csv",
        b'name;bio;"a, b, c"\nAda;programmer;',
        ["The columns are separated by semi"],
    ),
}


@pytest.mark.parametrize(("name", "content", "notes"), FORMATTED.values(), ids=FORMATTED)
def test_the_format_is_detected_and_noted(name: str, content: bytes, notes: list[str]):
    contents, people = read_as(name, content)
    assert people[0] == "Ada: programmer"
    assert len(contents.notes) == len(notes)
    assert all(note.startswith(start) for note, start in zip(contents.notes, notes, strict=True))


def test_a_folder_a_missing_file_and_a_device_are_refused(tmp_path: Path):
    with pytest.raises(DirectoryError, match=r"Can't read .*: Is a directory"):
        read_file(tmp_path)
    with pytest.raises(DirectoryError, match=r"Can't read .*: No such file"):
        read_file(tmp_path / "none.csv")
    with pytest.raises(DirectoryError, match="larger than 64 MB"):
        read_file(Path("/dev/zero"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path):
    path = tmp_path / "people.csv"
    path.write_bytes(HEADER)
    path.chmod(0)
    with pytest.raises(DirectoryError, match=r"Can't read .*: Permission denied"):
        read_file(path)


def peak_memory(path: Path, message: str) -> int:
    """Return the most memory, in bytes, that refusing a file takes."""
    tracemalloc.start()
    try:
        with pytest.raises(DirectoryError, match=message):
            read_file(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_of_a_gigabyte_is_not_read(tmp_path: Path):
    path = tmp_path / "people.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert peak_memory(path, "larger than 64 MB. Split it into several files.") < 2**20


@pytest.mark.parametrize(
    ("name", "filler", "message"),
    [
        ("people.csv", b"\0", "zero byte"),
        ("people.json", b"[],", "more than 4,000,000 values"),
        ("people.json", b"1,", "more than 4,000,000 values"),
        ("people.csv", b"a,b;c", "more than 4,000,000 values"),
        ("people.csv", b'name,"', "more than 4,000,000 values"),
        ("people.csv", b"x", r"the header \(line 1\). A cell"),
        ("people.csv", b"\xe9", "encoding is unknown"),
    ],
)
def test_refusing_the_largest_file_takes_bounded_memory(
    tmp_path: Path, name: str, filler: bytes, message: str
):
    path = tmp_path / name
    path.write_bytes(b"[" * name.endswith("json") + filler * ((FILE_MAX - 1) // len(filler)))
    assert peak_memory(path, message) < 6 * FILE_MAX


def test_uploads_have_a_smaller_limit():
    with pytest.raises(DirectoryError, match=r"than 16 MB\. Split .* \(up to 64 MB\)\."):
        read_bytes("people.csv", bytes(UPLOAD_MAX + 1))

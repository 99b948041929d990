"""People as files. Some say why: that is put into the sentence it ends."""

from collections.abc import Sequence
from pathlib import Path

ZIP = "it is a zip archive or an Excel workbook, not text: unpack it, or save it as CSV, first"
COMPRESSED = "it is a compressed file, not text: unpack it first"
PDF = "it is a PDF, not text"
PICTURE = "it is a picture or a recording, not text"
OLD_EXCEL = "it is an Excel workbook, not text: save it as CSV first"
RICH_TEXT = "it is a document with formatting: save it as plain text first"
DATABASE = "it is a database, not text: export the people from it first"
PAGE = "it is a web page or XML, not a list of people: download the file itself"
NO_ENCODING = "it is no text in an encoding known here: save it as UTF-8"
EMPTY = "it is empty"
HEADER_ONLY = "it has a header, but nobody below it"
NESTED_TOO_DEEPLY = "it is nested too deeply"
NEITHER_LIST_NOR_OBJECT = "it holds neither a list of people nor an object of names"

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp949": "Korean EUC-KR",
    "cp932": "Shift JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "latin_1": "Latin-1",
}
"""What the encodings are called, by Python's names."""

FORMATS = {"csv": "CSV", "json": "JSON", "jsonl": "JSON lines"}
"""What the formats are called, by their endings."""


def read_as(format: str) -> str:
    return f"Read as {format}, which it is by its content."


def read_in(encoding: str) -> str:
    return f"Read as {encoding}."


def guessed(encoding: str) -> str:
    return f"Read as {encoding}. If letters are wrong, save the file as UTF-8 and take that."


def separated_by(delimiter: str) -> str:
    names = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    return f"Separated by {names.get(delimiter, delimiter)}."


def nul(line: int) -> str:
    return f"it is not text: line {line:,} has a zero byte in it"


def damaged(encoding: str, line: int) -> str:
    return f"it is {encoding}, but line {line:,} has bytes in it that are not"


def not_json(error: Exception) -> str:
    return f"it is not JSON ({error})"


def cut_short(error: Exception) -> str:
    return f"it is not whole JSON, it breaks off ({error})"


def key_twice(key: str) -> str:
    return f"the key {key} stands twice in one object"


def cannot_be_read(name: str, why: str) -> str:
    return f"{name} cannot be read: {why}."


def cannot_be_used(name: str, why: str) -> str:
    return f"{name} cannot be used: {why}."


def cannot_be_written(path: Path, why: str) -> str:
    return f"{path} cannot be written: {why}."


def _megabytes(size: int) -> str:
    return f"{size // 2**20:,} MB"


def too_large(name: str, most: int) -> str:
    return f"{name} cannot be used: {_megabytes(most)} is the most. Split it into several files."


def too_large_to_send(name: str, most: int, most_at_once: int) -> str:
    return (
        f"{name} cannot be used: {_megabytes(most)} is the most here. Split it into several files, "
        f"or import it on the command line, which takes {_megabytes(most_at_once)}."
    )


def too_many_people(most: int) -> str:
    return f"it holds more than {most:,} people: split it into several files"


def too_many_values(most: int) -> str:
    return f"it holds more than {most:,} values: split it into several files"


def too_many_columns(count: int, most: int) -> str:
    return f"it has {count:,} columns, and {most:,} is the most: take the others out"


def no_name_column(line: int, labels: Sequence[str]) -> str:
    there = ", ".join(labels[:10])
    return (
        f"no column is called name. Line {line:,} must be a header such as name,description,born; "
        f"it is {there}{', …' if len(labels) > 10 else ''}"
    )


def same_column(first: int, second: int, field: str) -> str:
    return f"columns {first} and {second} are both the {field}: rename one, or take it out"


def unnamed_column(number: int, line: int) -> str:
    return (
        f"column {number} has no header, but something in it in line {line:,}: "
        "give it a header, or take it out"
    )


def unusable_column(number: int, why: str) -> str:
    """``why`` is a sentence."""
    return f"column {number}: {why.removesuffix('.')}"


def column_of_years(field: str) -> str:
    return f"the column {field} is always a number, a year: let its header be {field} alone"


def unusable_header(where: str, why: str) -> str:
    """``why`` is a sentence."""
    return f"{where} is no header. {why.removesuffix('.')}"


def open_quote(line: int) -> str:
    return (
        f"the quote that opens in line {line:,} is not closed where its cell ends "
        "(a quote inside a cell is written twice)"
    )


def unknown_ending(path: Path) -> str:
    return f"{path} is not written: its name must end in .csv, .json or .jsonl."


def person(number: int) -> str:
    return f"person {number}"


def line(number: int) -> str:
    return f"line {number}"


def lines(first: int, last: int) -> str:
    return line(first) if first >= last else f"lines {first}–{last}"


NO_OBJECT = "It is not an object with a name."
NO_TEXT = "It needs a name and a description, both text."


def unusable(why: str) -> str:
    return f"It cannot be used: {why}."


def long_line(most: int) -> str:
    return f"It is longer than {most:,} characters."


def long_cell(most: int) -> str:
    return f"A cell of it is longer than {most:,} characters."


def too_many_cells(count: int, most: int) -> str:
    return (
        f"It has {count:,} cells, and the header {most:,}. "
        "A cell with a separator in it stands in quotes."
    )


def same_attribute(field: str) -> str:
    return f"Two of its keys are the attribute {field}."


def nested_attribute(field: str) -> str:
    return f"{field} holds an object or a list in a list, not a value."

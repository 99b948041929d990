"""People as files: CSV, JSON, JSON lines.

content.py   what a file holds: records, who is refused, what was made out of it
reading.py   a file, or the bytes of one, as content: its size, its format
text.py      bytes as text: the encoding, and what is no text
objects.py   people as JSON: a list, an object of names, lines
table.py     people as CSV: rows with a place, and the header over them
columns.py   what stands in a column: the kind of its values, what parts tags
cells.py     one cell: tags, numbers, and what a spreadsheet would run
writing.py   people as a file
"""

from bot.people_file.content import (
    PEOPLE_MAX,
    Content,
    Record,
    Refused,
    schema_of,
    to_people,
    used_schema,
    values_of,
)
from bot.people_file.reading import FILE_MAX, UPLOAD_MAX, read, read_bytes
from bot.people_file.writing import Format, dump, to_record, write

__all__ = [
    "FILE_MAX",
    "PEOPLE_MAX",
    "UPLOAD_MAX",
    "Content",
    "Format",
    "Record",
    "Refused",
    "dump",
    "read",
    "read_bytes",
    "schema_of",
    "to_people",
    "to_record",
    "used_schema",
    "values_of",
    "write",
]

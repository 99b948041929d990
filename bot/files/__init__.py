"""People in files: reading, importing, exporting.

contents.py        what a file holds: records, who is refused, what was made out of it
reader.py          a file, or the bytes of one, as contents: its size, its format
decoding.py        bytes as text: the encoding, and what is no text
json_format.py     people as JSON: a list, an object of names, lines
csv_format.py      people as CSV: rows with a place, and the header over them
columns.py         what stands in a column: the kind of its values, what parts tags
cells.py           one cell: tags, numbers, and what a spreadsheet would run
writer.py          people as a file
atomic_write.py    files that are there whole or not at all
namesakes.py       people who share a name
seed.py            the people a new directory begins with
import_rows.py     what a file says of a person, and what becomes of whom it is about
import_plan.py     what an import would do, which is shown before it is done
importer.py        doing it, in whole people, so that it can be stopped and gone on with
import_summary.py  what is said of a plan and of what was done
exporter.py        people as a file
"""

from bot.files.contents import (
    PEOPLE_MAX,
    Content,
    Record,
    Refused,
    schema_of,
    to_people,
    used_schema,
    values_of,
)
from bot.files.exporter import export, exported
from bot.files.import_plan import Plan, plan
from bot.files.import_rows import Mode, Said
from bot.files.import_summary import (
    Section,
    planned,
    refusals,
    refused_csv,
    sections,
    told,
    write_refused,
)
from bot.files.importer import Report, asked_for, carry_out
from bot.files.reader import FILE_MAX, UPLOAD_MAX, read, read_bytes
from bot.files.seed import read_starter
from bot.files.writer import Format, dump, to_record, write

__all__ = [
    "FILE_MAX",
    "PEOPLE_MAX",
    "UPLOAD_MAX",
    "Content",
    "Format",
    "Mode",
    "Plan",
    "Record",
    "Refused",
    "Report",
    "Said",
    "Section",
    "asked_for",
    "carry_out",
    "dump",
    "export",
    "exported",
    "plan",
    "planned",
    "read",
    "read_bytes",
    "read_starter",
    "refusals",
    "refused_csv",
    "schema_of",
    "sections",
    "to_people",
    "to_record",
    "told",
    "used_schema",
    "values_of",
    "write",
    "write_refused",
]

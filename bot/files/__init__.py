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
    FileContents,
    FileRecord,
    RefusedRow,
    infer_schema,
    to_people,
    used_schema,
    values_of,
)
from bot.files.exporter import export_bytes, export_file
from bot.files.import_plan import ImportPlan, make_plan
from bot.files.import_rows import ImportMode, ImportRow
from bot.files.import_summary import (
    SummarySection,
    plan_sections,
    refused_rows_csv,
    refused_section,
    summarize_plan,
    summarize_report,
    write_refused_rows,
)
from bot.files.importer import ImportReport, carry_out, import_request
from bot.files.reader import FILE_MAX, UPLOAD_MAX, read_bytes, read_file
from bot.files.seed import read_starter_set
from bot.files.writer import FileFormat, dump_people, to_json_object, write_file

__all__ = [
    "FILE_MAX",
    "PEOPLE_MAX",
    "UPLOAD_MAX",
    "FileContents",
    "FileFormat",
    "FileRecord",
    "ImportMode",
    "ImportPlan",
    "ImportReport",
    "ImportRow",
    "RefusedRow",
    "SummarySection",
    "carry_out",
    "dump_people",
    "export_bytes",
    "export_file",
    "import_request",
    "infer_schema",
    "make_plan",
    "plan_sections",
    "read_bytes",
    "read_file",
    "read_starter_set",
    "refused_rows_csv",
    "refused_section",
    "summarize_plan",
    "summarize_report",
    "to_json_object",
    "to_people",
    "used_schema",
    "values_of",
    "write_file",
    "write_refused_rows",
]

"""People in files: reading, importing, exporting.

reader.py          read a file or an upload: its size limits and its format
decoding.py        bytes to text: the encoding, and files that aren't text
json_format.py     parse people from JSON and JSON Lines
csv_format.py      parse people from CSV: delimiter, header, rows
columns.py         what a table's column holds: kind of values, separator of tags
cells.py           single cells: tags, quotes, formulas
records.py         what reading gives: records, refused rows, fields
import_rows.py     what a file says about a person, and what that does to a directory
disambiguation.py  distinct names for people who share one
import_plan.py     what an import would do
importer.py        carry out a plan, in batches
import_summary.py  plans, reports and refused rows in words
writer.py          people as CSV, JSON or JSON Lines
atomic_write.py    write a file completely or not at all
file_errors.py     errors for files that can't be read or written
exporter.py        export a directory to a file
starter_set.py     the people a new directory begins with
"""

from bot.files.exporter import export_bytes, export_file
from bot.files.import_plan import ImportPlan, make_plan, outdated_plan_text
from bot.files.import_rows import ImportMode, ImportRow, to_people
from bot.files.import_summary import (
    SummarySection,
    plan_sections,
    refused_rows_csv,
    refused_section,
    summarize_plan,
    summarize_report,
    write_refused_rows,
)
from bot.files.importer import Importer, ImportReport, stopped_text
from bot.files.reader import FILE_MAX, UPLOAD_MAX, read_bytes, read_file, upload_too_large
from bot.files.records import (
    PEOPLE_MAX,
    FileContents,
    FileRecord,
    Place,
    infer_schema,
    used_schema,
)
from bot.files.starter_set import read_starter_set
from bot.files.writer import FileFormat, dump_people, format_name, to_json_object, write_file

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
    "Importer",
    "Place",
    "SummarySection",
    "dump_people",
    "export_bytes",
    "export_file",
    "format_name",
    "infer_schema",
    "make_plan",
    "outdated_plan_text",
    "plan_sections",
    "read_bytes",
    "read_file",
    "read_starter_set",
    "refused_rows_csv",
    "refused_section",
    "stopped_text",
    "summarize_plan",
    "summarize_report",
    "to_json_object",
    "to_people",
    "upload_too_large",
    "used_schema",
    "write_file",
    "write_refused_rows",
]

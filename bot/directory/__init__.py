"""The people of one vector set, and the directories there are.

redis/          one client for a single server, Sentinel, a cluster or the embedded server
keys.py         the keys of one directory
schema_json.py  a schema as JSON, as it is stored
lua/            the changes to a directory, each one atomic
search.py       how a query is carried out, so that nobody is missed
occurring.py    the texts and tags that somebody has
names.py        the names, by their beginnings and ends
mentioned.py    which names may stand in a text
vectors.py      the vectors, as Redis keeps them
closeness.py    how close a match is, in steps that mean the same in every directory
about.py        a directory in figures
reading.py      Reader: a question, as the fields and values let it be read
listing.py      Listing, a Reader that knows who is there: find, complete, everybody
finding.py      Finder, a Listing that answers: search, similar, browse
history.py      what was changed, by whom
traces.py       what the history holds of an author, as a file
keeping.py      Keeper, a Finder that changes people and fields
undoing.py      how a change is taken back
directory.py    Directory, a Keeper that adds, updates, removes, undoes
directories.py  Directories: open, create, adopt, list
upkeep/         looking after a directory as a whole: check, repair, copy, embed again
"""

from bot.directory.author_export import AuthorExport, export_author
from bot.directory.bulk import BulkReport, Progress, no_progress
from bot.directory.closeness import MAX_CLOSENESS
from bot.directory.directories import Directories
from bot.directory.directory import Directory, SearchResults
from bot.directory.history import History, HistoryStats
from bot.directory.history_entries import Change
from bot.directory.operations import (
    UNKNOWN_AUTHOR,
    Author,
    HistoryLimits,
    Operation,
    OperationKind,
    OperationRequest,
)
from bot.directory.people import changed_fields
from bot.directory.redis import Redis, connect
from bot.directory.staging import BackupRecord, StagedDirectory, read_records, read_vector
from bot.directory.undo_run import UndoReport

__all__ = [
    "MAX_CLOSENESS",
    "UNKNOWN_AUTHOR",
    "Author",
    "AuthorExport",
    "BackupRecord",
    "BulkReport",
    "Change",
    "Directories",
    "Directory",
    "History",
    "HistoryLimits",
    "HistoryStats",
    "Operation",
    "OperationKind",
    "OperationRequest",
    "Progress",
    "Redis",
    "SearchResults",
    "StagedDirectory",
    "UndoReport",
    "changed_fields",
    "connect",
    "export_author",
    "no_progress",
    "read_records",
    "read_vector",
]

"""The people of one vector set, and the directories there are.

connection/     one client for a Redis, a cluster or the embedded server, and its errors as ours
keys.py         the keys of one directory
scripts/        the changes to a directory, in Lua, each one atomic
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

from bot.directory.author_export import Traces, find_traces
from bot.directory.closeness import MOST
from bot.directory.directories import Directories
from bot.directory.directory import BulkReport, Directory
from bot.directory.finding import Results
from bot.directory.history import (
    SOMEBODY,
    Asked,
    Author,
    Change,
    Held,
    History,
    Limits,
    Operation,
    What,
)
from bot.directory.keeping import Progress, changed_fields, unheard
from bot.directory.redis import Redis, connect
from bot.directory.staging import Copy, Record, read_copy, read_vector
from bot.directory.undo import Undone

__all__ = [
    "MOST",
    "SOMEBODY",
    "Asked",
    "Author",
    "BulkReport",
    "Change",
    "Copy",
    "Directories",
    "Directory",
    "Held",
    "History",
    "Limits",
    "Operation",
    "Progress",
    "Record",
    "Redis",
    "Results",
    "Traces",
    "Undone",
    "What",
    "changed_fields",
    "connect",
    "find_traces",
    "read_copy",
    "read_vector",
    "unheard",
]

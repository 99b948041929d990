"""Directories of people: one Directory is one vector set in Redis, and is composed of parts.

directories.py      Directories: opening, creating and deleting the directories of one Redis
directory_list.py   listing the directories there are, by their keys
adopt.py            adopting a vector set that another program wrote
directory.py        Directory: its parts; search, similar, browse; parsing and completing queries
vector_search.py    VectorSearch: searching so that nobody who matches a filter is missed
closeness.py        how close a match is, in levels that mean the same in every directory
people.py           People: finding, listing, embedding, adding, updating and removing people
bulk.py             BulkEdits: changing everyone who matches conditions, removing a field
fields.py           Fields: the schema, and the changes to it; Attempts, to retry a change
names.py            NameIndex: names by their words, regardless of case and accents
name_spotting.py    spotting names in a text
values.py           ValueIndex: the texts and tags that people have
statistics.py       the statistics of a directory
history/            who changed what: operations, their entries, and undoing them
storage.py          Storage: the Redis and the keys under which one directory is stored
keys.py             the Redis keys of one directory
schema_json.py      a schema as JSON, as it is stored
vectors.py          the vectors, as Redis stores them
lua/                the changes to a directory as Lua functions, each one transaction
redis/              the connection: a single server, a cluster or Sentinel; what a failure means
shared_task.py      a task that several callers wait for at the same time
"""

from bot.directory.bulk import BulkReport, Progress, no_progress
from bot.directory.closeness import MAX_CLOSENESS
from bot.directory.directories import Directories
from bot.directory.directory import Directory, SearchResults
from bot.directory.history.author_export import AuthorExport, export_author
from bot.directory.history.entries import Change
from bot.directory.history.history import History, HistoryStats
from bot.directory.history.operations import (
    UNKNOWN_AUTHOR,
    Author,
    HistoryLimits,
    Operation,
    OperationKind,
    OperationRequest,
    unknown_author,
)
from bot.directory.history.undo import UndoReport
from bot.directory.redis import Redis, connect

__all__ = [
    "MAX_CLOSENESS",
    "UNKNOWN_AUTHOR",
    "Author",
    "AuthorExport",
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
    "UndoReport",
    "connect",
    "export_author",
    "no_progress",
    "unknown_author",
]

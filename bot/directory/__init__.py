"""The people of one vector set, and the directories there are.

connection.py   one client for a Redis, a cluster or the embedded server, and its errors as ours
keys.py         the keys of one directory
scripts.py      the changes to a directory, each one atomic
search.py       how a query is carried out, so that nobody is missed
occurring.py    the texts and tags that somebody has
names.py        the names, by their beginnings and ends
directory.py    Directory: add, get, update, remove, search
directories.py  Directories: open, create, adopt, list
"""

from bot.directory.connection import Redis, connect
from bot.directory.directories import Directories
from bot.directory.directory import Directory, Results

__all__ = ["Directories", "Directory", "Redis", "Results", "connect"]

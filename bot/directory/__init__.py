"""The people of one vector set, and the directories there are.

connection.py   one client for a Redis, a cluster or the embedded server, and its errors as ours
keys.py         the keys of one directory
scripts.py      the changes to a directory, each one atomic
search.py       how a query is carried out, so that nobody is missed
occurring.py    the texts and tags that somebody has
names.py        the names, by their beginnings and ends
mentioned.py    which names may stand in a text
vectors.py      the vectors, as Redis keeps them
closeness.py    how close a match is, in steps that mean the same in every directory
about.py        a directory in figures
finding.py      Finder: search, similar, browse, find, complete
directory.py    Directory, a Finder that also adds, updates and removes
directories.py  Directories: open, create, adopt, list
"""

from bot.directory.closeness import MOST
from bot.directory.connection import Redis, connect
from bot.directory.directories import Directories
from bot.directory.directory import Directory
from bot.directory.finding import Results

__all__ = ["MOST", "Directories", "Directory", "Redis", "Results", "connect"]

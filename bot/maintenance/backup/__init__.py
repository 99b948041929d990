"""Directories as one file, and back.

The file is gzip of JSON lines: a header; of each directory a line with its name, and the records of
bot/directory/staging.py; and last what was counted, and the SHA-256 of all lines before.

writing.py    directories into a file
reading.py    a file, looked at whole before anything is done with it
restoring.py  a file into directories
"""

from bot.maintenance.backup.reader import Backup
from bot.maintenance.backup.restore import restore
from bot.maintenance.backup.writer import write

__all__ = ["Backup", "restore", "write"]

"""Saving directories to a file, and restoring them from it.

The file is gzip of JSON lines: a header; for each directory a line with its name and its records,
which BackupRecord in bot/directory/staging.py describes; and at the end the number of records of
each kind, and the SHA-256 of all the lines before.

format.py      the constants of the format
writer.py      writes directories to a file
validation.py  checks the records of a file
reader.py      reads a file, all of which is verified before anything is restored
restore.py     restores directories from a file
"""

from bot.maintenance.backup.reader import BackupFile
from bot.maintenance.backup.restore import restore_backup
from bot.maintenance.backup.writer import write_backup

__all__ = ["BackupFile", "restore_backup", "write_backup"]

"""Saving directories to a file, and restoring them from it.

The file is gzip of JSON lines: a header; for each directory a line with its name and its records;
and at the end the number of records of each kind, and the SHA-256 of all the lines before.

format.py      the format, and what a record has
records.py     reads the records of a directory from Redis, and parses their parts
writer.py      writes directories to a file
validation.py  checks the records of a file
reader.py      reads a file, all of which is verified before anything is restored
staging.py     loads a directory under temporary keys, until it is complete
restore.py     restores directories from a file
"""

from bot.maintenance.backup.reader import BackupFile
from bot.maintenance.backup.restore import restore_backup
from bot.maintenance.backup.writer import write_backup

__all__ = ["BackupFile", "restore_backup", "write_backup"]

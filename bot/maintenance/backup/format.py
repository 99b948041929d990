"""The constants of the backup format."""

FORMAT = "whos-who backup"
VERSION = 1
RECORD_KINDS: tuple[str, ...] = ("directory", "person", "operation", "author", "step")
"""The kinds of records. Each is the first key of its records, and is counted at the end."""

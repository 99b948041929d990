"""What a backup's reader and writer agree on."""

FORMAT = "whos-who backup"
VERSION = 1
COUNTED: tuple[str, ...] = ("directory", "person", "operation", "author", "step")
"""The kinds of records, which are their first keys."""

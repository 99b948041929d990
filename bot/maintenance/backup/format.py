"""The format of a backup."""

from typing import Any

FORMAT = "whos-who backup"
VERSION = 1

RECORD_KINDS: tuple[str, ...] = ("directory", "person", "operation", "author", "step")
"""The kinds of records. Each is the first key of its records, and is counted at the end."""

BackupRecord = dict[str, Any]
"""A record, one of the following. Bytes are in base64.

directory  its name
           meta: its fields and values, all text
           form: how vectors are quantized, as VADD takes it, and the number of links
           dimension, people: numbers
person     the name
           attributes: text as stored, or null
           vector: as pack_vector writes it
operation  the number
           header: text as stored
author     id:ID or author:MARK
           value: text as stored
step       the id of a history entry
           operation: the number
           changes: a list of name, attributes before, attributes after, vector
                    or, if it changed the fields, schema and before: text as stored
"""

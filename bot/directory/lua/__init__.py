"""The changes to a directory, as Lua functions that Redis runs as one transaction each.

directory.lua  all of them

It is sent once to each server that has not cached it (EVALSHA, and EVAL after NOSCRIPT). Redis
Functions would be no faster, and FUNCTION LOAD is a write: a server that is full or read-only could
not even open a directory, and the library of each version of the bot would stay in it.

KEYS are the keys of a directory (see Keys), all on one cluster slot:
1 vset        the vector set; an element is a person's name as displayed
2 meta        hash: schema (JSON: field to kind, in order), model, format (FORMAT); changes (counts
              them, to expire what was derived from the directory); values (a number that changes
              with the set of values); operations, authors (the last numbers given); held (people
              in the history); open:SOURCE (the operation that continues what was interrupted);
              left (ms: since when the bot is not in the server); least_known (everyone whose fame
              is at least this is in fame; absent if everyone whose fame is known is)
3 names       sorted set, scores 0: folded name NUL name, to find and list people by name
4 words       sorted set, scores 0: the folded name from each later word on, NUL name
5 values      sorted set, scores 0: field NUL folded value NUL value as typed, of texts and tags
6 counts      hash: for each entry of values, how many people have it
7 fame        sorted set: the best-known people, by the first of person.FAME_FIELDS they have
8 history     stream: the history entries (see history/entries.py)
9 operations  hash: number to header (JSON)
10 marks      sorted set, scores 0: which operations there are (all), which changed a person (who;
              step, with digests of names), which are an author's (by), and which entries changed
              the schema
11 authors    hash: id:ID to mark, author:MARK to ID NUL name
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from bot.person import FAME_FIELDS

FORMAT = "5"
"""The version of the companion keys. A directory with a different one is adopted like a foreign
set."""

RESTORED = ("4", FORMAT)
"""The formats that can be backed up and restored: their people and histories are stored alike."""

BEST_KNOWN = 1000
"""The fame index holds at least this many people, or everyone whose fame is known."""

OPEN_OPERATION_TIMEOUT = 60 * 60 * 1000
"""Milliseconds after the last entry of an unfinished operation until it may be forgotten."""

Function = Literal[
    "open",
    "create",
    "change",
    "define_fields",
    "rename_field",
    "remove_field",
    "get_fame",
    "find_operations",
    "finish_operation",
    "forget_author",
    "adopt_people",
    "finish_adoption",
    "repair",
    "record_foreign_changes",
    "mark_left",
    "unmark_left",
    "delete_left",
    "begin_copy",
    "add_to_copy",
    "delete_copy",
    "replace_by_copy",
    "begin_reembedding",
    "add_reembedded",
    "finish_reembedding",
]
READ_ONLY: set[Function] = {"open", "get_fame", "find_operations"}
FREES_MEMORY: set[Function] = {"forget_author", "delete_left", "delete_copy"}
"""Those that also run when Redis is full."""


@dataclass(frozen=True)
class Script:
    """Lua code, and the SHA-1 digest under which Redis caches it."""

    code: str
    digest: str
    is_read_only: bool


def build_scripts(
    best_known: int = BEST_KNOWN, open_operation_timeout: int = OPEN_OPERATION_TIMEOUT
) -> Mapping[Function, Script]:
    """Return the script that has each function: there is one for each set of flags. Redis refuses
    a script before it starts if its flags are at odds with the state of the server."""
    constants = (
        f"local FORMAT = '{FORMAT}'\n"
        f"local FAME_FIELDS = {{{', '.join(map(repr, FAME_FIELDS))}}}\n"
        f"local BEST_KNOWN = {best_known}\n"
        f"local OPEN_OPERATION_TIMEOUT = {open_operation_timeout}\n"
    )
    library = constants + Path(__file__).with_name("directory.lua").read_text("utf-8")
    reading, writing, freeing = (
        _build_script(library, flags) for flags in ("no-writes", "", "allow-oom")
    )
    functions: tuple[Function, ...] = get_args(Function)
    return {
        name: reading if name in READ_ONLY else freeing if name in FREES_MEMORY else writing
        for name in functions
    }


def _build_script(library: str, flags: str) -> Script:
    code = f"#!lua flags={flags}\n{library}"
    digest = hashlib.sha1(code.encode(), usedforsecurity=False).hexdigest()
    return Script(code, digest, is_read_only=flags == "no-writes")


SCRIPTS = build_scripts()

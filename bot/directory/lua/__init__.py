"""The changes to a directory, as Lua functions that Redis runs as one transaction each.

directory.lua  all of them

Each server caches the code: Storage.call sends only its digest (EVALSHA), and all of it if Redis
replies NOSCRIPT. Redis Functions aren't noticeably faster, and FUNCTION LOAD is a write: on a
server that is full or read-only the bot couldn't even open a directory, and each version of the bot
would leave its library behind.
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
"""Functions that also run when Redis is full."""


@dataclass(frozen=True)
class Script:
    """Lua code, and the SHA-1 digest under which Redis caches it."""

    code: str
    digest: str
    is_read_only: bool


def build_scripts(
    best_known: int = BEST_KNOWN, open_operation_timeout: int = OPEN_OPERATION_TIMEOUT
) -> Mapping[Function, Script]:
    """Return the script of each function. There is one for each set of flags, by which Redis
    decides before it starts a script whether the server can run it now."""
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

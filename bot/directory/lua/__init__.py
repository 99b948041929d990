"""The changes to a directory, as Lua that Redis runs as one transaction each.

directory.lua, history.lua and schema.lua stand before each of the others, which say what ARGV is.
KEYS are the directory's keys, on one cluster slot:
1 vset        the vector set; an element is a person's name as displayed
2 meta        hash: schema (JSON: field to kind, in order), model, format (FORMAT), changes (how
              many there were, so that what is made of a directory can be kept until the next one),
              values (another number whenever a value comes up that nobody had, or goes);
              operations, authors (the numbers given), held (people in the history),
              open:SOURCE (the operation that goes on what was interrupted); left (ms: since when
              the bot is not in the server); least_known (who is known as well as that is in fame;
              everybody of whom it is known where this is not there)
3 names       sorted set, scores 0: folded name NUL name, to find and browse by the whole name
4 words       sorted set, scores 0: from each later word of the folded name on NUL name
5 values      sorted set, scores 0: field NUL folded value NUL value as typed, of texts and tags
6 counts      hash: for each entry of values, how many people have it
7 fame        sorted set: the best known, by the first of FAME_FIELDS they have, to complete names
8 history     stream: the steps of the operations, each with the people it changed (see ../steps.py)
9 operations  hash: number to header (JSON; see history.lua)
10 marks      sorted set, scores 0: which operations there are (all), of whom (who; step, with
              prints of names) and by whom (by), and which steps changed the schema
11 authors    hash: id:ID to mark, author:MARK to ID NUL name

A change carries the schema and the model it was made for, and does nothing (false) if these are not
the directory's any more; its sender reads them anew and tries again.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from bot.directory.keys import Keys
from bot.directory.redis import Argument, Redis
from bot.person import BASE_SCHEMA, FAME_FIELDS, Kind, Schema

FORMAT = "5"
"""Of the companion keys; a directory with another one is taken over like a foreign set."""

RESTORED = ("4", FORMAT)
"""The formats of directories that are backed up and restored: what is kept of one is the same."""

BEST_KNOWN = 1000
"""So many people at least are in fame, or all of whom it is known how well they are known."""

PATIENCE = 60 * 60 * 1000
"""Milliseconds from an operation's last step in which its next is waited for before it is forgotten
like any other."""

_FOLDER = Path(__file__).parent
_HEAD = f"""
local format = '{FORMAT}'
local measures = {{{", ".join(map(repr, FAME_FIELDS))}}}
local best_known = {BEST_KNOWN}
local patience = {PATIENCE}
local {", ".join(Keys._fields)} = unpack(KEYS)
"""
_COMMON = _HEAD + "".join(
    (_FOLDER / f"{name}.lua").read_text("utf-8") for name in ("directory", "history", "schema")
)


def _read(name: str, flags: str = "") -> str:
    """A script that Redis refuses before it begins, where its writes would be; with ``flags`` that
    say otherwise."""
    code = _COMMON + (_FOLDER / f"{name}.lua").read_text("utf-8")
    return f"#!lua flags={flags}\n{code}"


READS = "no-writes"
FREES_MEMORY = "allow-oom"

OPEN = _read("open", READS)
CREATE = _read("create")
CHANGE = _read("change")
CHANGED = _read("changed", READS)
KNOWN = _read("known", READS)
FINISH = _read("finish")
DEFINE = _read("define")
DROP_FIELD = _read("drop_field")
RENAME_FIELD = _read("rename_field")
ADOPT = _read("adopt")
ADOPTED = _read("adopted")
FORGET_AUTHOR = _read("forget_author", FREES_MEMORY)
MEND = _read("mend")
OUTSIDE = _read("outside")
LEAVE = _read("leave")
STAY = _read("stay")
DELETE_LEFT = _read("delete_left", FREES_MEMORY)
BEGIN_COPY = _read("begin_copy")
LOAD = _read("load")
DROP_COPY = _read("drop_copy", FREES_MEMORY)
SWAP = _read("swap")
EMBED = _read("embed")
EMBEDDED = _read("embedded")
SWITCH = _read("switch")


def dump_schema(schema: Schema) -> str:
    """A schema as the scripts store and compare it."""
    return json.dumps(dict(schema))


def load_schema(stored: str) -> Schema:
    """A schema from what was stored. Raises ValueError for what is none."""
    read = json.loads(stored)
    if not isinstance(read, dict):
        raise ValueError(stored)
    return {name: Kind(kind) for name, kind in read.items()}


def read_schema(stored: str | None) -> Schema | None:
    """The same, if the directory that has it was taken over by the bot."""
    with suppress(ValueError, RecursionError):
        schema = load_schema(stored or "")
        return schema if BASE_SCHEMA.items() <= schema.items() else None
    return None


async def run(redis: Redis, script: str, keys: Sequence[str], *arguments: Argument) -> object:
    """Run one of the scripts above; in one round trip, also on a cluster. It is sent whole, for a
    server that has just taken another's place has seen none."""
    return await redis.execute("EVAL", script, len(keys), *keys, *arguments)


async def read(redis: Redis, script: str, keys: Sequence[str], *arguments: Argument) -> object:
    """The same for a script that changes nothing, as Redis makes sure."""
    return await redis.execute("EVAL_RO", script, len(keys), *keys, *arguments)

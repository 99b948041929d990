"""Checks that the records of a file are what the bot would write."""

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from bot.directory.history.operations import parse_operation
from bot.directory.lua import RESTORED
from bot.directory.schema_json import load_schema
from bot.maintenance.backup.format import RECORD_KINDS, BackupRecord
from bot.maintenance.backup.records import parse_vector
from bot.person import BASE_SCHEMA

QUANTIZATIONS = ("Q8", "BIN", "NOQUANT")
LINKS = range(4, 4097)  # what VADD takes as M
DIMENSIONS = range(2**15)
META_COUNTERS = ("operations", "authors", "held", "changes")
NUMBER_MAX = 2**48  # leaves a counter or a time in ms room to grow
ENTRY_ID = re.compile(r"(\d{1,15})-(\d{1,15})", re.ASCII)


class RecordValidator:
    """Checks records one after another, each by itself and against the earlier ones, and counts
    them by kind."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(RECORD_KINDS, 0)
        self._directories: set[str] = set()
        self._names: set[str] = set()
        self._operations: set[int] = set()
        self._last_entry_id = (-1, -1)
        self._dimension = 0
        self._checks = {
            "directory": self._check_directory,
            "person": self._check_person,
            "operation": self._check_operation,
            "author": self._check_author,
            "step": self._check_entry,
        }

    def check(self, record: BackupRecord) -> None:
        """Check the next record. Raises LookupError, TypeError, ValueError or RecursionError if it
        isn't valid."""
        kind = next(iter(record))
        _require(kind == "directory" or bool(self._directories))
        self._checks[kind](**record)
        self.counts[kind] += 1

    def _check_directory(
        self, directory: str, meta: dict[str, str], form: list[Any], dimension: int, people: int
    ) -> None:
        _require(_is_text(directory) and directory.isprintable())
        _require(directory not in self._directories)
        self._directories.add(directory)
        self._names, self._operations, self._last_entry_id = set(), set(), (-1, -1)
        _check_meta(meta)
        quantization, links = form
        _require(quantization in QUANTIZATIONS and is_number(links) and links in LINKS)
        _require(is_number(dimension) and dimension in DIMENSIONS and is_number(people))
        self._dimension = dimension

    def _check_person(self, person: str, attributes: str | None, vector: str) -> None:
        _require(_is_text(person) and person not in self._names)
        _require(attributes is None or _is_text(attributes))
        self._names.add(person)
        parse_vector(vector, self._dimension)

    def _check_operation(self, operation: int, header: str) -> None:
        _require(is_number(operation) and operation not in self._operations and _is_text(header))
        self._operations.add(operation)
        fields = json.loads(header)
        _require(isinstance(fields, dict) and _is_text(fields["by"]))
        parse_operation(operation, fields, None)

    def _check_author(self, author: str, value: str) -> None:
        _require(_is_text(author) and author.startswith(("id:", "author:")) and _is_text(value))

    def _check_entry(self, step: str, operation: int, **change: Any) -> None:
        match = ENTRY_ID.fullmatch(step)
        _require(match is not None and is_number(operation))
        entry_id = tuple(map(int, match.groups())) if match else ()
        _require(entry_id > self._last_entry_id)
        self._last_entry_id = entry_id
        if "schema" in change:
            for schema in (change["schema"], change["before"]):
                load_schema(schema)
            return
        _require(bool(change["changes"]))
        for name, before, after, vector in change["changes"]:
            _require(all(map(_is_text, (name, before, after))))
            b64decode(vector, validate=True)


def _check_meta(meta: Mapping[str, str]) -> None:
    _require(isinstance(meta, dict) and all(map(_is_text, (*meta, *meta.values()))))
    _require(BASE_SCHEMA.items() <= load_schema(meta["schema"]).items() and bool(meta["model"]))
    _require(meta["format"] in RESTORED)
    _require(all(0 <= int(meta.get(field, 0)) < NUMBER_MAX for field in META_COUNTERS))


def _is_text(value: Any) -> bool:
    """Return whether a value is text. Raises ValueError for text that can't be stored: it has lone
    surrogates."""
    return isinstance(value, str) and value.encode() is not None


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < NUMBER_MAX


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError

"""Whether the history goes with itself, and with the people."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping

from bot.directory.history_entries import Change, Step, read_step
from bot.directory.keys import Keys
from bot.directory.lua import dump_schema
from bot.directory.redis import Redis
from bot.directory.undo import carried, renamed
from bot.maintenance.expected_headers import Header, Traced, is_read, mended, read_header, rebuilt
from bot.maintenance.findings import Findings, Problem
from bot.maintenance.indexes import compare
from bot.person import Person, Schema

STEPS = 32  # read at once
NUMBERS = range(1, 10**12)  # of operations, as the marks have them
NUMBER = re.compile(r"\d{1,15}", re.ASCII)  # which Redis can count on from


class Past:
    """Goes through the steps of a directory, the latest first, beside its ``people``: the name and
    the attributes of each."""

    def __init__(
        self,
        redis: Redis,
        keys: Keys,
        schema: Schema,
        people: Mapping[str, str],
        findings: Findings,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._schema = schema
        self._people = people
        self._findings = findings
        self._traced: dict[int, Traced] = {}
        self._marks: set[str] = set()
        self._who: set[tuple[str, int]] = set()
        self._seen: set[str] = set()
        self._renamed: dict[str, str] = {}  # what fields of the step's time are called now

    async def check(self) -> None:
        """Note what does not go together."""
        await self._trace()
        headers = await self._redis.execute("HGETALL", self._keys.operations)
        authors = await self._redis.execute("HGETALL", self._keys.authors)
        meta = await self._redis.execute("HGETALL", self._keys.meta)  # after the headers: see open
        right = self._check_headers(headers, meta.get("model", ""), await self._authors())
        await self._check_marks(right)
        self._check_numbers(meta, right, authors)
        self._check_authors(authors)

    # Steps

    async def _trace(self) -> None:
        schema = dump_schema(self._schema)
        traced = None
        async for number, step in self._steps():
            traced = self._traced.setdefault(number, Traced(step.id))
            traced.first = step.id
            traced.people += len(step.changes)
            if step.schemas:
                schema = dump_schema(step.schemas[0])
                self._before_renaming(*step.schemas)
            traced.schema = schema
            self._marks |= step.marks(number)
            self._who |= {(name, number) for name in step.marked}
            for change in reversed(step.changes):
                if change.name not in self._seen:
                    self._seen.add(change.name)
                    self._compare(change)
        if traced:
            traced.oldest = True

    async def _steps(self) -> AsyncIterator[tuple[int, Step]]:
        last = "+"
        while True:
            ((*entries,),) = await self._redis.execute_raw(
                [("XREVRANGE", self._keys.history, last, "-", "COUNT", STEPS)]
            )
            for id, parts in entries:
                last = f"({id.decode()}"
                try:
                    number, step = int(parts[b"operation"]), read_step(id.decode(), parts)
                    if number not in NUMBERS:
                        raise ValueError(number)
                    yield number, step
                except (ValueError, KeyError, IndexError):
                    mend = ("XDEL", self._keys.history, id)
                    self._findings.add(Problem.STEP_UNREADABLE, id.decode(), mend)
            if len(entries) < STEPS:
                return

    def _before_renaming(self, before: Schema, after: Schema) -> None:
        if pair := renamed(before, after):
            old, new = pair
            self._renamed[old] = self._renamed.pop(new, new)

    def _compare(self, change: Change) -> None:
        """Note who is not as their last change made them."""
        now = self._people.get(change.name, "")
        if now == change.after:
            return
        before = ""
        if change.new:
            then = carried(change.new, self._renamed, self._schema)
            before = then.dump(self._schema, now)
            person = Person.load(change.name, now)
            if now and carried(person, {}, self._schema) == then:
                return
        self._findings.add(Problem.OUTSIDE, change.name)
        self._findings.outside.append((change.name, before, now))

    # Operations

    def _check_headers(
        self, stored: Mapping[str, str], model: str, authors: Mapping[int, str]
    ) -> dict[int, Header]:
        """The headers as they are or, where that is wrong, as they will be."""
        right: dict[int, Header] = {}
        for field in sorted(stored.keys() - {str(number) for number in self._traced}):
            mend = ("HDEL", self._keys.operations, field)
            self._findings.add(Problem.OPERATION_EMPTY, f"#{field}", mend)
        for number, traced in sorted(self._traced.items()):
            header = read_header(stored.get(str(number)))
            there = header is not None
            by = authors.get(number, "")
            right[number] = mended(header, traced) if header else rebuilt(traced, model, by)
            undone = right[number].get("undone")
            if undone and not (isinstance(undone, int) and undone in self._traced):
                del right[number]["undone"]
            if not is_read(number, right[number]):
                right[number] = rebuilt(traced, model, by)
            if header != right[number]:
                problem = Problem.OPERATION_WRONG if there else Problem.OPERATION_MISSING
                text = json.dumps(right[number], ensure_ascii=False)
                mend = ("HSET", self._keys.operations, number, text)
                self._findings.add(problem, f"#{number}", mend)
        return right

    async def _authors(self) -> dict[int, str]:
        """By whom the operations are, as the index has it."""
        limits = (b"[by\0", b"(by\1", "BYLEX")
        entries = await self._redis.execute("ZRANGE", self._keys.marks, *limits)
        pairs = (entry.removeprefix("by\0").rpartition("\0")[::2] for entry in entries)
        return {int(number): by for by, number in pairs if _is_number(number)}

    async def _check_marks(self, headers: Mapping[int, Header]) -> None:
        for number, header in headers.items():
            self._marks |= {f"all\0{number:012}", f"by\0{header['by']}\0{number:012}"}
        # A person's mark goes with the first step of an operation that is forgotten, though a later
        # one may have changed the person again.
        tolerated = {
            f"who\0{name}\0{number:012}" for name, number in self._who if headers[number].get("cut")
        }
        wrong = (Problem.MARK_MISSING, Problem.MARK_EXTRA)
        await compare(self._redis, self._keys.marks, self._marks, wrong, self._findings, tolerated)

    def _check_numbers(
        self, meta: Mapping[str, str], headers: Mapping[int, Header], authors: Mapping[str, str]
    ) -> None:
        held = sum(traced.people for traced in self._traced.values())
        if meta.get("held", "0") != str(held):
            mend = ("HSET", self._keys.meta, "held", held)
            self._findings.add(Problem.HELD, f"{meta.get('held')} / {held}", mend)
        marks = [key.partition(":")[2] for key in authors if key.startswith("author:")]
        marks += [header["by"] for header in headers.values()]  # also of who was taken out
        given = {
            "changes": 0,
            "operations": max(headers, default=0),
            "authors": max((int(mark) for mark in marks if _is_number(mark)), default=0),
        }
        for field, most in given.items():
            counted = meta.get(field, "0")
            if not _is_number(counted) or int(counted) < most:
                mend = ("HSET", self._keys.meta, field, most)
                self._findings.add(Problem.NUMBERS, field, mend)
        for field, number in meta.items():
            if field.startswith("open:"):
                header = headers.get(int(number)) if _is_number(number) else None
                if header is None or not header.get("open"):
                    mend = ("HDEL", self._keys.meta, field)
                    self._findings.add(Problem.UNFINISHED, field.partition(":")[2], mend)

    def _check_authors(self, authors: Mapping[str, str]) -> None:
        for field, command in _stray_authors(authors, self._keys):
            self._findings.add(Problem.AUTHOR, field, command)


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))


def _stray_authors(
    authors: Mapping[str, str], keys: Keys
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """The halves of authors whose other half is gone, so that a name could not be taken out."""
    for field, value in authors.items():
        kind, _, rest = field.partition(":")
        if kind == "id":
            whole = authors.get(f"author:{value}", "\0").partition("\0")[0] == rest
        else:
            whole = authors.get(f"id:{value.partition(chr(0))[0]}") == rest
        if not whole:
            yield field, ("HDEL", keys.authors, field)

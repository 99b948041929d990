"""The parsers of what strangers send and operators write. Each can be fed any bytes."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import get_args

from dotenv import dotenv_values

from bot.errors import DirectoryError, QueryError
from bot.files import FileFormat, dump_people, infer_schema, read_bytes, to_people
from bot.logs import WITHHELD, secret_pattern
from bot.person import BASE_SCHEMA, Kind
from bot.person.attributes import parse_attributes
from bot.query import complete, find_named_values, parse, print_redis_filter
from bot.settings import Settings
from cogs.buttons import CUSTOM_ID, CUSTOM_ID_MAX, ButtonAction, persistent_button
from cogs.presses import NUMBER

SECONDS_MAX = 1.0  # of processor time, for one input
YEAR = 2026
SCHEMA = {
    **BASE_SCHEMA,
    "country": Kind.TEXT,
    "field": Kind.TAGS,
    "laureate": Kind.FLAG,
    "height": Kind.NUMBER,
}
KNOWN = {"france": {"country": "France"}, "physics": {"field": "physics"}}
FILES = ("a.csv", "a.tsv", "a.json", "a.jsonl", "a.txt", "a")
BUTTON_ACTIONS = get_args(ButtonAction)
_CUSTOM_ID = re.compile(CUSTOM_ID, re.DOTALL)


def query(data: bytes) -> None:
    """Parse a query, complete it as it is typed, and parse attributes as in /addperson."""
    text = data.decode("utf-8", "surrogateescape")
    complete(text, SCHEMA)
    find_named_values(text, SCHEMA, YEAR, KNOWN)
    for literal in (False, True):
        try:
            read = parse(text, SCHEMA, YEAR, KNOWN, literal=literal)
        except QueryError as error:
            assert str(error) and error.pointer()
        else:
            assert parse(read.filter_text, SCHEMA, YEAR, literal=True).filter == read.filter
            assert read.filter is None or print_redis_filter(read.filter)
    parse_attributes(text, SCHEMA)


def people_file(data: bytes) -> None:
    """Import a file. The first byte chooses its name."""
    name = FILES[data[0] % len(FILES)] if data else FILES[0]
    content = read_bytes(name, data[1:])
    schema = {**infer_schema(content.records), **BASE_SCHEMA}
    people, refused = to_people(content.records, schema)
    assert len(people) + len(refused) == len(content.records)
    for format in FileFormat:
        again = read_bytes(f"a.{format}", dump_people(format, people, schema))
        assert to_people(again.records, schema) == (people, [])


def custom_id(data: bytes) -> None:
    """Read the id of a button, of which a client may send any, and make ids from any text."""
    text = data.decode("utf-8", "surrogateescape")
    pressed = _CUSTOM_ID.fullmatch(text)
    if pressed and NUMBER.fullmatch(pressed["subject"]):
        assert int(pressed["subject"]) < 10**15
    action = BUTTON_ACTIONS[len(data) % len(BUTTON_ACTIONS)]
    made = persistent_button(text, action, text).custom_id or ""
    assert len(made.encode("utf-16-le", "surrogatepass")) // 2 <= CUSTOM_ID_MAX
    found = _CUSTOM_ID.fullmatch(made)
    assert found and found["action"] == action


def settings(data: bytes) -> None:
    """Read an .env file."""
    values = dotenv_values(stream=StringIO(data.decode("utf-8", "replace")), interpolate=False)
    read = Settings.parse(values)
    token = read.discord_token
    assert not token or secret_pattern(read).sub(WITHHELD, token) == WITHHELD


@dataclass(frozen=True)
class Target:
    feed: Callable[[bytes], None]
    max_length: int  # bytes
    seeds: Sequence[bytes]

    def run(self, data: bytes) -> None:
        """Feed the function. Raises its exceptions other than our own, and AssertionError if it
        takes too long."""
        started = time.process_time()
        try:
            self.feed(data)
        except DirectoryError as error:
            assert str(error)
        seconds = time.process_time() - started
        assert seconds < SECONDS_MAX, f"{seconds:.1f} s for {data[:200]!r}"


TARGETS = {
    "query": Target(
        query,
        1100,
        [
            b'science died<2000 or (is:alive -country:"united states")',
            b"French writers born in the 19th century who died before 1900",
            b"field:physics,chemistry born:1900..1950 died<44 BC height>=1.80 laureate:yes",
            b'field=physics, chemistry laureate=yes country="x" not lived:18c has:country',
        ],
    ),
    "people_file": Target(
        people_file,
        4096,
        [
            b'\0name,description,born\nAda,mathematician,1815\n"B","b\nb",\n',
            b"\1name\tdescription\nAda\tmathematician\n",
            b'\2[{"name": "Ada", "description": "m", "born": 1815, "field": ["a", "b"]}]',
            b'\2{"Ada": {"description": "m", "died": null}, "B": "b"}',
            b'\3{"name": "Ada", "description": "m"}\n{"name": "B", "laureate": true}\n',
            "\4name;description\nÉmile;écrivain\n".encode("utf-16"),
        ],
    ),
    "custom_id": Target(custom_id, 512, [b"lead:details:Ada", b"lead:undo:12", b"pages:next"]),
    "settings": Target(
        settings,
        1024,
        [
            b"DISCORD_TOKEN=x\nREDIS_URL=redis://u:p%20w@h:1/0?password=x\nLOG_FORMAT=json\n",
            b"DIRECTORY_KEY='a{guild}b'\nHISTORY_DAYS=7\nSYNC_GUILD=1\nMETRICS_PORT=9464\n",
            b"REDIS_URL=rediss://[::1]:6380\nexport LOG_LEVEL=debug # loud\nSTARTER_SET=\n",
        ],
    ),
}

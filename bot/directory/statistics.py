"""The statistics of a directory: its size, how many people have each field, and its memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory.storage import Storage
from bot.person import Kind, Person, Schema

SAMPLE_SIZE = 1000  # people; for larger directories the shares are those of a random sample


@dataclass(frozen=True)
class FieldCoverage:
    """A field, and the share of people who have a value for it, from 0 to 1."""

    field: str
    kind: Kind
    share: float


@dataclass(frozen=True)
class DirectoryStatistics:
    """The number of people; the coverage of each field, which ``is_exact`` or estimated from a
    sample; the model; the version of Redis; and the memory per person in bytes, counting all of
    the directory's keys."""

    people: int
    coverage: Sequence[FieldCoverage]
    is_exact: bool
    model: str
    redis_version: str
    bytes_per_person: float


async def describe(
    storage: Storage, schema: Schema, model: str, people: Sequence[Person]
) -> DirectoryStatistics:
    """Measure a directory. ``people`` are everyone or, of more than SAMPLE_SIZE, a random sample of
    that size."""
    size = await storage.count()
    info: Any = await storage.redis.execute("INFO", "server", near=storage.keys.vset)
    memory = await storage.redis.execute_all([("MEMORY", "USAGE", key) for key in storage.keys])
    return DirectoryStatistics(
        people=size,
        coverage=[
            FieldCoverage(
                field,
                kind,
                sum(field in person.attributes for person in people) / max(len(people), 1),
            )
            for field, kind in schema.items()
        ],
        is_exact=size <= SAMPLE_SIZE,
        model=model,
        redis_version=str(info["redis_version"]),
        bytes_per_person=sum(int(amount or 0) for amount in memory) / max(size, 1),
    )
